"""The articles that may answer, by language, in memory; read anew when one was added, changed, expired or removed."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from openline.foundation.bulk import query
from openline.knowledge import meaning
from openline.knowledge.fulltext import Ranks
from openline.knowledge.matching import Entry, Matcher
from openline.knowledge.meaning import Meanings
from openline.knowledge.models import Article, ArticleState
from openline.knowledge.passages import passages

_VERSION = "SELECT count(*), sum(hashtext(xmin::text || ctid::text)) FROM knowledge_article"
"""Every version of a row has its own place and transaction in PostgreSQL: no column has to be kept."""


@dataclass(frozen=True, slots=True)
class Library:
    """All published articles that have not expired."""

    articles: Mapping[int, Article]
    matchers: Mapping[str, Matcher]
    ranks: Ranks
    meanings: Meanings | None

    def languages(self, first: str) -> list[str]:
        """The languages of the articles, `first` before the others."""
        return sorted(self.matchers, key=lambda language: (language != first, language))

    def in_language(self, article: Article, language: str) -> Article:
        """The translation of `article` into `language` if there is one, else itself."""
        if short(article.language) == language:
            return article
        origin = article.translation_of_id or article.pk
        for other in self.articles.values():
            if short(other.language) == language and origin in (other.translation_of_id, other.pk):
                return other
        return article


_lock = threading.Lock()
_known: tuple[object, Library] | None = None


def short(language: str) -> str:
    """ "es" for "es-MX"."""
    return (language or "").split("-")[0]


def library() -> Library:
    """The library as it is now. One query, if nothing changed."""
    global _known
    encoder = meaning.encoder()
    version = (query(_VERSION)[0], timezone.localdate(), encoder.checksum if encoder else "")
    with _lock:
        if _known is None or _known[0] != version:
            _known = (version, _load(timezone.localdate(), _known[1].meanings if _known else None))
        return _known[1]


def _load(day: date, before: Meanings | None) -> Library:
    published = Article.objects.filter(state=ArticleState.PUBLISHED).exclude(expires_on__lte=day).defer("search")
    articles = {article.pk: article for article in published.order_by("slug")}
    encoder = meaning.encoder()
    texts = {key: _texts(article) for key, article in articles.items()} if encoder else {}
    return Library(
        articles,
        {
            language: _matcher(articles.values(), language)
            for language in {short(a.language) for a in articles.values()}
        },
        Ranks(list(articles)),
        Meanings(encoder, texts, before) if encoder and texts else None,
    )


def _matcher(articles: Collection[Article], language: str) -> Matcher:
    return Matcher(
        [
            Entry(a.pk, a.title, a.keywords, f"{a.body}\n\n{a.who}\n\n{a.when}\n\n{a.how}\n\n{a.cost}", a.service_code)
            for a in articles
            if short(a.language) == language
        ]
    )


def _texts(article: Article) -> list[str]:
    """What of an article is read for its meaning."""
    first = next((part.text for part in passages(article.body)), "")
    return [f"{article.title}. {article.keywords.replace(';', ',')}", f"{article.title}. {first}"]
