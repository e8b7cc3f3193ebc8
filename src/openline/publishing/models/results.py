"""Links, what came of posts, and question hours."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from openline.accounts.models import Account
from openline.foundation.ids import uuid7
from openline.inbox.models import Message
from openline.publishing.models.posts import Post, Variant


class ShortLink(models.Model):
    """An address of ours (/go/<code>/) that leads to `target` and counts how often. One for a variant and target."""

    code = models.CharField(max_length=12, primary_key=True)
    target = models.URLField(max_length=2000)
    variant = models.ForeignKey(Variant, models.CASCADE, null=True, related_name="links")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["variant", "target"], name="short_link_once")]

    def __str__(self) -> str:
        return f"{self.code}: {self.target}"


class Clicks(models.Model):
    """How often a link was followed in one hour. Nothing is kept of who followed it."""

    link = models.ForeignKey(ShortLink, models.CASCADE, related_name="clicks", db_index=False)
    hour = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["link", "hour"], name="clicks_once")]

    def __str__(self) -> str:
        return f"{self.count} of {self.link_id}"


class Measurement(models.Model):
    """What a network said of a publication at one time: `name` is likes, reposts, replies, views, reach, ..."""

    variant = models.ForeignKey(Variant, models.CASCADE, related_name="measurements", db_index=False)
    name = models.CharField(max_length=30)
    at = models.DateTimeField()
    value = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["variant", "name", "at"], name="measurement_once")]

    def __str__(self) -> str:
        return f"{self.name} {self.value}"


class QuestionHour(models.Model):
    """An hour in which officials answer questions under a hashtag, on several accounts."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=200)
    hashtag = models.CharField(max_length=100)
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    accounts = models.ManyToManyField(Account, related_name="question_hours")
    hosts = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="question_hours")
    announcement = models.ForeignKey(Post, models.SET_NULL, null=True, blank=True, related_name="question_hours")
    transcript_slug = models.SlugField(max_length=120, blank=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class QuestionState(models.TextChoices):
    """Where a question stands on the board."""

    NEW = "new", _("New")
    TAKEN = "taken", _("Somebody answers")
    ANSWERED = "answered", _("Answered")
    SET_ASIDE = "set_aside", _("Set aside")


class Question(models.Model):
    """A resident's message in a question hour, on the board. `order` is what the hosts made of it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    hour = models.ForeignKey(QuestionHour, models.CASCADE, related_name="questions", db_index=False)
    message = models.ForeignKey(Message, models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=QuestionState.choices, default=QuestionState.NEW)
    host = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    order = models.IntegerField(default=0)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["hour", "message"], name="question_once")]

    def __str__(self) -> str:
        return f"{self.state} question {self.id}"
