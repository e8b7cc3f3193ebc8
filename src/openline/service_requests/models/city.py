"""The city itself: its facts, departments and teams, and when they work."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Jurisdiction(models.Model):
    """The city itself: one row. Editable on screens, loaded with the city's files.

    `answer_days`: so many working days residents have to answer a question; `confirm_days`: so many days to say
    whether it is fixed.
    """

    jurisdiction_id = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    time_zone = models.CharField(max_length=60, default="UTC")
    center_longitude = models.FloatField(default=0)
    center_latitude = models.FloatField(default=0)
    zoom = models.SmallIntegerField(default=11)
    bounds = models.JSONField(default=list)
    emergency_text = models.JSONField(default=dict)
    office_numbers = models.JSONField(default=list, blank=True)
    note = models.TextField(blank=True)
    attribution = models.TextField(blank=True)
    answer_days = models.SmallIntegerField(default=7, db_default=7)
    confirm_days = models.SmallIntegerField(default=7, db_default=7)

    def __str__(self) -> str:
        return self.name


class WorkingCalendar(models.Model):
    """When somebody works: hours for each weekday, and whose public holidays are kept.

    `hours` maps "0" (Monday) to "6" (Sunday) to spans such as [["08:30", "12:00"], ["13:00", "17:00"]] in the
    city's zone. `country` and `subdivision` (ISO 3166) name the public holidays; the city's own days are `Holiday`.
    One calendar is the `standard` one, for all departments that have none of their own.
    """

    code = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=200)
    hours = models.JSONField(default=dict)
    country = models.CharField(max_length=2, blank=True)
    subdivision = models.CharField(max_length=10, blank=True)
    standard = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["standard"], condition=models.Q(standard=True), name="one_standard_calendar"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Holiday(models.Model):
    """One of the city's own days: free (`works` is false), or a public holiday on which the city works all the same.

    Without a `calendar` it holds for all of them.
    """

    calendar = models.ForeignKey(WorkingCalendar, models.CASCADE, null=True, blank=True, related_name="days")
    date = models.DateField()
    name = models.CharField(max_length=200)
    works = models.BooleanField(default=False, db_default=False)

    class Meta:
        ordering = ["date"]
        constraints = [models.UniqueConstraint(fields=["calendar", "date"], nulls_distinct=False, name="holiday_once")]

    def __str__(self) -> str:
        return f"{self.date}: {self.name}"


class Department(models.Model):
    """Who is responsible. Its members are the staff who work its requests."""

    code = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=200)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=60, blank=True)
    fallback = models.BooleanField(default=False)
    calendar = models.ForeignKey(WorkingCalendar, models.PROTECT, null=True, blank=True, related_name="departments")
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="departments")

    def __str__(self) -> str:
        return self.name


class Team(models.Model):
    """A part of a department to which requests can be routed: a crew, a district yard, an inspector's zone."""

    code = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=200)
    department = models.ForeignKey(Department, models.PROTECT, related_name="teams")
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="teams")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
