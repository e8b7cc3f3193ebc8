"""The X channel: mentions and private messages in, posts, threads, answers and private messages out.

X calls us for what happens (Activity API, one webhook for all accounts of an app); what its calls missed is asked for
every two minutes. Whom we may answer depends on the post and on the app's access, and every call costs money.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from openline.channels.accounts import AccountRef, Authorizing, Connected, Connection, Field, Finding, Who
from openline.channels.base import (
    Answerable,
    Capabilities,
    Channel,
    Heard,
    Incoming,
    Media,
    MediaRule,
    Outgoing,
    Progress,
    Pushed,
    Receipt,
    Refused,
    Room,
    Shared,
    Taken,
)
from openline.channels.listening import polling
from openline.channels.reading import child
from openline.channels.x import (
    answering,
    attachments,
    connecting,
    costs,
    hearing,
    hooks,
    inspecting,
    measuring,
    reading,
    sending,
    settling,
    trying,
    writing,
)
from openline.channels.x.client import Api
from openline.channels.x.text import counting
from openline.channels.x.uploading import ALT_LIMIT

SWEEP_EVERY_SECONDS = 120.0
_IMAGES = ("image/jpeg", "image/png", "image/webp", "image/gif")
_FILMS = ("video/mp4", "video/quicktime", "video/webm")


class XChannel(Channel):
    """See `openline.channels.base.Channel`. Limits and prices: docs.x.com and X's OpenAPI documents, 2026."""

    network: ClassVar[str] = "x"
    label: ClassVar[str] = "X"
    secrets: ClassVar[tuple[str, ...]] = (*connecting.SECRETS, "access_token", "refresh_token", "expires_at", "scope")
    connection: ClassVar[Connection] = connecting.CONNECTION
    capabilities: ClassVar[Capabilities] = Capabilities(
        text_limit=counting.LIMIT,
        direct_messages=True,
        edit=False,
        delete=True,
        inbound="push",
        idempotent_send=False,
        finds_lost=("public", "private"),
        too_long="thread",
        messages=Room(writing.MESSAGE_LIMIT, "reject"),
        media=(
            MediaRule("image", _IMAGES, writing.MOST_FILES, 5_242_880),
            MediaRule("video", _FILMS, 1, 536_870_912, 140.0, (1 / 3, 3.0)),
        ),
        alt_text_limit=ALT_LIMIT,
        hide=True,
        polls=True,
        private_answers=True,
        metrics=measuring.NAMES,
    )

    # Hearing

    def listen(self, account: AccountRef, cursor: str, stopping: Callable[[], bool]) -> Iterator[Heard]:
        """Every two minutes what X's calls to us may have missed."""
        return polling(self, account, cursor, stopping, SWEEP_EVERY_SECONDS)

    def poll(self, account: AccountRef, cursor: str) -> Heard:
        """New mentions and messages, and what became of the newest posts that were heard."""
        return hearing.poll(account, cursor)

    def parse(self, raw: bytes) -> Incoming | Refused:
        """Read one raw delivery."""
        return reading.parse(raw)

    def take(self, account: AccountRef, pushed: Pushed) -> Taken:
        """A call for an account with an X app of its own."""
        return hooks.take(account, pushed)

    def share(self, accounts: Sequence[AccountRef], pushed: Pushed) -> Shared:
        """A call for any account of the app: a challenge, or signed events."""
        return hooks.share(accounts, pushed)

    def fetch(self, account: AccountRef, raw: bytes, media: Media, most_bytes: int) -> bytes | None:
        """A file of a private message needs our login; those of posts are public."""
        path = attachments.private_path(media.url)
        if not path:
            return None
        with Api(account) as api:
            return api.fetch(path, most_bytes)

    # Speaking

    def send(self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress) -> Receipt:
        """Say it once, in a numbered thread if it is too long; or take back or hide what was said."""
        return sending.send(account, outgoing, progress)

    def find_sent(
        self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress, since: datetime
    ) -> Receipt | None:
        """Look through our own posts, or our messages to that person, for these very words."""
        return sending.find_sent(account, outgoing, progress, since)

    def length(self, text: str) -> int:
        """X's weighted count: a link 23, an emoji 2, most letters 1, Chinese, Japanese and Korean ones 2."""
        return counting.length(text)

    def capabilities_of(self, account: AccountRef) -> Capabilities:
        """Longer posts, where the account has X Premium."""
        return replace(self.capabilities, text_limit=writing.limit_of(account))

    def can_answer(self, account: AccountRef, raw: bytes, heard_at: datetime, private: bool) -> Answerable:
        """A self-serve app may answer in public only who called for it."""
        return answering.can_answer(account, raw, private)

    def options(self, account: AccountRef, form: str) -> tuple[Field, ...]:
        """A post to quote, and who may answer."""
        return (
            Field("quote", _("Quote a post"), _("Its address: https://x.com/name/status/123."), required=False),
            Field(
                "reply_settings",
                _("Who can answer"),
                kind="choice",
                required=False,
                initial="everyone",
                choices=(
                    ("everyone", _("Everybody")),
                    ("following", _("Accounts that we follow")),
                    ("mentionedUsers", _("Only who is named")),
                    ("verified", _("Verified accounts")),
                ),
            ),
        )

    def cost(self, account: AccountRef, text: str) -> str:
        """The price in dollars, why a link is dear, and the month so far."""
        return costs.words(account, text, writing.posts(account, text))

    # What came of it

    def metrics(self, account: AccountRef, network_ids: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
        """Views, likes, reposts, quotes and replies, of a hundred posts in a call."""
        with Api(account) as api:
            return measuring.metrics(api, network_ids)

    # The account

    def check(self, account: AccountRef) -> Who:
        """Ask X who we are."""
        with Api(account) as api:
            return reading.who(child(api.get("/2/users/me"), "data"))

    def profile(self, account: AccountRef) -> str:
        """The account's page."""
        return f"{reading.SITE}/{account.handle.removeprefix('@')}"

    def inspect(self, account: AccountRef) -> tuple[Finding, ...]:
        """What the login allows, whether X calls us, whom we may answer, the month's money."""
        return inspecting.inspect(account)

    def authorize(self, values: Mapping[str, str], return_to: str, state: str) -> Authorizing:
        """X's login page follows."""
        return connecting.authorize(values, return_to, state)

    def authorized(self, kept: Mapping[str, str], query: Mapping[str, str]) -> Connected:
        """X's code becomes tokens."""
        return connecting.authorized(kept, query)

    def settle(self, account: AccountRef) -> tuple[Finding, ...]:
        """Make the webhook, and subscribe to mentions, answers and messages."""
        return settling.settle(account)

    def try_out(self, account: AccountRef, text: str, key: str) -> str:
        """Who we are, and what a post would be; nothing is posted."""
        return trying.try_out(account, text)
