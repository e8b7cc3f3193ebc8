"""How far an account has heard on YouTube, as text: a restart forgets nothing."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

import orjson

WATCHED, THREADS = 300, 500
GONE = "gone"


@dataclass
class Cursor:
    """`known`: the newest comments by id: when they were made, the digest of what they say, how often that changed.
    `floor`: what is older than it (as YouTube writes times) was heard, or is not heard any more.

    `counts`: how many replies the newest threads had. `turn`: which of them are looked at next. While a long backlog is
    read, newest first, `page` is where to go on, and `border` the floor before it.
    """

    floor: str = ""
    known: dict[str, tuple[str, str, int]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    turn: int = 0
    page: str = ""
    border: str = ""

    @classmethod
    def read(cls, text: str) -> Cursor:
        """From its form as text; "" and what makes no sense is the beginning."""
        try:
            value = orjson.loads(text)
            known = {str(id): (str(at), str(seen), int(nth)) for id, (at, seen, nth) in value["known"].items()}
            counts = {str(id): int(count) for id, count in value["counts"].items()}
            places = (str(value[name]) for name in ("page", "border"))
            return cls(str(value["floor"]), known, counts, int(value["turn"]), *places)
        except (ValueError, KeyError, TypeError, AttributeError):
            return cls()

    def __str__(self) -> str:
        return orjson.dumps(asdict(self)).decode()

    def is_new(self, id: str, at: str) -> bool:
        """True if that comment was not heard."""
        return id not in self.known and at > (self.border if self.page else self.floor)

    def note(self, id: str, at: str, seen: str) -> None:
        """It is heard."""
        self.known[id] = (at, seen, 0)

    def change(self, id: str, seen: str) -> int:
        """Remember what a comment says now; returns how often it has changed."""
        at, _before, nth = self.known[id]
        self.known[id] = (at, seen, nth + 1)
        return nth + 1

    def forget(self) -> None:
        """Keep the newest only."""
        if len(self.known) > WATCHED:
            newest = sorted(self.known.items(), key=lambda item: item[1][0])[-WATCHED:]
            self.known = dict(newest)
            self.floor = max(self.floor, newest[0][1][0])
        self.counts = dict(list(self.counts.items())[-THREADS:])
