"""When a post goes out: handed in, approved, scheduled, moved. Whatever a rule wants is asked for here, once.

Who acts must be allowed to speak as each account of the post. The post is locked first, its variants after it: whoever
changes, approves or sends it meanwhile waits (`leaving` passes it over).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.foundation.bulk import notify
from openline.publishing import approval, checks, media, pausing, speaking, telling, writing
from openline.publishing import content as contents
from openline.publishing.errors import Conflict, NotPossible
from openline.publishing.models import Post, Variant
from openline.publishing.states import Kind, PostState, VariantState

WAKE = pausing.WAKE
GRACE = timedelta(minutes=1)
"""A time chosen a moment ago is still meant as now."""


@transaction.atomic
def hand_in(post_id: UUID, at: datetime | None, *, by: User | None) -> Post:
    """Say that a post is ready for `at` (None: at once): scheduled where no rule asks for approval, else reviewed.

    Under review, `leave_at` None means as soon as it is approved. Raises NotPossible, naming the field, if the post is
    not complete or its time does not fit.
    """
    pausing.together()
    post = _ready(post_id, by)
    post.leave_at, post.reminded_at = _time(post, at) if at else None, None
    post.save(update_fields=["leave_at", "reminded_at"])
    _check_times(post)
    missing = approval.missing(post)
    if not missing:
        return _schedule(post, by)
    writing.move(post, PostState.REVIEW)
    writing.record(post, by, "post handed in", leave_at=post.leave_at, needs=missing)
    return post


@transaction.atomic
def hand_in_urgently(post_id: UUID, at: datetime | None, *, by: User, reason: str) -> Post:
    """Schedule an alert without the approval that its rules ask for. Only for who may act in a crisis.

    The reason stays on the record, and those who would have approved are told (`telling`).
    """
    post = _ready(post_id, by)
    if post.kind != Kind.ALERT:
        raise NotPossible(_("Only an alert may go out without approval."))
    if not reason.strip():
        raise NotPossible(_("Say why it cannot wait for approval: it stays on the record."), "reason")
    post.leave_at = _time(post, at) if at else None
    post.save(update_fields=["leave_at"])
    return _override(post, by, reason)


@transaction.atomic
def at_once(post: Post, *, by: User | None) -> Post:
    """Send an alert now: it waits for no approval, and no pause holds it. Raises NotPossible if it is not complete."""
    post.leave_at = None
    return _override(post, by, _("An alert waits for nobody."))


def _override(post: Post, by: User | None, reason: str) -> Post:
    """Schedule without approval; if one was needed, that is noted on the post and told to who would have given it."""
    if by and approval.missing(post):
        approval.note(post, approval.OVERRIDDEN, by=by, comment=reason)
        telling.of_override(post, by, reason)
    return _schedule(post, by)


@transaction.atomic
def approve(post_id: UUID, *, by: User, seen: int, comment: str = "") -> Post:
    """Approve the version `seen`; with the last approval that its rules ask for, the post is scheduled.

    If its time is past by then, the approval is kept, and the post waits for a new time (`hand_in`).
    """
    pausing.together()
    post = _under_review(post_id)
    approval.say(post, approval.APPROVED, by=by, seen=seen, comment=comment)
    if approval.missing(post) or too_late(post):
        return post
    if post.media.exists():
        media.ask(post.pk)
    return _schedule(post, by)


@transaction.atomic
def send_back(post_id: UUID, *, by: User, seen: int, comment: str) -> Post:
    """Give a post back to who wrote it, saying why. A scheduled one leaves the plan by that."""
    post = _under_review(post_id, PostState.SCHEDULED)
    approval.say(post, approval.RETURNED, by=by, seen=seen, comment=comment)
    telling.of_return(post, by, comment)
    writing.back_to_draft(post, by)
    return post


@transaction.atomic
def reschedule(
    post_id: UUID, at: datetime, *, by: User, seen: int | None = None, seen_at: datetime | None = None
) -> Post:
    """Give a scheduled post, one under review or a draft another time, on all accounts alike; approvals stay.

    What an account has as its own time moves by as much. `seen` and `seen_at` are the version and the time that the
    person saw: Conflict if either is another now. Raises NotPossible once it is out, on its way or past.
    """
    post = writing.locked(post_id)
    speaking.check_post(by, post)
    _check_seen(post, seen, seen_at)
    if not may_move(post):
        raise NotPossible(_("This post is out, cancelled or on its way: its time cannot be changed."))
    before, post.leave_at = post.leave_at, _time(post, at)
    post.reminded_at = None
    post.save(update_fields=["leave_at", "reminded_at"])
    if before:
        _shift(post, post.leave_at - before)
    _check_times(post)
    if post.state == PostState.SCHEDULED:
        _set_times(post)
    writing.record(post, by, "post moved", leave_at=post.leave_at, before=before)
    notify(WAKE)
    return post


def may_move(post: Post, now: datetime | None = None) -> bool:
    """True while the post has a time that can still be changed: what is due already is as good as out."""
    if post.state not in writing.CHANGEABLE:
        return False
    due = post.state == PostState.SCHEDULED and post.leave_at is not None and post.leave_at <= (now or timezone.now())
    return not due


def too_late(post: Post) -> bool:
    """True if the time of the post passed by more than its kind allows."""
    return post.leave_at is not None and timezone.now() > post.leave_at + post.may_be_late


def _ready(post_id: UUID, by: User | None) -> Post:
    """The locked post, if it is complete, waits for a time, and `by` may speak as its accounts."""
    post = writing.locked(post_id)
    speaking.check_post(by, post)
    if post.state in (PostState.SCHEDULED, PostState.OUT):
        raise NotPossible(_("This post is scheduled already: move it, or take it out of the plan first."))
    _check_complete(post)
    if post.media.exists():
        media.ask(post.pk)
    return post


def _under_review(post_id: UUID, *more: str) -> Post:
    post = writing.locked(post_id)
    if post.state not in (PostState.REVIEW, *more):
        raise Conflict(_("This post waits for no approval any more. Load the page again."))
    return post


def _check_complete(post: Post) -> None:
    wrong = checks.errors(contents.read(post))
    if wrong:
        raise NotPossible(wrong[0].words, wrong[0].field)


def _check_seen(post: Post, seen: int | None, seen_at: datetime | None) -> None:
    if (seen is not None and seen != post.version) or (seen_at is not None and seen_at != post.leave_at):
        raise Conflict(_("Somebody else changed or moved this post meanwhile. Look at it again."))


def _time(post: Post, at: datetime) -> datetime:
    """When the post leaves: never before its embargo, never in the past."""
    now = timezone.now()
    if at < now - GRACE:
        raise NotPossible(_("This time is past. Choose a later one."), "leave_at")
    return max(at, now)


def _check_times(post: Post) -> None:
    """Raises NotPossible if the post, or an account with a time of its own, would leave before the embargo ends."""
    if post.embargo_until is None:
        return
    own = [time for time in post.variants.values_list("own_time", flat=True) if time]
    if min([post.leave_at or timezone.now(), *own]) < post.embargo_until:
        raise NotPossible(_("Before its embargo ends, this post cannot go out."), "leave_at")


def _shift(post: Post, by: timedelta) -> None:
    for variant in post.variants.exclude(own_time=None):
        assert variant.own_time
        variant.own_time += by
        variant.save(update_fields=["own_time"])


def _set_times(post: Post) -> None:
    """Plan each variant for its own time, or with the post; a time of its own that passed is now."""
    now = timezone.now()
    for variant in _waiting(post):
        variant.leave_at = max(variant.own_time, now) if variant.own_time else post.leave_at
        variant.save(update_fields=["leave_at"])


def _waiting(post: Post) -> list[Variant]:
    return list(post.variants.filter(state__in=[VariantState.DRAFT, VariantState.PLANNED, VariantState.HELD]))


def _schedule(post: Post, by: User | None) -> Post:
    """Plan all variants; where a pause is on, they are held, but for alerts. What was changed is checked again."""
    _check_complete(post)
    post.leave_at = post.leave_at or timezone.now()
    post.save(update_fields=["leave_at"])
    _check_times(post)
    writing.move(post, PostState.SCHEDULED)
    _set_times(post)
    pause = None if post.kind == Kind.ALERT else pausing.current()
    state = VariantState.HELD if pause else VariantState.PLANNED
    post.variants.filter(state=VariantState.DRAFT).update(state=state, pause=pause, reason="")
    writing.record(post, by, "post scheduled", leave_at=post.leave_at, held=bool(pause))
    notify(WAKE)
    return post
