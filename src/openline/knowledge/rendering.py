"""Articles as a blog has them, and what of them stands beside the text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from typing import NamedTuple
from urllib.parse import urljoin

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from openline.foundation.markdown import first_paragraph, html_of, sanitised
from openline.foundation.text import shorten
from openline.knowledge.facts import fill
from openline.knowledge.models import Article

EXCERPT, MOST_TAGS = 280, 8
FACTS: dict[str, str | Promise] = {
    "who": gettext_lazy("Who it is for"),
    "when": gettext_lazy("When"),
    "how": gettext_lazy("How"),
    "cost": gettext_lazy("What it costs"),
}
"""The short facts and what stands before each."""


class Blog(NamedTuple):
    """An article as a blog has it. `html` is sanitised, its links are absolute."""

    title: str
    html: str
    excerpt: str
    tags: tuple[str, ...]


def excerpt_of(article: Article, limit: int = EXCERPT) -> str:
    """The first paragraph as plain text, without what depends on the place: articles are written answer first."""
    return shorten(fill(first_paragraph(article.body), {}, ()).text, limit)


def facts_of(article: Article) -> list[tuple[str, str]]:
    """The short facts that the article has, each with what stands before it, in the article's language."""
    with translation.override(locale_of(article.language)):
        return [(str(label), getattr(article, name)) for name, label in FACTS.items() if getattr(article, name)]


def locale_of(language: str) -> str:
    """The catalogue of Django in which texts for readers of `language` stand."""
    return "zh-hans" if language.split("-")[0] == "zh" else language


def address_of(slug: str) -> str:
    """An article's public address (the portal serves it; rooms know no face)."""
    return f"{settings.PUBLIC_URL}/articles/{slug}/"


def as_blog(article: Article, facts: Mapping[str, str] | None = None) -> Blog:
    """The article as a blog post: short facts, text, links. Reads nothing but the article itself."""
    base = address_of(article.slug)
    parts = [_facts_html(article), html_of(article.body, facts, base), _links_html(article, base)]
    tags = dict.fromkeys(tag.strip() for tag in re.split(r"[;,\n]", article.keywords) if tag.strip())
    html = sanitised("\n".join(part for part in parts if part))
    return Blog(article.title, str(html), excerpt_of(article), tuple(tags)[:MOST_TAGS])


def _facts_html(article: Article) -> str:
    return _list([f"<strong>{escape(label)}:</strong> {escape(words)}" for label, words in facts_of(article)])


def _links_html(article: Article, base: str) -> str:
    links = [(urljoin(base, link["url"]), link["label"]) for link in article.links]
    return _list([f'<a href="{escape(url)}">{escape(label)}</a>' for url, label in links])


def _list(rows: list[str]) -> str:
    return "\n".join(["<ul>", *(f"<li>{row}</li>" for row in rows), "</ul>"]) if rows else ""
