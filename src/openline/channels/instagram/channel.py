"""The Instagram channel: comments, mentions and messages in; posts, reels, stories and answers out (v26.0, 2026)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

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
    Outgoing,
    Progress,
    Pushed,
    Receipt,
    Refused,
    Room,
    Shared,
    Who,
)
from openline.channels.instagram import (
    allowing,
    answering,
    changing,
    connecting,
    hearing,
    inspecting,
    measuring,
    names,
    publishing,
    reading,
    rules,
    writing,
)
from openline.channels.instagram.client import SERVER, WEB, opened
from openline.channels.listening import polling

SWEEP_EVERY_SECONDS = 300.0
_REEL = (Field("share_to_feed", _("Show the reel among the posts, too"), kind="yes_no", initial="yes", required=False),)


class InstagramChannel(Channel):
    """See `openline.channels.base.Channel`. Limits: developers.facebook.com/docs/instagram-platform, 2026."""

    network: ClassVar[str] = "instagram"
    label: ClassVar[str] = "Instagram"
    secrets: ClassVar[tuple[str, ...]] = connecting.SECRETS
    connection: ClassVar[Connection] = connecting.CONNECTION
    capabilities: ClassVar[Capabilities] = Capabilities(
        text_limit=rules.CAPTION_LIMIT,
        direct_messages=True,
        edit=False,
        delete=True,
        hide=True,
        inbound="poll",
        idempotent_send=False,
        finds_lost=("public", "private"),
        media=rules.MEDIA,
        alt_text_limit=rules.ALT_LIMIT,
        fetches_media=True,
        forms=("", "album", "video", "story"),
        needs_media=True,
        answer_photos=False,
        private_answers=True,
        answers=Room(rules.COMMENT_LIMIT),
        messages=Room(rules.MESSAGE_BYTES),
        metrics=measuring.NAMES,
    )

    # Hearing

    def listen(self, account: AccountRef, cursor: str, stopping: Callable[[], bool]) -> Iterator[Heard]:
        """Every five minutes what the webhooks may have missed."""
        return polling(self, account, cursor, stopping, SWEEP_EVERY_SECONDS)

    def poll(self, account: AccountRef, cursor: str) -> Heard:
        """Comments, posts that name us, and messages behind `cursor`; and again what is a little older."""
        return hearing.poll(account, cursor)

    def parse(self, raw: bytes) -> Incoming | Refused:
        """Read one raw delivery."""
        return reading.parse(raw)

    def share(self, accounts: Sequence[AccountRef], pushed: Pushed) -> Shared:
        """A webhook, a challenge, or somebody's wish to end it."""
        return hearing.share(accounts, pushed)

    # Speaking

    def send(self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress) -> Receipt:
        """Publish, answer in public or in private, or hide or delete a comment."""
        if outgoing.action == "post":
            writing.refuse(account, outgoing)
        with opened(account) as graph:
            if outgoing.action != "post":
                return changing.change(graph, outgoing, progress)
            if outgoing.visibility == "private" or outgoing.in_reply_to:
                return answering.send(graph, outgoing, progress)
            return publishing.publish(graph, outgoing, progress)

    def find_sent(
        self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress, since: datetime
    ) -> Receipt | None:
        """By the container, below the comment, or in the conversation."""
        with opened(account) as graph:
            if outgoing.action != "post":
                return changing.find(graph, outgoing)
            if outgoing.visibility == "private" or outgoing.in_reply_to:
                return answering.find_sent(graph, outgoing, progress, since)
            return publishing.find(graph, outgoing, progress, since)

    def length(self, text: str) -> int:
        """In UTF-16 units."""
        return rules.length(text)

    def capabilities_of_post(self, network_id: str, private: bool) -> Capabilities:
        """Comments can be hidden and deleted; posts and private messages can not, by programs."""
        is_comment = names.is_comment(network_id) and not private
        return self.capabilities if is_comment else replace(self.capabilities, delete=False, hide=False)

    def can_answer(self, account: AccountRef, raw: bytes, heard_at: datetime, private: bool) -> Answerable:
        """By the windows of messages and of private answers."""
        return allowing.can_answer(account.settings, raw, heard_at, private)

    def options(self, account: AccountRef, form: str) -> tuple[Field, ...]:
        """Whether a reel stands among the posts, too."""
        return _REEL if form == "video" else ()

    def metrics(self, account: AccountRef, network_ids: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
        """Likes, comments, views, reach, shares."""
        with opened(account) as graph:
            return measuring.metrics(graph, network_ids)

    # The account

    def check(self, account: AccountRef) -> Who:
        """Ask Instagram who we are; renews the login if it ends within a month."""
        with opened(account) as graph:
            return connecting.who_of(graph)

    def profile(self, account: AccountRef) -> str:
        """The account's public page."""
        home = WEB if account.server in ("", SERVER) else account.server
        return f"{home}/{account.handle.removeprefix('@')}/"

    def inspect(self, account: AccountRef) -> tuple[Finding, ...]:
        """The login's end, the allowance, the webhooks."""
        return inspecting.inspect(account)

    def connect(self, values: Mapping[str, str]) -> Connected:
        """With a token that was made by hand."""
        return connecting.connect(values)

    def authorize(self, values: Mapping[str, str], return_to: str, state: str) -> Authorizing:
        """To the login page of Instagram."""
        return connecting.authorize(values, return_to, state)

    def authorized(self, kept: Mapping[str, str], query: Mapping[str, str]) -> Connected:
        """Back from it, with a code."""
        return connecting.authorized(kept, query)

    def settle(self, account: AccountRef) -> tuple[Finding, ...]:
        """Have Instagram call us for this account."""
        return inspecting.settle(account)

    def try_out(self, account: AccountRef, text: str, key: str) -> str:
        """Instagram has no message to oneself: see that the login works and that there is room for a post."""
        with opened(account) as graph:
            who, (used, limit) = connecting.who_of(graph), publishing.allowance(graph)
        words = _now(
            "Instagram has no message to oneself, so nothing was sent. It knows the login as @%(name)s, which has"
            " published %(used)d of %(limit)d posts in the last 24 hours."
        )
        return words % {"name": who.handle, "used": used, "limit": limit}
