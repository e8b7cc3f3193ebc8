"""Markdown, as people here write it, to HTML that may stand on a page: no raw HTML in, and sanitised on the way out."""

from __future__ import annotations

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

_TAGS = {
    "p",
    "h2",
    "h3",
    "h4",
    "ul",
    "ol",
    "li",
    "a",
    "strong",
    "em",
    "code",
    "blockquote",
    "br",
    "hr",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
}
_reader = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")


def html_of(text: str) -> SafeString:
    """The Markdown `text` as sanitised HTML."""
    return mark_safe(nh3.clean(_reader.render(text), tags=_TAGS, url_schemes={"https", "http", "tel", "mailto"}))  # noqa: S308
