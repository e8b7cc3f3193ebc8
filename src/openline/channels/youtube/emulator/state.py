"""What the emulated YouTube holds."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from openline.channels.emulation.base import Someone

Object = dict[str, Any]


@dataclass(slots=True)
class Video:
    """A film; `about` is what was said of it (snippet, status, ...). `ready_at`: when it is worked through."""

    id: str
    owner: Someone
    about: Object
    content: bytes = field(repr=False)
    media_type: str
    at: float = field(default_factory=time.time)
    ready_at: float = 0.0
    thumbnail: bytes = field(default=b"", repr=False)
    views: int = 0
    likes: int = 0
    comments_open: bool = True
    failed: str = ""


@dataclass(slots=True)
class Comment:
    """A comment at the top of a thread (`parent` "") or a reply to it."""

    id: str
    video: str
    author: Someone
    text: str
    parent: str = ""
    at: float = field(default_factory=time.time)
    changed: float = 0.0
    moderation: str = "published"


@dataclass(slots=True)
class Caption:
    """A track of captions."""

    id: str
    video: str
    language: str
    name: str
    text: str


@dataclass(slots=True)
class Playlist:
    """A list of films."""

    id: str
    title: str
    privacy: str
    videos: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Upload:
    """A resumable upload: what was said of the film, how long it is, and what has come of it so far."""

    about: Object
    media_type: str
    length: int
    came: bytearray = field(default_factory=bytearray, repr=False)
    video: str = ""
    ended: bool = False


def new_id(letters: int) -> str:
    """An id of so many letters, as YouTube's are."""
    return secrets.token_urlsafe(letters)[:letters].replace(".", "a")


def stamp(at: float) -> str:
    """A time as YouTube writes it: whole seconds, UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
