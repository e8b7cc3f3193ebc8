"""A text that is too long for one post: a numbered thread, or a shortened text with a link to the whole.

The same text is always cut at the same places, so that after a crash the thread goes on where it stopped.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from openline.channels.base import Progress, Receipt, Rejected

Length = Callable[[str], int]
Say = Callable[[int, str, str], dict[str, Any]]
"""Posts part n (from 0) with its text under the post of that id ("" for the first); returns a receipt as JSON."""
Look = Callable[[int, str, str], dict[str, Any] | None]
"""Looks for that part on the network; returns its receipt as JSON, or None."""

_MOST_PARTS = 25
_SENTENCE = re.compile(r"(?<=[.!?…。！？؟])\s+|\n+")


def split(text: str, limit: int, length: Length) -> list[str]:
    """`text` in as few posts as needed, each with its number ("1/3") where there are several.

    Cuts between sentences where that loses less than half a post, else between words; a word longer than a post is
    cut where it must be. Raises Rejected if more than 25 posts would be needed. `limit` 0: never cut.
    """
    if not limit or length(text) <= limit:
        return [text]
    for digits in (1, 2):
        room = limit - length(f" {'9' * digits}/{'9' * digits}")
        found = _cut(text, room, length)
        if len(found) < 10**digits:
            break
    if len(found) > _MOST_PARTS or room < 10:
        raise Rejected(f"The text would need {len(found)} posts; at most {_MOST_PARTS} are sent.", "text")
    return [f"{part} {n}/{len(found)}" for n, part in enumerate(found, 1)]


def shorten(text: str, limit: int, length: Length, link: str) -> str:
    """`text`, or as many of its words as fit with "…" and the link to the whole behind them.

    Raises Rejected if there is no link, or no room for it.
    """
    if not limit or length(text) <= limit:
        return text
    end = f"… {link}"
    if not link or length(end) >= limit:
        raise Rejected(f"The text has {length(text)} characters; {limit} are sent.", "text")
    return _head(text, limit - length(end), length).rstrip() + end


def _cut(text: str, room: int, length: Length) -> list[str]:
    found, rest = list[str](), text.strip()
    while rest:
        head = _head(rest, max(room, 1), length)
        if len(head) == len(rest):
            return [*found, rest]
        found.append(head.rstrip())
        rest = rest[len(head) :].lstrip()
    return found


def _head(text: str, room: int, length: Length) -> str:
    """The longest beginning of `text` that fits, ending with a sentence if one ends in its second half, or a word."""
    low, high = 1, max(room, 1)
    while high < len(text) and length(text[:high]) <= room:  # never the whole of a long text is counted
        low, high = high, 2 * high
    high = min(high, len(text))
    while low < high:  # the count grows with the text, so its border is found by halving
        middle = (low + high + 1) // 2
        low, high = (middle, high) if length(text[:middle]) <= room else (low, middle - 1)
    fitting = text[:low]
    if low == len(text):
        return fitting
    ends = [found.end() for found in _SENTENCE.finditer(text, 0, low + 1) if low / 2 < found.end() <= low]
    if ends:
        return text[: ends[-1]]
    space = max(fitting.rfind(" "), fitting.rfind("\n"))
    return text[:space] if space > low / 2 or (space > 0 and text[low : low + 1].isalnum()) else fitting


def say(progress: Progress, parts: list[str], post: Say) -> Receipt:
    """Post all parts, each under the one before, each a step of its own; goes on behind what is done."""
    receipts: list[dict[str, Any]] = []
    for n, part in enumerate(parts):
        above = receipts[-1]["network_id"] if receipts else ""
        receipts.append(progress.step(_name(n), partial(post, n, part, above)))
    return _receipt(receipts)


def find(progress: Progress, parts: list[str], look: Look) -> Receipt | None:
    """Look for the parts that are not known to be posted; what is found is kept. None unless all are there."""
    receipts: list[dict[str, Any]] = []
    for n, part in enumerate(parts):
        above = receipts[-1]["network_id"] if receipts else ""
        known = progress.done(_name(n)) or look(n, part, above)
        if not known:
            return None
        receipts.append(progress.step(_name(n), partial(dict, known)))
    return _receipt(receipts)


def _name(n: int) -> str:
    return f"post {n}" if n else "post"


def _receipt(receipts: list[dict[str, Any]]) -> Receipt:
    first = receipts[0]
    return Receipt(
        first["network_id"],
        first.get("url", ""),
        first.get("uri", ""),
        tuple(one["network_id"] for one in receipts[1:]),
    )
