"""The crisis switch: nothing scheduled goes out but alerts, until a person says so.

A pause is begun and ended under one lock that all who put posts on their way share (`together`): once it is committed,
no later transaction of theirs can have seen the world without it. What a sender held at that moment finishes.
"""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.foundation.bulk import notify, query
from openline.outbox import actions
from openline.outbox.models import Delivery, State
from openline.publishing.errors import NotPossible
from openline.publishing.models import Pause, Post, Variant
from openline.publishing.states import Kind, PostState, VariantState
from openline.records import log
from openline.records.models import Kind as RecordKind

WAKE = "openline_posts"
"""The database channel on which the worker hears that something may be due."""
_LOCK = 7_215_046_313


def current() -> Pause | None:
    """The pause that is on, if one is."""
    return Pause.objects.filter(ended_at=None).select_related("began_by").first()


def together() -> None:
    """Wait while a pause begins or ends; none does until the caller's transaction is over.

    Called before any row is locked, as whoever begins a pause locks rows after this.
    """
    query("SELECT pg_advisory_xact_lock_shared(%s)", [_LOCK])


def refuse(post: Post) -> None:
    """Raises NotPossible while a pause is on, but for alerts."""
    if post.kind != Kind.ALERT and current():
        raise NotPossible(_("Publishing is paused: who may end the pause can also release single posts."))


@transaction.atomic
def begin(reason: str, *, by: User) -> Pause:
    """Hold everything scheduled, at once. Raises NotPossible without a reason, or if a pause is on already."""
    if not reason.strip():
        raise NotPossible(_("Say why: it stays on the record."), "reason")
    query("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    if pause := current():
        raise NotPossible(_("%(who)s has paused publishing already.") % {"who": pause.began_by.get_username()})
    pause = Pause.objects.create(reason=reason.strip()[:500], began_by=by, began_at=timezone.now())
    planned = _but_alerts().filter(state=VariantState.PLANNED)
    held = planned.update(state=VariantState.HELD, pause=pause)
    withdrawn, going = _stop_deliveries(pause)
    _record(by, "publishing paused", pause, held=held, withdrawn=withdrawn, on_their_way=going)
    return pause


@transaction.atomic
def end(*, by: User) -> Pause:
    """End the pause: what is still to come is planned again, what was due meanwhile waits for a person's word."""
    query("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    pause, now = current(), timezone.now()
    if pause is None:
        raise NotPossible(_("The pause is over already."))
    pause.ended_by, pause.ended_at = by, now
    pause.save(update_fields=["ended_by", "ended_at"])
    held = Variant.objects.filter(pause=pause, state=VariantState.HELD)
    again = held.filter(leave_at__gt=now).update(state=VariantState.PLANNED, pause=None)
    _record(by, "publishing goes on", pause, planned_again=again, to_decide=held.count())
    notify(WAKE)
    return pause


def hold_back(delivery_id: UUID) -> bool:
    """Hold a publication whose try was under way when the pause began, and failed. False if that is not so."""
    paused = Variant.objects.filter(delivery_id=delivery_id, state=VariantState.QUEUED, pause__isnull=False)
    return bool(_free(paused))


def _but_alerts() -> QuerySet[Variant]:
    return Variant.objects.filter(post__in=Post.objects.exclude(kind=Kind.ALERT))


def _stop_deliveries(pause: Pause) -> tuple[int, int]:
    """Take back what nobody began to send; how many that were, and how many cannot be stopped."""
    mine = _but_alerts().filter(state__in=[VariantState.QUEUED, VariantState.FAILED])
    actions.stop(Delivery.objects.filter(variant__in=mine))
    queued = _but_alerts().filter(state=VariantState.QUEUED)
    withdrawn = queued.filter(delivery__state=State.CANCELLED)
    posts = list(withdrawn.values_list("post_id", flat=True))
    withdrawn.update(pause=pause)
    count = _free(Variant.objects.filter(pause=pause, state=VariantState.QUEUED))
    going = queued.exclude(delivery__state__in=[State.SENT, State.CANCELLED]).update(pause=pause)
    _in_the_plan_again(posts)
    return count, going


def _free(variants: QuerySet[Variant]) -> int:
    """Held, with no delivery: planned again it gets a new one, under a new key."""
    return variants.update(state=VariantState.HELD, delivery=None, revision=F("revision") + 1, reason="")


def _in_the_plan_again(posts: list[UUID]) -> None:
    """A post of which nothing left can be changed and cancelled again. Who holds its row is about to decide on it."""
    left = Variant.objects.exclude(state__in=[VariantState.HELD, VariantState.PLANNED, VariantState.CANCELLED])
    back = Post.objects.filter(pk__in=posts, state=PostState.OUT).exclude(variants__in=left)
    free = list(back.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True))
    Post.objects.filter(pk__in=free).update(state=PostState.SCHEDULED)


def _record(by: User, what: str, pause: Pause, **facts: object) -> None:
    body = {"what": what, "pause": pause.pk, "reason": pause.reason, **facts}
    log.write([log.Entry(RecordKind.ADMINISTERED, by.get_username(), body=body)])
