"""Deliveries: what is to be said, every try to say it, and the network's receipt."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from openline.accounts.models import Account
from openline.foundation.ids import uuid7


class State(models.TextChoices):
    """The life of a delivery. TRANSITIONS says which state may follow which."""

    WAITING = "waiting", _("Waiting to be sent")
    SENDING = "sending", _("Being sent")
    UNCLEAR = "unclear", _("Perhaps sent: will be looked up")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Not sent: a person has to act")
    CANCELLED = "cancelled", _("Taken back before it was sent")


TRANSITIONS: dict[str, tuple[str, ...]] = {
    State.WAITING: (State.SENDING, State.CANCELLED, State.FAILED),
    State.SENDING: (State.SENT, State.WAITING, State.UNCLEAR, State.FAILED),
    State.UNCLEAR: (State.SENDING, State.FAILED),
    State.FAILED: (State.WAITING, State.UNCLEAR, State.CANCELLED, State.SENT),
    State.SENT: (),
    State.CANCELLED: (),
}
"""SENDING follows UNCLEAR only by way of `find_sent`: a try whose outcome is unknown is looked up first. After a
restore from a backup what cannot be looked up is FAILED, and SENT if the network shows it (`restoring.py`)."""

RETRY_AFTER = [timedelta(seconds=s) for s in (2, 10, 30, 120, 600, 1800, 3600)]
"""Wait before the next try, by the number of tries so far; the last one repeats."""
HELD = "Restored"
"""The `error_kind` of what is held for a person after a restore, as it may have been said before."""
GIVE_UP_AFTER = timedelta(hours=24)
"""A message that could not be said for this long is failed: the staff see it and decide."""


class Delivery(models.Model):
    """One outbound message on its way.

    `key` is the same for all tries (the network's idempotency key where it has one); `steps` keeps
    the results of the finished steps of the send; `thread` orders: of one thread, only the oldest
    unsent delivery is tried. After `not_after` it is not sent any more: late, it would be wrong.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="deliveries", db_index=False)
    key = models.CharField(max_length=200)
    thread = models.CharField(max_length=500)
    outgoing = models.JSONField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    steps = models.JSONField(default=dict)
    attempts = models.IntegerField(default=0)
    next_try_at = models.DateTimeField()
    not_after = models.DateTimeField(null=True)
    claimed_by = models.BigIntegerField(null=True)
    claimed_at = models.DateTimeField(null=True)
    error_kind = models.CharField(max_length=40, blank=True)
    error = models.TextField(blank=True)
    receipt = models.JSONField(null=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [models.UniqueConstraint(fields=["key"], name="delivery_once")]
        indexes = [
            models.Index(
                fields=["next_try_at"], name="delivery_due", condition=models.Q(state__in=["waiting", "unclear"])
            ),
            models.Index(fields=["claimed_by"], name="delivery_sending", condition=models.Q(state="sending")),
            models.Index(
                fields=["account", "thread", "id"],
                name="delivery_thread",
                condition=~models.Q(state__in=["sent", "cancelled"]),
            ),
            models.Index(fields=["created_at"], name="delivery_failed", condition=models.Q(state="failed")),
            models.Index(
                fields=["account", "sent_at"],
                name="delivery_priced",
                condition=models.Q(receipt__facts__has_key="cost_usd"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} delivery {self.id}"


class Restore(models.Model):
    """A backup of the moment `backup_at` was brought back at `restored_at`: what was said between is not known here."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    backup_at = models.DateTimeField()
    restored_at = models.DateTimeField()

    class Meta:
        ordering = ("restored_at",)

    def __str__(self) -> str:
        return f"restore of {self.backup_at:%Y-%m-%d %H:%M}"
