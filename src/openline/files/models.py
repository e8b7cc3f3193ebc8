"""Photos and files, and where each one belongs: to a message, to a service request.

This room stands below messages and requests, so it knows them by their ids only, as the records do.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from openline.foundation.ids import uuid7


class File(models.Model):
    """One picture or document, kept once however often it comes.

    `original` is the storage key of the bytes as they came: private, for the record. Of a picture there are two made
    anew without metadata, `view` and `thumbnail`; of a film `film` and a poster as `thumbnail`, and it lasts `seconds`;
    a document has only its original. `phash` is the perceptual hash as
    a signed 64-bit number (`files.hashing`). Where a photo was taken is not kept.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    sha256 = models.CharField(max_length=64, unique=True)
    content_type = models.CharField(max_length=60)
    size_bytes = models.IntegerField()
    width = models.IntegerField(null=True)
    height = models.IntegerField(null=True)
    phash = models.BigIntegerField(null=True)
    original = models.CharField(max_length=200)
    view = models.CharField(max_length=200, blank=True)
    thumbnail = models.CharField(max_length=200, blank=True)
    film = models.CharField(max_length=200, blank=True)
    seconds = models.FloatField(null=True)
    scanned = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.content_type} {self.id}"

    @property
    def is_picture(self) -> bool:
        """Whether it can be shown on a page."""
        return bool(self.view)

    @property
    def is_film(self) -> bool:
        """Whether it moves; it can be shown once `film` is made."""
        return self.content_type.startswith("video/")


class Kind(models.TextChoices):
    """What a photo of a request shows."""

    BEFORE = "before", _("Before")
    AFTER = "after", _("After")
    OTHER = "other", _("Other")


class Attachment(models.Model):
    """A file at its place: with the message in which it came, or with a request (then `message_id` is where from).

    `file` is empty where it could not be taken in; `problem` says why. Only what a person marked `public` is on the
    public page, never what came in a `private` message. What is `removed_at` stays for the record.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    file = models.ForeignKey(File, models.PROTECT, null=True, related_name="attachments")
    message_id = models.UUIDField(null=True)
    request_id = models.UUIDField(null=True)
    position = models.SmallIntegerField(default=0)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.BEFORE)
    alt = models.CharField(max_length=1500, blank=True)
    problem = models.CharField(max_length=300, blank=True)
    private = models.BooleanField(default=False)
    public = models.BooleanField(default=False)
    removed_at = models.DateTimeField(null=True)
    removed_reason = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["message_id", "position"],
                name="attachment_of_message_once",
                condition=models.Q(request_id=None),
            ),
            models.UniqueConstraint(fields=["request_id", "file"], name="attachment_of_request_once"),
            models.CheckConstraint(
                condition=models.Q(message_id__isnull=False) | models.Q(request_id__isnull=False),
                name="attachment_belongs_somewhere",
            ),
            models.CheckConstraint(
                condition=models.Q(public=False) | models.Q(private=False, removed_at=None, file__isnull=False),
                name="attachment_public_if_it_may_be",
            ),
        ]
        indexes = [
            models.Index(
                fields=["message_id"], name="attachment_from_message", condition=models.Q(message_id__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"
