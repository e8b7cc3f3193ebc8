"""When a post goes out: handed in, approved, scheduled, moved. Whatever a rule wants is asked for here, once."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.foundation.bulk import notify
from openline.publishing import approval, checks, media, pausing, writing
from openline.publishing import content as contents
from openline.publishing.errors import NotPossible
from openline.publishing.models import Post
from openline.publishing.states import Kind, PostState, VariantState

WAKE = pausing.WAKE


@transaction.atomic
def hand_in(post_id: UUID, at: datetime | None, *, by: User | None) -> Post:
    """Say that a post is ready for `at` (None: at once): scheduled where no rule asks for approval, else reviewed.

    Raises NotPossible, naming the field, if the post is not complete or its time does not fit.
    """
    pausing.together()
    post = writing.locked(post_id)
    content = contents.read(post)
    wrong = checks.errors(content)
    if wrong:
        raise NotPossible(wrong[0].words, wrong[0].field)
    post.leave_at = _time(post, at)
    post.save(update_fields=["leave_at"])
    if content.media:
        media.ask(post.pk)
    if approval.missing(post):
        writing.move(post, PostState.REVIEW)
        writing.record(post, by, "post handed in", leave_at=post.leave_at)
        return post
    return _schedule(post, by)


@transaction.atomic
def at_once(post: Post, *, by: User | None) -> Post:
    """Send an alert now: it needs no approval, and no pause holds it. Raises NotPossible if it is not complete."""
    wrong = checks.errors(contents.read(post))
    if wrong:
        raise NotPossible(wrong[0].words, wrong[0].field)
    post.leave_at = timezone.now()
    post.save(update_fields=["leave_at"])
    return _schedule(post, by)


@transaction.atomic
def approve(post_id: UUID, *, by: User, seen: int, comment: str = "") -> Post:
    """Approve the version `seen`; with the last approval that its rules ask for, the post is scheduled."""
    pausing.together()
    post = writing.locked(post_id)
    approval.say(post, "approved", by=by, seen=seen, comment=comment)
    if post.state == PostState.REVIEW and not approval.missing(post):
        return _schedule(post, by)
    return post


@transaction.atomic
def send_back(post_id: UUID, *, by: User, seen: int, comment: str) -> Post:
    """Give a post back to who wrote it, saying why."""
    post = writing.locked(post_id)
    approval.say(post, "returned", by=by, seen=seen, comment=comment)
    writing.move(post, PostState.DRAFT)
    return post


@transaction.atomic
def reschedule(post_id: UUID, at: datetime, *, by: User) -> Post:
    """Give a scheduled post, one under review or a draft another time, on all accounts alike.

    What an account has as its own time moves by as much. Raises NotPossible once something of it is out.
    """
    post = writing.locked(post_id)
    if post.state in (PostState.OUT, PostState.CANCELLED):
        raise NotPossible(_("This post is out: its time cannot be changed."))
    before, post.leave_at = post.leave_at, _time(post, at)
    post.save(update_fields=["leave_at"])
    for variant in post.variants.exclude(leave_at=None):
        shift = post.leave_at - before if before else None
        variant.leave_at = variant.leave_at + shift if shift and variant.leave_at else post.leave_at
        variant.save(update_fields=["leave_at"])
    writing.record(post, by, "post moved", leave_at=post.leave_at, before=before)
    notify(WAKE)
    return post


def _time(post: Post, at: datetime | None) -> datetime:
    """When the post leaves: never before its embargo, never in the past."""
    now = timezone.now()
    found = max(at, now) if at else now
    if post.embargo_until and found < post.embargo_until:
        raise NotPossible(_("Before its embargo ends, this post cannot go out."), "leave_at")
    return found


def _schedule(post: Post, by: User | None) -> Post:
    """Plan all variants; where a pause is on, they are held, but for alerts."""
    writing.move(post, PostState.SCHEDULED)
    pause = None if post.kind == Kind.ALERT else pausing.current()
    state = VariantState.HELD if pause else VariantState.PLANNED
    for variant in post.variants.filter(state=VariantState.DRAFT):
        variant.leave_at = max(variant.leave_at or post.leave_at, post.leave_at)  # type: ignore[type-var]
        variant.state, variant.pause, variant.reason = state, pause, ""
        variant.save(update_fields=["leave_at", "state", "pause", "reason"])
    writing.record(post, by, "post scheduled", leave_at=post.leave_at, held=bool(pause))
    notify(WAKE)
    return post
