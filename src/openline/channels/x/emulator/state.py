"""What the emulated X knows: people, posts with their versions, messages, uploads, logins, webhooks."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from openline.channels.emulation.base import Someone

CLIENT_ID, CLIENT_SECRET = "openline-training", "training-client-secret"
CONSUMER_SECRET, BEARER_TOKEN = "training-api-key-secret", "training-bearer-token"
CITY = Someone("1700000000000000001", "philly311", "Philly311")
_EPOCH_MS = 1_288_834_974_657


@dataclass(slots=True)
class Upload:
    """A file on its way, or ready: `kind` as X calls it, `media_key` its name in answers."""

    id: str
    category: str
    media_type: str
    total: int
    parts: dict[int, bytes] = field(default_factory=dict)
    began: float = field(default_factory=time.time)
    finished: float = 0.0
    alt: str = ""
    captions: list[dict[str, str]] = field(default_factory=list)
    content: bytes = b""

    @property
    def kind(self) -> str:
        """photo, animated_gif or video."""
        return {"gif": "animated_gif", "video": "video"}.get(self.category.rpartition("_")[2], "photo")

    @property
    def media_key(self) -> str:
        """Its name in answers."""
        return f"{ {'photo': 3, 'animated_gif': 16, 'video': 13}[self.kind] }_{self.id}"


@dataclass(slots=True)
class Post:
    """One version of a post. `text` is what was written; X shows it with the names before an answer."""

    id: str
    author: Someone
    text: str
    at: datetime
    replied_to: str = ""
    quoted: str = ""
    conversation: str = ""
    media: tuple[Upload, ...] = ()
    history: list[str] = field(default_factory=list)
    prefix: str = ""
    poll: Mapping[str, Any] | None = None
    hidden: bool = False
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Message:
    """One private message."""

    id: str
    sender: Someone
    to: Someone
    text: str
    at: datetime
    media: tuple[Upload, ...] = ()


@dataclass(slots=True)
class Login:
    """An access token of the city, and the refresh token that came with it; `until` in Unix seconds."""

    access: str
    refresh: str
    until: float
    scope: str
    spent: bool = False


@dataclass(slots=True)
class State:
    """Everything, changed under the emulator's lock."""

    people: dict[str, Someone] = field(default_factory=dict)
    posts: dict[str, Post] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    uploads: dict[str, Upload] = field(default_factory=dict)
    logins: list[Login] = field(default_factory=list)
    codes: dict[str, dict[str, Any]] = field(default_factory=dict)
    webhooks: dict[str, dict[str, Any]] = field(default_factory=dict)
    subscriptions: dict[str, dict[str, Any]] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    """People who take no messages."""
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _last: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def new_id(self) -> str:
        """An id that grows with time, as X's do."""
        with self._lock:
            found = (int(time.time() * 1000) - _EPOCH_MS) << 22 | (next(self._ids) & 0x3FFFFF)
            self._last = max(found, self._last + 1)
            return str(self._last)

    def latest(self, post: Post) -> Post:
        """The newest version of a post."""
        return self.posts.get(post.history[-1], post)


def now() -> datetime:
    """The time in UTC, to the millisecond as X tells it."""
    found = datetime.now(UTC)
    return found.replace(microsecond=found.microsecond // 1000 * 1000)


def stamp(at: datetime) -> str:
    """A time as X writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
