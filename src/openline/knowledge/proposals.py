"""Answers to questions: the passages that fit best, each with a short text that can be sent as it is, and how sure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from django.conf import settings

from openline.foundation.text import shorten
from openline.knowledge import facts, meaning
from openline.knowledge.confidence import weights
from openline.knowledge.library import Library, library, short
from openline.knowledge.matching import Asked, Matcher
from openline.knowledge.models import Article
from openline.knowledge.passages import Passage, passages

MOST = 3
LEAST = 0.05
"""Below this confidence an article shares a word with the question by chance."""
BESIDE_THE_BEST = 0.15
"""An article with less than this share of the best one's confidence is noise beside it."""
OTHER_LANGUAGE = 0.6
SURE = 0.5
"""From this confidence on, articles in other languages than the resident's are not looked at."""
ANSWER_LIMIT = 380
"""Characters of a proposed answer without its link: it fits every network that we speak."""
_TEXT_LIMIT = 2000
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True, slots=True)
class Ask:
    """A question: `services` are the codes that triage found, a hint and no more.

    `areas` are the codes of the areas in which the resident's place lies, None if no place is known.
    """

    text: str
    language: str = ""
    services: tuple[str, ...] = ()
    areas: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """An article, how sure it is that it answers (0 to 1, calibrated), and the text to send.

    `lacks_place`: the answer depends on a place, and none is known.
    """

    article: Article
    score: float
    answer: str
    passage: Passage = Passage("", "")
    lacks_place: bool = False
    text: str = ""

    def short(self, limit: int) -> str:
        """The answer with at most `limit` characters before its source."""
        return _with_source(fit(self.text, limit), self.article)


def propose(
    text: str, language: str = "", services: Collection[str] = (), areas: Collection[str] | None = None
) -> list[Proposal]:
    """At most three answers to the question `text`, best first; none if no article fits."""
    return propose_all([Ask(text, language, tuple(services), tuple(areas) if areas is not None else None)])[0]


def propose_all(asks: Sequence[Ask]) -> list[list[Proposal]]:
    """The same for many questions: two queries for all of them, and one more where a fact of the place is named."""
    if not asks:
        return []
    books = library()
    encoder = meaning.encoder() if books.meanings else None
    ranks = books.ranks.of([(ask.text[:_TEXT_LIMIT], list(books.matchers)) for ask in asks])
    vectors = encoder.vectors([ask.text[:_TEXT_LIMIT] for ask in asks]) if encoder else None
    found = []
    for number, (ask, rank) in enumerate(zip(asks, ranks, strict=True)):
        near = books.meanings.near(vectors[number]) if books.meanings and vectors is not None else {}
        found.append(_best(_chances(books, ask, rank, near), books, ask))
    return _with_facts(found, asks)


def _chances(
    books: Library, ask: Ask, ranks: dict[int, float], near: dict[int, float]
) -> Iterator[tuple[float, int, Matcher, Asked]]:
    """The chance of each article that may answer, the resident's language first; others only if that has nothing."""
    language, best = _language(books, ask), 0.0
    learnt = weights(bool(near))
    for name in books.languages(language):
        if best >= SURE:
            return
        matcher = books.matchers[name]
        asked = matcher.read(ask.text[:_TEXT_LIMIT])
        rows = matcher.rows(asked, ranks, near, ask.services)
        for key, chance in learnt.chances(asked, rows).items():
            if _true_there(books.articles[key], ask.areas):
                share = chance if name == language else chance * OTHER_LANGUAGE
                best = max(best, share)
                yield share, key, matcher, asked


def _language(books: Library, ask: Ask) -> str:
    """The language of the question; where it is not known, the city's own."""
    language = short(ask.language)
    return language if language not in ("", "und") else settings.LANGUAGE_CODE.split("-")[0]


def _true_there(article: Article, areas: Collection[str] | None) -> bool:
    """Whether an article may hold for the resident's place; where no place is known it may."""
    return not article.areas or areas is None or bool(set(article.areas) & set(areas))


def _best(chances: Iterator[tuple[float, int, Matcher, Asked]], books: Library, ask: Ask) -> list[Proposal]:
    scored = sorted(chances, key=lambda found: (-found[0], books.articles[found[1]].slug))
    least = max([LEAST, *(found[0] * BESIDE_THE_BEST for found in scored[:1])])
    best: dict[int, Proposal] = {}
    for chance, key, matcher, asked in scored:
        if chance < least or len(best) == MOST:
            break
        article = books.in_language(books.articles[key], _language(books, ask))
        passage = matcher.passage(key, asked) if article.pk == key else _first(article)
        best.setdefault(article.pk, Proposal(article, chance, "", passage))
    return list(best.values())


def _with_facts(found: list[list[Proposal]], asks: Sequence[Ask]) -> list[list[Proposal]]:
    """The proposals with their texts, the facts of the place filled in."""
    known = facts.for_texts(proposal.passage.text for one in found for proposal in one)
    return [[_told(proposal, known, ask.areas) for proposal in one] for one, ask in zip(found, asks, strict=True)]


def _told(proposal: Proposal, known: facts.Facts, areas: tuple[str, ...] | None) -> Proposal:
    filled = facts.fill(proposal.passage.text, known, areas)
    text = _with_source(fit(filled.text, ANSWER_LIMIT), proposal.article)
    return Proposal(proposal.article, proposal.score, text, proposal.passage, filled.lacks_place, filled.text)


def _first(article: Article) -> Passage:
    return next(iter(passages(article.body)), Passage("", ""))


def answer_of(article: Article, areas: Collection[str] | None = None) -> str:
    """The first passage of the article (they are written answer first) as plain text, with its source."""
    first = _first(article).text
    return _with_source(fit(facts.fill(first, facts.for_texts([first]), areas).text, ANSWER_LIMIT), article)


def _with_source(text: str, article: Article) -> str:
    return f"{text} {article.source}".strip() if article.source else text


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
