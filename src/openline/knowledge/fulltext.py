"""PostgreSQL's full text over the passages of articles, each in the configuration of its language."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from openline.foundation.bulk import array, query
from openline.knowledge.passages import passages
from openline.knowledge.postings import Floats, Postings

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
_POSTINGS = """
SELECT p.article_id, p.number, w.lexeme, w.weights
FROM knowledge_articlepassage p, unnest(p.search) AS w(lexeme, positions, weights)
WHERE p.article_id = ANY(%s) ORDER BY p.article_id, p.number
"""
_LEXEMES = """
SELECT tsvector_to_array(to_tsvector(a.config::regconfig, a.text))
FROM unnest(%s::text[], %s::text[]) WITH ORDINALITY AS a(config, text, number) ORDER BY a.number
"""
_WEIGHT = {"A": 1.0, "B": 0.4, "C": 0.2, "D": 0.1}
_SQUARES = np.pi**2 / 6
"""What the sum of 1/n^2 tends to."""


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


class Ranks:
    """The passages of `articles` as PostgreSQL's ts_rank sees them: what each lexeme adds to the rank of each passage.

    That is all there is to a rank by any of the words (`calc_rank_or` in its source), so that a question is a sum of a
    few short rows, where PostgreSQL would hold every passage against every question.
    """

    def __init__(self, articles: Sequence[int]) -> None:
        """Reads the passages, in one query."""
        numbers: dict[tuple[int, int], int] = {}
        rows: dict[str, list[tuple[int, float]]] = {}
        for article, number, lexeme, letters in query(_POSTINGS, [list(articles)]):
            passage = numbers.setdefault((article, number), len(numbers))
            rows.setdefault(lexeme, []).append((passage, _share(letters)))
        self._adds = Postings(rows)
        of = np.array([article for article, _ in numbers], np.int64)
        self._passages = len(of)
        self._starts = np.flatnonzero(np.diff(of, prepend=-1))
        self._articles = of[self._starts]

    def of(self, questions: Sequence[tuple[str, Collection[str]]]) -> list[dict[int, float]]:
        """For each question (its text, the languages to look in): articles with their rank, the best 1. One query."""
        asked = [
            (number, configuration(language), " ".join(text.split()[:_MOST_WORDS]).replace("\0", ""))
            for number, (text, languages) in enumerate(questions)
            for language in languages
        ]
        ranks = np.zeros((len(questions), len(self._articles)))
        if asked and self._passages:
            numbers, configurations, texts = zip(*asked, strict=True)
            for number, (lexemes,) in zip(numbers, query(_LEXEMES, [array(configurations), array(texts)]), strict=True):
                ranks[number] = np.maximum(ranks[number], self._ranked(lexemes))
        return [self._named(row) for row in ranks]

    def _ranked(self, lexemes: Sequence[str]) -> Floats:
        """Of each article the rank of its best passage; 0 if it has none of `lexemes`."""
        rows = [found for lexeme in lexemes if (found := self._adds.get(lexeme))]
        if not rows:
            return np.zeros(len(self._articles))
        passages, shares = (np.concatenate(column) for column in zip(*rows, strict=True))
        ranks = np.bincount(passages, shares, self._passages) / len(lexemes)
        return np.maximum.reduceat(ranks, self._starts)

    def _named(self, ranks: Floats) -> dict[int, float]:
        """The articles that have a rank, the best one 1."""
        some = np.flatnonzero(ranks)
        shares = ranks[some] / ranks.max() if len(some) else ranks[some]
        return dict(zip(self._articles[some].tolist(), shares.tolist(), strict=True))


def _share(letters: Sequence[str]) -> float:
    """What a lexeme that stands in a passage with these weights, in their order, adds to its rank."""
    worth = [_WEIGHT[letter] for letter in letters]
    total = sum(one / (n + 1) ** 2 for n, one in enumerate(worth))
    first = worth.index(max(worth))
    return float((worth[first] + total - worth[first] / (first + 1) ** 2) / _SQUARES)
