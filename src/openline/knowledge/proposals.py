"""Answers to questions: the articles that fit best, each with a short text that can be sent as it is."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import Case, F, FloatField, Q, QuerySet, Value, When

from openline.foundation.bulk import query
from openline.foundation.text import shorten
from openline.knowledge.models import Article

MOST = 3
LEAST_RANK = 0.05
"""Below this rank an article shares a common word with the question and no more."""
SAME_SERVICE = 0.5
SAME_LANGUAGE = 0.2
ANSWER_LIMIT = 380
"""Characters of a proposed answer without its link: it fits every network that we speak."""
_TEXT_LIMIT = 2000
_MARKUP = re.compile(r"(\*\*|__|`|^#+\s*|^>\s?)", re.M)
_LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True, slots=True)
class Proposal:
    """An article, how well it fits (rank, higher is better), and the text to send."""

    article: Article
    rank: float
    answer: str


def propose(text: str, language: str = "", services: Collection[str] = ()) -> list[Proposal]:
    """At most three answers to the question `text`, best first; none if no article fits.

    Full-text search in which any word may match and rare ones in title or keywords count most.
    `services` are the codes that triage found: an article about one of them comes first.
    """
    words = _any_word(text)
    if not words:
        return []
    short = (language or "en").split("-")[0]
    found = _ranked(words, short, services)[:MOST]
    return [Proposal(article, article.rank, answer_of(article)) for article in found]  # type: ignore[attr-defined]


def _any_word(text: str) -> str:
    """The stemmed words of `text` as a query in which any of them is enough; "" if it has none that count."""
    rows = query("SELECT replace(plainto_tsquery('english', %s)::text, ' & ', ' | ')", [text[:_TEXT_LIMIT]])
    return str(rows[0][0])


def _ranked(words: str, language: str, services: Collection[str]) -> QuerySet[Article]:
    matches = SearchQuery(words, search_type="raw", config="english")
    coverage = SearchRank(F("search"), matches, weights=[0.1, 0.2, 0.3, 1.0], normalization=Value(1))
    return (
        Article.objects.filter(Q(search=matches) | Q(service_code__in=list(services)))
        .annotate(words=coverage)
        .annotate(rank=F("words") + _bonus(Q(service_code__in=list(services)), SAME_SERVICE)
                  + _bonus(Q(language=language), SAME_LANGUAGE))
        .filter(Q(words__gte=LEAST_RANK) | Q(service_code__in=list(services)))
        .order_by("-rank", "slug")
    )


def _bonus(when: Q, points: float) -> Case:
    return Case(When(when, then=Value(points)), default=Value(0.0), output_field=FloatField())


def answer_of(article: Article) -> str:
    """The first paragraph of the article (they are written answer first) as plain text, with its source."""
    answer = fit(_plain(article.body), ANSWER_LIMIT)
    return f"{answer} {article.source}".strip() if article.source else answer


def _plain(markdown: str) -> str:
    """The first paragraph of `markdown` that is not a heading, without markup."""
    paragraphs = [part.strip() for part in re.split(r"\n\s*\n", markdown) if part.strip()]
    first = next((part for part in paragraphs if not part.startswith("#")), "")
    return " ".join(_MARKUP.sub("", _LINK.sub(r"\1 (\2)", first)).split())


def fit(text: str, limit: int) -> str:
    """`text` cut to whole sentences of at most `limit` characters; at a word if the first sentence is longer."""
    if len(text) <= limit:
        return text
    kept = ""
    for sentence in _SENTENCE_END.split(text):
        if len(kept) + len(sentence) + 1 > limit:
            break
        kept = f"{kept} {sentence}".strip()
    return kept or shorten(text, limit)


