"""What changed between two versions of an article: by field, word by word, as a person reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

NAMES: dict[str, str | Promise] = {
    "title": gettext_lazy("Title"),
    "slug": gettext_lazy("Address"),
    "state": gettext_lazy("State"),
    "who": gettext_lazy("Who"),
    "when": gettext_lazy("When"),
    "how": gettext_lazy("How"),
    "cost": gettext_lazy("Cost"),
    "body": gettext_lazy("Text"),
    "links": gettext_lazy("Links"),
    "media": gettext_lazy("Pictures and films"),
    "keywords": gettext_lazy("Keywords"),
    "service_code": gettext_lazy("Service"),
    "areas": gettext_lazy("Areas"),
    "language": gettext_lazy("Language"),
    "source": gettext_lazy("Official page"),
    "owner": gettext_lazy("Owner"),
    "reviewed_on": gettext_lazy("Reviewed on"),
    "review_on": gettext_lazy("Review again on"),
    "expires_on": gettext_lazy("Expires on"),
    "safe": gettext_lazy("May be sent by a machine"),
}
"""The fields of a version's content, in the order in which they are shown."""
_WORD = re.compile(r"\s+|\w+|[^\w\s]")
_AROUND = 8
"""So many unchanged words are shown beside a change."""


class Piece(NamedTuple):
    """Words that are the same in both versions, only in the later one, or only in the earlier one."""

    kind: Literal["same", "added", "removed"]
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One field, and its pieces in order."""

    field: str
    name: str
    pieces: tuple[Piece, ...]


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """The fields in which two contents differ (as in ArticleVersion.content)."""
    found = []
    for field, name in NAMES.items():
        old, new = _words(field, before.get(field)), _words(field, after.get(field))
        if old != new:
            found.append(Difference(field, str(name), tuple(_shortened(list(pieces(old, new))))))
    return found


def pieces(old: str, new: str) -> Iterator[Piece]:
    """Two texts as one: first the lines that differ are found, then the words in them."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        gone, come = "".join(before[a:b]), "".join(after[c:d])
        if kind == "equal":
            yield Piece("same", gone)
        else:
            yield from _in_words(_WORD.findall(gone), _WORD.findall(come))


def _in_words(before: Sequence[str], after: Sequence[str]) -> Iterator[Piece]:
    """The words that differ; changes with nothing but a space between them are one change, as people read."""
    gone = come = held = ""
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=len(before) > 2_000).get_opcodes():
        if kind == "equal" and (text := "".join(before[a:b])).strip():
            yield from _change(gone, come)
            yield Piece("same", held + text)
            gone = come = held = ""
        elif kind == "equal":
            held += "".join(before[a:b])
        else:
            if gone or come:
                gone, come = gone + held, come + held
            elif held:
                yield Piece("same", held)
            gone, come, held = gone + "".join(before[a:b]), come + "".join(after[c:d]), ""
    yield from _change(gone, come)
    if held:
        yield Piece("same", held)


def _change(gone: str, come: str) -> Iterator[Piece]:
    if gone:
        yield Piece("removed", gone)
    if come:
        yield Piece("added", come)


def _shortened(found: list[Piece]) -> Iterator[Piece]:
    """Long parts that are the same are cut to the words beside the changes."""
    for number, piece in enumerate(found):
        parts = _WORD.findall(piece.text) if piece.kind == "same" else []
        if len(parts) <= 5 * _AROUND:
            yield piece
            continue
        head = "".join(parts[: 2 * _AROUND]) if number else ""
        tail = "".join(parts[-2 * _AROUND :]) if number < len(found) - 1 else ""
        yield Piece("same", f"{head.rstrip()} … {tail.lstrip()}" if head else f"… {tail.lstrip()}")


def _words(field: str, value: Any) -> str:
    """A field's value as text."""
    if value is None or value == []:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if field == "links":
        return "\n".join(f"{link['label']}: {link['url']}" for link in value)
    if field == "media":
        return "\n".join("\n".join(filter(None, (one["alt"], one["caption"], one["captions"]))) for one in value)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
