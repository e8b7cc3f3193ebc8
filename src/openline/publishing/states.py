"""The life of a post and of its variants, declared in one place.

A post is an idea, a draft, under review, scheduled or out. What happens on each account is told by its variants: one
network may be down while the others have it.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from openline.channels.outgoing import Form


class Kind(models.TextChoices):
    """What is published."""

    SHORT = "short", _("Short post")
    ALBUM = "album", _("Photo album")
    VIDEO = "video", _("Video")
    BLOG = "blog", _("Blog post")
    STORY = "story", _("Story")
    ALERT = "alert", _("Alert")


FORMS: dict[str, Form] = {Kind.ALBUM: "album", Kind.VIDEO: "video", Kind.STORY: "story"}
"""What a kind becomes on networks that have more than ordinary posts (`Outgoing.form`)."""


class PostState(models.TextChoices):
    """How far a post is. POST_TRANSITIONS says which state may follow which."""

    IDEA = "idea", _("Idea")
    DRAFT = "draft", _("Draft")
    REVIEW = "review", _("Waits for approval")
    SCHEDULED = "scheduled", _("Scheduled")
    OUT = "out", _("Out")
    CANCELLED = "cancelled", _("Cancelled")


POST_TRANSITIONS: dict[str, tuple[str, ...]] = {
    PostState.IDEA: (PostState.DRAFT, PostState.CANCELLED),
    PostState.DRAFT: (PostState.IDEA, PostState.REVIEW, PostState.SCHEDULED, PostState.CANCELLED),
    PostState.REVIEW: (PostState.DRAFT, PostState.SCHEDULED, PostState.CANCELLED),
    PostState.SCHEDULED: (PostState.DRAFT, PostState.REVIEW, PostState.OUT, PostState.CANCELLED),
    PostState.OUT: (),
    PostState.CANCELLED: (PostState.DRAFT,),
}


class VariantState(models.TextChoices):
    """What became of a post on one account. VARIANT_TRANSITIONS says which state may follow which."""

    DRAFT = "draft", _("Not scheduled")
    PLANNED = "planned", _("Scheduled")
    HELD = "held", _("Held back")
    QUEUED = "queued", _("On its way")
    SENT = "sent", _("Published")
    FAILED = "failed", _("Not published: a person has to act")
    MISSED = "missed", _("Too late: not published")
    CANCELLED = "cancelled", _("Cancelled")
    DELETED = "deleted", _("Taken down")


VARIANT_TRANSITIONS: dict[str, tuple[str, ...]] = {
    VariantState.DRAFT: (VariantState.PLANNED, VariantState.HELD, VariantState.CANCELLED),
    VariantState.PLANNED: (
        VariantState.DRAFT,
        VariantState.HELD,
        VariantState.QUEUED,
        VariantState.MISSED,
        VariantState.CANCELLED,
    ),
    VariantState.HELD: (VariantState.PLANNED, VariantState.DRAFT, VariantState.CANCELLED),
    VariantState.QUEUED: (VariantState.SENT, VariantState.FAILED, VariantState.MISSED, VariantState.HELD),
    VariantState.FAILED: (VariantState.QUEUED, VariantState.SENT, VariantState.CANCELLED),
    VariantState.MISSED: (VariantState.PLANNED, VariantState.CANCELLED),
    VariantState.SENT: (VariantState.DELETED,),
    VariantState.CANCELLED: (VariantState.DRAFT,),
    VariantState.DELETED: (),
}

LATEST: dict[str, timedelta] = {
    Kind.ALERT: timedelta(minutes=15),
    Kind.STORY: timedelta(hours=1),
    Kind.SHORT: timedelta(hours=2),
    Kind.ALBUM: timedelta(hours=12),
    Kind.VIDEO: timedelta(hours=12),
    Kind.BLOG: timedelta(hours=24),
}
"""How long after its time a post of each kind may still go out; later it is missed, and a person decides."""
