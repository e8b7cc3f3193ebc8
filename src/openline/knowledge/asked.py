"""What was asked and what became of it: passages to search, questions, gaps, helpfulness, answers that wait."""

from __future__ import annotations

from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils.translation import gettext_lazy as _

from openline.foundation.ids import uuid7
from openline.inbox.models import Conversation, Message


class ArticlePassage(models.Model):
    """A part of an article, with its words as PostgreSQL's full text sees them in the article's language."""

    article = models.ForeignKey("knowledge.Article", models.CASCADE, related_name="passages", db_index=False)
    number = models.PositiveSmallIntegerField()
    heading = models.CharField(max_length=500, blank=True)
    text = models.TextField()
    search = SearchVectorField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["article", "number"], name="passage_once")]

    def __str__(self) -> str:
        return f"passage {self.number} of {self.article_id}"


class QuestionGroup(models.Model):
    """Questions that ask the same and that no article answers: a gap. `terms` counts the roots of their words."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    language = models.CharField(max_length=20)
    service_code = models.CharField(max_length=60, blank=True)
    sample = models.CharField(max_length=300)
    terms = models.JSONField(default=dict)
    count = models.PositiveIntegerField(default=0)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    draft = models.ForeignKey("knowledge.Article", models.SET_NULL, null=True, related_name="+")
    put_away = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["language", "service_code"], name="gap_by_service")]

    def __str__(self) -> str:
        return self.sample


class Outcome(models.TextChoices):
    """What Openline had for a question."""

    SENT = "sent", _("Answered by itself")
    PROPOSED = "proposed", _("An article was proposed")
    NONE = "none", _("No article")


class Question(models.Model):
    """A resident's question. `text` stands only of public ones without a good article, personal data masked.

    `helped`: what the resident said in the thread of the answer; None if nothing.
    """

    message = models.OneToOneField(Message, models.PROTECT, related_name="question", primary_key=True)
    conversation = models.ForeignKey(Conversation, models.PROTECT, related_name="questions", db_index=False)
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    article = models.ForeignKey("knowledge.Article", models.SET_NULL, null=True, related_name="questions")
    confidence = models.FloatField(default=0)
    language = models.CharField(max_length=20, blank=True)
    service_code = models.CharField(max_length=60, blank=True)
    text = models.CharField(max_length=300, blank=True)
    group = models.ForeignKey(QuestionGroup, models.SET_NULL, null=True, related_name="questions")
    helped = models.BooleanField(null=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["conversation", "-at"], name="question_of_thread"),
            models.Index(fields=["at"], name="question_by_time"),
            models.Index(fields=["at"], name="question_to_group", condition=~models.Q(text="") & models.Q(group=None)),
        ]

    def __str__(self) -> str:
        return f"question {self.message_id}"


class PlaceAsked(models.Model):
    """A resident whom an answer asked for the address on which it depends, once in a conversation.

    `areas` are those of the place that was named; later questions of the conversation are answered for it.
    """

    conversation = models.OneToOneField(Conversation, models.PROTECT, related_name="+", primary_key=True)
    article = models.ForeignKey("knowledge.Article", models.CASCADE, related_name="+")
    open = models.BooleanField(default=True)
    areas = models.JSONField(default=list)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.conversation_id} was asked for the place"


class Helpful(models.Model):
    """How often readers of an article's page said on one day that it helped, or did not. Nothing of who they are."""

    article = models.ForeignKey("knowledge.Article", models.CASCADE, related_name="helpful", db_index=False)
    day = models.DateField()
    yes = models.PositiveIntegerField(default=0)
    no = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["article", "day"], name="helpful_once_a_day")]

    def __str__(self) -> str:
        return f"{self.article_id} on {self.day}"
