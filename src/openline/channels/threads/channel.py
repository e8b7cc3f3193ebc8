"""The Threads channel: replies and mentions in, posts and replies out, by the API of Threads (v1.0, 2026)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

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
    Media,
    MediaRule,
    Outgoing,
    Progress,
    Pushed,
    Receipt,
    Refused,
    Shared,
    Who,
)
from openline.channels.listening import polling
from openline.channels.threads import (
    connecting,
    counting,
    files,
    hearing,
    inspecting,
    measuring,
    reading,
    sending,
    trying,
    writing,
)
from openline.channels.threads.client import LOGIN, SERVER, WEB, opened

SWEEP_EVERY_SECONDS = 300.0
_AUDIENCES = (
    ("", _("As Threads has it: everybody")),
    ("accounts_you_follow", _("Accounts that this account follows")),
    ("mentioned_only", _("Who is mentioned in the post")),
    ("followers_only", _("Followers")),
)
_OPTIONS = (
    Field("topic_tag", _("Topic"), _("One topic of at most 50 characters, without # . &"), required=False),
    Field("reply_control", _("Who can reply"), kind="choice", choices=_AUDIENCES, required=False),
)


class ThreadsChannel(Channel):
    """See `openline.channels.base.Channel`. Limits: developers.facebook.com/docs/threads, 2026."""

    network: ClassVar[str] = "threads"
    label: ClassVar[str] = "Threads"
    secrets: ClassVar[tuple[str, ...]] = connecting.SECRETS
    connection: ClassVar[Connection] = connecting.CONNECTION
    capabilities: ClassVar[Capabilities] = Capabilities(
        text_limit=counting.TEXT_LIMIT,
        direct_messages=False,
        edit=False,
        delete=True,
        hide=True,
        inbound="poll",
        idempotent_send=False,
        too_long="thread",
        media=(
            MediaRule("image", ("image/jpeg", "image/png"), writing.MOST_FILES, 8_000_000, ratios=(0.1, 10.0)),
            MediaRule("video", ("video/mp4", "video/quicktime"), writing.MOST_FILES, 1_000_000_000, 300.0),
        ),
        alt_text_limit=writing.ALT_LIMIT,
        polls=True,
        fetches_media=True,
        metrics=measuring.NAMES,
    )

    # Hearing

    def listen(self, account: AccountRef, cursor: str, stopping: Callable[[], bool]) -> Iterator[Heard]:
        """Every five minutes what the webhooks may have missed."""
        return polling(self, account, cursor, stopping, SWEEP_EVERY_SECONDS)

    def poll(self, account: AccountRef, cursor: str) -> Heard:
        """Mentions, and replies below what we said lately, behind `cursor`; and again what is a little older."""
        return hearing.poll(account, cursor)

    def parse(self, raw: bytes) -> Incoming | Refused:
        """Read one raw delivery."""
        return reading.parse(raw)

    def share(self, accounts: Sequence[AccountRef], pushed: Pushed) -> Shared:
        """A webhook, a challenge, or somebody's wish to end it."""
        return hearing.share(accounts, pushed)

    def fetch(self, account: AccountRef, raw: bytes, media: Media, most_bytes: int) -> bytes | None:
        """A file whose address the webhook did not name."""
        return files.fetch(account, media.url, most_bytes)

    # Speaking

    def send(self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress) -> Receipt:
        """A container, waiting, publication; for a long text one after the other. Or take back, or hide a reply."""
        return sending.send(account, outgoing, progress)

    def find_sent(
        self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress, since: datetime
    ) -> Receipt | None:
        """What became of the containers of an earlier try."""
        return sending.find_sent(account, outgoing, progress, since)

    def length(self, text: str) -> int:
        """Characters, of an emoji its bytes."""
        return counting.length(text)

    def options(self, account: AccountRef, form: str) -> tuple[Field, ...]:
        """The topic, and who can reply."""
        return _OPTIONS

    def metrics(self, account: AccountRef, network_ids: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
        """Views, likes, replies, reposts, quotes, shares."""
        with opened(account) as graph:
            return measuring.metrics(graph, network_ids)

    # The account

    def check(self, account: AccountRef) -> Who:
        """Ask Threads who we are; renews the login if it ends within a month."""
        with opened(account) as graph:
            return connecting.who_of(graph)

    def profile(self, account: AccountRef) -> str:
        """The account's public page."""
        home = WEB if account.server in ("", SERVER, LOGIN) else account.server
        return f"{home}/@{account.handle.removeprefix('@')}"

    def inspect(self, account: AccountRef) -> tuple[Finding, ...]:
        """The login's end, the allowances, the webhooks."""
        return inspecting.inspect(account)

    def connect(self, values: Mapping[str, str]) -> Connected:
        """With a token that was made by hand."""
        return connecting.connect(values)

    def authorize(self, values: Mapping[str, str], return_to: str, state: str) -> Authorizing:
        """To the login page of Threads."""
        return connecting.authorize(values, return_to, state)

    def authorized(self, kept: Mapping[str, str], query: Mapping[str, str]) -> Connected:
        """Back from it, with a code."""
        return connecting.authorized(kept, query)

    def settle(self, account: AccountRef) -> tuple[Finding, ...]:
        """What a person has to do at the app."""
        return (inspecting.webhooks(account),)

    def try_out(self, account: AccountRef, text: str, key: str) -> str:
        """Prepare a post, see that Threads takes it, and do not publish it."""
        return trying.try_out(account, text)
