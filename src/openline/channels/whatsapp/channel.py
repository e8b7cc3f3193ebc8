"""The WhatsApp channel: messages from and to residents, at the city's number in the Cloud API."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from openline.channels.base import (
    AccountRef,
    Answerable,
    Capabilities,
    Channel,
    Connected,
    Connection,
    Finding,
    Heard,
    Incoming,
    Media,
    NotAllowed,
    Outgoing,
    Progress,
    Pushed,
    Receipt,
    Refused,
    Shared,
    Who,
)
from openline.channels.listening import polling
from openline.channels.whatsapp import connecting, files, hearing, reading, rules, sending, window
from openline.channels.whatsapp.connecting import connected, number_of

LOOK_EVERY_SECONDS = 300.0


class WhatsAppChannel(Channel):
    """See `openline.channels.base.Channel`. Limits as of 2026 (`rules`)."""

    network: ClassVar[str] = "whatsapp"
    label: ClassVar[str] = "WhatsApp"
    secrets: ClassVar[tuple[str, ...]] = ("access_token", "app_secret")
    connection: ClassVar[Connection] = connecting.CONNECTION
    capabilities: ClassVar[Capabilities] = Capabilities(
        text_limit=rules.TEXT_LIMIT,
        direct_messages=True,
        edit=False,
        delete=False,
        inbound="push",
        idempotent_send=False,
        too_long="thread",
        media=rules.MEDIA,
        public=False,
    )

    # Hearing

    def listen(self, account: AccountRef, cursor: str, stopping: Callable[[], bool]) -> Iterator[Heard]:
        """Every five minutes whether the number is still ours; what people say comes by WhatsApp's calls."""
        return polling(self, account, cursor, stopping, LOOK_EVERY_SECONDS)

    def poll(self, account: AccountRef, cursor: str) -> Heard:
        """WhatsApp cannot be asked for messages: it repeats its calls for seven days. Shows that the line stands."""
        self.check(account)
        return Heard((), cursor)

    def parse(self, raw: bytes) -> Incoming | Refused:
        """Read one raw delivery."""
        return reading.parse(raw)

    def share(self, accounts: Sequence[AccountRef], pushed: Pushed) -> Shared:
        """One call of WhatsApp, for all numbers of the app."""
        return hearing.share(accounts, pushed)

    def fetch(self, account: AccountRef, raw: bytes, media: Media, most_bytes: int) -> bytes | None:
        """A file that came with a message: only with our token, from Meta's own servers."""
        with connected(account) as graph:
            return files.fetch(graph, number_of(account), reading.media_id(media), most_bytes)

    # Speaking

    def send(self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress) -> Receipt:
        """Say it as one message, or as several; after 24 hours within the city's template."""
        if outgoing.action != "post":
            raise NotAllowed(_("What was sent by WhatsApp cannot be changed or taken back."))
        with connected(account) as graph:
            return sending.send(graph, number_of(account), outgoing, key, progress)

    def find_sent(
        self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress, since: datetime
    ) -> Receipt | None:
        """By the reports that carry our mark, or by WhatsApp's history of the number."""
        if outgoing.action != "post":
            return None
        with connected(account) as graph:
            return sending.find(graph, number_of(account), outgoing, key, progress)

    def length(self, text: str) -> int:
        """In characters."""
        return len(text)

    def can_answer(self, account: AccountRef, raw: bytes, heard_at: datetime, private: bool) -> Answerable:
        """Within 24 hours anything; later only the city's template."""
        return window.can_answer(account.settings, raw, heard_at)

    def cost(self, account: AccountRef, text: str) -> str:
        """Since October 2026 answers are charged, too, once a month's free ones are used up."""
        count = max(1, -(-len(text) // rules.TEXT_LIMIT))
        words = ngettext(
            "%(count)d message. Each number has %(free)d free answers a month; more, and all templates, are charged.",
            "%(count)d messages. Each number has %(free)d free answers a month; more, and all templates, are charged.",
            count,
        )
        return words % {"count": count, "free": rules.FREE_A_MONTH}

    # The account

    def check(self, account: AccountRef) -> Who:
        """Ask WhatsApp for our number."""
        with connected(account) as graph:
            return connecting.who(graph, number_of(account))

    def profile(self, account: AccountRef) -> str:
        """The link that opens a conversation with the city."""
        digits = account.handle.removeprefix("+")
        return f"https://wa.me/{digits}" if digits.isdecimal() else ""

    def inspect(self, account: AccountRef) -> tuple[Finding, ...]:
        """The quality of the number, its name, whether we are called, the template."""
        with connected(account) as graph:
            return connecting.inspect(graph, account)

    def connect(self, values: Mapping[str, str]) -> Connected:
        """Check what was filled in, at WhatsApp."""
        return connecting.connect(values)

    def settle(self, account: AccountRef) -> tuple[Finding, ...]:
        """Have WhatsApp call us."""
        return connecting.settle(account)

    def try_out(self, account: AccountRef, text: str, key: str) -> str:
        """There is no message to oneself: says what to do with one's own phone."""
        who = self.check(account)
        words = _(
            "WhatsApp has no message to oneself. The number %(number)s (%(name)s) is ours and the token works. Now"
            " write to it from your own phone: %(link)s. The message appears in the inbox; answer it there."
        )
        return words % {"number": who.handle, "name": who.name, "link": self.profile(account)}
