"""PostgreSQL's full text over the passages of articles, each in the configuration of its language."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from openline.foundation.bulk import array, query
from openline.knowledge.passages import passages

_CONFIGURATIONS = {
    "ar": "arabic", "de": "german", "en": "english", "es": "spanish", "fr": "french", "it": "italian",
    "nl": "dutch", "pt": "portuguese", "ru": "russian",
}  # fmt: skip
_MOST_WORDS = 60
_WRITE = """
INSERT INTO knowledge_articlepassage (article_id, number, heading, text, search)
SELECT %s, p.number, p.heading, p.text,
       setweight(to_tsvector(%s::regconfig, p.heading), 'A') || setweight(to_tsvector(%s::regconfig, p.text), 'C')
FROM unnest(%s::int[], %s::text[], %s::text[]) AS p(number, heading, text)
"""
_RANK = """
WITH q AS MATERIALIZED (  -- else each question is taken apart again for every passage that it is held against
    SELECT a.number, replace(plainto_tsquery(a.config::regconfig, a.text)::text, '&', '|')::tsquery AS words
    FROM unnest(%s::int[], %s::text[], %s::text[]) AS a(number, config, text))
SELECT q.number, p.article_id, max(ts_rank(p.search, q.words))
FROM q JOIN knowledge_articlepassage p ON p.search @@ q.words
GROUP BY q.number, p.article_id
"""


def configuration(language: str) -> str:
    """PostgreSQL's text search configuration for `language`; words as they are where it has none."""
    return _CONFIGURATIONS.get((language or "").split("-")[0], "simple")


def write(article: Any) -> None:
    """Write the passages of `article` anew: its title with the ways of asking, then each part."""
    query("DELETE FROM knowledge_articlepassage WHERE article_id = %s RETURNING number", [article.pk])
    found = passages(article.body)
    rows = [(0, article.title, article.keywords)]
    rows += [(number, part.heading, part.text) for number, part in enumerate(found, 1)]
    config = configuration(article.language)
    numbers, headings, texts = (array(column) for column in zip(*rows, strict=True))
    query(_WRITE + " RETURNING number", [article.pk, config, config, numbers, headings, texts])


def ranks(questions: Sequence[tuple[str, Collection[str]]]) -> list[dict[int, float]]:
    """For each question (its text, the languages to look in): articles with their rank, the best one 1. One query."""
    asked = [
        (number, configuration(language), " ".join(text.split()[:_MOST_WORDS]).replace("\0", ""))
        for number, (text, languages) in enumerate(questions)
        for language in languages
    ]
    found: list[dict[int, float]] = [{} for _ in questions]
    if not asked:
        return found
    for number, article, rank in query(_RANK, [array(column) for column in zip(*asked, strict=True)]):
        found[number][article] = max(found[number].get(article, 0.0), float(rank))
    best = [max(one.values(), default=0.0) for one in found]
    return [{key: rank / most for key, rank in one.items()} for one, most in zip(found, best, strict=True)]
