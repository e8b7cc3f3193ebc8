"""Articles: how-to knowledge about city services."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import F, GeneratedField


class Article(models.Model):
    """One article, answer first. `service_code` names the service that it explains, if any."""

    slug = models.SlugField(max_length=120, unique=True)
    title = models.CharField(max_length=200)
    body = models.TextField(help_text="Markdown")
    service_code = models.CharField(max_length=60, blank=True)
    keywords = models.TextField(blank=True)
    areas = models.JSONField(default=list)
    language = models.CharField(max_length=20, default="en")
    source = models.URLField(max_length=500, blank=True)
    reviewed_on = models.DateField(null=True)
    search = GeneratedField(
        expression=SearchVector(F("title"), weight="A", config="english")
        + SearchVector(F("keywords"), weight="A", config="english")
        + SearchVector(F("body"), weight="C", config="english"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        indexes = [GinIndex(fields=["search"], name="article_search")]

    def __str__(self) -> str:
        return self.title
