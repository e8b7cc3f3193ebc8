"""What the API keeps: keys of other programs, what they sent, and the updates that they gave."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from openline.foundation.ids import uuid7
from openline.service_requests.models import Service, ServiceRequest, Update


class ApiKey(models.Model):
    """A program that may send requests. The key itself is shown once and never kept: `digest` is its SHA-256.

    `beginning` lets people tell keys apart. `per_minute` requests are taken on average; `left` and `counted_at` are
    the bucket from which they are drawn (`keys.admit`). With `review` a person looks before a request is opened.
    `may_update` lets it send updates of requests. `origins` are those of web pages that may send with the key.
    """

    name = models.CharField(max_length=80, unique=True)
    contact = models.CharField(max_length=200)
    beginning = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    active = models.BooleanField(default=True)
    review = models.BooleanField(default=False)
    may_update = models.BooleanField(default=False)
    per_minute = models.IntegerField(default=60)
    origins = models.JSONField(default=list, blank=True)
    left = models.FloatField(default=60)
    counted_at = models.DateTimeField()
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class State(models.TextChoices):
    """Where something sent stands."""

    OPENED = "opened"
    WAITING = "waiting"
    REFUSED = "refused"


class Submission(models.Model):
    """One POST of a request; its id is the token where a person looks first.

    `client_id` is the sender's own mark, unique for a key: the same again gets the same answer, if `digest` says that
    the content is the same too. `content` is what was sent, kept only until a person has decided. `alarm`: it reads
    like danger to life; staff are told on every page until somebody takes the request on.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    key = models.ForeignKey(ApiKey, models.PROTECT, related_name="submissions")
    client_id = models.CharField(max_length=200, null=True)
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State.choices)
    service = models.ForeignKey(Service, models.PROTECT, related_name="+")
    request = models.ForeignKey(ServiceRequest, models.PROTECT, null=True, related_name="submissions")
    notice = models.TextField(blank=True)
    alarm = models.BooleanField(default=False, db_default=False)
    content = models.JSONField(null=True)
    at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "client_id"], name="submission_once")]
        indexes = [
            models.Index(fields=["at"], condition=models.Q(state="waiting"), name="submission_waiting"),
            models.Index(fields=["at"], condition=models.Q(alarm=True), name="submission_alarm"),
        ]

    def __str__(self) -> str:
        return f"{self.id} ({self.state})"


class GivenUpdate(models.Model):
    """An update that another program sent, by its own id (`update_id` in GeoReport's extension): taken once."""

    key = models.ForeignKey(ApiKey, models.PROTECT, related_name="updates")
    their_id = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    update = models.ForeignKey(Update, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "their_id"], name="given_update_once")]

    def __str__(self) -> str:
        return self.their_id
