"""The record: one row for everything that was heard, said, changed or decided. Rows are never changed."""

from __future__ import annotations

from django.db import models
from django.db.models.fields.json import KeyTransform


class Kind(models.TextChoices):
    """What a record tells of."""

    HEARD = "heard"
    EDITED = "edited"
    DELETED = "deleted"
    REFUSED = "refused"
    DECIDED = "decided"
    WRITTEN = "written"
    SAID = "said"
    NOT_SAID = "not_said"
    CHANGED = "changed"
    CORRECTED = "corrected"
    ADMINISTERED = "administered"


class Record(models.Model):
    """One entry. `actor` is "resident", "openline" or a staff member's user name; `body` the facts.

    A trigger in the database refuses every UPDATE, DELETE and TRUNCATE of this table.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    actor = models.CharField(max_length=150)
    account_id = models.UUIDField(null=True)
    conversation_id = models.UUIDField(null=True, db_index=True)
    message_id = models.UUIDField(null=True)
    request_id = models.UUIDField(null=True, db_index=True)
    body = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(KeyTransform("post", "body"), name="record_of_post", condition=models.Q(body__has_key="post"))
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.kind} by {self.actor}"
