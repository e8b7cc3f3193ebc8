"""Where hearing goes on: one text that the account keeps for us."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote

_MOST_WATCHED, _MOST_ADDRESSES, _LONGEST_MARK, _LONGEST_PLACE = 100, 20, 8, 40
_ID = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Cursor:
    """`at`: public events up to there were read; `private_at`: gift wraps too (Unix seconds, 0: none yet).

    `watched` are the newest posts that we heard, event ids and addresses: deletions (NIP-09) name the posts and not
    us, so what was deleted while nobody listened is asked for by them. `mark` changes with all that is handed on,
    so that a cursor that comes back proves that all before it was stored. `again`: of what lies before `at`, all up to
    this place was handed on once more, for the sake of what came late (see `hearing.first_part`).
    """

    at: int = 0
    private_at: int = 0
    watched: tuple[str, ...] = ()
    mark: str = ""
    again: str = ""

    @classmethod
    def read(cls, text: str) -> Cursor:
        """The cursor that `text` wrote; of an older form or of none only what it holds."""
        at, private_at, ids, addresses, mark, again = (*text.split(" "), *[""] * 6)[:6]
        found = _unpacked(ids) + tuple(unquote(part) for part in addresses.split(",") if part.strip("-"))
        mark = mark[:_LONGEST_MARK].strip("-")
        return cls(_seconds(at), _seconds(private_at or at), found, mark, again[:_LONGEST_PLACE])

    @property
    def text(self) -> str:
        """As the account keeps it."""
        if not self.watched and not self.mark and self.at == self.private_at:
            return str(self.at) if self.at else ""
        ids = base64.urlsafe_b64encode(b"".join(bytes.fromhex(name) for name in self.watched if _ID.fullmatch(name)))
        addresses = ",".join(quote(name, safe=":") for name in self.watched if not _ID.fullmatch(name))
        parts = [ids.decode() or "-", addresses or "-", self.mark or "-", self.again]
        return f"{self.at} {self.private_at} {' '.join(parts)}".strip()

    def behind(self, newest: int, private: int, names: Iterable[str]) -> Cursor:
        """The cursor once what came up to these times, and the posts `names`, are stored."""
        newer = dict.fromkeys(names)
        all_names = [*(name for name in self.watched if name not in newer), *newer]
        ids = [name for name in all_names if _ID.fullmatch(name)][-_MOST_WATCHED:]
        addresses = [name for name in all_names if not _ID.fullmatch(name) and len(name) <= 400][-_MOST_ADDRESSES:]
        at, private_at = max(self.at, newest), max(self.private_at, private)
        return replace(self, at=at, private_at=private_at, watched=(*ids, *addresses))

    def marked(self, names: list[str]) -> Cursor:
        """The cursor once deliveries of these names were handed on; the same if there are none."""
        digest = hashlib.sha256("\n".join([self.mark, *names]).encode("utf-8", "replace")).hexdigest()
        return replace(self, mark=digest[:_LONGEST_MARK]) if names else self


def _seconds(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 15 else 0


def _unpacked(text: str) -> tuple[str, ...]:
    try:
        packed = base64.urlsafe_b64decode(text)
    except (binascii.Error, ValueError):
        return ()
    return tuple(packed[start : start + 32].hex() for start in range(0, len(packed) - 31, 32))
