"""What is held back, and what a person decides of it: out now, at another time, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.accounts.models import Account
from openline.publishing import repairing
from openline.publishing.errors import NotPossible
from openline.publishing.models import Pause, Variant
from openline.publishing.states import Kind, VariantState

MOST = 500
"""So many are shown and decided at a time; the rest follow when these are decided."""


@dataclass(frozen=True, slots=True)
class Group:
    """What is held on one account, of one kind."""

    account: Account
    kind: str
    label: str
    variants: tuple[Variant, ...]


def variants() -> QuerySet[Variant]:
    """All that is held, by account and kind, the earliest first."""
    found = Variant.objects.filter(state=VariantState.HELD).select_related("post", "account", "pause")
    return found.order_by("account__name", "account_id", "post__kind", "leave_at", "id")


def groups() -> list[Group]:
    """What is held, grouped by account and kind; texts are read along."""
    found: dict[tuple[UUID, str], list[Variant]] = {}
    for variant in variants().prefetch_related("post__texts")[:MOST]:
        found.setdefault((variant.account_id, variant.post.kind), []).append(variant)
    return [Group(g[0].account, kind, str(Kind(kind).label), tuple(g)) for (_a, kind), g in found.items()]


def under_way(pause: Pause) -> list[Variant]:
    """What could not be stopped when the pause began, with what became of it."""
    found = Variant.objects.filter(pause=pause).exclude(state__in=[VariantState.HELD, VariantState.CANCELLED])
    return list(found.select_related("post", "account").prefetch_related("post__texts").order_by("id")[:MOST])


def waiting() -> int:
    """How many wait for a decision though no pause is on any more."""
    return Variant.objects.filter(state=VariantState.HELD, pause__ended_at__isnull=False).count()


@transaction.atomic
def release(chosen: Sequence[UUID], at: datetime | None, *, by: User) -> int:
    """Let the chosen ones go out at `at` (None: now), also while the pause lasts. Raises NotPossible, changing nothing.

    What another person has decided meanwhile is not among those that are held any more: then nothing is done.
    """
    _some(chosen)
    if at and at < timezone.now():
        raise NotPossible(_("This time is over: choose a later one, or “now”."), "at")
    for pk in sorted(chosen):
        repairing.plan_again(pk, at, by=by, past_pause=True)
    return len(chosen)


@transaction.atomic
def cancel(chosen: Sequence[UUID], *, by: User, reason: str = "") -> int:
    """Let the chosen ones be."""
    _some(chosen)
    for pk in sorted(chosen):
        repairing.give_up(pk, by=by, reason=reason)
    return len(chosen)


def _some(chosen: Sequence[UUID]) -> None:
    if not chosen:
        raise NotPossible(_("Choose the posts first."), "chosen")
    if len(chosen) > MOST:
        raise NotPossible(_("Choose at most %(most)d posts at a time.") % {"most": MOST}, "chosen")
