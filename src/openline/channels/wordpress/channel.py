"""The WordPress channel: posts and pages out, comments and links from other sites in, answers out as comments."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
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
    NotAllowed,
    Outgoing,
    Progress,
    Receipt,
    Refused,
    Who,
)
from openline.channels.listening import polling
from openline.channels.outgoing import HIDING
from openline.channels.wordpress import (
    commenting,
    connecting,
    hearing,
    inspecting,
    measuring,
    publishing,
    reading,
    writing,
)
from openline.channels.wordpress.client import Site

POLL_EVERY_SECONDS = 30.0
_MEGABYTE = 1_000_000
_MEDIA = (
    MediaRule("image", ("image/jpeg", "image/png", "image/gif", "image/webp"), 50, 50 * _MEGABYTE),
    MediaRule("video", ("video/mp4", "video/webm", "video/ogg", "video/quicktime"), 10, 500 * _MEGABYTE),
    MediaRule("audio", ("audio/mpeg", "audio/ogg", "audio/wav", "audio/mp4"), 10, 100 * _MEGABYTE),
    MediaRule("file", ("application/pdf",), 20, 50 * _MEGABYTE),
)


class WordPressChannel(Channel):
    """See `openline.channels.base.Channel`. WordPress 5.6 to 6.9, developer.wordpress.org, 2026."""

    network: ClassVar[str] = "wordpress"
    label: ClassVar[str] = "WordPress"
    secrets: ClassVar[tuple[str, ...]] = ("username", "application_password")
    connection: ClassVar[Connection] = connecting.CONNECTION
    capabilities: ClassVar[Capabilities] = Capabilities(
        text_limit=0,
        direct_messages=False,
        edit=True,
        delete=True,
        inbound="poll",
        idempotent_send=True,
        finds_lost=("public",),
        media=_MEDIA,
        alt_text_limit=1000,
        hide=True,
        articles=True,
        scheduling=True,
        metrics=measuring.NAMES,
    )

    def listen(self, account: AccountRef, cursor: str, stopping: Callable[[], bool]) -> Iterator[Heard]:
        """Look every half a minute."""
        return polling(self, account, cursor, stopping, POLL_EVERY_SECONDS)

    def poll(self, account: AccountRef, cursor: str) -> Heard:
        """Comments after `cursor`, oldest first, then what changed among the newest; at first the newest hundred."""
        with Site(account) as site:
            raws, behind = hearing.poll(site, cursor)
        return Heard(tuple(self.parse(raw) for raw in raws), behind)

    def parse(self, raw: bytes) -> Incoming | Refused:
        """Read one raw delivery."""
        return reading.parse(raw)

    def send(self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress) -> Receipt:
        """Publish a post or page, answer a comment, or change what was said."""
        if outgoing.visibility == "private":
            raise NotAllowed("WordPress has no private messages.")
        with Site(account) as site:
            if outgoing.action in ("delete", *HIDING):
                return _take_back(site, outgoing)
            writing.writable(outgoing)
            if outgoing.action == "edit":
                kind, number = commenting.split(outgoing.about)
                return (commenting if kind == "comment" else publishing).edit(site, outgoing, key, progress, number)
            return (commenting.answer if _is_answer(outgoing) else publishing.publish)(site, outgoing, key, progress)

    def find_sent(
        self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress, since: datetime
    ) -> Receipt | None:
        """Look for our mark on the site. An edit is simply made again: that changes nothing."""
        with Site(account) as site:
            if outgoing.action == "edit":
                return None
            if outgoing.action in ("delete", *HIDING):
                return _taken_back(site, outgoing)
            if _is_answer(outgoing):
                return commenting.find_sent(site, outgoing, key)
            return publishing.find_sent(site, outgoing, key, progress)

    def metrics(self, account: AccountRef, network_ids: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
        """Comments that stand below our posts and pages, of 100 in a call; WordPress itself counts nothing else."""
        with Site(account) as site:
            return measuring.metrics(site, network_ids)

    def length(self, text: str) -> int:
        """Characters; there is no limit to hold them against."""
        return len(text)

    def check(self, account: AccountRef) -> Who:
        """Ask the site who we are."""
        with Site(account) as site:
            return connecting.who(site)

    def profile(self, account: AccountRef) -> str:
        """The site itself."""
        return account.server

    def inspect(self, account: AccountRef) -> tuple[Finding, ...]:
        """Encryption, API, rights, planned posts that are late, pingbacks, comments."""
        with Site(account) as site:
            return inspecting.inspect(account, site)

    def connect(self, values: Mapping[str, str]) -> Connected:
        """With a user name and an application password that a person made."""
        return connecting.connect(values)

    def authorize(self, values: Mapping[str, str], return_to: str, state: str) -> Authorizing:
        """By WordPress's own page, which makes the application password."""
        return connecting.authorize(values, return_to, state)

    def authorized(self, kept: Mapping[str, str], query: Mapping[str, str]) -> Connected:
        """What that page sent back."""
        return connecting.authorized(kept, query)

    def try_out(self, account: AccountRef, text: str, key: str) -> str:
        """Save a draft, read it back and remove it."""
        with Site(account) as site:
            return connecting.try_out(site, text, key)


def _is_answer(outgoing: Outgoing) -> bool:
    return bool(outgoing.in_reply_to) and outgoing.article is None


def _take_back(site: Site, outgoing: Outgoing) -> Receipt:
    kind, number = commenting.split(outgoing.about)
    if outgoing.action == "delete":
        return commenting.delete(site, number) if kind == "comment" else publishing.delete(site, number)
    if kind != "comment":
        raise NotAllowed("Only comments can be hidden.")
    return (commenting.hide if outgoing.action == "hide" else commenting.show)(site, number)


def _taken_back(site: Site, outgoing: Outgoing) -> Receipt | None:
    kind, number = commenting.split(outgoing.about)
    gone = outgoing.action == "delete"
    done = (
        commenting.is_out_of_sight(site, number, gone=gone) if kind == "comment" else publishing.is_gone(site, number)
    )
    done = not done if outgoing.action == "show" else done
    return Receipt(outgoing.about) if done else None
