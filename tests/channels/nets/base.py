"""What the conformance suite asks of every network under test.

A `Net` speaks for the residents: it posts, edits, deletes and reads by the network's own means (another library, or
plain requests), never through the channel that it tests.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, BinaryIO, ClassVar

from openline.channels.base import AccountRef, Channel, Incoming, Outgoing


@dataclass(frozen=True)
class Said:
    """One post of a thread as a resident sees it on the network."""

    network_id: str
    text: str
    by_city: bool
    in_reply_to: str = ""
    private: bool = False
    alts: tuple[str, ...] = ()
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


class NotHere(Exception):
    """This network has no such thing; the reason stands in the table of proofs."""


class Net(ABC):
    """One network under test. Every method that a network has no place for raises NotHere, saying why."""

    network: ClassVar[str]
    channel: Channel
    account: AccountRef
    port: int
    """The port on loopback that the channel speaks to; proxies with faults stand before it."""

    @abstractmethod
    def through(self, port: int) -> AccountRef:
        """The city's account, its server reached by `port` on loopback instead."""

    @abstractmethod
    def post(
        self, text: str, *, in_reply_to: str = "", private: bool = False, photos: tuple[bytes, ...] = (), who: int = 0
    ) -> str:
        """Say `text` to the city as resident number `who`; returns the post's id as the channel knows it."""

    @abstractmethod
    def thread(self, network_id: str, who: int = 0) -> list[Said]:
        """The thread around that post as the resident sees it, oldest first."""

    def edit(self, network_id: str, text: str) -> None:
        """Change a resident's post."""
        raise NotHere("the network has no edits")

    def delete(self, network_id: str) -> None:
        """Take a resident's post back."""
        raise NotHere("the network has no deletions")

    @abstractmethod
    def refused(self) -> AccountRef:
        """The account with credentials that the server refuses."""

    def expiring(self) -> AccountRef:
        """The account with an access token that has run out and can be renewed."""
        raise NotHere("tokens are not renewed")

    @contextmanager
    def limited(self) -> Iterator[None]:
        """The server refuses sends for now, because there were too many."""
        raise NotHere("the network sets no rate limit")
        yield

    @contextmanager
    def away(self) -> Iterator[None]:
        """The server is stopped while the block runs, and back afterwards with all that it held."""
        raise NotHere("this server cannot be stopped without losing its memory")
        yield

    def backlog(self, count: int) -> list[str]:
        """Say so many things to the city as fast as the server takes them; returns their ids."""
        return [self.post(f"backlog number {n}") for n in range(count)]

    def hearing(self, account: AccountRef | None = None, cursor: str = "") -> list[Incoming]:
        """All that the channel hears from `cursor` on, polled until nothing more comes."""
        found: list[Incoming] = []
        while True:
            heard = self.channel.poll(account or self.account, cursor)
            found += [item for item in heard.items if isinstance(item, Incoming)]
            if not heard.items or heard.cursor == cursor:
                return found
            cursor = heard.cursor

    def heard(self, text: str) -> Incoming:
        """The newest delivery with these words."""
        found = [item for item in self.hearing() if text in item.text]
        assert found, f"{text!r} was not heard"
        return found[-1]


class Memory:
    """The progress of a send, in memory, with the files that go out."""

    def __init__(self, files: dict[str, bytes] | None = None) -> None:
        self.kept: dict[str, Any] = {}
        self.files = files or {}

    def step(self, name: str, call: Callable[[], Any]) -> Any:
        if name not in self.kept:
            self.kept[name] = call()
        return self.kept[name]

    def done(self, name: str) -> Any:
        return self.kept.get(name)

    def open(self, file: str) -> BinaryIO:
        return BytesIO(self.files[file])


def answer_to(item: Incoming, text: str, **more: Any) -> Outgoing:
    """An answer to `item` as the city's rooms would write it."""
    return Outgoing(
        text,
        item.visibility,
        item.network_id,
        item.author_id,
        item.thread or item.in_reply_to or item.network_id,
        item.author_handle,
        subject=item.subject,
        references=(*item.references, item.network_id),
        **more,
    )
