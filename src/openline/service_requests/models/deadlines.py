"""Who is told when a promise is in danger or broken."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from openline.service_requests.models.catalogue import Service
from openline.service_requests.models.city import Department
from openline.service_requests.models.requests import ServiceRequest


class Told(models.TextChoices):
    """Who hears of an escalation."""

    PERSON = "person", _("Who works on it")
    TEAM = "team", _("The team")
    DEPARTMENT = "department", _("The department")
    SUPERVISORS = "supervisors", _("The supervisors of the contact centre")


class EscalationRule(models.Model):
    """So many working hours before (negative) or after the deadline somebody is told.

    Holds for one service, else for one department, else for all.
    """

    service = models.ForeignKey(Service, models.CASCADE, null=True, blank=True, related_name="escalations")
    department = models.ForeignKey(Department, models.CASCADE, null=True, blank=True, related_name="escalations")
    hours = models.SmallIntegerField()
    tell = models.CharField(max_length=20, choices=Told.choices, default=Told.DEPARTMENT)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["hours"]

    def __str__(self) -> str:
        return f"{self.hours:+d} h: {self.tell}"


class Escalation(models.Model):
    """An escalation that happened: once for each request, rule and deadline."""

    request = models.ForeignKey(ServiceRequest, models.PROTECT, related_name="escalations", db_index=False)
    rule = models.ForeignKey(EscalationRule, models.SET_NULL, null=True, related_name="+")
    due_at = models.DateTimeField()
    at = models.DateTimeField()
    told = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "rule", "due_at"], name="escalated_once")]

    def __str__(self) -> str:
        return f"{self.request_id} at {self.at:%Y-%m-%d %H:%M}"
