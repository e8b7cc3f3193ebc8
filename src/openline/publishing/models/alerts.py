"""Alerts: one text for an event, updated everywhere by one edit, ended in time (Common Alerting Protocol 1.2)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from openline.foundation.ids import uuid7


class Severity(models.TextChoices):
    """CAP 1.2, section 3.2.2, `severity`."""

    EXTREME = "Extreme", _("Extreme: danger to life")
    SEVERE = "Severe", _("Severe")
    MODERATE = "Moderate", _("Moderate")
    MINOR = "Minor", _("Minor")
    UNKNOWN = "Unknown", _("Unknown")


class AlertTemplate(models.Model):
    """A text ready for an event that will come: snow emergency, boil water, shelter, road closure, service change.

    `texts` holds by language {"headline", "text", "instruction"} with places for {place}, {time} and further `fields`
    (a list of {"name", "label"}). `category`, `urgency`, `certainty` and `response` are words of CAP 1.2.
    """

    code = models.SlugField(max_length=60, primary_key=True)
    name = models.CharField(max_length=200)
    event = models.CharField(max_length=200)
    category = models.CharField(max_length=20, default="Safety")
    urgency = models.CharField(max_length=20, default="Expected")
    severity = models.CharField(max_length=20, choices=Severity.choices, default=Severity.MODERATE)
    certainty = models.CharField(max_length=20, default="Likely")
    response = models.CharField(max_length=20, default="Monitor")
    hours = models.PositiveSmallIntegerField(default=24)
    texts = models.JSONField(default=dict)
    fields = models.JSONField(default=list, blank=True)

    def __str__(self) -> str:
        return self.name


class Alert(models.Model):
    """One alert, from its first edition to its end. What it says stands in its editions."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    template = models.ForeignKey(AlertTemplate, models.PROTECT, null=True, related_name="alerts")
    event = models.CharField(max_length=200)
    category = models.CharField(max_length=20)
    began_at = models.DateTimeField()
    began_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    expires_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    drill = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.event} {self.id}"


class AlertEdition(models.Model):
    """What an alert says from `at` on: the first text (number 1), each update, and its end. Never changed.

    `texts` holds by language {"headline", "text", "instruction"}; `area` the place in words, `areas` codes, `polygon`
    longitude and latitude pairs or None. `message_type` is CAP's msgType: Alert, Update or Cancel.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    alert = models.ForeignKey(Alert, models.PROTECT, related_name="editions", db_index=False)
    number = models.PositiveSmallIntegerField()
    message_type = models.CharField(max_length=10, default="Alert")
    texts = models.JSONField()
    values = models.JSONField(default=dict, blank=True)
    urgency = models.CharField(max_length=20)
    severity = models.CharField(max_length=20)
    certainty = models.CharField(max_length=20)
    response = models.CharField(max_length=20, blank=True)
    area = models.CharField(max_length=300)
    areas = models.JSONField(default=list, blank=True)
    polygon = models.JSONField(null=True, blank=True)
    onset = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["alert", "number"], name="alert_edition_once")]

    def __str__(self) -> str:
        return f"edition {self.number} of {self.alert_id}"
