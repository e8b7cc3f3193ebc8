"""SMS by Kannel: the gateway from Debian; residents are phones at its fake carrier."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import httpx

from openline.channels.base import AccountRef, Heard
from openline.channels.sms.channel import SmsChannel
from openline.channels.sms.providers import kannel as provider
from tests.channels.listener import Listener, listening
from tests.channels.nets.base import Net, NotHere, Said
from tests.channels.pushing import Hook
from tests.conftest import need
from tests.servers import kannel
from tests.servers.kannel import Kannel, Phones

NUMBER = "+12155553110"
STATUS = "http://127.0.0.1:{}/status.xml"
SECRET = "a-secret-of-24-letters-or-more"


def resident(who: int) -> str:
    """The telephone number of a resident."""
    return f"+1215555{1000 + who}"


def account() -> AccountRef:
    """The city's number; the gateway's address comes when it runs."""
    settings = {"provider": "kannel", "sender": NUMBER, "username": "city", "test_number": resident(9)}
    credentials = {"password": "pw", "hook_secret": SECRET, "status_password": "look"}
    return AccountRef("5a1c", NUMBER, "", credentials, settings)


def linear(messages: list[Said], network_id: str) -> list[Said]:
    """The messages from that one on, each under the one above it, as a phone shows them."""
    shown, above = list[Said](), ""
    for said in sorted(messages, key=lambda said: said.at):
        shown.append(replace(said, in_reply_to=above))
        above = said.network_id
    start = next((n for n, said in enumerate(shown) if said.network_id == network_id), 0)
    return shown[start:]


class SmsNet(Net):
    """The city's number at a gateway of its own."""

    network: ClassVar[str] = "sms"

    def __init__(self, hook: Hook, gateway: Kannel) -> None:
        self.hook, self.gateway, self.phones = hook, gateway, Phones(gateway.carrier)
        self.channel, self.account, self.port = hook.channel, hook.account, gateway.sendsms
        self._posted: list[Said] = []

    def through(self, port: int) -> AccountRef:
        return replace(self.account, server=f"http://127.0.0.1:{port}")

    def post(
        self, text: str, *, in_reply_to: str = "", private: bool = False, photos: tuple[bytes, ...] = (), who: int = 0
    ) -> str:
        if photos:
            raise NotHere("Kannel carries text alone; photos by Twilio's MMS have tests of their own")
        before = len(self.hook.items)
        self.phones.text(resident(who), NUMBER, text)
        item = self.hook.wait(lambda item: item.text == text and item in self.hook.items[before:])
        self._posted.append(Said(item.network_id, text, False, private=True))
        return item.network_id

    def thread(self, network_id: str, who: int = 0) -> list[Said]:
        """What the phone shows from that message on: messages in their order, each under the one above it.

        A phone is told no ids. The gateway's log names our messages in the order in which they went out.
        """
        got = zip(list(self.phones.got), self.gateway.marks(), strict=False)
        ours = [
            Said(mark, sms.text, True, private=True, at=sms.at) for sms, mark in got if sms.receiver == resident(who)
        ]
        return linear([*self._posted, *ours], network_id)

    @contextmanager
    def away(self) -> Iterator[None]:
        self.phones.close()
        self.gateway.stop()
        try:
            yield
        finally:
            self.gateway.start()
            self._phones_again()

    def refused(self) -> AccountRef:
        return replace(self.account, credentials={**self.account.credentials, "password": "wrong"})

    @contextmanager
    def limited(self) -> Iterator[AccountRef | None]:
        """The phones are out of reach, so that the gateway's queue fills."""
        self.phones.close()
        self._carrier_is("re-connecting")
        try:
            yield None
        finally:
            self._phones_again()

    def _phones_again(self) -> None:
        got, self.phones = self.phones.got, Phones(self.gateway.carrier)
        self.phones.got[:0] = got
        self._carrier_is("online")

    def _carrier_is(self, state: str) -> None:
        until = time.monotonic() + 10
        while state not in httpx.get(f"{STATUS}?password=look".format(self.gateway.admin)).text:
            assert time.monotonic() < until
            time.sleep(0.05)

    def backlog(self, count: int) -> list[str]:
        """The gateway has them, and brings one after the other."""
        before = len(self.hook.items)
        for n in range(count):
            self.phones.text(resident(5), NUMBER, f"backlog number {n}")
        until = time.monotonic() + 60
        while len(self.hook.items) - before < count and time.monotonic() < until:
            time.sleep(0.05)
        return [item.network_id for item in self.hook.items[before:] if item.kind == "post"]

    def ask(self, account: AccountRef, cursor: str) -> Heard:
        return self.hook.heard(account, cursor)

    def following(self) -> AbstractContextManager[Listener]:
        return listening(self.hook, self.account, self.position())  # type: ignore[arg-type]


def at(account: AccountRef, gateway: Kannel) -> AccountRef:
    """The account, its gateway that one."""
    status = {"status_server": f"http://127.0.0.1:{gateway.admin}"}
    return replace(account, server=f"http://127.0.0.1:{gateway.sendsms}", settings={**account.settings, **status})


@contextmanager
def gateway(folder: Path, **more: Any) -> Iterator[tuple[Hook, Kannel]]:
    """A gateway that calls our hook."""
    need(kannel.here(), "Kannel (apt install kannel kannel-extras) or a C compiler")
    folder.mkdir(parents=True, exist_ok=True)
    hook = Hook(SmsChannel(), account())
    get_url = provider.get_url(hook.account.hook, SECRET)
    try:
        with Kannel(folder, get_url, **more).running() as running:
            hook.account = at(hook.account, running)
            yield hook, running
    finally:
        hook.close()


@contextmanager
def start(folder: Path) -> Iterator[SmsNet]:
    """The gateway, its queue so short that it can be filled."""
    with gateway(folder, core="sms-outgoing-queue-limit = 20") as (hook, running):
        net = SmsNet(hook, running)
        try:
            yield net
        finally:
            net.phones.close()
