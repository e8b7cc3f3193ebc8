"""What the console itself keeps: the forms that were already done, and who looks at what just now."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Submission(models.Model):
    """A form that was carried out. `id` was made by the page, so that the same form sent twice is done once."""

    id = models.UUIDField(primary_key=True, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    at = models.DateTimeField(auto_now_add=True, db_index=True)

    def __str__(self) -> str:
        return f"form {self.id}"


class Presence(models.Model):
    """A person who looked at something on the console, and when last; nobody keeps a history of it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    subject = models.CharField(max_length=80)
    writing = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "subject"], name="presence_once")]
        indexes = [models.Index(fields=["subject", "at"], name="presence_by_subject")]

    def __str__(self) -> str:
        return f"{self.user_id} at {self.subject}"
