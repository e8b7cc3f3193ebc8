"""Posts: what the city publishes, in its languages, with its media, and its form on each account."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q

from openline.accounts.models import Account
from openline.files.models import File
from openline.foundation.ids import uuid7
from openline.outbox.models import Delivery
from openline.publishing.states import LATEST, Kind, PostState, VariantState


class Post(models.Model):
    """One thing that the city says by itself, written once for all accounts.

    `language` is the first of its `texts`. `leave_at` is when it goes out, unless a variant has a time of its own;
    before `embargo_until` it cannot. `late_minutes` is how long after that it may still go (None: by its kind,
    `states.LATEST`). `poll` is {"options", "seconds", "multiple"}, `warning` is shown before the text. `version` counts
    the changes of content: whoever saves says which one they saw. `corrects` is the post that this one puts right,
    `article_slug` the article that it publishes, `areas` the codes of the areas that it is about. One of a series knows
    for which day and area it was made. `reminded_at` is when those who can approve it were last reminded.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.SHORT)
    state = models.CharField(max_length=10, choices=PostState.choices, default=PostState.DRAFT)
    name = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=20, default="en")
    campaign = models.CharField(max_length=60, blank=True)
    link = models.URLField(max_length=1000, blank=True)
    areas = models.JSONField(default=list, blank=True)
    topics = models.JSONField(default=list, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    place = models.CharField(max_length=300, blank=True)
    poll = models.JSONField(null=True, blank=True)
    warning = models.CharField(max_length=300, blank=True)
    leave_at = models.DateTimeField(null=True, blank=True)
    embargo_until = models.DateTimeField(null=True, blank=True)
    late_minutes = models.PositiveIntegerField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    corrects = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="corrections")
    series = models.ForeignKey("publishing.Series", models.PROTECT, null=True, blank=True, related_name="posts")
    occurs_on = models.DateField(null=True, blank=True)
    series_area = models.CharField(max_length=100, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    alert = models.ForeignKey("publishing.Alert", models.PROTECT, null=True, blank=True, related_name="posts")
    article_slug = models.SlugField(max_length=120, blank=True)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["series", "occurs_on", "series_area"],
                name="post_of_series_once",
                condition=Q(series__isnull=False),
            )
        ]
        indexes = [
            models.Index(fields=["leave_at", "id"], name="post_calendar"),
            models.Index(fields=["state", "-changed_at", "-id"], name="post_by_state"),
        ]

    def __str__(self) -> str:
        return self.name or f"{self.kind} {self.id}"

    @property
    def may_be_late(self) -> timedelta:
        """How long after its time it may still go out."""
        return LATEST[self.kind] if self.late_minutes is None else timedelta(minutes=self.late_minutes)


class PostText(models.Model):
    """The words of a post in one language. `body` is the rich text of a blog post as Markdown."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    post = models.ForeignKey(Post, models.CASCADE, related_name="texts", db_index=False)
    language = models.CharField(max_length=20)
    text = models.TextField(blank=True)
    title = models.CharField(max_length=200, blank=True)
    body = models.TextField(blank=True)
    first_comment = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "language"], name="post_text_once")]

    def __str__(self) -> str:
        return f"{self.language} of {self.post_id}"


class PostMedia(models.Model):
    """A picture or film of a post.

    `alts`, `captions` (WebVTT, for films) and `words` (what everybody reads below it) are by language. The focus is
    the point that must stay visible when it is cropped: x and y from -1 to 1, y upwards.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    post = models.ForeignKey(Post, models.CASCADE, related_name="media", db_index=False)
    file = models.ForeignKey(File, models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()
    alts = models.JSONField(default=dict, blank=True)
    captions = models.JSONField(default=dict, blank=True)
    words = models.JSONField(default=dict, blank=True)
    focus_x = models.FloatField(default=0.0)
    focus_y = models.FloatField(default=0.0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "file"], name="post_media_once")]
        ordering = ["position"]

    def __str__(self) -> str:
        return f"{self.file_id} of {self.post_id}"


class Rendition(models.Model):
    """A file as some networks take it: cropped to a shape, or made small enough. `profile` says how (`media`).

    Without a `key` it could not be made; `reason` says why.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    file = models.ForeignKey(File, models.PROTECT, related_name="renditions", db_index=False)
    profile = models.CharField(max_length=100)
    key = models.CharField(max_length=200, blank=True)
    media_type = models.CharField(max_length=60, blank=True)
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    seconds = models.FloatField(default=0.0)
    size_bytes = models.BigIntegerField(default=0)
    reason = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "profile"], name="rendition_once")]

    def __str__(self) -> str:
        return f"{self.profile} of {self.file_id}"


class Variant(models.Model):
    """A post on one account: its text there, and what became of it.

    `text`, `title` and `first_comment` are None where the fitted text of the post in `language` is used. `options`
    holds what only this network knows (categories of a blog, a page instead of a post). `own_time` is when a person
    wants it here (None: with the post), `leave_at` when it is planned to leave. `revision` counts the edits sent after
    publication. `network_id`, `uri` and `url` are the network's.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    post = models.ForeignKey(Post, models.CASCADE, related_name="variants", db_index=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="variants", db_index=False)
    language = models.CharField(max_length=20, default="en")
    text = models.TextField(null=True, blank=True)
    title = models.CharField(max_length=200, null=True, blank=True)
    first_comment = models.TextField(null=True, blank=True)
    options = models.JSONField(default=dict, blank=True)
    own_time = models.DateTimeField(null=True, blank=True)
    leave_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=VariantState.choices, default=VariantState.DRAFT)
    reason = models.CharField(max_length=1000, blank=True)
    pause = models.ForeignKey("publishing.Pause", models.PROTECT, null=True, blank=True, related_name="variants")
    delivery = models.OneToOneField(Delivery, models.PROTECT, null=True, blank=True, related_name="variant")
    revision = models.PositiveIntegerField(default=0)
    network_id = models.CharField(max_length=500, blank=True)
    uri = models.CharField(max_length=1000, blank=True)
    url = models.CharField(max_length=1000, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    measure_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "account", "language"], name="variant_once")]
        indexes = [
            models.Index(fields=["leave_at", "id"], name="variant_due", condition=Q(state="planned")),
            models.Index(fields=["state", "leave_at"], name="variant_stuck", condition=~Q(state__in=["draft", "sent"])),
            models.Index(fields=["account", "-sent_at"], name="variant_of_account", condition=Q(state="sent")),
            models.Index(fields=["measure_at"], name="variant_to_measure", condition=Q(measure_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.post_id} on {self.account_id}"


class Errand(models.Model):
    """What follows a publication on its network: an edit, a deletion, a first comment; each once, by its delivery."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="errands")
    what = models.CharField(max_length=10)
    revision = models.PositiveIntegerField(default=0)
    delivery = models.OneToOneField(Delivery, models.PROTECT, related_name="errand")
    done_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=1000, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["variant", "what", "revision"], name="errand_once")]

    def __str__(self) -> str:
        return f"{self.what} of {self.variant_id}"


class Published(models.Model):
    """A post of a network that is one of ours, or a part of it: a reply to it is a conversation about that post.

    Conversations find their post by account and thread; nothing is written when a reply arrives.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="+", db_index=False)
    network_id = models.CharField(max_length=500)
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="published")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "network_id"], name="published_once")]

    def __str__(self) -> str:
        return f"{self.network_id} of {self.variant_id}"


class PostVersion(models.Model):
    """The content of a post as it was saved once, whole, with who saved it: what changes are told from."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    post = models.ForeignKey(Post, models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    content = models.JSONField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "number"], name="post_version_once")]

    def __str__(self) -> str:
        return f"version {self.number} of {self.post_id}"
