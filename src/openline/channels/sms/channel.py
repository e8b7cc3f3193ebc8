"""The SMS channel: text messages from and to residents, by the provider that the account's settings name.

Providers push what comes in; where one can be asked, a sweep finds what its calls missed. A number is a person, the
pair of numbers a conversation. STOP and START are facts of a message (`opt_out`), for the rooms to keep to.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from itertools import count
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from openline.channels import parts
from openline.channels.base import (
    AccountRef,
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
    Rejected,
    Taken,
    Who,
)
from openline.channels.listening import pause, polling
from openline.channels.sms import writing
from openline.channels.sms.connecting import CONNECTION
from openline.channels.sms.gsm import SEPTETS_CHAINED, length, measure
from openline.channels.sms.numbers import address
from openline.channels.sms.plain import plain
from openline.channels.sms.providers import PROVIDERS, kannel_reading, twilio_reading
from openline.channels.sms.providers.base import Provider, Text

SWEEP_EVERY_SECONDS = 300.0
_WATCH_SECONDS = 8.0


class SmsChannel(Channel):
    """See `openline.channels.base.Channel`. Limits: 3GPP TS 23.038 and 23.040; Twilio and Kannel as of 2026."""

    network: ClassVar[str] = "sms"
    label: ClassVar[str] = "SMS"
    secrets: ClassVar[tuple[str, ...]] = tuple(name for one in PROVIDERS.values() for name in one.secrets)
    connection: ClassVar[Connection] = CONNECTION
    capabilities: ClassVar[Capabilities] = Capabilities(
        text_limit=writing.MOST_SEGMENTS * SEPTETS_CHAINED,
        direct_messages=True,
        edit=False,
        delete=False,
        inbound="push",
        idempotent_send=False,
        too_long="thread",
        public=False,
    )

    # Hearing

    def listen(self, account: AccountRef, cursor: str, stopping: Callable[[], bool]) -> Iterator[Heard]:
        """Every five minutes what the provider's calls to us may have missed."""
        return polling(self, account, cursor, stopping, SWEEP_EVERY_SECONDS)

    def poll(self, account: AccountRef, cursor: str) -> Heard:
        """Ask the provider, where it can be asked."""
        return _provider(account).poll(account, cursor)

    def parse(self, raw: bytes) -> Incoming | Refused:
        """Read one raw delivery, of whichever provider."""
        return kannel_reading.parse(raw) if kannel_reading.is_ours(raw) else twilio_reading.parse(raw)

    def take(self, account: AccountRef, pushed: Pushed) -> Taken:
        """A message or a delivery report, once the provider has proved that it is from it."""
        return _provider(account).take(account, pushed)

    def fetch(self, account: AccountRef, raw: bytes, media: Media, most_bytes: int) -> bytes | None:
        """A photo that came as MMS."""
        return _provider(account).fetch(account, media, most_bytes)

    # Speaking

    def send(self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress) -> Receipt:
        """Send it as one message, or as several with numbers; each is a step."""
        if outgoing.action != "post":
            raise NotAllowed(_("What was sent by SMS cannot be changed or taken back."))
        provider, to = _provider(account), writing.receiver(account, outgoing)
        bodies = progress.step("texts", lambda: _bodies(account, outgoing))

        def post(n: int, body: str, above: str) -> dict[str, Any]:
            progress.step(_next(progress, n), partial(provider.begin, account))
            return provider.send(account, _text(account, outgoing, to, body, key, n))

        return parts.say(progress, bodies, post)

    def find_sent(
        self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress, since: datetime
    ) -> Receipt | None:
        """What was never begun was not sent; of all else the provider knows, or raises Unclear."""
        provider, to = _provider(account), writing.receiver(account, outgoing)

        def look(n: int, body: str, above: str) -> dict[str, Any] | None:
            begun = _begun(progress, n)
            if begun is None:
                return None
            return provider.find(account, _text(account, outgoing, to, body, key, n), begun, since)

        return parts.find(progress, progress.done("texts") or _bodies(account, outgoing), look)

    def length(self, text: str) -> int:
        """In septets of a chain of messages; what only UCS-2 can write counts as much as it fills."""
        return length(text)

    def cost(self, account: AccountRef, text: str) -> str:
        """How many SMS it is, and why."""
        found = measure(plain(text) if account.settings.get("plain_signs", "yes") == "yes" else text)
        words = ngettext("%(count)d SMS", "%(count)d SMS", found.segments) % {"count": found.segments}
        if found.encoding == "UCS-2":
            return _("%(sms)s (signs beyond the usual ones: 70 to a message instead of 160)") % {"sms": words}
        return words

    def capabilities_of(self, account: AccountRef) -> Capabilities:
        """With photos, where the number can do MMS."""
        if not _sends_media(account):
            return self.capabilities
        can = {name: getattr(self.capabilities, name) for name in Capabilities.__slots__}
        return Capabilities(**can | {"media": _provider(account).media, "fetches_media": True})

    def answer_at_once(self, account: AccountRef, incoming: Incoming) -> str:
        """The city's answer to HELP, STOP and START, unless the provider gives one."""
        chosen = account.settings.get("answer_keywords", "usual")
        if chosen == "no" or incoming.facts.get("answered_by"):
            return ""
        if chosen != "yes" and _provider(account).answers_keywords:
            return ""
        return _answer(account, incoming.facts)

    # The account

    def check(self, account: AccountRef) -> Who:
        """Ask the gateway or provider whether it knows us; residents know us by the number."""
        return _provider(account).check(account)

    def inspect(self, account: AccountRef) -> tuple[Finding, ...]:
        """The way in, the number, the registrations that carriers ask for."""
        return _provider(account).inspect(account)

    def connect(self, values: Mapping[str, str]) -> Connected:
        """Check what was filled in, at the provider."""
        if values.get("provider", "") not in PROVIDERS:
            raise Rejected(_("Choose the provider."), "provider")
        phone = values.get("test_number", "")
        if phone and address(phone, values.get("sender", ""))[1] != "number":
            raise Rejected(_("Write your number with its country code."), "test_number")
        return PROVIDERS[values["provider"]].connect(values)

    def try_out(self, account: AccountRef, text: str, key: str) -> str:
        """Send `text` to the city's own phone."""
        phone, kind = address(account.settings.get("test_number", ""), account.settings.get("sender", ""))
        if kind != "number":
            raise Rejected(_("Fill in your own phone number: the test message goes there."), "test_number")
        provider = _provider(account)
        receipt = provider.send(account, Text(phone, plain(text), writing.mark(account, key, 0)))
        state = _watched(provider, account, receipt)
        return _("Sent to %(phone)s. %(provider)s says: %(state)s. Now look at the phone.") % {
            "phone": phone, "provider": provider.label, "state": state}  # fmt: skip


def _provider(account: AccountRef) -> Provider:
    name = account.settings.get("provider", "")
    if name not in PROVIDERS:
        raise NotAllowed(_("The account names no provider of SMS that is installed: %s") % name)
    return PROVIDERS[name]


def _sends_media(account: AccountRef) -> bool:
    return bool(_provider(account).media) and account.settings.get("mms") == "yes"


def _media(account: AccountRef, outgoing: Outgoing) -> tuple[str, ...]:
    """The public addresses of what goes along, if it can; () if a link must do."""
    found = tuple(media.url for media in outgoing.media)
    return found if found and all(found) and _sends_media(account) else ()


def _bodies(account: AccountRef, outgoing: Outgoing) -> list[str]:
    return writing.bodies(account, outgoing, media_go_along=bool(_media(account, outgoing)))


def _text(account: AccountRef, outgoing: Outgoing, to: str, body: str, key: str, n: int) -> Text:
    """Part `n`; pictures go with the first."""
    return Text(to, body, writing.mark(account, key, n), () if n else _media(account, outgoing))


def _next(progress: Progress, n: int) -> str:
    """The name of the next try of part `n`: what was counted before an earlier one is of no use to it."""
    return next(name for name in _tries(n) if progress.done(name) is None)


def _begun(progress: Progress, n: int) -> Mapping[str, Any] | None:
    """What was kept before the last try of part `n`; None if there was none."""
    found = None
    for name in _tries(n):
        kept = progress.done(name)
        if kept is None:
            break
        found = kept
    return found


def _tries(n: int) -> Iterator[str]:
    return (f"begin {n}.{attempt}" for attempt in count())


def _answer(account: AccountRef, facts: Mapping[str, str]) -> str:
    texts = account.settings
    if facts.get("opt_out") == "yes":
        return texts.get("stop_text") or _("You will get no more messages from us. To get them again, send START.")
    if facts.get("opt_out") == "no":
        return texts.get("start_text") or _("You will get our messages again. To get no more, send STOP.")
    if facts.get("asks") == "help":
        return texts.get("help_text") or _(
            "This is the city's service desk. Write what is wrong and where, and we take care of it. "
            "To get no more messages, send STOP."
        )
    return ""


def _watched(provider: Provider, account: AccountRef, receipt: Mapping[str, str]) -> str:
    """The provider's word on a message, until it is a last one or time is up."""
    until, state = time.monotonic() + _WATCH_SECONDS, ""
    while time.monotonic() < until:
        state = provider.fate(account, receipt)
        if state in ("", "delivered", "undelivered", "failed"):
            break
        pause(1.0, lambda: time.monotonic() >= until)
    return state or _("accepted")
