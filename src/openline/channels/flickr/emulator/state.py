"""What the emulated Flickr holds."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass, field

from openline.channels.emulation.base import Someone


@dataclass(slots=True)
class Comment:
    """A comment; `text` is Flickr's limited HTML as it was written."""

    id: str
    author: Someone
    text: str
    at: int = field(default_factory=lambda: int(time.time()))


@dataclass(slots=True)
class Photo:
    """A photo or film with all that is told of it. `ready_at` is when a film is worked through (Unix seconds)."""

    id: str
    owner: Someone
    title: str
    description: str
    tags: list[str]
    media: str
    content: bytes = field(repr=False)
    media_type: str
    public: bool = True
    safety: str = "1"
    licence: str = "0"
    place: tuple[float, float] | None = None
    at: int = field(default_factory=lambda: int(time.time()))
    changed: int = field(default_factory=lambda: int(time.time()))
    views: int = 0
    comments: list[Comment] = field(default_factory=list)

    @property
    def machine_tags(self) -> list[str]:
        """Tags of the form namespace:predicate=value."""
        return [tag for tag in self.tags if ":" in tag and "=" in tag]


@dataclass(slots=True)
class Album:
    """A photoset."""

    id: str
    title: str
    description: str
    photos: list[str]


class Numbers:
    """Ids as Flickr gives them out: they grow."""

    def __init__(self) -> None:
        begun = int(time.time())  # no number is given twice, also after a restart
        self._photos = itertools.count(53_410_000_001 + begun)
        self._comments = itertools.count(72_157_721_000_000_001 + begun * 1000)

    def photo(self) -> str:
        """A new photo's."""
        return str(next(self._photos))

    def comment(self, photo: Photo) -> str:
        """A new comment's: the owner's number, the photo's and its own."""
        return f"{photo.owner.id.partition('@')[0]}-{photo.id}-{next(self._comments)}"

    def album(self) -> str:
        """A new album's."""
        return str(next(self._comments))
