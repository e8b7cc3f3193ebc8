"""What triage made of each message, the trained service models, and what staff corrected."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from openline.inbox.models import Message


class Assessment(models.Model):
    """What triage makes of a message, with confidence and reasons. `decision` is what followed from it."""

    message = models.OneToOneField(Message, models.PROTECT, primary_key=True, related_name="assessment")
    intent = models.CharField(max_length=20)
    intent_confidence = models.FloatField()
    urgency = models.CharField(max_length=20)
    services = models.JSONField(default=list)
    place = models.JSONField(null=True)
    language = models.CharField(max_length=20, blank=True)
    personal_data = models.JSONField(default=list)
    reasons = models.JSONField(default=list)
    sentiment = models.FloatField(default=0.0)
    decision = models.CharField(max_length=40)
    decision_reason = models.CharField(max_length=300)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.intent}, {self.urgency}"


class ServiceModelFile(models.Model):
    """A training with its report; the newest active one is in use. One that was no better has no data.

    `figures` are those of the report (`TrainingReport.figures`) with where the rows came from and who started it;
    `problem` in it says why a training came to nothing. Empty for trainings that kept none.
    """

    data = models.BinaryField()
    report = models.TextField(blank=True)
    figures = models.JSONField(default=dict, db_default={})
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"service model of {self.created_at:%Y-%m-%d %H:%M}"


class Correction(models.Model):
    """What a person put right: the material from which the next model learns."""

    message = models.ForeignKey(Message, models.PROTECT, related_name="corrections")
    field = models.CharField(max_length=20)
    before = models.CharField(max_length=300, blank=True)
    after = models.CharField(max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.field}: {self.before} -> {self.after}"


class TrainingRow(models.Model):
    """A text of the city's history with the code or name of its service, without personal data; each row once."""

    digest = models.CharField(max_length=64, unique=True)
    text = models.TextField()
    service = models.CharField(max_length=300)
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.service}: {self.text[:40]}"
