"""Who may speak as whom, whose approval a post needs, and what they said."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from openline.accounts.models import Account
from openline.foundation.ids import uuid7
from openline.publishing.models.posts import Post
from openline.publishing.states import Kind


class Right(models.TextChoices):
    """What a person may do with an account."""

    WRITE = "write", _("Write for it")
    APPROVE = "approve", _("Write and approve")
    OFFICE = "office", _("The official's office: the last word")


class Speaker(models.Model):
    """A person's right to speak as an account. Without any for an account, who may publish may speak as it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="speakers", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="speaks_as")
    right = models.CharField(max_length=10, choices=Right.choices, default=Right.WRITE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "user"], name="speaker_once")]

    def __str__(self) -> str:
        return f"{self.user_id} for {self.account_id}"


class Needs(models.TextChoices):
    """Whose approval a post needs before it is scheduled."""

    NONE = "none", _("Nobody's")
    ONE = "one", _("One other person's")
    TWO = "two", _("Two other persons'")
    OFFICE = "office", _("The official's office")


class ApprovalRule(models.Model):
    """What posts of `kind` ("": any) on `account` (None: any) need. The most particular rule counts."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, null=True, blank=True, related_name="approval_rules")
    kind = models.CharField(max_length=10, choices=Kind.choices, blank=True)
    needs = models.CharField(max_length=10, choices=Needs.choices, default=Needs.ONE)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "kind"], name="approval_rule_once", nulls_distinct=False)
        ]

    def __str__(self) -> str:
        return f"{self.kind or 'any'} on {self.account_id or 'any'}: {self.needs}"


class Review(models.Model):
    """What a person said about one version of a post: a verdict ("approved", "returned") or only a comment ("")."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    post = models.ForeignKey(Post, models.CASCADE, related_name="reviews", db_index=False)
    version = models.PositiveIntegerField()
    verdict = models.CharField(max_length=10, blank=True)
    comment = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["post", "at"], name="review_in_order")]

    def __str__(self) -> str:
        return f"{self.verdict or 'comment'} on {self.post_id}"
