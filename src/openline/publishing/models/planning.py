"""What repeats, what is held back in a crisis, and the private addresses of calendars."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from openline.foundation.ids import uuid7


class OnHoliday(models.TextChoices):
    """What a series does on a day on which the city does not work."""

    KEEP = "keep", _("The same as on other days")
    SKIP = "skip", _("Leaves that day out")
    NEXT = "next", _("Moves to the next working day")
    LATER = "later", _("Moves one day later for the rest of that week, as trash days do")


class Series(models.Model):
    """Posts that repeat, such as trash days: made from `content` (as in a PostVersion) by `rule` (RFC 5545 RRULE).

    The rule gives the days of the event from `starts_on` to `ends_on`; a post leaves `days_before` earlier at `at`, the
    local time of day in `time_zone`. `areas` are {"code", "name", "values", "rule"}: one post for each, with {area} and
    its values filled into the texts, on the days of its own rule if it has one; without areas one post for the city.
    Posts are made `weeks_ahead` and up to `made_until`, each once by its day and area. `problem` says why none could be
    made lately. `follows` is the series that this one goes on from, changed.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=200)
    content = models.JSONField()
    rule = models.CharField(max_length=500)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    at = models.TimeField()
    days_before = models.PositiveSmallIntegerField(default=0)
    time_zone = models.CharField(max_length=60)
    areas = models.JSONField(default=list, blank=True)
    holidays = models.CharField(max_length=10, choices=OnHoliday.choices, default=OnHoliday.KEEP)
    weeks_ahead = models.PositiveSmallIntegerField(default=4)
    active = models.BooleanField(default=True)
    made_until = models.DateField(null=True, blank=True)
    problem = models.CharField(max_length=500, blank=True)
    follows = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="followed_by")
    version = models.PositiveIntegerField(default=1)
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


class CalendarFeed(models.Model):
    """A person's private address of the calendar. A higher `number` makes all addresses before it worthless."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+")
    number = models.PositiveIntegerField(default=1)
    active = models.BooleanField(default=True)
    read_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"calendar of {self.user_id}"
