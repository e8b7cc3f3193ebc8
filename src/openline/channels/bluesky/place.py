"""The cursor of an account: how far each of its sources was heard."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import orjson

from openline.channels import reading
from openline.channels.bluesky import names

_WATCHED = 50
"""So many of the newest posts are looked at again, to see whether they were deleted: most of a cursor's length."""


@dataclass(frozen=True, slots=True)
class Place:
    """`at`: time of the newest notification handed on; `pages`: of a backlog, the borders of the pages still to come,
    newest first; `chat`: the log of private messages; `stream`: number of the stream's event; `watched`: newest posts.
    """

    at: str = ""
    pages: tuple[str, ...] = ()
    chat: str = ""
    stream: str = ""
    watched: tuple[str, ...] = ()

    @classmethod
    def read(cls, cursor: str) -> Place:
        """The place that `str` wrote down; the beginning if it cannot be read."""
        try:
            value = reading.json_object(cursor.encode())
        except reading.Unreadable:
            return cls()
        watched = tuple(_long(one) for one in _texts(value, "watched"))
        one = {name: reading.text(value, name) for name in ("at", "chat", "stream")}
        return cls(pages=_texts(value, "pages"), watched=watched, **one)

    def __str__(self) -> str:
        value: dict[str, Any] = {name: getattr(self, name) for name in ("at", "chat", "stream", "pages")}
        value["watched"] = [_short(uri) for uri in self.watched]
        return orjson.dumps({name: found for name, found in value.items() if found}).decode()

    def watching(self, posts: Iterable[str]) -> Place:
        """With these posts, oldest first, watched as the newest."""
        new = dict.fromkeys((*self.watched, *posts))
        return replace(self, watched=tuple(new)[-_WATCHED:])

    def without(self, gone: Iterable[str]) -> Place:
        """Without these posts, which nobody needs to watch any more."""
        left = dict.fromkeys(self.watched)
        for uri in gone:
            left.pop(uri, None)
        return replace(self, watched=tuple(left))


def _texts(value: dict[str, Any], key: str) -> tuple[str, ...]:
    found = value.get(key)
    return tuple(one for one in found if isinstance(one, str)) if isinstance(found, list) else ()


def _short(uri: str) -> str:
    did, _collection, key = names.split(uri)
    return f"{did}/{key}"


def _long(short: str) -> str:
    did, _slash, key = short.rpartition("/")
    return names.post(did, key)
