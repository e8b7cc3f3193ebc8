"""Finding articles: what the public may read, and what its editors look after."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from django.contrib.postgres.search import SearchQuery, SearchRank, TrigramWordSimilarity
from django.db.models import F, Q, QuerySet, TextField
from django.db.models.expressions import Value
from django.db.models.functions import Concat
from django.utils import timezone

from openline.knowledge.models import Article, ArticleState

MOST_FOUND = 50
"""So many articles a search shows."""
_ALIKE = 0.45
"""From here on a word is a slip of the pen for one of the title or the keywords."""
_QUERY_LIMIT = 200
SOON = timedelta(days=30)
"""What expires within so long is told of."""


def public(today: date | None = None) -> QuerySet[Article]:
    """What everybody may read: published and not expired. `today` is the city's day."""
    alive = Q(expires_on=None) | Q(expires_on__gt=today or timezone.localdate())
    return Article.objects.filter(alive, state=ArticleState.PUBLISHED).defer("search")


def search(found: QuerySet[Article], text: str) -> Sequence[Article]:
    """The best of `found` for `text`, best first: all its words, else any of them, else titles spelt alike."""
    words = re.findall(r"\w+", text[:_QUERY_LIMIT])
    if not words:
        return []
    for joined in (" ".join(words), " OR ".join(words)):
        asked = SearchQuery(joined, config="english", search_type="websearch")
        ranked = found.filter(search=asked).annotate(rank=SearchRank(F("search"), asked))
        if best := list(ranked.order_by("-rank", "title", "pk")[:MOST_FOUND]):
            return best
    alike = TrigramWordSimilarity(" ".join(words), Concat("title", Value(" "), "keywords", output_field=TextField()))
    return list(found.annotate(rank=alike).filter(rank__gte=_ALIKE).order_by("-rank", "title", "pk")[:MOST_FOUND])


def in_area(found: QuerySet[Article], area: str) -> QuerySet[Article]:
    """Those that are true in `area`: of the whole city, or of this area."""
    return found.filter(Q(areas=[]) | Q(areas__contains=[area]))


def after(found: QuerySet[Article], key: tuple[str, int] | None) -> QuerySet[Article]:
    """`found` by title, from behind the row with `key` (its title and id)."""
    if key:
        found = found.filter(Q(title__gt=key[0]) | Q(title=key[0], pk__gt=key[1]))
    return found.order_by("title", "pk")


def translations(article: Article, among: QuerySet[Article]) -> list[Article]:
    """The same article in other languages, as far as it is `among` those."""
    root = article.translation_of_id or article.pk
    return list(among.filter(Q(pk=root) | Q(translation_of=root)).exclude(pk=article.pk).order_by("language"))


def is_stale(article: Article) -> bool:
    """Whether the words of its original changed since this translation was made."""
    original = article.translation_of
    return original is not None and original.worded_in > (article.translated_version or 0)


class Filters(NamedTuple):
    """What the editors' list is narrowed by; empty: not at all. `without`: a language that it lacks."""

    q: str = ""
    state: str = ""
    owner: str = ""
    service: str = ""
    language: str = ""
    due: str = ""
    without: str = ""


DUE = ("review", "expired", "expiring", "stale")


def chosen(filters: Filters, today: date | None = None) -> QuerySet[Article]:
    """The articles that fit all of `filters` but its words."""
    named = {
        "state": filters.state,
        "owner": filters.owner,
        "service_code": filters.service,
        "language": filters.language,
    }
    found = Article.objects.filter(**{name: value for name, value in named.items() if value}).defer("search")
    if filters.due in DUE:
        found = found.filter(_due(filters.due, today or timezone.localdate()))
    if filters.without:
        in_it = Article.objects.filter(language=filters.without)
        found = found.filter(translation_of=None).exclude(language=filters.without)
        found = found.exclude(pk__in=in_it.filter(translation_of__isnull=False).values("translation_of"))
    return found


def _due(what: str, today: date) -> Q:
    """What somebody has to look at, by the reason."""
    published = Q(state=ArticleState.PUBLISHED)
    alive = Q(expires_on=None) | Q(expires_on__gt=today)
    stale = Q(translation_of__worded_in__gt=F("translated_version")) | Q(
        translation_of__isnull=False, translated_version=None
    )
    return {
        "review": published & alive & Q(review_on__lte=today),
        "expired": published & Q(expires_on__lte=today),
        "expiring": published & Q(expires_on__gt=today, expires_on__lte=today + SOON),
        "stale": ~Q(state=ArticleState.WITHDRAWN) & stale,
    }[what]


def due(today: date | None = None) -> dict[str, list[Article]]:
    """All that somebody has to look at, by the reason (`DUE`), the longest due first."""
    day = today or timezone.localdate()
    return {
        what: list(Article.objects.filter(_due(what, day)).defer("search", "body").order_by("review_on", "slug"))
        for what in DUE
    }
