"""Telling webhooks what happened: in order for each request, signed, with patience, and never quietly given up."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from openline.foundation.secrets import UnreadableSecret
from openline.partners import backoff, choosing, outgoing
from openline.partners.hooks import posting
from openline.partners.hooks.posting import Posted
from openline.partners.models import DeliveryState, HookDelivery, Webhook
from openline.records import log
from openline.records.models import Kind
from openline.service_requests.models import Update

logger = structlog.get_logger("openline.partners")

OFF_AFTER = timedelta(days=3)
"""A webhook that fails so long is switched off, and staff are told."""
KEEP_DAYS = 30
_CLAIM = timedelta(minutes=2)
_REST = timedelta(seconds=20)
"""So long a webhook that failed is left alone: the others shall not wait for it."""
_GONE = 410


def deliver_next() -> bool:
    """Deliver what is due; False if nothing is."""
    found = _claim()
    if found is None:
        return False
    try:
        body = _body(found)
    except Exception as error:
        logger.exception("delivery_failed", delivery=str(found.pk))
        _ended(found, Posted(0, b"", f"Openline's own fault: {type(error).__name__}.", 0), "")
        return True
    if body is None:
        _given_up(found, "The request is not public any more: nothing is told.")
        return True
    try:
        secret = found.webhook.secret
    except UnreadableSecret as error:
        _ended(found, Posted(0, b"", str(error), 0), "")
        return True
    answer = posting.post(
        found.webhook.address, secret, str(found.pk), body, private_network=found.webhook.private_network
    )
    _ended(found, answer, hashlib.sha256(body).hexdigest())
    return True


@transaction.atomic
def _claim() -> HookDelivery | None:
    """A delivery that is due and before which none of the same request waits for the same webhook."""
    now = timezone.now()
    waiting = HookDelivery.objects.filter(state=DeliveryState.WAITING)
    earlier = waiting.filter(webhook=OuterRef("webhook"), request=OuterRef("request"), id__lt=OuterRef("id"))
    rested = Q(webhook__rests_until=None) | Q(webhook__rests_until__lte=now)
    due = waiting.filter(~Exists(earlier), rested, next_try_at__lte=now, webhook__enabled=True)
    found = due.select_for_update(of=("self",), skip_locked=True).select_related("webhook").order_by("next_try_at")
    first = found.first()
    if first:
        first.claim, first.attempts, first.next_try_at = first.claim + 1, first.attempts + 1, now + _CLAIM
        first.save(update_fields=["claim", "attempts", "next_try_at"])
    return first


def _body(found: HookDelivery) -> bytes | None:
    """The message, made of what is public now; None if nothing is."""
    if not found.request.public:
        return None
    data = outgoing.event_data(found.request)
    update = Update.objects.filter(pk=found.update_id).first() if found.update_id else None
    if update is not None:
        data["update"] = {
            "update_id": str(update.pk),
            "updated_datetime": outgoing.written(update.at),
            "status": update.to_status,
            "description": update.public_text,
        }
    return posting.message(found.event, data)


@transaction.atomic
def _ended(found: HookDelivery, answer: Posted, digest: str) -> None:
    """Write the try into the log, and what follows from it."""
    now = timezone.now()
    values: dict[str, Any] = {
        "answer_code": answer.code or None,
        "error": answer.error[:300],
        "duration_ms": answer.duration_ms,
    }
    if digest:
        values["digest"] = digest
    if answer.taken:
        values |= {"state": DeliveryState.DELIVERED, "delivered_at": now, "next_try_at": None}
    else:
        then = None if answer.code == _GONE else backoff.next_delivery(found.attempts)
        values |= {"next_try_at": then} | ({} if then else {"state": DeliveryState.FAILED})
    ours = HookDelivery.objects.filter(pk=found.pk, claim=found.claim, state=DeliveryState.WAITING)
    if ours.update(**values):
        _health(found.webhook_id, answer)


def _health(webhook_id: UUID, answer: Posted) -> None:
    """Remember since when it fails; switch it off after days, or at once if they say that it is gone."""
    webhook = Webhook.objects.select_for_update().get(pk=webhook_id)
    now = timezone.now()
    if answer.taken:
        webhook.failing_since, webhook.rests_until = None, None
    else:
        webhook.failing_since = webhook.failing_since or now
        webhook.rests_until = now + max(_REST, timedelta(seconds=answer.wait_seconds))
        if webhook.enabled and (answer.code == _GONE or now - webhook.failing_since > OFF_AFTER):
            switch_off(webhook, answer.error)
    webhook.save(update_fields=["failing_since", "rests_until", "enabled", "off_because"])


def switch_off(webhook: Webhook, because: str) -> None:
    """Switch a webhook off that nobody answers; the caller saves it. What waits for it is given up."""
    webhook.enabled, webhook.off_because = False, f"Switched off after days of failures. {because}"[:300]
    webhook.deliveries.filter(state=DeliveryState.WAITING).update(
        state=DeliveryState.FAILED, next_try_at=None, error="The webhook was switched off."
    )
    log.write(
        [
            log.Entry(
                Kind.ADMINISTERED,
                "openline",
                body={"what": "webhook switched off", "webhook": webhook.name, "because": webhook.off_because},
            )
        ]
    )
    choosing.forget()


def _given_up(found: HookDelivery, why: str) -> None:
    HookDelivery.objects.filter(pk=found.pk, claim=found.claim).update(
        state=DeliveryState.FAILED, next_try_at=None, error=why
    )


@transaction.atomic
def resend(delivery_id: UUID, *, by: User) -> bool:
    """Deliver again, with the same id and what is public now; False if it waits anyway."""
    again = (
        HookDelivery.objects.filter(pk=delivery_id)
        .exclude(state=DeliveryState.WAITING)
        .update(state=DeliveryState.WAITING, attempts=0, next_try_at=timezone.now(), error="", delivered_at=None)
    )
    if again:
        entry = log.Entry(Kind.ADMINISTERED, by.get_username(), body={"what": "webhook resent", "id": str(delivery_id)})
        log.write([entry])
    return bool(again)


def next_due_seconds(most: float) -> float:
    """Seconds until something is due, at most `most`."""
    waiting = HookDelivery.objects.filter(state=DeliveryState.WAITING, webhook__enabled=True)
    first = waiting.order_by("next_try_at").values_list("next_try_at", flat=True).first()
    if first is None:
        return most
    return min(max((first - timezone.now()).total_seconds(), 0.5), most)


def forget_old() -> int:
    """Drop what was delivered or given up long ago."""
    old = timezone.now() - timedelta(days=KEEP_DAYS)
    return HookDelivery.objects.filter(at__lt=old).exclude(state=DeliveryState.WAITING).delete()[0]
