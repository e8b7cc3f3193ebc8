"""What repeats, and what is held back in a crisis."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from openline.foundation.ids import uuid7


class Series(models.Model):
    """Posts that repeat, such as trash days: made from `content` (as in a PostVersion) by `rule` (RFC 5545 RRULE).

    `at` is the local time of day, in `time_zone`. Posts are made up to `made_until`, each once by its day. `area`
    keeps those of one area apart ("" for the whole city). `accounts` are the ids of the accounts.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=200)
    content = models.JSONField()
    rule = models.CharField(max_length=500)
    starts_on = models.DateField()
    at = models.TimeField()
    time_zone = models.CharField(max_length=60)
    area = models.CharField(max_length=100, blank=True)
    skip_holidays = models.BooleanField(default=False)
    active = models.BooleanField(default=True)
    made_until = models.DateField(null=True, blank=True)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Pause(models.Model):
    """A time in which nothing scheduled goes out but alerts. Only one at a time; `reason` is on the record."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    reason = models.CharField(max_length=500)
    began_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    began_at = models.DateTimeField()
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(models.Value(1), name="pause_one_at_a_time", condition=Q(ended_at__isnull=True))
        ]

    def __str__(self) -> str:
        return f"pause: {self.reason}"
