"""Customer care: what links conversations with service requests."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from openline.foundation.ids import uuid7
from openline.inbox.models import Conversation, Message
from openline.service_requests.models import Service, ServiceRequest


class Intake(models.Model):
    """A request that is not complete yet: what we know so far and what we asked the resident for."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation = models.OneToOneField(Conversation, models.PROTECT, related_name="intake")
    message = models.ForeignKey(Message, models.PROTECT, related_name="+")
    service = models.ForeignKey(Service, models.PROTECT, null=True, related_name="+")
    place = models.JSONField(null=True)
    urgency = models.CharField(max_length=20, default="routine")
    asked = models.SmallIntegerField(default=0)
    open = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"intake of {self.conversation_id}"


class Report(models.Model):
    """A conversation in which a request was reported or is followed: where its news are told.

    `folded`: the resident said under a post that it is the same there, and follows (care/folding.py). `quiet`: they
    want no news of it (care/quiet.py); what they ask is answered all the same.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation = models.ForeignKey(Conversation, models.PROTECT, db_index=False, related_name="reports")
    request = models.ForeignKey(ServiceRequest, models.PROTECT, related_name="reports")
    message = models.ForeignKey(Message, models.PROTECT, db_index=False, related_name="+")
    created_at = models.DateTimeField()
    folded = models.BooleanField(default=False, db_default=False)
    quiet = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation", "request"], name="report_once")]

    def __str__(self) -> str:
        return f"{self.conversation_id} reports {self.request_id}"


class Offer(models.Model):
    """A request that was opened while another, likely the same, was open: the resident was asked whether it is that."""

    request = models.OneToOneField(ServiceRequest, models.PROTECT, related_name="+", primary_key=True)
    other = models.ForeignKey(ServiceRequest, models.PROTECT, db_index=False, related_name="+")
    score = models.FloatField()
    answered = models.BooleanField(default=False)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.request_id} or {self.other_id}?"


class Survey(models.Model):
    """What the residents said of a closed request: is it fixed, and how was it. One for each request, for ever.

    `fixed` is the last word of a resident after the last closing (empty: none yet). `opened_again`: a resident's "no"
    has opened it once, so the next one does not; `disputed`: such a next one came. `conversation` was asked how it was,
    at `rating_asked_at`, once; `satisfaction` is from 1 (very bad) to 5 (very good), `comment` without personal data.
    """

    request = models.OneToOneField(ServiceRequest, models.PROTECT, related_name="survey", primary_key=True)
    asked_at = models.DateTimeField(null=True)
    fixed = models.BooleanField(null=True)
    fixed_at = models.DateTimeField(null=True)
    opened_again = models.BooleanField(default=False)
    disputed = models.BooleanField(default=False)
    conversation = models.ForeignKey(Conversation, models.PROTECT, null=True, related_name="+")
    rating_asked_at = models.DateTimeField(null=True)
    satisfaction = models.SmallIntegerField(null=True)
    rated_at = models.DateTimeField(null=True)
    comment = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["asked_at"], name="survey_by_time")]

    def __str__(self) -> str:
        return f"{self.request_id}: {self.fixed}, {self.satisfaction}"


class HandledPost(models.Model):
    """A post handled once, whichever of the city's accounts it was addressed to."""

    network = models.CharField(max_length=40)
    uri = models.CharField(max_length=1000)
    message_id = models.UUIDField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["network", "uri"], name="post_handled_once")]

    def __str__(self) -> str:
        return f"{self.network} {self.uri}"


class SavedReply(models.Model):
    """An answer that is given often, with holes such as {name}; of one person, or (no `owner`) of the whole desk."""

    name = models.CharField(max_length=80)
    text = models.TextField()
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="saved_replies"
    )
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "saved replies"
        constraints = [models.UniqueConstraint(fields=["owner", "name"], nulls_distinct=False, name="saved_reply_once")]

    def __str__(self) -> str:
        return self.name
