"""Markdown, as people here write it, to HTML that may stand on a page: no raw HTML in, and sanitised on the way out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import urljoin

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

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
_SCHEMES = {"https", "http", "tel", "mailto"}
_HEADINGS = {"h1": "h2", "h5": "h4", "h6": "h4"}
"""The page itself has the one h1; there are no more than three levels below it."""
_PLACEHOLDER = re.compile(r"\{\{\s*([a-z0-9_-]{1,60})\s*\}\}")
_reader = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")


def html_of(text: str, facts: Mapping[str, str] | None = None, base: str = "") -> SafeString:
    """The Markdown `text` as sanitised HTML.

    `facts`: what stands in the place of `{{ code }}`, by code (one that is not known stays as it is written). `base`:
    the address against which relative links are made whole ("": they stay relative).
    """
    tokens = _reader.parse(text)
    _mend(tokens, facts or {}, base)
    return sanitised(_reader.renderer.render(tokens, _reader.options, {}))


def sanitised(html: str) -> SafeString:
    """Only what a text needs: no script, no style, no frame, no picture."""
    return mark_safe(nh3.clean(html, tags=_TAGS, url_schemes=_SCHEMES))  # noqa: S308


def _mend(tokens: Iterable[Token], facts: Mapping[str, str], base: str) -> None:
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = _HEADINGS.get(token.tag, token.tag)
        if token.type == "link_open" and base:
            token.attrSet("href", urljoin(base, str(token.attrGet("href") or "")))
        if token.type == "text":
            token.content = fill(token.content, facts)
        _mend(token.children or (), facts, base)


def fill(text: str, facts: Mapping[str, str]) -> str:
    """`text` with the facts in the place of their codes."""
    return _PLACEHOLDER.sub(lambda found: facts.get(found[1], found[0]), text)


def codes_in(text: str) -> list[str]:
    """The codes of the facts that `text` asks for, each once, in its order."""
    return list(dict.fromkeys(_PLACEHOLDER.findall(text)))


def first_paragraph(text: str) -> str:
    """The first paragraph that stands in no list or quotation, without markup; "" if there is none."""
    tokens = _reader.parse(text)
    inside = (tokens[n + 1] for n, one in enumerate(tokens) if one.type == "paragraph_open" and one.level == 0)
    first = next(inside, None)
    return _plain(first.children or ()) if first else ""


def steps_of(text: str) -> list[str]:
    """The parts of the first numbered list that stands in no other one, each without markup."""
    steps: list[str] = []
    inside = False
    for token in _reader.parse(text):
        if token.level == 0 and token.type in ("ordered_list_open", "ordered_list_close"):
            if inside:
                break
            inside = True
        elif inside and token.type == "list_item_open" and token.level == 1:
            steps.append("")
        elif inside and token.type == "inline" and steps:
            steps[-1] = f"{steps[-1]} {_plain(token.children or ())}".strip()
    return steps


def questions_of(text: str) -> list[tuple[str, str]]:
    """Headings that ask, each with the words below it up to the next heading, without markup."""
    found: list[tuple[str, list[str]]] = []
    heading = False
    for token in _reader.parse(text):
        heading = token.type == "heading_open" or (heading and token.type != "heading_close")
        if token.type == "inline":
            words = _plain(token.children or ())
            if heading:
                found.append((words, []))
            elif found:
                found[-1][1].append(words)
    return [(asked, " ".join(said)) for asked, said in found if asked.rstrip().endswith(("?", "？", "؟")) and said]


def _plain(tokens: Iterable[Token]) -> str:
    """Inline tokens as text; a line break is a space, a picture nothing."""
    breaks = ("softbreak", "hardbreak")
    return "".join(" " if one.type in breaks else one.content for one in tokens if one.type != "image")
