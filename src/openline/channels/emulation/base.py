"""The interface of an emulator: the network's API for the city, plain methods for the residents."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import ClassVar

from starlette.routing import BaseRoute

from openline.channels.accounts import AccountRef
from openline.channels.emulation.calls import Calls


@dataclass(frozen=True, slots=True)
class Someone:
    """A person of the emulated network: `id` as the network writes it, the handle without any sign before it."""

    id: str
    handle: str
    name: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One post as a resident sees it. `media` are addresses of pictures and films, each with its description."""

    id: str
    author: Someone
    text: str
    at: datetime
    by_city: bool = False
    in_reply_to: str = ""
    private: bool = False
    media: tuple[tuple[str, str], ...] = ()
    title: str = ""
    hidden: bool = False


class CannotDo(Exception):
    """The network has no such thing; says what it lacks."""


NAMES = (
    ("maria", "Maria G."),
    ("devon", "Devon"),
    ("linh", "Linh T."),
    ("sam", "Sam"),
    ("aisha", "Aisha"),
    ("ray", "Ray from the block"),
    ("grace", "Grace"),
    ("tomek", "Tomek"),
)


class Emulator(ABC):
    """One network in memory. Its state is changed under `lock` only: requests come in several threads.

    `hook` is the address at which the network calls us ("" for nowhere); `calls` makes those calls and keeps their log.
    """

    network: ClassVar[str]
    label: ClassVar[str]
    many_posts: ClassVar[str] = "Public posts"
    private_too: ClassVar[bool] = True
    """True if residents can write to the city in private here."""

    def __init__(self, hook: str = "") -> None:
        self.lock = threading.RLock()
        self.calls = Calls(hook)
        self.faults = Faults()
        self.url = ""
        """Where the emulator is reached; set when it is served."""

    @abstractmethod
    def routes(self) -> Sequence[BaseRoute]:
        """The network's API, its login page included, as Starlette routes (plain functions run in threads)."""

    @property
    def city(self) -> AccountRef:
        """The city's account, ready to hear and speak: handle, server, credentials, settings, the network's id of it.

        Worthless outside. Raises CannotDo where the emulator is for tests alone.
        """
        raise CannotDo("The emulator gives no account to the sandbox.")

    # Residents, for the page and for tests

    @property
    @abstractmethod
    def residents(self) -> Sequence[Someone]:
        """Who can post here, in the order of `NAMES`."""

    @abstractmethod
    def say(
        self,
        who: Someone,
        text: str,
        *,
        in_reply_to: str = "",
        private: bool = False,
        photos: Sequence[bytes] = (),
    ) -> str:
        """Say `text` to the city (under the post `in_reply_to`), and have the network call us; returns the new id.

        Raises CannotDo.
        """

    def edit(self, post: str, text: str) -> None:
        """A resident changes what they said. Raises CannotDo."""
        raise CannotDo("The network has no edits.")

    def delete(self, post: str) -> None:
        """A resident takes back what they said. Raises CannotDo."""
        raise CannotDo("The network has no deletions.")

    @abstractmethod
    def thread(self, post: str, who: Someone) -> list[Shown]:
        """The thread around `post` as `who` sees it, oldest first; what is hidden is left out for others."""

    @abstractmethod
    def newest(self, who: Someone, limit: int = 30) -> list[Shown]:
        """What stands at the top of a thread, newest first, as `who` sees it: the city's posts, and what was said to
        the city."""


@dataclass(slots=True)
class Faults:
    """What is wrong with the network at the moment, as a test or a trainer wishes; each emulator heeds it."""

    limited: bool = False
    refuses: str = ""
    """Posts of the city with these words in them are refused."""
    dead_tokens: set[str] = field(default_factory=set)


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)
