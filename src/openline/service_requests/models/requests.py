"""Service requests and what happens to them."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from openline.foundation.ids import uuid7
from openline.service_requests.models.catalogue import Service
from openline.service_requests.models.city import Department, Team
from openline.service_requests.states import Outcome, Status


class ServiceRequest(models.Model):
    """One problem that the city was asked to solve.

    `description` holds the resident's own words and is for staff; `public_description` is what
    everybody may read: without handles, links or personal data. `answers` are those to the service's
    questions, by code. `closed_at` is set in the finished states (`states.FINISHED_STATES`) and only there.
    `paused_at` is when the clock was stopped. `parent` is the request of which this one is a part.
    `version` counts changes, so that two people who save at once notice each other.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.CharField(max_length=20, unique=True)
    service = models.ForeignKey(Service, models.PROTECT, related_name="requests", db_index=False)
    department = models.ForeignKey(Department, models.PROTECT, related_name="requests", db_index=False)
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="requests", db_index=False)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="requests", db_index=False
    )
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.RECEIVED)
    reason = models.CharField(max_length=30, blank=True, default="", db_default="")
    outcome = models.CharField(max_length=20, choices=Outcome.choices, blank=True)
    status_note = models.TextField(blank=True)
    urgency = models.CharField(max_length=20, default="routine")
    description = models.TextField(blank=True)
    public_description = models.TextField(blank=True)
    answers = models.JSONField(default=dict, db_default={})
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
    first_answer_due_at = models.DateTimeField(null=True, blank=True)
    first_answered_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True)
    scheduled_for = models.DateField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    reopened = models.SmallIntegerField(default=0)
    duplicate_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, db_index=False, related_name="+")
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, db_index=False, related_name="parts")
    version = models.IntegerField(default=1)

    class Meta:
        indexes = [
            models.Index(fields=["-requested_at", "-id"], name="request_newest"),
            models.Index(fields=["service", "status", "-requested_at"], name="request_by_service"),
            models.Index(fields=["department", "status", "-requested_at"], name="request_by_department"),
            # Boxes of Open311 and the map; what is near a point has `request_near` (GiST, migration 0011).
            models.Index(fields=["latitude", "longitude"], name="request_by_place"),
            models.Index(fields=["updated_at"], name="request_by_update"),
            models.Index(fields=["due_at"], condition=models.Q(closed_at=None), name="request_open_by_due"),
            models.Index(
                fields=["assigned_to"],
                condition=models.Q(assigned_to__isnull=False, closed_at=None),
                name="request_open_by_person",
            ),
            models.Index(
                fields=["team"], condition=models.Q(team__isnull=False, closed_at=None), name="request_open_by_team"
            ),
            models.Index(
                fields=["duplicate_of"], condition=models.Q(duplicate_of__isnull=False), name="request_by_original"
            ),
            models.Index(
                fields=["status", "updated_at"],
                condition=models.Q(status__in=["waiting", "resolved"]),
                name="request_asking_residents",
            ),
            models.Index(fields=["parent"], condition=models.Q(parent__isnull=False), name="request_by_parent"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.service_id}"


class Update(models.Model):
    """One entry of a request's history: a transition, a public update, an internal note, a correction."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    request = models.ForeignKey(ServiceRequest, models.PROTECT, related_name="updates", db_index=False)
    at = models.DateTimeField()
    from_status = models.CharField(max_length=20, blank=True)
    to_status = models.CharField(max_length=20, blank=True)
    reason = models.CharField(max_length=30, blank=True, default="", db_default="")
    outcome = models.CharField(max_length=20, blank=True)
    public_text = models.TextField(blank=True)
    note = models.TextField(blank=True)
    mentioned = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="mentions")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)

    class Meta:
        indexes = [
            models.Index(fields=["request", "at"], name="update_in_order"),
            models.Index(fields=["at", "id"], name="update_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d} {self.from_status} -> {self.to_status}"

    @property
    def to_status_label(self) -> str:
        """The new state in words."""
        return str(Status(self.to_status).label) if self.to_status else ""


class Contact(models.Model):
    """How to reach who reported a request by another way than a network: personal data, for staff only.

    `may_be_shared`: the resident agreed that whoever does the work outside the city gets it too.
    `consent`: whether the person agreed to be told how it goes on; None if nobody asked.
    """

    request = models.OneToOneField(ServiceRequest, models.PROTECT, related_name="contact", primary_key=True)
    name = models.CharField(max_length=200, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=60, blank=True)
    language = models.CharField(max_length=20, blank=True)
    device_id = models.CharField(max_length=200, blank=True)
    account_id = models.CharField(max_length=200, blank=True)
    may_be_shared = models.BooleanField(default=False, db_default=False)
    consent = models.BooleanField(null=True)

    def __str__(self) -> str:
        return f"contact of {self.request_id}"


class Caller(models.Model):
    """Who told a member of staff about a problem that was reported before: personal data, for staff only."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    request = models.ForeignKey(ServiceRequest, models.PROTECT, related_name="callers")
    source = models.CharField(max_length=40)
    said = models.TextField(blank=True)
    name = models.CharField(max_length=200, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=60, blank=True)
    language = models.CharField(max_length=20, blank=True)
    consent = models.BooleanField(null=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["at"]

    def __str__(self) -> str:
        return f"caller about {self.request_id}"


class RequestLink(models.Model):
    """Two requests that have to do with each other, without being the same."""

    request = models.ForeignKey(ServiceRequest, models.PROTECT, related_name="links", db_index=False)
    other = models.ForeignKey(ServiceRequest, models.PROTECT, related_name="linked_from")
    note = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "other"], name="linked_once")]

    def __str__(self) -> str:
        return f"{self.request_id} and {self.other_id}"


class BulkChange(models.Model):
    """One change of many requests at once: `before` holds what each was, so that it can be taken back."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    what = models.CharField(max_length=40)
    asked = models.JSONField(default=dict)
    before = models.JSONField(default=list)
    skipped = models.JSONField(default=list)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.what} of {len(self.before)}"


class SameOrNot(models.Model):
    """What a person decided about two requests, with what the machine thought: the next model learns from it."""

    request = models.ForeignKey(ServiceRequest, models.PROTECT, related_name="compared", db_index=False)
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
