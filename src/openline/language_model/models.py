"""Every call of the language model with what it cost, and what it suggested for which message."""

from __future__ import annotations

from django.db import models

from openline.foundation.ids import uuid7
from openline.inbox.models import Message


class Call(models.Model):
    """One HTTP call. Written before the call and completed after it: a budget that a crash cannot outwit.

    `outcome` is one of `client.Outcome`. `tokens_in` and `tokens_out` are estimates until the server counted them.
    `detail` says in the server's or our own words what went wrong; `answer` is what the model wrote, also if it was
    refused. Calls of an evaluation have no message.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    message = models.ForeignKey(Message, models.PROTECT, null=True, related_name="+")
    model = models.CharField(max_length=200)
    at = models.DateTimeField(db_index=True)
    outcome = models.CharField(max_length=20)
    status = models.SmallIntegerField(default=0)
    detail = models.CharField(max_length=300, blank=True)
    answer = models.TextField(blank=True)
    tokens_in = models.IntegerField(default=0)
    tokens_out = models.IntegerField(default=0)
    ms = models.IntegerField(default=0)
    cost = models.DecimalField(max_digits=14, decimal_places=6, default=0)

    def __str__(self) -> str:
        return f"{self.model}: {self.outcome} at {self.at:%Y-%m-%d %H:%M:%S}"


class Suggestion(models.Model):
    """What the language model makes of a message: shown to staff, never acted upon by machine.

    `service` is a code of the catalogue or "". `place_words` stand in the message; `place_name` is what the city's own
    gazetteer makes of them. `raised`: the conversation was given more attention because of it.
    """

    message = models.OneToOneField(Message, models.PROTECT, primary_key=True, related_name="suggestion")
    call = models.ForeignKey(Call, models.PROTECT, related_name="+")
    service = models.CharField(max_length=60, blank=True)
    service_name = models.CharField(max_length=200, blank=True)
    intent = models.CharField(max_length=20)
    urgency = models.CharField(max_length=20)
    place_words = models.CharField(max_length=200, blank=True)
    place_name = models.CharField(max_length=300, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    raised = models.BooleanField(default=False)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.intent}, {self.urgency}, {self.service or 'no service'}"

    @property
    def current(self) -> bool:
        """Whether the message is still the one that was read: an edit is assessed anew."""
        return bool(self.at >= self.message.assessment.at)
