"""The YouTube channel: films out; comments in, answers out, within a day's units."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from django.utils.translation import gettext as _

from openline.channels.base import (
    AccountRef,
    Answerable,
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
from openline.channels.listening import pause
from openline.channels.outgoing import HIDING
from openline.channels.youtube import (
    changing,
    choices,
    commenting,
    connecting,
    finishing,
    hearing,
    measuring,
    places,
    posting,
    reading,
    units,
    uploading,
    writing,
)
from openline.channels.youtube.client import YouTube

POLL_EVERY_SECONDS = 60.0
_FILMS = ("video/mp4", "video/quicktime", "video/webm", "video/mpeg", "video/x-msvideo", "video/3gpp")
_HALF_A_DAY = 12 * 3600.0


class YouTubeChannel(Channel):
    """See `openline.channels.base.Channel`. YouTube Data API v3, 2026."""

    network: ClassVar[str] = "youtube"
    label: ClassVar[str] = "YouTube"
    secrets: ClassVar[tuple[str, ...]] = ("client_id", "client_secret", "access_token", "refresh_token", "expires_at")
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
            MediaRule("video", _FILMS, 1, uploading.MOST_BYTES, _HALF_A_DAY),
            MediaRule("image", ("image/jpeg", "image/png"), 1, finishing.THUMBNAIL_BYTES),
        ),
        hide=True,
        scheduling=True,
        forms=("", "video"),
        needs_media=True,
        answer_photos=False,
        title_limit=writing.TITLE_LIMIT,
        metrics=measuring.NAMES,
    )

    def listen(self, account: AccountRef, cursor: str, stopping: Callable[[], bool]) -> Iterator[Heard]:
        """Look every minute, or as slowly as the day's units want it."""
        while not stopping():
            with YouTube(account) as youtube:
                raws, behind = hearing.poll(youtube, cursor)
                left, spent = youtube.left, youtube.spent
            more, cursor = bool(raws) and behind != cursor, behind
            yield self._heard(raws, behind)
            wait = units.wait_seconds(left, spent, POLL_EVERY_SECONDS)
            if not more or wait > POLL_EVERY_SECONDS:
                pause(wait, stopping)

    def poll(self, account: AccountRef, cursor: str) -> Heard:
        """Comments after `cursor`, oldest first, then what changed; at first the newest hundred threads."""
        with YouTube(account) as youtube:
            return self._heard(*hearing.poll(youtube, cursor))

    def _heard(self, raws: list[bytes], behind: str) -> Heard:
        return Heard(tuple(self.parse(raw) for raw in raws), behind)

    def parse(self, raw: bytes) -> Incoming | Refused:
        """Read one raw delivery."""
        return reading.parse(raw)

    def send(self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress) -> Receipt:
        """Publish a film, answer a comment, or change what was said."""
        if outgoing.visibility == "private":
            raise NotAllowed(_("YouTube has no private messages."))
        with YouTube(account) as youtube:
            if outgoing.action == "delete":
                return changing.delete(youtube, outgoing.about)
            if outgoing.action in HIDING:
                return commenting.hide(youtube, outgoing.about, outgoing.action == "hide")
            if outgoing.action == "edit":
                return changing.edit(youtube, outgoing, progress)
            if outgoing.in_reply_to:
                return commenting.answer(youtube, outgoing, progress)
            return posting.publish(youtube, outgoing, key, progress)

    def find_sent(
        self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress, since: datetime
    ) -> Receipt | None:
        """Look for a film by its mark, for a comment by words, place and time."""
        with YouTube(account) as youtube:
            if outgoing.action != "post":
                return changing.find(youtube, outgoing)
            if outgoing.in_reply_to:
                return commenting.find(youtube, outgoing, since)
            return posting.find(youtube, outgoing, key, progress, since)

    def metrics(self, account: AccountRef, network_ids: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
        """Views, likes and comments, of 50 films in a call."""
        with YouTube(account) as youtube:
            return measuring.metrics(youtube, network_ids)

    def length(self, text: str) -> int:
        """Bytes in UTF-8."""
        return writing.length(text)

    def options(self, account: AccountRef, form: str) -> tuple[Field, ...]:
        """Privacy, playlist, category, whether it is for children, notice, licence."""
        return choices.FIELDS

    def can_answer(self, account: AccountRef, raw: bytes, heard_at: datetime, private: bool) -> Answerable:
        """Not in private, and not where YouTube closed the thread."""
        if private:
            return Answerable(_("YouTube has no private messages."), instead=(_("Answer in public."),))
        if not reading.can_reply(raw):
            return Answerable(
                _("YouTube takes no replies in this thread."), instead=(_("Comment under the film itself."),)
            )
        return Answerable()

    def check(self, account: AccountRef) -> Who:
        """Ask YouTube whose channel it is."""
        return connecting.who(account)

    def profile(self, account: AccountRef) -> str:
        """The channel's page."""
        known = account.author_id or account.settings.get("channel", "")
        return places.channel(known) if known else f"https://www.youtube.com/{account.handle}"

    def inspect(self, account: AccountRef) -> tuple[Finding, ...]:
        """Long films, the channel's privacy, what is left of the day's units."""
        return connecting.inspect(account)

    def authorize(self, values: Mapping[str, str], return_to: str, state: str) -> Authorizing:
        """Begin the login."""
        return connecting.authorize(values, return_to, state)

    def authorized(self, kept: Mapping[str, str], query: Mapping[str, str]) -> Connected:
        """End it."""
        return connecting.authorized(kept, query)

    def try_out(self, account: AccountRef, text: str, key: str) -> str:
        """What can be read; nothing is sent, as nobody can write to themselves there."""
        return connecting.try_out(account, text)
