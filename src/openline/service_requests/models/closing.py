"""What is said when a request closes."""

from __future__ import annotations

from django.db import models

from openline.service_requests.models.catalogue import Service
from openline.service_requests.states import Outcome


class ResponseTemplate(models.Model):
    """The text with which a request of `service` (any, if empty) is closed with `outcome`, in one language.

    Placeholders such as {number} are those of `service_requests/templates.py`; others are refused when it is saved.
    """

    service = models.ForeignKey(Service, models.CASCADE, null=True, blank=True, related_name="templates")
    outcome = models.CharField(max_length=20, choices=Outcome.choices)
    language = models.CharField(max_length=20)
    text = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["service", "outcome", "language"], nulls_distinct=False, name="template_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.outcome} ({self.language})"
