"""SMS by Twilio: a stand-in of ours, held against Twilio's OpenAPI document; residents are phones behind it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

from openline.channels.base import AccountRef, Heard
from openline.channels.sms.channel import SmsChannel
from openline.channels.sms.providers.twilio_reading import moment
from tests.channels.listener import Listener, listening
from tests.channels.nets.base import Net, Said
from tests.channels.nets.sms import NUMBER, linear, resident
from tests.channels.pushing import Hook
from tests.servers import twilio
from tests.servers.twilio import Twilio


def account() -> AccountRef:
    """The city's number; the stand-in's address comes when it runs."""
    settings = {"provider": "twilio", "sender": NUMBER, "account_sid": twilio.ACCOUNT, "test_number": resident(9)}
    return AccountRef("7e11", NUMBER, "", {"auth_token": twilio.TOKEN}, settings)


class TwilioNet(Net):
    """The city's number at the stand-in."""

    network: ClassVar[str] = "sms"
    _swept: bool = False

    def __init__(self, hook: Hook, server: Twilio) -> None:
        self.hook, self.server = hook, server
        self.channel, self.account, self.port = hook.channel, hook.account, server.port

    def through(self, port: int) -> AccountRef:
        return replace(self.account, server=f"http://127.0.0.1:{port}")

    def post(
        self, text: str, *, in_reply_to: str = "", private: bool = False, photos: tuple[bytes, ...] = (), who: int = 0
    ) -> str:
        return self.server.receive(resident(who), text, photos)

    def thread(self, network_id: str, who: int = 0) -> list[Said]:
        """What the phone shows: all messages between the two numbers, each under the one above it."""
        said = []
        for n, item in enumerate(list(self.server.messages)):
            if resident(who) in (item["from"], item["to"]):
                by_city, at = item["from"] == NUMBER, moment(item, "date_created")
                assert at
                said.append(Said(item["sid"], item["body"], by_city, private=True, at=at.replace(microsecond=n % 1000)))
        return linear(said, network_id)

    def asleep(self) -> str:
        """Twilio calls for each message at once and keeps none back: what is read is what its calls did not bring."""
        self._swept = True
        return ""

    def backlog(self, count: int) -> list[str]:
        """Twenty in each second, kept by the stand-in without a call."""
        found, begun = list[str](), datetime.now(UTC) - timedelta(hours=1)
        for n in range(count):
            item = self.server._keep(resident(5), NUMBER, f"backlog number {n}", "inbound", 0, "received")
            item["date_created"] = (begun + timedelta(seconds=n // 20)).strftime("%a, %d %b %Y %H:%M:%S +0000")
            found.append(item["sid"])
        return found

    def refused(self) -> AccountRef:
        return replace(self.account, credentials={"auth_token": "wrong"})

    def expiring(self) -> AccountRef:
        return replace(self.account, credentials={"auth_token": "token-zero", "secondary_token": twilio.TOKEN})

    @contextmanager
    def limited(self) -> Iterator[AccountRef | None]:
        self.server.limited = True
        try:
            yield None
        finally:
            self.server.limited = False

    def ask(self, account: AccountRef, cursor: str) -> Heard:
        return self.channel.poll(account, cursor) if self._swept else self.hook.heard(account, cursor)

    def following(self) -> AbstractContextManager[Listener]:
        return listening(self.hook, self.account, self.position())  # type: ignore[arg-type]


@contextmanager
def standing(ref: AccountRef | None = None) -> Iterator[tuple[Hook, Twilio]]:
    """The stand-in, and our hook, which it calls."""
    hook = Hook(SmsChannel(), ref or account())
    try:
        with Twilio(NUMBER, hook.account.hook) as server:
            hook.account = replace(hook.account, server=server.url)
            yield hook, server
    finally:
        hook.close()


@contextmanager
def start(folder: Path) -> Iterator[TwilioNet]:
    """The stand-in in this process."""
    with standing() as (hook, server):
        yield TwilioNet(hook, server)
