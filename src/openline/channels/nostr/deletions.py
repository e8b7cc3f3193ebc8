"""Which posts we watch for their deletion (NIP-09): deletions name posts and mostly not us."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any

from openline.channels.nostr.kinds import SAID_IN_PUBLIC, addressable
from openline.channels.nostr.naming import name_of
from openline.channels.nostr.tags import tags

_MOST = 300
_MOST_DELETED = 100


class Watched:
    """The newest posts that we heard, with their authors as far as we know; safe to use from several threads."""

    def __init__(self, me: str, names: Iterable[str] = ()) -> None:
        self._me, self._lock = me, threading.Lock()
        self._authors: dict[str, str] = dict.fromkeys(names, "")
        self._ids: dict[str, str] = {}

    def note(self, events: Iterable[Any]) -> None:
        """Watch these posts too, if they are some."""
        with self._lock:
            for event in events:
                name, author = _post(event)
                if name:
                    self._authors.pop(name, None)
                    self._authors[name] = author
                    if addressable(event["kind"]):
                        self._ids[str(event.get("id"))] = name
            for old in list(self._authors)[:-_MOST]:
                del self._authors[old]
            for old in list(self._ids)[:-_MOST]:
                del self._ids[old]

    @property
    def names(self) -> list[str]:
        """What is watched, oldest first."""
        with self._lock:
            return list(self._authors)

    def deleted(self, event: dict[str, Any]) -> dict[str, str]:
        """Which posts a deletion means: as it names them, and as we know them.

        Only their author may delete them; where we do not know the author any more, the inbox does.
        """
        named = dict.fromkeys([*tags(event, "e"), *tags(event, "a")])
        to_us = self._me in tags(event, "p")
        found: dict[str, str] = {}
        with self._lock:
            for target in list(named)[:_MOST_DELETED]:
                name = self._ids.get(target, target)
                author = self._authors.get(name, "" if to_us else None)
                if author in ("", event.get("pubkey")):
                    found[target] = name
        return found


def _post(event: Any) -> tuple[str, str]:
    """The name and the author of a public post; two empty texts for everything else."""
    if not isinstance(event, dict) or event.get("kind") not in SAID_IN_PUBLIC:
        return "", ""
    author = event.get("pubkey")
    return (name_of(event), author) if isinstance(author, str) else ("", "")
