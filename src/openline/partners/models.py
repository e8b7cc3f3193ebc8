"""What the room keeps: partners, requests passed to them, what they answered, webhooks and their deliveries."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from openline.foundation.ids import uuid7
from openline.foundation.sealing import SealedField, seal, unseal
from openline.service_requests.models import Department, Service, ServiceRequest


class Sealed(models.Model):
    """Something with secrets that are encrypted at rest, as those of the city's accounts are."""

    secrets_encrypted = SealedField()

    class Meta:
        abstract = True

    @property
    def secrets(self) -> dict[str, str]:
        """The decrypted secrets; raises UnreadableSecret."""
        return unseal(bytes(self.secrets_encrypted)) if self.secrets_encrypted else {}

    @secrets.setter
    def secrets(self, value: dict[str, str]) -> None:
        self.secrets_encrypted = seal(value)

    @property
    def secret(self) -> str:
        """The one secret that is used now: an API key, or what webhooks are signed with."""
        return self.secrets.get("secret", "")


class Kind(models.TextChoices):
    """How a partner is reached."""

    OPEN311 = "open311", _("Open311 (GeoReport v2)")
    EMAIL = "email", _("E-mail with a link to answer")
    WEBHOOK = "webhook", _("Webhook, signed")


class Health(models.TextChoices):
    """Whether the partner could be reached the last time."""

    UNKNOWN = "unknown", _("Not tried yet")
    OK = "ok", _("Working")
    DOWN = "down", _("Not reachable")
    REFUSED = "refused", _("Refuses what we send")


class Connector(Sealed):
    """One partner: which requests are passed on, to where, and how their words are read.

    Passed on are the requests of `services`, or without any, those of `department`; with both, what fits both.
    `service_codes` maps our service codes to theirs. `attributes` is a list of {"service", "code", "from", "fixed"}:
    their question, and our question's code or a fixed text that answers it. `statuses` maps their words, in small
    letters, to {"status", "outcome"} of ours, or {"person": why}. `catalogue` is their list of services as it was read
    last. `knows_our_mark`: they take the same `client_request_id` only once. `shows_ours`: a request of ours was seen
    in their list with our mark in it, so that one that is not there was not taken. `updates`: whether they offer
    servicerequestupdates ("", "yes", "no"). `private_network`: the address lies in the city's own network.
    `share_contact`: they also get the resident's contact.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    enabled = models.BooleanField(default=True)
    department = models.ForeignKey(Department, models.PROTECT, null=True, blank=True, related_name="connectors")
    services = models.ManyToManyField(Service, blank=True, related_name="connectors")
    address = models.CharField(max_length=500)
    jurisdiction_id = models.CharField(max_length=200, blank=True)
    form = models.CharField(max_length=4, choices=[("json", "JSON"), ("xml", "XML")], default="json")
    private_network = models.BooleanField(default=False)
    knows_our_mark = models.BooleanField(default=False)
    share_contact = models.BooleanField(default=False)
    service_codes = models.JSONField(default=dict, blank=True)
    attributes = models.JSONField(default=list, blank=True)
    statuses = models.JSONField(default=dict, blank=True)
    catalogue = models.JSONField(default=list, blank=True)
    poll_minutes = models.SmallIntegerField(default=15)
    per_minute = models.SmallIntegerField(default=30)
    answer_days = models.SmallIntegerField(default=3)
    shows_ours = models.BooleanField(default=False)
    updates = models.CharField(max_length=3, blank=True, default="")
    health = models.CharField(max_length=10, choices=Health.choices, default=Health.UNKNOWN)
    health_error = models.TextField(blank=True)
    last_ok_at = models.DateTimeField(null=True)
    next_send_at = models.DateTimeField(null=True)
    next_poll_at = models.DateTimeField(null=True)
    polled_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def actor(self) -> str:
        """As whom the partner stands in records."""
        return f"partner:{self.name}"


class State(models.TextChoices):
    """How far a request came on its way to a partner."""

    QUEUED = "queued", _("Waits to be sent")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent, no answer yet")
    ACKNOWLEDGED = "acknowledged", _("They have it")
    FAILED = "failed", _("Failed, will be tried again")
    STUCK = "stuck", _("Needs a person")
    CANCELLED = "cancelled", _("Taken back")


class Forwarding(models.Model):
    """One request passed to one partner, once.

    `unclear_at` is when a try ended without our knowing whether they took it: then nothing is sent until that is known.
    `claim` counts the tries that were begun: only who holds the present one may write how it ended. `link` is part of
    the signed link of a mail: another value, and all links before it are dead. `seen` is what they said last.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    request = models.ForeignKey(ServiceRequest, models.PROTECT, related_name="forwardings", db_index=False)
    connector = models.ForeignKey(Connector, models.PROTECT, related_name="forwardings")
    state = models.CharField(max_length=20, choices=State.choices, default=State.QUEUED)
    their_id = models.CharField(max_length=200, blank=True, default="")
    token = models.CharField(max_length=200, blank=True, default="")
    attempts = models.SmallIntegerField(default=0)
    claim = models.IntegerField(default=0)
    claimed_until = models.DateTimeField(null=True)
    next_try_at = models.DateTimeField(null=True)
    unclear_at = models.DateTimeField(null=True)
    looked = models.SmallIntegerField(default=0)
    error = models.TextField(blank=True, default="")
    link = models.UUIDField(default=uuid7)
    seen = models.TextField(blank=True, default="")
    polled_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "connector"], name="forwarded_once")]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                name="forwarding_due",
                condition=models.Q(state__in=["queued", "failed", "sending", "sent"]),
            ),
            models.Index(fields=["connector", "their_id"], name="forwarding_by_their_id"),
        ]

    def __str__(self) -> str:
        return f"{self.request_id} to {self.connector_id}: {self.state}"


class Reply(models.Model):
    """One thing that a partner told us, by its id there: taken once, however often it comes."""

    connector = models.ForeignKey(Connector, models.PROTECT, related_name="replies", db_index=False)
    their_id = models.CharField(max_length=200)
    forwarding = models.ForeignKey(Forwarding, models.PROTECT, related_name="replies")
    status = models.CharField(max_length=100, blank=True)
    text = models.TextField(blank=True)
    did = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at"]
        constraints = [models.UniqueConstraint(fields=["connector", "their_id"], name="partner_reply_once")]

    def __str__(self) -> str:
        return self.their_id


class EventType(models.TextChoices):
    """What a webhook can be told."""

    OPENED = "request.opened", _("A request was opened")
    UPDATED = "request.updated", _("A request got news")
    CLOSED = "request.closed", _("A request was closed")


class Webhook(Sealed):
    """A system that is told what happens to public requests: all services, or only `services`.

    `failing_since`: no delivery has succeeded since then; after some days it is switched off, with `off_because`.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=80, unique=True)
    address = models.CharField(max_length=500)
    private_network = models.BooleanField(default=False)
    events = models.JSONField(default=list)
    services = models.ManyToManyField(Service, blank=True, related_name="webhooks")
    enabled = models.BooleanField(default=True)
    failing_since = models.DateTimeField(null=True)
    rests_until = models.DateTimeField(null=True)
    off_because = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class DeliveryState(models.TextChoices):
    """How far a delivery of a webhook came."""

    WAITING = "waiting", _("Waits")
    DELIVERED = "delivered", _("Delivered")
    FAILED = "failed", _("Given up")


class HookDelivery(models.Model):
    """One event for one webhook: its id is the `webhook-id`. The body is made when it is sent, `digest` its SHA-256."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries", db_index=False)
    request = models.ForeignKey(ServiceRequest, models.PROTECT, related_name="+", db_index=False)
    event = models.CharField(max_length=20, choices=EventType.choices)
    update_id = models.UUIDField(null=True)
    state = models.CharField(max_length=10, choices=DeliveryState.choices, default=DeliveryState.WAITING)
    attempts = models.SmallIntegerField(default=0)
    claim = models.IntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    answer_code = models.SmallIntegerField(null=True)
    error = models.CharField(max_length=300, blank=True, default="")
    duration_ms = models.IntegerField(null=True)
    digest = models.CharField(max_length=64, blank=True, default="")
    at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["next_try_at"], name="hook_delivery_due", condition=models.Q(state="waiting")),
            models.Index(
                fields=["webhook", "request", "id"], name="hook_delivery_in_order", condition=models.Q(state="waiting")
            ),
            models.Index(fields=["webhook", "-id"], name="hook_delivery_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.id}"


def facts(connector: Connector) -> dict[str, Any]:
    """What may be told of a connector in records: no secret."""
    return {"partner": connector.name, "kind": connector.kind, "enabled": connector.enabled}
