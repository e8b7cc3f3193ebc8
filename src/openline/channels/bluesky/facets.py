"""Rich text: which bytes of a post are a link, a mention or a hashtag (app.bsky.richtext.facet).

Positions count UTF-8 bytes. Long links are shown short, as Bluesky's own app does: the facet holds the whole address.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from openline.channels import reading
from openline.channels.text import graphemes

_TYPE = "app.bsky.richtext.facet"
_BYTES_FOR_EACH = 10
"""A post may have 300 graphemes and 3,000 bytes, a private message 1,000 and 10,000: the same for each."""
_LINK = re.compile(r"(?<![\w@./:-])https?://[^\s<>\"]+", re.IGNORECASE)
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_MENTION = re.compile(rf"(?<![\w@./:-])@((?:{_LABEL}\.)+[a-zA-Z](?:[a-zA-Z0-9-]{{0,61}}[a-zA-Z0-9])?)(?![\w-])")
_TAG = re.compile(r"(?:(?<=\s)|^)[#\uff03](?!\ufe0f)([^\s\u00ad\u2060\u200a-\u200c\u20e2]+)")
_LONGEST_HANDLE = 253
_LONGEST_TAG = 64
_LONGEST_PATH = 15

Resolve = Callable[[str], str]
"""From a handle to its DID; "" if nobody has it."""


def rich(text: str, resolve: Resolve) -> tuple[str, list[dict[str, Any]]]:
    """The text as it is shown, and its facets. A name that nobody has stays plain text."""
    shown, facets, end = "", list[dict[str, Any]](), 0
    for start, stop, words, feature in _features(text, resolve):
        shown += text[end:start]
        at = len(shown.encode())
        shown, end = shown + words, stop
        index = {"byteStart": at, "byteEnd": at + len(words.encode())}
        facets.append({"$type": _TYPE, "index": index, "features": [feature]})
    return shown + text[end:], facets


def length(text: str) -> int:
    """Graphemes of the text as it is shown, or a tenth of its bytes where that is more: both limits in one count."""
    shown = _LINK.sub(lambda found: _short(_trimmed(found.group())) + _rest(found.group()), text)
    return max(graphemes(shown), -(-len(shown.encode("utf-8", "replace")) // _BYTES_FOR_EACH))


def plain(record: dict[str, Any]) -> str:
    """The text of a post for reading: every link that is shown short in full."""
    said = reading.text(record, "text").encode("utf-8", "replace")
    for start, stop, address in sorted(_links(record), reverse=True):
        if 0 <= start < stop <= len(said):
            words = said[start:stop].decode("utf-8", "replace")
            said = said[:start] + _full(words, address).encode() + said[stop:]
    return said.decode("utf-8", "replace")


def names(record: dict[str, Any], did: str) -> bool:
    """Does the post mention that account?"""
    return any(
        reading.text(feature, "did") == did
        for facet in reading.children(record, "facets")
        for feature in reading.children(facet, "features")
    )


def _features(text: str, resolve: Resolve) -> list[tuple[int, int, str, dict[str, Any]]]:
    """(start, stop, shown words, feature) of every facet, in order, none inside another."""
    found: list[tuple[int, int, str, dict[str, Any]]] = []
    for match in _LINK.finditer(text):
        uri = _trimmed(match.group())
        found.append((match.start(), match.start() + len(uri), _short(uri), {"$type": f"{_TYPE}#link", "uri": uri}))
    for match in _MENTION.finditer(text):
        handle = match.group(1).lower()
        if len(handle) <= _LONGEST_HANDLE and (did := resolve(handle)):
            feature = {"$type": f"{_TYPE}#mention", "did": did}
            found.append((match.start(), match.end(), match.group(), feature))
    for match in _TAG.finditer(text):
        if tag := _tag(match.group(1)):
            stop = match.start(1) + len(tag)
            found.append((match.start(), stop, text[match.start() : stop], {"$type": f"{_TYPE}#tag", "tag": tag}))
    found.sort(key=lambda one: one[0])
    return [one for n, one in enumerate(found) if n == 0 or one[0] >= max(before[1] for before in found[:n])]


def _tag(words: str) -> str:
    """The hashtag without the punctuation behind it; empty if it is a number or too long."""
    tag = words
    while tag and unicodedata.category(tag[-1]).startswith("P"):
        tag = tag[:-1]
    if not any(not char.isdigit() and not unicodedata.category(char).startswith("P") for char in tag):
        return ""
    return tag if graphemes(tag) <= _LONGEST_TAG else ""


def _trimmed(uri: str) -> str:
    """The link without the punctuation that ends the sentence around it."""
    while uri and (uri[-1] in ".,;:!?…'\"*" or _closes_too_much(uri)):
        uri = uri[:-1]
    return uri


def _closes_too_much(uri: str) -> bool:
    opening = {")": "(", "]": "[", "}": "{"}.get(uri[-1], "")
    return bool(opening) and uri.count(uri[-1]) > uri.count(opening)


def _rest(uri: str) -> str:
    return uri[len(_trimmed(uri)) :]


def _short(uri: str) -> str:
    """A link as Bluesky's app shows it: the host, and the beginning of the path."""
    host, slash, path = re.sub("^https?://", "", uri, flags=re.IGNORECASE).partition("/")
    if not path:
        return host
    return f"{host}{slash}{path}" if len(path) <= _LONGEST_PATH else f"{host}{slash}{path[: _LONGEST_PATH - 2]}..."


def _links(record: dict[str, Any]) -> list[tuple[int, int, str]]:
    found = []
    for facet in reading.children(record, "facets"):
        index = reading.child(facet, "index")
        for feature in reading.children(facet, "features"):
            start, stop, address = index.get("byteStart"), index.get("byteEnd"), reading.web_address(feature, "uri")
            if address and isinstance(start, int) and isinstance(stop, int):
                found.append((start, stop, address))
    return found


def _full(words: str, address: str) -> str:
    """What to read for a link: its address where the words are a short form of it, else both."""
    shown = words.strip().rstrip("…").removesuffix("...").strip()
    return address if not shown or shown in address else f"{words} ({address})"
