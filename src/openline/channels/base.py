"""The channel interface: all that the rest of Openline knows about a network.

A channel is an adapter for one network. It turns what the network delivers into `Incoming`
values and carries out `Outgoing` values; it stores nothing and imports no other room.
Whatever can go wrong is one of the closed set of errors in `errors.py`, which the outbox understands.

Sends of several steps are written as ordinary code over `Progress.step`: every step is one
call, its result is kept as soon as it is known, and after a crash the send goes on after the
last finished step instead of from the start.

What a channel has to do is abstract in `Channel`; what a network may lack has a default that says so.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO, ClassVar, Literal, Protocol

from django.utils.translation import gettext as _

from openline.channels.accounts import AccountRef, Authorizing, Connected, Connection, Field, Finding, Who
from openline.channels.addresses import is_safe
from openline.channels.errors import (
    ChannelError,
    NetworkDown,
    NotAllowed,
    RateLimited,
    Rejected,
    TokenExpired,
    Unclear,
    Unverified,
)
from openline.channels.outgoing import Article, Outgoing, OutgoingMedia, Poll

__all__ = [
    "AccountRef",
    "Answerable",
    "Article",
    "Authorizing",
    "Capabilities",
    "Channel",
    "ChannelError",
    "Connected",
    "Connection",
    "Document",
    "Field",
    "Finding",
    "Heard",
    "Incoming",
    "IncomingKind",
    "Media",
    "MediaRule",
    "NetworkDown",
    "NotAllowed",
    "Outgoing",
    "OutgoingMedia",
    "Poll",
    "Progress",
    "Pushed",
    "RateLimited",
    "Receipt",
    "Refused",
    "Rejected",
    "Said",
    "Shared",
    "Taken",
    "TokenExpired",
    "Room",
    "Unclear",
    "Unverified",
    "Visibility",
    "Who",
]

Visibility = Literal["public", "private"]
IncomingKind = Literal["post", "edit", "delete", "receipt"]
TooLong = Literal["thread", "link", "reject"]


@dataclass(frozen=True, slots=True)
class MediaRule:
    """What a network takes of one kind of file: its media types, how many in a post, how large each (bytes).

    `ratios` are the narrowest and the widest shape that it shows whole (width / height); others are cropped before.
    """

    kind: Literal["image", "video", "audio", "file"]
    media_types: tuple[str, ...]
    most: int
    most_bytes: int
    most_seconds: float = 0.0
    ratios: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Room:
    """How long a text may be, in the network's own count (0: no limit), and what becomes of a longer one."""

    text_limit: int
    too_long: TooLong = "thread"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a network can do, as data, with the year in which each limit was true in the channel's docs.

    `text_limit` is in the network's own count (`Channel.length`); 0 means none. `too_long` says what the channel
    does with a longer text: a numbered thread, a shortened text with a link to the whole (`Outgoing.link`), or refuse.
    `edit`, `delete`, `hide`: what may be done to what was said. `public`: whether others can read what is said there.
    """

    text_limit: int
    direct_messages: bool
    edit: bool
    delete: bool
    inbound: Literal["stream", "poll", "push"]
    idempotent_send: bool
    """True if repeating a send with the same key can never be seen twice on the network."""
    finds_lost: tuple[Visibility, ...] = ()
    """Where `Channel.find_sent` finds, by its words or its key, also what `progress` knows nothing of: after a restore
    from an older backup."""
    lists_said: bool = False
    """True if `Channel.said` lists all that the account said in public."""
    too_long: TooLong = "reject"
    media: tuple[MediaRule, ...] = ()
    alt_text_limit: int = 0
    public: bool = True
    hide: bool = False
    answers_only: bool = False
    """True if the city answers there, and has no place for posts of its own."""
    polls: bool = False
    warnings: bool = False
    articles: bool = False
    scheduling: bool = False
    fetches_media: bool = False
    """True if the network fetches what goes out from its public address (`OutgoingMedia.url`)."""
    forms: tuple[str, ...] = ("", "album", "video")
    """What a publication may become here (`Outgoing.form`); "" is an ordinary post."""
    needs_media: bool = False
    """True if nothing is published here without a picture or a film."""
    title_limit: int = 0
    """Characters of the title of a film or an album; 0: they have none here."""
    answer_photos: bool = True
    """True if public answers take the pictures that posts take; in private they do wherever posts do."""
    private_answers: bool = False
    """True if what was said in public may be answered in private, under the very post."""
    answers: Room | None = None
    """How long a public answer may be, where that differs from a post."""
    messages: Room | None = None
    """The same of a private message."""
    metrics: tuple[str, ...] = ()
    """What the network tells of a publication (`Channel.metrics`): likes, reposts, replies, views, reach, ..."""

    def room(self, private: bool) -> Room:
        """How long an answer may be, in public or in `private`."""
        return (self.messages if private else self.answers) or Room(self.text_limit, self.too_long)


@dataclass(frozen=True, slots=True)
class Media:
    """An attachment as the network describes it; `url` is where the network keeps it.

    A file that came inside the delivery itself has a `url` that only `Channel.fetch` understands (`inside:...`).
    """

    url: str
    kind: str = "unknown"
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One thing that happened on a network: a post, an edit of one, a deletion, or the fate of one of ours.

    `raw` is the delivery as received, kept for ever and never changed. All other fields may be empty where the
    network does not tell. `network_id` identifies the post on this account's network (for an edit, a delete or a
    receipt: the post that it is about); `event_id` identifies this very delivery, so that the same one arriving again
    is recognised. `uri` names the post across servers and accounts.

    `text` is what was said, for reading; `whole` the same with quotations and signatures where they were cut off.
    `references` are ids of posts above it, oldest first, beside `in_reply_to`. `thread` names the conversation where
    the network or a signed address does. `automatic`: written by a machine (an auto-reply), so never answered by one.
    `facts` are shown to staff with the message (such as {"dkim": "pass"}). A `receipt` has a `status`.
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
    subject: str = ""
    whole: str = ""
    references: tuple[str, ...] = ()
    thread: str = ""
    automatic: bool = False
    facts: Mapping[str, str] = field(default_factory=dict)
    status: Literal["", "delivered", "failed"] = ""
    reason: str = ""


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
class Pushed:
    """A request that a network made to us, as it came.

    `url` is the whole address that the network called, as it knows it (signatures cover it), `headers` have names in
    lower case, `query` holds the parameters of the address, `body` the bytes before any reading. `remote` is the
    address of the machine that called, as far as our own proxies vouch for it; "" if that is not known.
    """

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    query: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    remote: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a pushed request brought, and what to answer once it is stored."""

    items: tuple[Incoming | Refused, ...] = ()
    status: int = 200
    body: str = ""
    content_type: str = "text/plain"


@dataclass(frozen=True, slots=True)
class Shared:
    """What one request brought for several accounts of a network that calls all of them by one address.

    `items` are by `AccountRef.id`. `withdrawn` are the accounts (ids) whose permission was taken back on the network:
    they are told so and speak no more; `erase` says that their credentials are to be forgotten with it. For an answer
    that has to name a page about the erasure, `body` may hold "{page}" and "{code}".
    """

    items: Mapping[str, tuple[Incoming | Refused, ...]] = field(default_factory=dict)
    status: int = 200
    body: str = ""
    content_type: str = "text/plain"
    withdrawn: tuple[str, ...] = ()
    erase: bool = False


@dataclass(frozen=True, slots=True)
class Answerable:
    """Whether the city may answer something, asked before it is written.

    `reason` says in words why not ("" if it may), `until` when that ends (aware time; None: not by itself), `instead`
    what else can be done, in words, best first. `note`: what is to be known though it may ("within 24 hours only").
    """

    reason: str = ""
    until: datetime | None = None
    instead: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """What the city's own site answers where a network looks for a proof or for who we are."""

    body: bytes
    content_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class Receipt:
    """The network's proof that a message was sent: its id there, its address; `parts` are the ids of further posts
    that it had to be split into, so that a reply to any of them finds its thread. `facts` are shown to staff."""

    network_id: str
    url: str = ""
    uri: str = ""
    parts: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Said:
    """A post of ours as its network shows it; `in_reply_to` is the id of the one that it answers, "" for none."""

    network_id: str
    text: str
    posted_at: datetime
    in_reply_to: str = ""
    visibility: Visibility = "public"
    url: str = ""
    uri: str = ""


class Progress(Protocol):
    """The memory of one send, and its files. `step` runs `call` once ever and keeps its JSON-able result."""

    def step(self, name: str, call: Callable[[], Any]) -> Any:
        """Return the kept result of step `name`, or run `call`, keep what it returns, and return it."""

    def done(self, name: str) -> Any:
        """The kept result of step `name`, or None: asks without doing."""

    def open(self, file: str) -> BinaryIO:
        """The bytes of a file that goes out with the message (`OutgoingMedia.file`), to be closed by the caller."""


class Channel(ABC):
    """One network. Stateless: every call names the account; safe to call from several threads."""

    network: ClassVar[str]
    label: ClassVar[str]
    capabilities: ClassVar[Capabilities]
    secrets: ClassVar[tuple[str, ...]]
    """Names of the secrets that an account of this network needs."""
    connection: ClassVar[Connection] = Connection()
    """What a person fills in to connect an account; without fields, handle, server and the secrets."""

    # Hearing

    @abstractmethod
    def listen(self, account: AccountRef, cursor: str, stopping: Callable[[], bool]) -> Iterator[Heard]:
        """Yield what the account hears, gap-free from `cursor` ("" for the first time), until `stopping()`.

        Each yielded cursor may be stored once its items are stored. Yields with no items are allowed
        (they prove that the line is alive). Raises a `ChannelError` when the line breaks; the caller
        calls again, later, with the last stored cursor. (`listening.polling` does it for networks that are asked.)
        """

    @abstractmethod
    def poll(self, account: AccountRef, cursor: str) -> Heard:
        """Fetch once what is new since `cursor`, oldest first, at most a few hundred items."""

    @abstractmethod
    def parse(self, raw: bytes) -> Incoming | Refused:
        """Read one raw delivery again, exactly as `poll`, `listen` and `take` read it. Never raises."""

    def read(self, raw: bytes, settings: Mapping[str, str]) -> Incoming | Refused:
        """`parse` with the account's settings, where they say what to believe of a delivery (such as whose findings
        on a mail's sender count, in `Incoming.facts`). Never raises."""
        return self.parse(raw)

    def take(self, account: AccountRef, pushed: Pushed) -> Taken:
        """Check and read a request that the network made to us. Raises Unverified if its signature is wrong."""
        raise Unverified(f"{self.label} does not call us.")

    def share(self, accounts: Sequence[AccountRef], pushed: Pushed) -> Shared:
        """`take` for networks that call all accounts of one app at one address (/hooks/NETWORK/): check the signature
        with any of them, read, and say what is whose. Raises Unverified if the signature is wrong.

        `accounts` are all of this network; what is for none of them is left out.
        """
        raise Unverified(f"{self.label} does not call us for all accounts at once.")

    def fetch(self, account: AccountRef, raw: bytes, media: Media, most_bytes: int) -> bytes | None:
        """The bytes of an attachment that only this channel can get; None: it lies at its public address.

        `raw` is the delivery that brought it. Raises a ChannelError (Rejected if larger than `most_bytes`).
        """
        return None

    # Speaking

    @abstractmethod
    def send(self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress) -> Receipt:
        """Do what `outgoing` says, once; `key` is the same for every try of the same message.

        For `outgoing.action` "edit", "delete", "hide" and "show" the receipt names the post that was changed. Raises
        NotAllowed where the capability is missing.
        """

    @abstractmethod
    def find_sent(
        self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress, since: datetime
    ) -> Receipt | None:
        """Look on the network for an earlier try of this message, not older than `since`.

        Of a message of several steps, what is found is kept in `progress`, so that `send` goes on behind it.
        """

    def said(self, account: AccountRef, since: datetime) -> Iterable[Said]:
        """All that the account said since then, in any order, where `capabilities.lists_said`; private words as far as
        the network lists them. Asked once after a restore, before the account hears again. Raises a ChannelError.
        """
        raise NotAllowed(f"{self.label} does not list what we said.")

    @abstractmethod
    def length(self, text: str) -> int:
        """Length of `text` by the network's own counting rule, to hold against `capabilities.text_limit`."""

    def capabilities_of(self, account: AccountRef) -> Capabilities:
        """What this very account can do, where that depends on more than its network."""
        return self.capabilities

    def capabilities_of_post(self, network_id: str, private: bool) -> Capabilities:
        """What can be done to this very message, once it is said: its network may edit or delete some kinds only."""
        return self.capabilities

    def can_answer(self, account: AccountRef, raw: bytes, heard_at: datetime, private: bool) -> Answerable:
        """Whether the delivery `raw`, heard at `heard_at`, may be answered now, in public or in `private`.

        A question without a call to the network: by the rules for this post, the account's settings and the clock.
        """
        return Answerable()

    def options(self, account: AccountRef, form: str) -> tuple[Field, ...]:
        """What can be chosen for each post on this network alone (`Outgoing.options`), for a post of that `form`."""
        return ()

    def cost(self, account: AccountRef, text: str) -> str:
        """In words what `text` costs to send ("2 messages, 41 characters left"), for whoever writes it; "" if it does
        not depend on the text."""
        return ""

    def answer_at_once(self, account: AccountRef, incoming: Incoming) -> str:
        """What the network's rules want answered to `incoming` without delay (to HELP, to STOP); "" for nothing.

        It is said once, even to who has just asked for no more messages, and nothing else is answered to it.
        """
        return ""

    # What came of it

    def metrics(self, account: AccountRef, network_ids: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
        """What the network tells of these posts of ours, under the names in `capabilities.metrics`.

        A post that is left out is no longer on the network, which the channel has made sure of; {} is one of which
        nothing is told at the moment. Asks in batches as large as the network allows, and changes nothing. Raises a
        `ChannelError`. Only asked for where `capabilities.metrics` names something.
        """
        return {}

    # The account

    @abstractmethod
    def check(self, account: AccountRef) -> Who:
        """Ask the server who we are; raises a `ChannelError` if it is away or refuses our credentials."""

    def profile(self, account: AccountRef) -> str:
        """The public web address of the account, for the city's register of its accounts; "" if there is none."""
        return ""

    def inspect(self, account: AccountRef) -> tuple[Finding, ...]:
        """What else to look at for this account (a proof of identity that is missing, ...), for `openline doctor`."""
        return ()

    def connect(self, values: Mapping[str, str]) -> Connected:
        """From what a person filled in (`connection.fields`) to an account that was checked with the network.

        Raises Rejected naming the field, or another ChannelError; then nothing is kept. Where a network asks for
        nothing of its own, `handle`, `server` and the secrets are enough; where only its login page connects, all is
        refused.
        """
        if self.connection.own_login and not self.connection.by_hand:
            raise Rejected(_("%(network)s is connected by its own login page: choose that.") % {"network": self.label})
        handle, server = values.get("handle", ""), values.get("server", "").rstrip("/")
        if not is_safe(server):
            raise Rejected("Name the server by its https:// (or wss://) address.", "server")
        credentials = {name: values.get(name, "") for name in self.secrets}
        who = self.check(AccountRef("new", handle, server, credentials))
        return Connected(who, handle or who.handle, server, credentials)

    def fields(self) -> tuple[Field, ...]:
        """What a person fills in, whether the channel names it or not."""
        usual = (Field("handle", "Handle"), Field("server", "Server", kind="url"))
        return self.connection.fields or (*usual, *(Field(name, name, kind="secret") for name in self.secrets))

    def authorize(self, values: Mapping[str, str], return_to: str, state: str) -> Authorizing:
        """Begin the network's own login (OAuth): where to send the person's browser, and what to keep meanwhile."""
        raise NotAllowed(f"{self.label} has no login page of its own here.")

    def authorized(self, kept: Mapping[str, str], query: Mapping[str, str]) -> Connected:
        """End the network's own login, with what was kept and what the browser brought back."""
        raise NotAllowed(f"{self.label} has no login page of its own here.")

    def settle(self, account: AccountRef) -> tuple[Finding, ...]:
        """Called once an account is kept: have the network call us for it. Says what was done, and what is left."""
        return ()

    documents: ClassVar[tuple[str, ...]] = ()
    """Paths on the city's own site at which this network looks for something, such as /.well-known/nostr.json."""

    def document(
        self, path: str, query: Mapping[str, str], accounts: Sequence[AccountRef], return_to: str
    ) -> Document | None:
        """What stands at `path`, one of `documents`; None if nothing does.

        `accounts` are those of this network, without secrets; `return_to` is where login pages come back to.
        """
        return None

    def try_out(self, account: AccountRef, text: str, key: str) -> str:
        """Send `text` to ourselves so that nobody else sees it, see that it is there, and say in words what was seen.

        Raises a ChannelError that says what is wrong.
        """
        raise NotAllowed(f"{self.label} has no message to oneself.")
