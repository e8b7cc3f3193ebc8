"""What a person does where a publication failed or was missed on one account; the others are untouched."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.foundation.bulk import notify
from openline.outbox import actions
from openline.publishing import pausing, speaking, writing
from openline.publishing.errors import NotPossible
from openline.publishing.models import Post, Variant
from openline.publishing.scheduling import WAKE
from openline.publishing.states import VariantState


@transaction.atomic
def retry(variant_id: UUID, *, by: User) -> Variant:
    """Send a failed publication again. It is looked for on the network first: an error is no proof of absence."""
    pausing.together()
    variant = _locked(variant_id, by, VariantState.FAILED)
    pausing.refuse(variant.post)
    if variant.delivery_id is None or not actions.retry(variant.delivery_id, by):
        raise NotPossible(_("It is on its way already."))
    variant.state, variant.reason = VariantState.QUEUED, ""
    variant.save(update_fields=["state", "reason"])
    writing.record(variant.post, by, "publication tried again", variant=variant.pk)
    return variant


@transaction.atomic
def plan_again(variant_id: UUID, at: datetime | None, *, by: User, past_pause: bool = False) -> Variant:
    """Give what was missed or is held a new time (None: now); during a pause only who releases it, `past_pause`."""
    pausing.together()
    variant = _locked(variant_id, by, VariantState.MISSED, VariantState.HELD)
    if not past_pause:
        pausing.refuse(variant.post)
    if variant.delivery_id is not None:  # it was with the outbox, which said for certain that it is too late
        variant.delivery = None
        variant.revision += 1
    variant.state, variant.reason, variant.pause = VariantState.PLANNED, "", None
    variant.leave_at = max(at, timezone.now()) if at else timezone.now()
    variant.save()
    writing.record(variant.post, by, "publication planned again", variant=variant.pk, leave_at=variant.leave_at)
    notify(WAKE)
    return variant


@transaction.atomic
def give_up(variant_id: UUID, *, by: User, reason: str = "") -> Variant:
    """Let it be on this account."""
    variant = _locked(variant_id, by, *_OPEN)
    if variant.state == VariantState.FAILED and variant.delivery_id:
        actions.cancel(variant.delivery_id, by)
    variant.state, variant.pause = VariantState.CANCELLED, None
    variant.save(update_fields=["state", "pause"])
    writing.record(variant.post, by, "publication given up", variant=variant.pk, reason=reason)
    return variant


_OPEN = (VariantState.FAILED, VariantState.MISSED, VariantState.HELD, VariantState.PLANNED)


def _locked(variant_id: UUID, by: User, *states: str) -> Variant:
    """The variant, locked after its post, in one of `states`, on an account as which `by` may speak."""
    Post.objects.select_for_update(of=("self",)).filter(variants=variant_id).first()
    variant = (
        Variant.objects.select_for_update(of=("self",)).select_related("post", "account").filter(pk=variant_id).first()
    )
    if variant is None or variant.state not in states:
        raise NotPossible(_("This is not so any more. Load the page again."))
    speaking.check_accounts(by, [variant.account_id])
    return variant
