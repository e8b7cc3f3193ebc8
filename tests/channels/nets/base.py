"""What the conformance suite asks of every network under test.

A `Net` speaks for the residents: it posts, edits, deletes and reads by the network's own means (another library, or
plain requests), never through the channel that it tests.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar

import httpx
import pytest

from openline.channels.base import AccountRef, Channel, Heard, Incoming, Media, Outgoing, Progress, Receipt
from tests.channels.faults import is_send
from tests.channels.listener import Listener, listening

if TYPE_CHECKING:
    from openline.accounts.models import Account


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
    patience: ClassVar[float] = 10.0
    """How many seconds what was said may take until it is heard or seen."""
    many: ClassVar[int] = 10_000
    """How long a backlog is read."""
    why_no_more: ClassVar[str] = ""
    """Where that is less than 10,000: the reason, for the table."""
    in_order: ClassVar[bool] = True
    """False where the network itself brings a backlog in no order."""
    above: ClassVar[str] = ""
    """What a resident's first words stand under, on networks where nothing can be said but under a post of the city."""
    decided_before: ClassVar[bool] = False
    """True where the receipt follows from the key alone and saying it again cannot be seen: looking up what was sent
    has the same answer before and after."""
    channel: Channel
    account: AccountRef
    port: int
    """The port on loopback that the channel speaks to; proxies with faults stand before it."""

    _cursor: str = ""
    _collected: tuple[Incoming, ...] = ()

    # The server

    @abstractmethod
    def through(self, port: int) -> AccountRef:
        """The city's account, its server reached by `port` on loopback instead."""

    @property
    def hearing_port(self) -> int:
        """The port by which the channel hears, where that is another one."""
        return self.port

    def hearing_through(self, port: int) -> AccountRef:
        """The city's account, the server by which it hears reached by `port` on loopback instead."""
        return self.through(port)

    def hurry(self, patch: pytest.MonkeyPatch) -> None:  # noqa: B027
        """Shorten the times after which the channel looks again by itself; called once, when the net is started."""

    def is_send(self, unit: bytes) -> bool:
        """True if these bytes from the channel to the server (an HTTP request with its body, a WebSocket message, a
        line or a mail of a line protocol) change something there: what the faults of sending strike."""
        return is_send(unit)

    @contextmanager
    def away(self) -> Iterator[None]:
        """The server is stopped while the block runs, and back afterwards with all that it held."""
        raise NotHere("this server cannot be stopped without losing its memory")
        yield

    def stored(self) -> Account:
        """The account in the database of the running test, with nothing heard by it."""
        from openline.accounts.models import Account

        return Account.objects.create(network=self.network, handle=self.account.handle, server=self.account.server)

    def tidy(self) -> None:  # noqa: B027
        """Called after each scenario: nothing of it may be left where other tests look."""

    # Residents

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

    def asleep(self) -> str:
        """The cursor of an account that hears nothing of what `backlog` says until it wakes up."""
        return self.position()

    def backlog(self, count: int) -> list[str]:
        """Say so many things to the city as fast as the server takes them; returns their ids, oldest first."""
        return [self.post(f"backlog number {n}") for n in range(count)]

    # The city's answers

    def answer(self, item: Incoming, text: str, **more: Any) -> Outgoing:
        """An answer to `item`, as the city's rooms would write it on this network."""
        return answer_to(item, text, **more)

    def send(self, outgoing: Outgoing, key: str, progress: Progress, account: AccountRef | None = None) -> Receipt:
        """Send through the channel; a network where the city only hears raises NotHere."""
        return self.channel.send(account or self.account, outgoing, key, progress)

    # Refusals

    @abstractmethod
    def refused(self) -> AccountRef:
        """The account with credentials that the server refuses."""

    def expiring(self) -> AccountRef:
        """The account with an access token that has run out and can be renewed (its keeper is the suite's own)."""
        raise NotHere("tokens are not renewed")

    @contextmanager
    def limited(self) -> Iterator[AccountRef | None]:
        """The server refuses sends for now, because there were too many; yields the account that it refuses, or None
        for the usual one."""
        raise NotHere("the network sets no rate limit")
        yield

    @contextmanager
    def refusing(self) -> Iterator[Outgoing | None]:
        """The server refuses a content that the channel lets through; yields that content, or None: any."""
        raise NotHere("the server refuses nothing that the channel lets through")
        yield

    # Hearing

    def ask(self, account: AccountRef, cursor: str) -> Heard:
        """Once what is new since `cursor`. Where the network calls us: what it brought since then, by any cursor."""
        return self.channel.poll(account, cursor)

    def following(self) -> AbstractContextManager[Listener]:
        """Listen, while the block runs, as the worker does, from the newest that was heard."""
        return listening(self.channel, self.account, self.position())

    def position(self) -> str:
        """The cursor behind all that can be heard now."""
        self._note(self.hearing(cursor=self._cursor))
        return self._cursor

    def hearing(self, account: AccountRef | None = None, cursor: str = "") -> list[Incoming]:
        """All that the channel hears from `cursor` on, asked until nothing more comes."""
        found: list[Incoming] = []
        while True:
            heard = self.ask(account or self.account, cursor)
            found += [item for item in heard.items if isinstance(item, Incoming)]
            if not heard.items or heard.cursor == cursor:
                if account is None:
                    self._cursor = heard.cursor or cursor
                return found
            cursor = heard.cursor

    def heard(self, text: str) -> Incoming:
        """The newest delivery with these words; waits for it."""
        until = time.monotonic() + self.patience
        while True:
            self._note(self.hearing(cursor=self._cursor))
            found = [item for item in self._collected if text in item.text]
            if found:
                return found[-1]
            assert time.monotonic() < until, f"{text!r} was not heard"
            time.sleep(0.1)

    def _note(self, items: list[Incoming]) -> None:
        known = {item.event_id for item in self._collected}
        self._collected = (*self._collected, *(item for item in items if item.event_id not in known))[-2000:]

    def seen(self, network_id: str, text: str) -> Said:
        """The city's post with these words in the thread around `network_id`; waits for it."""
        until = time.monotonic() + self.patience
        while True:
            found = [said for said in self.thread(network_id) if said.by_city and text in said.text]
            if found:
                return found[-1]
            assert time.monotonic() < until, f"{text!r} is not seen in the thread of {network_id}"
            time.sleep(0.1)

    def bytes_of(self, item: Incoming, media: Media) -> bytes:
        """The bytes of an attachment: from the channel where only it can get them, else from their address."""
        found = self.channel.fetch(self.account, item.raw, media, 10_000_000)
        return httpx.get(media.url).raise_for_status().content if found is None else found


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
    answer = Outgoing(
        text,
        item.visibility,
        item.network_id,
        item.author_id,
        item.thread or item.in_reply_to or item.network_id,
        item.author_handle,
        subject=item.subject,
        references=(*item.references, item.network_id),
    )
    return replace(answer, **more)
