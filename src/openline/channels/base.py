"""The channel interface: all that the rest of Openline knows about a network.

A channel is an adapter for one network. It turns what the network delivers into `Incoming`
values and carries out `Outgoing` values; it stores nothing and imports no other room.
Whatever can go wrong is one of the closed set of errors below, which the outbox understands.

Sends of several steps are written as ordinary code over `Progress.step`: every step is one
call, its result is kept as soon as it is known, and after a crash the send goes on after the
last finished step instead of from the start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Literal, Protocol

Visibility = Literal["public", "private"]
IncomingKind = Literal["post", "edit", "delete"]


@dataclass(frozen=True, slots=True)
class AccountRef:
    """What a channel may know of one official account: where it lives and how to speak as it.

    `handle` is the account's name on the network, `server` its base address, `credentials`
    the decrypted secrets (never logged: the field is left out of `repr`).
    """

    id: str
    handle: str
    server: str
    credentials: dict[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a network can do, as data, with the year in which each limit was true in the channel's docs."""

    text_limit: int
    direct_messages: bool
    edit: bool
    delete: bool
    inbound: Literal["stream", "poll", "push"]
    idempotent_send: bool
    """True if repeating a send with the same key can never be seen twice on the network."""
    media_kinds: tuple[str, ...] = ()
    alt_text_limit: int = 0


@dataclass(frozen=True, slots=True)
class Media:
    """An attachment as the network describes it; `url` is where the network keeps it."""

    url: str
    kind: str = "unknown"
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One thing that happened on a network: a post, an edit of one, or a deletion.

    `raw` is the delivery as received, as JSON bytes, kept for ever and never changed. All other fields may
    be empty where the network does not tell. `network_id` identifies the post on this account's
    network (for an edit or delete: the post that it is about); `event_id` identifies this very
    delivery, so that the same one arriving again is recognised. `uri` names the post across
    servers and accounts.
    """

    kind: IncomingKind
    network_id: str
    event_id: str
    raw: bytes = field(repr=False)
    uri: str = ""
    text: str = ""
    author_id: str = ""
    author_handle: str = ""
    author_name: str = ""
    posted_at: datetime | None = None
    in_reply_to: str = ""
    visibility: Visibility = "public"
    url: str = ""
    language: str = ""
    latitude: float | None = None
    longitude: float | None = None
    media: tuple[Media, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """A delivery that could not be read: kept as received, with the reason, for the operator to see."""

    raw: bytes = field(repr=False)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """A batch of what an account heard, and the cursor from which to go on once it is stored."""

    items: tuple[Incoming | Refused, ...]
    cursor: str


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to be said: `text` to `to_handle`, under the post `in_reply_to` in the thread `thread_root`."""

    text: str
    visibility: Visibility = "public"
    in_reply_to: str = ""
    in_reply_to_author: str = ""
    thread_root: str = ""
    to_handle: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The network's proof that a message was sent: its id there, its address, and when."""

    network_id: str
    url: str = ""
    uri: str = ""


@dataclass(frozen=True, slots=True)
class Who:
    """Whom the network takes us for: the same `author_id` and handle as in what this account posts."""

    author_id: str
    handle: str
    name: str = ""


class Progress(Protocol):
    """The memory of one send. `step` runs `call` once ever and keeps its JSON-able result."""

    def step(self, name: str, call: Callable[[], Any]) -> Any:
        """Return the kept result of step `name`, or run `call`, keep what it returns, and return it."""


class ChannelError(Exception):
    """Base of all that a channel may raise; `reason` is written for a person."""

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason)
        self.reason = reason


class RateLimited(ChannelError):
    """The network asks us to wait until `retry_at` (aware time)."""

    def __init__(self, retry_at: datetime, reason: str = "") -> None:
        super().__init__(reason or f"the network asks us to wait until {retry_at.isoformat()}")
        self.retry_at = retry_at


class TokenExpired(ChannelError):
    """The credentials are refused: a person has to connect the account again."""


class NotAllowed(ChannelError):
    """The network does not let this account do this (blocked, not summoned, window closed)."""


class Rejected(ChannelError):
    """The network refuses this very content; `field_name` says which part where it is known."""

    def __init__(self, reason: str, field_name: str = "") -> None:
        super().__init__(reason)
        self.field_name = field_name


class Unclear(ChannelError):
    """It may or may not have been sent: ask `find_sent` before any further try."""


class NetworkDown(ChannelError):
    """The network could not be reached, so nothing was sent or heard."""


class Channel(Protocol):
    """One network. Stateless: every call names the account; safe to call from several threads."""

    network: ClassVar[str]
    label: ClassVar[str]
    capabilities: ClassVar[Capabilities]
    secrets: ClassVar[tuple[str, ...]]
    """Names of the secrets that an account of this network needs."""

    def listen(self, account: AccountRef, cursor: str, stopping: Callable[[], bool]) -> Iterator[Heard]:
        """Yield what the account hears, gap-free from `cursor` ("" for the first time), until `stopping()`.

        Each yielded cursor may be stored once its items are stored. Yields with no items are allowed
        (they prove that the line is alive). Raises a `ChannelError` when the line breaks; the caller
        calls again, later, with the last stored cursor.
        """

    def poll(self, account: AccountRef, cursor: str) -> Heard:
        """Fetch once what is new since `cursor`, oldest first, at most a few hundred items."""

    def parse(self, raw: bytes) -> Incoming | Refused:
        """Read one raw delivery again, exactly as `poll` and `listen` read it. Never raises."""

    def send(self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress) -> Receipt:
        """Say `outgoing` once; `key` is the same for every try of the same message."""

    def find_sent(
        self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress, since: datetime
    ) -> Receipt | None:
        """Look on the network for an earlier try of this message, not older than `since`."""

    def length(self, text: str) -> int:
        """Length of `text` by the network's own counting rule, to hold against `capabilities.text_limit`."""

    def check(self, account: AccountRef) -> Who:
        """Ask the server who we are; raises a `ChannelError` if it is away or refuses our credentials."""
