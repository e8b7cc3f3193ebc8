"""Who works on what: versioned rules, and who was asked to work on a request and gave it back."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from openline.foundation.ids import uuid7
from openline.service_requests.models.city import Department, Team
from openline.service_requests.models.requests import ServiceRequest


class RoutingState(models.TextChoices):
    """Where a version of the rules stands."""

    DRAFT = "draft", _("Draft")
    LIVE = "live", _("In use")
    RETIRED = "retired", _("Used before")


class RoutingVersion(models.Model):
    """All routing rules in their order, as they were together at one time; one version is in use.

    `rules` is a list of plain objects; `service_requests/routing.py` says what one holds.
    """

    number = models.IntegerField(unique=True)
    state = models.CharField(max_length=10, choices=RoutingState.choices, default=RoutingState.DRAFT)
    rules = models.JSONField(default=list)
    note = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    made_at = models.DateTimeField()
    live_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["state"], condition=models.Q(state="live"), name="one_routing_in_use")
        ]

    def __str__(self) -> str:
        return f"routing {self.number} ({self.state})"


class ReturnReason(models.TextChoices):
    """Why a department gives a request back: a closed list, so that misroutes can be counted."""

    WRONG_DEPARTMENT = "wrong_department", _("Another department's work")
    WRONG_SERVICE = "wrong_service", _("Another service")
    WRONG_PLACE = "wrong_place", _("Outside our area")
    NOT_CITY = "not_city", _("Not the city's at all")
    NOT_ENOUGH = "not_enough", _("Too little to go on")


class Assignment(models.Model):
    """A request given to a department, perhaps to a team or person of it; `returned_at` if it gave it back."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    request = models.ForeignKey(ServiceRequest, models.PROTECT, related_name="assignments", db_index=False)
    department = models.ForeignKey(Department, models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    version = models.IntegerField(null=True)
    rule = models.CharField(max_length=120, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    returned_at = models.DateTimeField(null=True)
    returned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    returned_reason = models.CharField(max_length=20, choices=ReturnReason.choices, blank=True)
    returned_note = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["request", "at"], name="assignment_in_order")]

    def __str__(self) -> str:
        return f"{self.request_id} to {self.department_id}"
