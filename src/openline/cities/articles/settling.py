"""The articles of a city's own files: published as they stand there. All of them in a handful of statements."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from openline.cities.articles.found import Found
from openline.knowledge.content import WORDS, content_of
from openline.knowledge.events import ArticleChanged, changed
from openline.knowledge.models import Article, ArticleState, ArticleVersion
from openline.knowledge.writing import REVIEW_DAYS
from openline.records import log
from openline.records.models import Kind


def settle(found: Iterable[Found], note: str) -> int:
    """Publish these articles, in the transaction of the caller; what is so already stays. Returns how many changed.

    An article that was changed by hand becomes as the files say; its history keeps what it was.
    """
    wanted = {str(one.values["slug"]): one for one in found}
    there = {article.slug: article for article in Article.objects.filter(slug__in=wanted).defer("search")}
    touched = [article for slug, one in wanted.items() if (article := _article(there.get(slug), one)) is not None]
    _tie(touched, wanted)
    _keep(touched, note)
    for article in touched:
        changed.publish(ArticleChanged(article, "changed" if article.version > 1 else "published"))
    return len(touched)


def _article(there: Article | None, found: Found) -> Article | None:
    """The article to save; None if it is as the file says."""
    values: dict[str, Any] = {name: value for name, value in found.values.items() if name != "media"}
    values |= {"state": ArticleState.PUBLISHED, "reviewed_on": found.reviewed_on}
    if found.reviewed_on and not values.get("review_on"):
        values["review_on"] = found.reviewed_on + timedelta(days=REVIEW_DAYS)
    article = there or Article(version=0)
    differing = {name for name, value in values.items() if there is None or getattr(there, name) != value}
    if not differing:
        return None
    for name, value in values.items():
        setattr(article, name, value)
    article.version += 1
    if not differing.isdisjoint(WORDS):
        article.worded_in = article.version
    article.published_at = article.published_at or timezone.now()
    article.save()
    return article


def _tie(touched: Iterable[Article], wanted: dict[str, Found]) -> None:
    """Tie translations to the articles that their files name."""
    named = {article: wanted[article.slug].translation_of for article in touched if wanted[article.slug].translation_of}
    originals = {one.slug: one for one in Article.objects.filter(slug__in=named.values(), translation_of=None)}
    for article, slug in named.items():
        original = originals.get(slug)
        if original and original.language != article.language:
            article.translation_of, article.translated_version = original, original.version
            article.save(update_fields=["translation_of", "translated_version"])


def _keep(touched: list[Article], note: str) -> None:
    """Their versions, and one record for all of them."""
    now = timezone.now()
    ArticleVersion.objects.bulk_create(
        ArticleVersion(article=one, number=one.version, content=content_of(one), note=note[:300], at=now)
        for one in touched
    )
    if touched:
        body = {"what": "articles loaded", "articles": [one.slug for one in touched], "note": note}
        log.write([log.Entry(Kind.CHANGED, "openline", body=body)])
