"""A page elsewhere that links to one of the city's (W3C Webmention), read by its microformats.

The page was fetched and found to link before it came here. Who wrote it is only what its own site says, so the author
is known by that site: an author's address elsewhere is not believed. Nobody can be answered on another site, so a
mention is marked as automatic: people read it, no machine answers it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import nh3

from openline.channels.base import Incoming
from openline.channels.enclosing import Enclosed
from openline.channels.reading import Unreadable, moment, text, web_address
from openline.channels.text import text_of_html, too_deep

PREFIX = "mention."
MOST_TEXT = 5_000
_MOST_HTML = 300_000
_KINDS = {"in-reply-to": "reply", "like-of": "like", "repost-of": "repost", "bookmark-of": "bookmark"}
_WHOLE = nh3.Cleaner(
    tags={*"a abbr article b blockquote br data div em h1 h2 h3 header footer i img li main ol p section span strong "
          "time ul".split()},
    attributes={"*": {"class"}, "a": {"href", "rel"}, "img": {"src", "alt"}, "time": {"datetime"}, "data": {"value"}},
    clean_content_tags={"script", "style", "template"},
    link_rel=None,
)  # fmt: skip
"""What microformats need of a page, made whole: broken HTML costs Python's parsers a time without bounds."""


def identifier(source: str, target: str) -> str:
    """The id of what `source` says about `target`: one for each pair (Webmention, section 3.2)."""
    return PREFIX + hashlib.sha256(f"{source} {target}".encode()).hexdigest()[:32]


def read(head: dict[str, Any], files: list[Enclosed], raw: bytes) -> Incoming:
    """The mention; an edit if the page was read before, a deletion if it is gone. Raises Unreadable."""
    source, target = web_address(head, "source"), web_address(head, "target")
    if not source or not target:
        raise Unreadable("The mention has no source or no target.")
    known, page = identifier(source, target), files[0].content if files else b""
    day = text(head, "at")[:10]
    if head.get("gone"):
        return Incoming("delete", known, f"{known}.gone.{day}", raw, uri=source, url=source)
    entry = _entry(page.decode("utf-8", "replace"), source)
    said = _said(entry) or text(head, "title")
    author = _author(entry, source)
    again = bool(head.get("again"))
    return Incoming(
        "edit" if again else "post",
        known,
        f"{known}.{hashlib.sha256(page).hexdigest()[:16]}.{day}",
        raw,
        uri=f"{source}#{known}",
        text=said[:MOST_TEXT],
        author_id="" if again else author[0],
        author_handle=author[0].split("://")[-1].rstrip("/"),
        author_name=author[1],
        posted_at=moment(_first(entry, "published")) or moment(head.get("at")),
        url=source,
        automatic=True,
        facts={"mentions": _kind(entry, target), "target": target, "source": source},
    )


def _entry(html: str, source: str) -> dict[str, Any]:
    """The page's first h-entry (or h-event, ...) as microformats2 JSON; empty if it has none that can be read."""
    import mf2py  # type: ignore[import-untyped]
    from bs4 import BeautifulSoup

    if too_deep(html[:_MOST_HTML]):
        return {}
    try:
        page = BeautifulSoup(_WHOLE.clean(html[:_MOST_HTML]), "html.parser")
        found = mf2py.parse(doc=page, url=source)
    except Exception:  # of whatever a stranger's page breaks in there, nothing may leave
        return {}
    return next((one for one in _all(found.get("items", [])) if _is(one, "h-entry", "h-event", "h-review")), {})


def _all(items: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """All microformats, those inside a feed too."""
    for one in items if isinstance(items, list) and depth < 5 else ():
        if isinstance(one, dict):
            yield one
            yield from _all(one.get("children"), depth + 1)


def _is(one: dict[str, Any], *types: str) -> bool:
    return any(kind in types for kind in one.get("type", ()))


def _values(entry: dict[str, Any], name: str) -> list[Any]:
    properties = entry.get("properties")
    found = properties.get(name) if isinstance(properties, dict) else None
    return found if isinstance(found, list) else []


def _first(entry: dict[str, Any], name: str) -> str:
    """The first value of a property, as text."""
    for one in _values(entry, name):
        value = one.get("value") if isinstance(one, dict) else one
        if isinstance(value, str) and value.strip():
            return value.strip()
    return ""


def _said(entry: dict[str, Any]) -> str:
    """What the page says: the content, as text; else its summary or its name."""
    for one in _values(entry, "content"):
        if isinstance(one, dict) and isinstance(one.get("html"), str):
            return text_of_html(one["html"])
    return _first(entry, "content") or _first(entry, "summary") or _first(entry, "name")


def _author(entry: dict[str, Any], source: str) -> tuple[str, str]:
    """The author's address, if the page's own site has it, else that site; and the name that the page gives."""
    parts = urlsplit(source)
    site = f"{parts.scheme}://{parts.netloc}/"
    for one in _values(entry, "author"):
        if isinstance(one, str):
            return site, one[:200] if not one.startswith("http") else ""
        if isinstance(one, dict):
            own = [url for url in _values(one, "url") if isinstance(url, str) and url.startswith(site)]
            return (own[0] if own else site), (_first(one, "name") or str(one.get("value", "")))[:200]
    return site, ""


def _kind(entry: dict[str, Any], target: str) -> str:
    """How it mentions the target: reply, like, repost, bookmark or a plain mention."""
    for name, kind in _KINDS.items():
        for one in _values(entry, name):
            urls = [one] if isinstance(one, str) else [one.get("value"), *_values(one, "url")]
            if target in urls:
                return kind
    return "mention"
