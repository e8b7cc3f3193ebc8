"""Answers to questions: the articles that fit best, each with a short text that can be sent as it is."""

from __future__ import annotations

import re
import threading
from collections.abc import Collection
from dataclasses import dataclass

from openline.foundation.bulk import query
from openline.foundation.text import shorten
from openline.knowledge.index import Index, Text
from openline.knowledge.models import Article

MOST = 3
LEAST = 0.2
"""Below this score an article shares a word with the question by chance."""
BESIDE_THE_BEST = 0.4
"""An article with less than this share of the best one's score is noise beside it."""
SAME_SERVICE = 1.15
OTHER_LANGUAGE = 0.6
ANSWER_LIMIT = 380
"""Characters of a proposed answer without its link: it fits every network that we speak."""
_TEXT_LIMIT = 2000
_MARKUP = re.compile(r"(\*\*|__|`|^#+\s*|^>\s?)", re.M)
_LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")

_lock = threading.Lock()
_known: tuple[object, Index, dict[int, Article]] | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """An article, how well it fits (0 to about 1), and the text to send."""

    article: Article
    score: float
    answer: str


def propose(text: str, language: str = "", services: Collection[str] = ()) -> list[Proposal]:
    """At most three answers to the question `text`, best first; none if no article fits.

    `language` is the question's; `services` are the codes that triage found, a hint and no more.
    """
    index, articles = _index()
    short = (language or "en").split("-")[0]
    scored = [
        (score * _fit(articles[key], short, services), articles[key])
        for key, score in index.scores(text[:_TEXT_LIMIT]).items()
    ]
    least = max([LEAST, *(score * BESIDE_THE_BEST for score, _article in scored)])
    best = sorted((found for found in scored if found[0] >= least), key=lambda found: (-found[0], found[1].slug))
    return [Proposal(article, score, answer_of(article)) for score, article in best[:MOST]]


def _fit(article: Article, language: str, services: Collection[str]) -> float:
    """What speaks for or against an article besides its words."""
    service = SAME_SERVICE if article.service_code and article.service_code in services else 1.0
    return service * (1.0 if article.language.split("-")[0] == language else OTHER_LANGUAGE)


def _index() -> tuple[Index, dict[int, Article]]:
    """The index of all articles; built again when one was added, changed or removed.

    Every version of a row has its own place and transaction in PostgreSQL (`ctid`, `xmin`): no column has to be kept.
    """
    global _known
    version = query("SELECT count(*), sum(hashtext(xmin::text || ctid::text)) FROM knowledge_article")[0]
    with _lock:
        if _known is None or _known[0] != version:
            articles = {article.pk: article for article in Article.objects.defer("search")}
            texts = [Text(key, a.title, a.keywords, a.body) for key, a in articles.items()]
            _known = (version, Index(texts), articles)
        return _known[1], _known[2]


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
