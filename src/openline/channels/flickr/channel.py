"""The Flickr channel: photos, films and albums out; comments in, answers out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from django.utils.translation import gettext as _

from openline.channels.base import (
    AccountRef,
    Authorizing,
    Capabilities,
    Channel,
    Connected,
    Connection,
    Field,
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
from openline.channels.flickr import (
    changing,
    choices,
    commenting,
    connecting,
    hearing,
    measuring,
    places,
    posting,
    reading,
    writing,
)
from openline.channels.flickr.client import Flickr
from openline.channels.listening import polling
from openline.channels.outgoing import HIDING

POLL_EVERY_SECONDS = 60.0
_MEGABYTE = 1_000_000
_IMAGES = ("image/jpeg", "image/png", "image/gif")
_FILMS = ("video/mp4", "video/quicktime", "video/webm", "video/ogg", "video/mpeg")


class FlickrChannel(Channel):
    """See `openline.channels.base.Channel`. flickr.com/services/api, 2026."""

    network: ClassVar[str] = "flickr"
    label: ClassVar[str] = "Flickr"
    secrets: ClassVar[tuple[str, ...]] = ("api_key", "api_secret", "oauth_token", "oauth_token_secret")
    connection: ClassVar[Connection] = connecting.CONNECTION
    capabilities: ClassVar[Capabilities] = Capabilities(
        text_limit=writing.TEXT_LIMIT,
        direct_messages=False,
        edit=True,
        delete=True,
        inbound="poll",
        idempotent_send=False,
        finds_lost=("public",),
        media=(
            MediaRule("image", _IMAGES, 100, 200 * _MEGABYTE),
            MediaRule("video", _FILMS, 20, 1000 * _MEGABYTE, 600.0),
        ),
        alt_text_limit=2000,
        needs_media=True,
        answer_photos=False,
        title_limit=writing.TITLE_LIMIT,
        metrics=measuring.NAMES,
    )

    def listen(self, account: AccountRef, cursor: str, stopping: Callable[[], bool]) -> Iterator[Heard]:
        """Look every minute: Flickr lets a key make 3,600 calls an hour (2026), a look takes about five."""
        return polling(self, account, cursor, stopping, POLL_EVERY_SECONDS)

    def poll(self, account: AccountRef, cursor: str) -> Heard:
        """Comments after `cursor`, oldest first, then what changed among the newest; at first of a week."""
        with Flickr(account) as flickr:
            raws, behind = hearing.poll(flickr, cursor)
        return Heard(tuple(self.parse(raw) for raw in raws), behind)

    def parse(self, raw: bytes) -> Incoming | Refused:
        """Read one raw delivery."""
        return reading.parse(raw)

    def send(self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress) -> Receipt:
        """Publish photos, answer under one, or change what was said."""
        if outgoing.visibility == "private":
            raise NotAllowed(_("Flickr lets no program write private messages."))
        if outgoing.action in HIDING:
            raise NotAllowed(_("On Flickr comments cannot be hidden, only deleted; do that on Flickr's own page."))
        with Flickr(account) as flickr:
            if outgoing.action == "delete":
                return changing.delete(flickr, outgoing)
            if outgoing.action == "edit":
                return changing.edit(flickr, outgoing, progress)
            if outgoing.in_reply_to:
                return commenting.answer(flickr, outgoing, progress)
            return posting.publish(flickr, outgoing, key, progress)

    def find_sent(
        self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress, since: datetime
    ) -> Receipt | None:
        """Look for photos by their marks, for comments by words, place and time."""
        with Flickr(account) as flickr:
            if outgoing.action != "post":
                return changing.find(flickr, outgoing)
            if outgoing.in_reply_to:
                return commenting.find(flickr, outgoing, since)
            return posting.find(flickr, outgoing, key, progress, since)

    def metrics(self, account: AccountRef, network_ids: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
        """Views and comments, of one photo in a call."""
        with Flickr(account) as flickr:
            return measuring.metrics(flickr, network_ids)

    def length(self, text: str) -> int:
        """Characters, as they are written in Flickr's limited HTML."""
        return len(writing.html(text))

    def options(self, account: AccountRef, form: str) -> tuple[Field, ...]:
        """Licence, who sees it, safety level, album."""
        return choices.FIELDS

    def check(self, account: AccountRef) -> Who:
        """Ask Flickr who we are."""
        return connecting.who(account)

    def profile(self, account: AccountRef) -> str:
        """The account's photos."""
        return places.person(account.author_id or account.settings.get("nsid", "") or account.handle)

    def inspect(self, account: AccountRef) -> tuple[Finding, ...]:
        """Rights of the token, limits, room for uploads."""
        return connecting.inspect(account)

    def authorize(self, values: Mapping[str, str], return_to: str, state: str) -> Authorizing:
        """Begin the login."""
        return connecting.authorize(values, return_to, state)

    def authorized(self, kept: Mapping[str, str], query: Mapping[str, str]) -> Connected:
        """End it."""
        return connecting.authorized(kept, query)

    def try_out(self, account: AccountRef, text: str, key: str) -> str:
        """Rights and limits; nothing is sent, as nobody can write to themselves there."""
        return connecting.try_out(account, text)
