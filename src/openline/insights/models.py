"""The counted figures. Pages read them and count nothing themselves."""

from __future__ import annotations

from django.db import models


class Figure(models.Model):
    """One number: `figure` (a name of `definitions.FIGURES`) in a `period`, of whom `by` and `code` say.

    `by` is "city" (no code), "service", "department", "area", "network", "rule" (of our discussions), or "time": then
    `period` is "week" or "month" and `code` its first day. With a `service`, it is a count of that service within an
    area. The numbers stand here as they are: what is too small to be public is taken out when they are read.
    """

    period = models.CharField(max_length=20)
    by = models.CharField(max_length=12)
    code = models.CharField(max_length=100, blank=True)
    service = models.CharField(max_length=60, blank=True)
    figure = models.CharField(max_length=30)
    value = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["period", "by", "code", "service", "figure"], name="figure_once")
        ]

    def __str__(self) -> str:
        return f"{self.figure} of {self.by} {self.code} in {self.period}: {self.value:g}"


class Counted(models.Model):
    """Until when the figures count: one row. `since` is the first day of which the city has anything.

    `record` is the newest one then; counting took so many `seconds`, by the clock.
    """

    at = models.DateTimeField()
    today = models.DateField()
    since = models.DateField()
    record = models.BigIntegerField()
    seconds = models.FloatField()

    def __str__(self) -> str:
        return f"figures of {self.at:%Y-%m-%d %H:%M}"
