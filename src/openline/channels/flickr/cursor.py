"""How far an account has heard on Flickr, as text: a restart forgets nothing."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

import orjson

WATCHED = 300
_PHOTOS = 500

Place = tuple[int, int]
"""A comment's place among those under its photo: when it was made (Unix seconds), and its number."""


@dataclass
class Cursor:
    """`at`: all photos that changed before it (Unix seconds) were looked at; `done` are those looked at since, with
    the time of their change. `heard`: the last comment that was heard under each photo.

    `known`: the newest comments by id, each with the digest of what it says and how often that changed; they are
    watched, photo by photo in turn. `activity`: when the list of all activity was last asked for.
    """

    at: int = 0
    done: dict[str, int] = field(default_factory=dict)
    heard: dict[str, list[int]] = field(default_factory=dict)
    known: dict[str, tuple[str, int]] = field(default_factory=dict)
    turn: int = 0
    activity: int = 0

    @classmethod
    def read(cls, text: str) -> Cursor:
        """From its form as text; "" and what makes no sense is the beginning."""
        try:
            value = orjson.loads(text)
            known = {str(id): (str(seen), int(nth)) for id, (seen, nth) in value["known"].items()}
            heard = {str(id): [int(at), int(number)] for id, (at, number) in value["heard"].items()}
            done = {str(id): int(at) for id, at in value["done"].items()}
            return cls(int(value["at"]), done, heard, known, int(value["turn"]), int(value["activity"]))
        except (ValueError, KeyError, TypeError, AttributeError):
            return cls()

    def __str__(self) -> str:
        return orjson.dumps(asdict(self)).decode()

    def last(self, photo: str) -> Place:
        """The last comment heard under `photo`."""
        at, number = self.heard.get(photo, (0, 0))
        return at, number

    def note(self, photo: str, place: Place) -> None:
        """Comments under `photo` were heard up to this one."""
        self.heard.pop(photo, None)
        self.heard[photo] = [*max(place, (0, 0))]

    def change(self, comment: str, seen: str) -> int:
        """Remember what a comment says now; returns how often it has changed."""
        nth = self.known[comment][1] + 1
        self.known[comment] = (seen, nth)
        return nth

    def forget(self, before: int) -> None:
        """Keep the newest only, and of `done` what may be listed again."""
        self.known = dict(list(self.known.items())[-WATCHED:])
        self.heard = dict(list(self.heard.items())[-_PHOTOS:])
        self.done = {photo: at for photo, at in self.done.items() if at >= before}
