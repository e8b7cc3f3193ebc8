"""Articles: how-to knowledge about city services, with every earlier version, their pictures and their translations."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import F, GeneratedField
from django.utils.translation import gettext_lazy as _

from openline.files.models import File
from openline.foundation.ids import uuid7


class ArticleState(models.TextChoices):
    """Who sees an article."""

    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Article(models.Model):
    """One article, answer first. `service_code` names the service that it explains, if any.

    `who`, `when`, `how` and `cost` are short facts that stand above the body; `areas` the codes of the areas for which
    it is true (none: the whole city); `links` a list of {"label", "url"}. `safe`: it may be sent as an answer by a
    machine. `review_on` is when its owner looks at it again, `expires_on` the first day on which it is shown no more.
    `translation_of` is the article in the city's first language of which it is the translation; `translated_version`
    which version of that one it renders. `worded_in` is the version in which its own words last changed.
    `imported_from` is where an import found it ("" if it was written here): by that the same import finds it again.
    """

    slug = models.SlugField(max_length=120, unique=True)
    title = models.CharField(max_length=200)
    body = models.TextField(help_text="Markdown")
    service_code = models.CharField(max_length=60, blank=True)
    keywords = models.TextField(blank=True)
    areas = models.JSONField(default=list)
    language = models.CharField(max_length=20, default="en")
    source = models.URLField(max_length=500, blank=True)
    reviewed_on = models.DateField(null=True)
    state = models.CharField(max_length=10, choices=ArticleState.choices, default=ArticleState.PUBLISHED)
    who = models.CharField(max_length=500, blank=True)
    when = models.CharField(max_length=500, blank=True)
    how = models.CharField(max_length=500, blank=True)
    cost = models.CharField(max_length=500, blank=True)
    links = models.JSONField(default=list)
    owner = models.CharField(max_length=200, blank=True)
    review_on = models.DateField(null=True)
    expires_on = models.DateField(null=True)
    safe = models.BooleanField(default=False)
    translation_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="translations")
    translated_version = models.PositiveIntegerField(null=True)
    version = models.PositiveIntegerField(default=1)
    worded_in = models.PositiveIntegerField(default=1)
    imported_from = models.CharField(max_length=500, blank=True)
    published_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(auto_now=True)
    search = GeneratedField(
        expression=SearchVector(F("title"), weight="A", config="english")
        + SearchVector(F("keywords"), weight="A", config="english")
        + SearchVector(F("body"), weight="C", config="english"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        indexes = [GinIndex(fields=["search"], name="article_search")]
        constraints = [
            models.UniqueConstraint(
                fields=["imported_from"], name="article_imported_once", condition=~models.Q(imported_from="")
            )
        ]

    def __str__(self) -> str:
        return self.title


class FormerSlug(models.Model):
    """An address under which an article stood before; it leads on to the present one."""

    slug = models.SlugField(max_length=120, primary_key=True)
    article = models.ForeignKey(Article, models.CASCADE, related_name="former_slugs")

    def __str__(self) -> str:
        return self.slug


class ArticleVersion(models.Model):
    """An article as it stood, whole (`content`: its fields by name), with who made it so and why."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    article = models.ForeignKey(Article, models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    content = models.JSONField()
    note = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["article", "number"], name="article_version_once")]

    def __str__(self) -> str:
        return f"version {self.number} of {self.article_id}"


class ArticleMedia(models.Model):
    """A picture or film of an article; `alt` for who cannot see it, `captions` the spoken words as WebVTT."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    article = models.ForeignKey(Article, models.PROTECT, related_name="media")
    file = models.ForeignKey(File, models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)
    alt = models.CharField(max_length=1500, blank=True)
    caption = models.CharField(max_length=500, blank=True)
    captions = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["article", "file"], name="article_media_once")]

    def __str__(self) -> str:
        return f"{self.file_id} of {self.article_id}"


class Lookup(models.Model):
    """A fact that depends on the place, such as the trash day: what it is called, and what residents ask for.

    In an article it stands as `{{ code }}`. `layer` names the areas by which it is told apart.
    """

    code = models.SlugField(max_length=60, primary_key=True)
    name = models.CharField(max_length=200)
    layer = models.CharField(max_length=60, blank=True)
    articles = models.ManyToManyField(Article, related_name="lookups", blank=True)

    def __str__(self) -> str:
        return self.name


class Fact(models.Model):
    """What a lookup says in one area."""

    lookup = models.ForeignKey(Lookup, models.CASCADE, related_name="facts", db_index=False)
    area = models.CharField(max_length=100)
    value = models.CharField(max_length=500)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lookup", "area"], name="fact_once")]

    def __str__(self) -> str:
        return f"{self.lookup_id} in {self.area}: {self.value}"


from openline.knowledge.asked import *  # noqa: E402, F403  (what was asked: models of the same room)
