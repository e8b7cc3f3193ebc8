"""The Mastodon channel: mentions and direct messages in, answers out.

Hearing is polling from a cursor; the stream only says when to poll, so that a broken stream
never loses a post. Sending carries an Idempotency-Key.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from openline.channels.base import (
    AccountRef,
    Authorizing,
    Capabilities,
    Channel,
    Connected,
    Connection,
    Finding,
    Heard,
    Incoming,
    MediaRule,
    Outgoing,
    Progress,
    Receipt,
    Refused,
    Said,
    Who,
)
from openline.channels.listening import pause
from openline.channels.mastodon import (
    connecting,
    finding,
    hearing,
    inspecting,
    measuring,
    reading,
    sending,
    trying,
    writing,
)
from openline.channels.mastodon.client import Server
from openline.channels.mastodon.stream import Stream
from openline.channels.mastodon.watch import Place

POLL_EVERY_SECONDS = 15.0
LOOK_AGAIN_EVERY_SECONDS = 60.0
_NOTICE_STOP_SECONDS = 0.5
_IMAGES = ("image/jpeg", "image/png", "image/gif", "image/webp", "image/avif", "image/heic")
_FILMS = ("video/mp4", "video/quicktime", "video/webm")
_SOUNDS = ("audio/mpeg", "audio/ogg", "audio/wav", "audio/flac", "audio/aac", "audio/mp4")


class MastodonChannel(Channel):
    """See `openline.channels.base.Channel`. Limits: Mastodon 4.x, docs.joinmastodon.org, 2026; a server's own count."""

    network: ClassVar[str] = "mastodon"
    label: ClassVar[str] = "Mastodon"
    secrets: ClassVar[tuple[str, ...]] = ("access_token",)
    connection: ClassVar[Connection] = connecting.CONNECTION
    capabilities: ClassVar[Capabilities] = Capabilities(
        text_limit=500,
        direct_messages=True,
        edit=True,
        delete=True,
        inbound="stream",
        idempotent_send=True,
        finds_lost=("public", "private"),
        lists_said=True,
        too_long="thread",
        media=(
            MediaRule("image", _IMAGES, 4, 16_777_216),
            MediaRule("video", _FILMS, 1, 103_809_024),
            MediaRule("audio", _SOUNDS, 1, 103_809_024),
        ),
        alt_text_limit=1500,
        polls=True,
        private_answers=True,
        warnings=True,
        metrics=measuring.NAMES,
    )

    def listen(self, account: AccountRef, cursor: str, stopping: Callable[[], bool]) -> Iterator[Heard]:
        """Poll at once, at every event of the stream, and every 15 seconds besides."""
        allowance = hearing.Allowance(account.keeper)
        account, place, stream = replace(account, keeper=allowance), Place.read(cursor), Stream(account)
        looked, first, look = time.monotonic(), True, True
        try:
            while not stopping():
                new = self._new(account, place)
                yield self._heard(new, place)
                if len(new) < hearing.PAGE and (look or time.monotonic() - looked > LOOK_AGAIN_EVERY_SECONDS):
                    looked, changes = time.monotonic(), place.changes(account, all_of_them=first)
                    first = look = False
                    yield self._heard(changes, place)
                if len(new) < hearing.PAGE:
                    look = any(post in place.posts for post in _wait(stream, stopping))
                pause(allowance.wait_seconds(), stopping)
        finally:
            stream.close()

    def poll(self, account: AccountRef, cursor: str) -> Heard:
        """Mentions behind `cursor`, oldest first, and behind them edits and deletions of the newest ones.

        The first poll takes the newest pages.
        """
        place = Place.read(cursor)
        new = self._new(account, place)
        changes = place.changes(account) if cursor and len(new) < hearing.PAGE else []
        return self._heard(new + changes, place)

    def parse(self, raw: bytes) -> Incoming | Refused:
        """Read one raw delivery."""
        return reading.parse(raw)

    def send(self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress) -> Receipt:
        """Post the answer once, in a numbered thread if it is too long; or change or take back what was said."""
        return sending.send(account, outgoing, key, progress)

    def find_sent(
        self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress, since: datetime
    ) -> Receipt | None:
        """Look through our own posts back to `since` for this very answer."""
        return sending.find_sent(account, outgoing, progress, since)

    def said(self, account: AccountRef, since: datetime) -> Iterable[Said]:
        """What the server lists under our account; not every one lists private posts there."""
        return [reading.said(post) for post in finding.own_posts(Server(account), since)]

    def metrics(self, account: AccountRef, network_ids: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
        """Favourites, boosts, replies and quotes, of 20 posts in a call (one by one on servers before 4.3)."""
        return measuring.metrics(Server(account), network_ids)

    def length(self, text: str) -> int:
        """Mastodon's count: characters as people see them, every link 23, of a remote mention only the name."""
        return writing.length(text)

    def check(self, account: AccountRef) -> Who:
        """Ask the server who we are."""
        return reading.who(finding.me(Server(account)))

    def inspect(self, account: AccountRef) -> tuple[Finding, ...]:
        """The proof of the city's website, what the token may do, and what the account does not let through."""
        return inspecting.inspect(account)

    def connect(self, values: Mapping[str, str]) -> Connected:
        """With an access token that was made by hand."""
        return connecting.connect(values)

    def authorize(self, values: Mapping[str, str], return_to: str, state: str) -> Authorizing:
        """Register with the person's server; its login page follows."""
        return connecting.authorize(values, return_to, state)

    def authorized(self, kept: Mapping[str, str], query: Mapping[str, str]) -> Connected:
        """The server's code becomes an access token."""
        return connecting.authorized(kept, query)

    def profile(self, account: AccountRef) -> str:
        """The account's page on its server."""
        return f"{account.server.rstrip('/')}/@{account.handle.removeprefix('@')}"

    def try_out(self, account: AccountRef, text: str, key: str) -> str:
        """Post `text` for nobody but ourselves, read it, and take it back."""
        return trying.try_out(account, text, key)

    def _new(self, account: AccountRef, place: Place) -> list[bytes]:
        """New mentions; the place moves behind them."""
        new, place.after = hearing.mentions(account, place.after)
        place.note(new)
        return [raw for raw, _item in new]

    def _heard(self, raws: list[bytes], place: Place) -> Heard:
        return Heard(tuple(self.parse(raw) for raw in raws), place.cursor() if place.after else "")


def _wait(stream: Stream, stopping: Callable[[], bool]) -> list[str]:
    """Wait for the stream or the timer; returns which posts the stream told of."""
    until = time.monotonic() + POLL_EVERY_SECONDS
    while time.monotonic() < until and not stopping():
        if events := stream.wait(_NOTICE_STOP_SECONDS):
            return events
    return []
