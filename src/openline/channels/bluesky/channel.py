"""The Bluesky channel: mentions, replies, quotes and private messages in; posts, threads and private messages out.

Hearing is asking from a cursor; a stream of all posts can bring public ones sooner where there are many. Every post has
a key that follows from the message's, so that a repeated send is the same post.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import ClassVar

import orjson

from openline.channels.accounts import Authorizing, Connected, Connection, Finding
from openline.channels.base import (
    AccountRef,
    Capabilities,
    Channel,
    Document,
    Heard,
    Incoming,
    Media,
    NotAllowed,
    Outgoing,
    Progress,
    Receipt,
    Refused,
    Rejected,
    Room,
    Who,
)
from openline.channels.bluesky import (
    chat,
    connecting,
    files,
    firehose,
    hearing,
    hiding,
    inspecting,
    measuring,
    media,
    posting,
    reading,
)
from openline.channels.bluesky.client import Session
from openline.channels.bluesky.facets import length
from openline.channels.bluesky.people import Profiles
from openline.channels.bluesky.place import Place
from openline.channels.bluesky.stream import Stream, Told
from openline.channels.outgoing import HIDING

POLL_SECONDS, POLL_BESIDE_STREAM_SECONDS = 15.0, 60.0
LOOK_AGAIN_SECONDS, SWEEP_SECONDS = 60.0, 3600.0
_NOTICE_STOP_SECONDS = 0.5


class BlueskyChannel(Channel):
    """See `openline.channels.base.Channel`. Limits: lexicons of August 2026."""

    network: ClassVar[str] = "bluesky"
    label: ClassVar[str] = "Bluesky"
    secrets: ClassVar[tuple[str, ...]] = ("app_password",)
    capabilities: ClassVar[Capabilities] = Capabilities(
        text_limit=posting.LIMIT,
        direct_messages=True,
        edit=False,
        delete=True,
        inbound="stream",
        idempotent_send=True,
        finds_lost=("public",),
        too_long="thread",
        messages=Room(chat.LIMIT),
        media=media.RULES,
        alt_text_limit=2000,
        hide=True,
        metrics=measuring.NAMES,
    )
    connection: ClassVar[Connection] = connecting.CONNECTION

    def listen(self, account: AccountRef, cursor: str, stopping: Callable[[], bool]) -> Iterator[Heard]:
        """Ask every 15 seconds; with a stream, hear from it at once and ask every minute, so that nothing is missed."""
        place, seen, profiles = Place.read(cursor), hearing.Seen(), Profiles()
        looked, swept = 0.0, time.monotonic()
        with Session(account) as session, Stream(account, session.did, place.stream) as stream:
            while not stopping():
                raws, place = self._news(session, place)
                if not place.pages and time.monotonic() - looked > LOOK_AGAIN_SECONDS:
                    looked = time.monotonic()
                    gone, place = hearing.deletions(session, place)
                    raws += gone
                if not place.pages and time.monotonic() - swept > SWEEP_SECONDS:
                    swept = time.monotonic()
                    raws += hearing.sweep(session)
                yield Heard(seen.new(self._read(raws)), str(place))
                for told in self._told(stream, stopping, again=bool(place.pages)):
                    items, place = self._from_stream(session, told, place, profiles)
                    yield Heard(seen.new(items), str(place))

    def poll(self, account: AccountRef, cursor: str) -> Heard:
        """Notifications and private messages behind `cursor`, oldest first; behind the last of a backlog also
        deletions of the newest posts.

        What is a little older than the cursor may come again: its event id is the same.
        """
        with Session(account) as session:
            raws, place = self._news(session, Place.read(cursor))
            gone, place = hearing.deletions(session, place) if not place.pages else ([], place)
            return Heard(tuple(self._read(raws + gone)), str(place))

    def parse(self, raw: bytes) -> Incoming | Refused:
        """Read one raw delivery."""
        return reading.parse(raw)

    def fetch(self, account: AccountRef, raw: bytes, media: Media, most_bytes: int) -> bytes | None:
        """A picture or video of a post as its author uploaded it, from the author's own server."""
        return files.fetch(account, media.url, most_bytes)

    def send(self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress) -> Receipt:
        """Say it once, or take one of our posts back."""
        with Session(account) as session:
            if outgoing.action == "delete" and outgoing.about.startswith("at://"):
                return posting.delete(session, outgoing.about)
            if outgoing.action in HIDING:
                return (hiding.hide if outgoing.action == "hide" else hiding.show)(session, outgoing.about)
            if outgoing.action != "post":
                raise NotAllowed("Bluesky has no edits, and private messages cannot be taken back.")
            _writable(outgoing)
            if outgoing.visibility == "private":
                return chat.send(session, outgoing, progress)
            return posting.send(session, outgoing, key, progress)

    def find_sent(
        self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress, since: datetime
    ) -> Receipt | None:
        """Look for the posts under their keys, or for the words in the conversation."""
        with Session(account) as session:
            if outgoing.action in HIDING:
                return hiding.done(session, outgoing.about, outgoing.action == "hide")
            if outgoing.action == "delete":
                there = hearing.there(session, outgoing.about)
                return None if there else Receipt(outgoing.about, uri=outgoing.about)
            if outgoing.visibility == "private":
                return chat.find(session, outgoing, progress)
            return posting.find(session, outgoing, key, progress)

    def metrics(self, account: AccountRef, network_ids: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
        """Likes, reposts, replies and quotes as the AppView counts them, of 25 posts in a call."""
        with Session(account) as session:
            return measuring.metrics(session, network_ids)

    def capabilities_of_post(self, network_id: str, private: bool) -> Capabilities:
        """Private messages cannot be taken back."""
        return replace(self.capabilities, delete=not private)

    def length(self, text: str) -> int:
        """Graphemes, long links counted as they are shown; a tenth of the bytes where that is more."""
        return length(text)

    def check(self, account: AccountRef) -> Who:
        """Ask the server who we are."""
        with Session(account) as session:
            return connecting.who(session)

    def inspect(self, account: AccountRef) -> tuple[Finding, ...]:
        """The handle as proof of identity, and whether private messages are open to us."""
        with Session(account) as session:
            return inspecting.findings(session)

    def connect(self, values: Mapping[str, str]) -> Connected:
        """By handle and app password."""
        return connecting.connect(values)

    def authorize(self, values: Mapping[str, str], return_to: str, state: str) -> Authorizing:
        """By the login page of the account's server (OAuth)."""
        from openline.channels.bluesky import oauth

        return oauth.authorize(values, return_to, state)

    def authorized(self, kept: Mapping[str, str], query: Mapping[str, str]) -> Connected:
        """The login page sent the person back."""
        from openline.channels.bluesky import oauth

        return oauth.authorized(kept, query)

    documents: ClassVar[tuple[str, ...]] = (connecting.DOCUMENT_PATH, connecting.PROOF_PATH)

    def document(
        self, path: str, query: Mapping[str, str], accounts: Sequence[AccountRef], return_to: str
    ) -> Document | None:
        """What login pages read of us, and the proof that this site's name is the handle of an account."""
        if path == connecting.PROOF_PATH:
            did = connecting.did_of_site(accounts, return_to)
            return Document(did.encode(), "text/plain") if did else None
        from openline.channels.bluesky import oauth

        said = oauth.document(return_to)
        return Document(orjson.dumps(said)) if said else None

    def profile(self, account: AccountRef) -> str:
        """By DID, so that the address stays when the handle changes."""
        return f"https://bsky.app/profile/{account.author_id}" if account.author_id else ""

    def try_out(self, account: AccountRef, text: str, key: str) -> str:
        """Write a record that no program shows, read it back, and take it away."""
        with Session(account) as session:
            return inspecting.try_out(session, text, key)

    def _news(self, session: Session, place: Place) -> tuple[list[bytes], Place]:
        raws, place = hearing.mentions(session, place)
        if place.pages and place.chat:
            return raws, place
        private, behind = chat.news(session, place.chat)
        return raws + private, replace(place, chat=behind)

    def _read(self, raws: list[bytes]) -> list[Incoming | Refused]:
        return [self.parse(raw) for raw in raws]

    def _told(self, stream: Stream, stopping: Callable[[], bool], again: bool) -> Iterator[Told]:
        """What the stream brings until it is time to ask again."""
        begun = time.monotonic()
        while not stopping():
            if again or time.monotonic() - begun > (POLL_BESIDE_STREAM_SECONDS if stream.up else POLL_SECONDS):
                return
            yield from stream.wait(_NOTICE_STOP_SECONDS)

    def _from_stream(
        self, session: Session, told: Told, place: Place, profiles: Profiles
    ) -> tuple[list[Incoming | Refused], Place]:
        watched = set(place.watched)
        events = [event for event in told.events if event.get("deleted", "") in watched or "deleted" not in event]
        authors = profiles.of(session, {event["did"] for event in events if "did" in event})
        raws = [firehose.delivery(event, authors.get(event.get("did", ""), {})) for event in events]
        items = self._read(raws)
        new = [item.network_id for item in items if isinstance(item, Incoming) and item.kind == "post"]
        gone = [event["deleted"] for event in events if "deleted" in event]
        return items, replace(place.watching(new).without(gone), stream=told.cursor)


def _writable(outgoing: Outgoing) -> None:
    if outgoing.text.encode("utf-8", "replace").decode() != outgoing.text:
        raise Rejected("The text holds characters that cannot be written.", "text")
    if outgoing.poll:
        raise Rejected("Bluesky has no polls.", "poll")
