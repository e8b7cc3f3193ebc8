"""The catalogue of services, the departments that own them, and the service requests (Open311 GeoReport v2)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from openline.foundation.ids import uuid7
from openline.service_requests.states import Outcome, Status


class Jurisdiction(models.Model):
    """The city itself: one row. Editable on screens, loaded with the city's files."""

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

    def __str__(self) -> str:
        return self.name


class Department(models.Model):
    """Who is responsible. Its members are the staff who work its requests."""

    code = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=200)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=60, blank=True)
    fallback = models.BooleanField(default=False)
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="departments")

    def __str__(self) -> str:
        return self.name


class ServiceKind(models.TextChoices):
    """What the city does with a message about the service."""

    REQUEST = "request", _("Service request")
    REFERRAL = "referral", _("Belongs to somebody else")
    QUESTION = "question", _("Question")


class Service(models.Model):
    """One service of the catalogue. `promise_days` counts working or calendar days (`promise_unit`)."""

    code = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=200)
    group = models.CharField(max_length=200, blank=True)
    description = models.TextField(blank=True)
    keywords = models.JSONField(default=list)
    examples = models.JSONField(default=list)
    kind = models.CharField(max_length=20, choices=ServiceKind.choices, default=ServiceKind.REQUEST)
    department = models.ForeignKey(Department, models.PROTECT, null=True, blank=True, related_name="services")
    promise_days = models.SmallIntegerField(null=True, blank=True)
    promise_unit = models.CharField(max_length=10, default="working")
    needs_place = models.BooleanField(default=True)
    public = models.BooleanField(default=True)
    active = models.BooleanField(default=True)
    emergency_phone = models.CharField(max_length=60, blank=True)
    referral_text = models.TextField(blank=True)

    class Meta:
        ordering = ["group", "name"]

    def __str__(self) -> str:
        return self.name


class Holiday(models.Model):
    """A day on which the city does not work."""

    date = models.DateField(unique=True)
    name = models.CharField(max_length=200)

    class Meta:
        ordering = ["date"]

    def __str__(self) -> str:
        return f"{self.date}: {self.name}"


class ServiceRequest(models.Model):
    """One problem that the city was asked to solve.

    `description` holds the resident's own words and is for staff; `public_description` is what
    everybody may read: without handles, links or personal data. `version` counts changes, so that
    two people who save at once notice each other.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.CharField(max_length=20, unique=True)
    service = models.ForeignKey(Service, models.PROTECT, related_name="requests")
    department = models.ForeignKey(Department, models.PROTECT, related_name="requests")
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.RECEIVED)
    outcome = models.CharField(max_length=20, choices=Outcome.choices, blank=True)
    status_note = models.TextField(blank=True)
    urgency = models.CharField(max_length=20, default="routine")
    description = models.TextField(blank=True)
    public_description = models.TextField(blank=True)
    public = models.BooleanField(default=True)
    place_kind = models.CharField(max_length=20, blank=True)
    place_name = models.CharField(max_length=300, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    precision_m = models.FloatField(null=True, blank=True)
    areas = models.JSONField(default=list)
    source = models.CharField(max_length=40)
    routing_reason = models.CharField(max_length=300, blank=True)
    requested_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    reopened = models.SmallIntegerField(default=0)
    duplicate_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, db_index=False, related_name="+")
    version = models.IntegerField(default=1)

    class Meta:
        indexes = [
            models.Index(fields=["-requested_at", "-id"], name="request_newest"),
            models.Index(fields=["service", "status", "-requested_at"], name="request_by_service"),
            models.Index(fields=["department", "status", "-requested_at"], name="request_by_department"),
            models.Index(fields=["latitude", "longitude"], name="request_by_place"),
            models.Index(fields=["updated_at"], name="request_by_update"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.service_id}"


class Update(models.Model):
    """One entry of a request's history: a transition, a public update, an internal note, a correction."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    request = models.ForeignKey(ServiceRequest, models.PROTECT, related_name="updates")
    at = models.DateTimeField()
    from_status = models.CharField(max_length=20, blank=True)
    to_status = models.CharField(max_length=20, blank=True)
    outcome = models.CharField(max_length=20, blank=True)
    public_text = models.TextField(blank=True)
    note = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)

    class Meta:
        indexes = [models.Index(fields=["request", "at"], name="update_in_order")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d} {self.from_status} -> {self.to_status}"

    @property
    def to_status_label(self) -> str:
        """The new state in words."""
        return str(Status(self.to_status).label) if self.to_status else ""


class SameOrNot(models.Model):
    """What a person decided about two requests, with what the machine thought: the next model learns from it."""

    request = models.ForeignKey(ServiceRequest, models.PROTECT, related_name="compared")
    other = models.ForeignKey(ServiceRequest, models.PROTECT, related_name="+")
    same = models.BooleanField()
    score = models.FloatField()
    facts = models.JSONField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["request", "at"], name="same_or_not_in_order")]

    def __str__(self) -> str:
        return f"{self.request_id} {'is' if self.same else 'is not'} {self.other_id}"
