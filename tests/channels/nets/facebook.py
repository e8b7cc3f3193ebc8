"""Facebook by its emulator, held against Meta's Graph specifications; residents write on the page and by Messenger."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from openline.channels.base import AccountRef, Heard
from openline.channels.emulation.serving import serving
from openline.channels.facebook.channel import FacebookChannel
from openline.channels.facebook.emulator import PAGES, Emulator
from tests.channels.emulated import EmulatedNet
from tests.channels.graph.contract import found
from tests.channels.listener import Listener, listening
from tests.channels.nets.base import NotHere, Said
from tests.channels.nets.sms import linear
from tests.channels.pushing import Hook
from tests.channels.recording import Recorder

PAGE = PAGES[0]


class FacebookNet(EmulatedNet):
    """The city's page."""

    network: ClassVar[str] = "facebook"
    dead: ClassVar[Mapping[str, str]] = {"access_token": "EAALwrong"}
    recorder: Recorder
    _swept: bool = False

    def __init__(
        self, hook: Hook, emulator: Emulator, stack: ExitStack, serve: Callable[[int], AbstractContextManager[str]]
    ) -> None:
        self.hook, self.emulator = hook, emulator
        self._stack, self._serve = stack, serve
        self.port = int(stack.enter_context(serve(0)).rpartition(":")[2])
        hook.account = replace(hook.account, server=emulator.url)
        self.channel, self.account = hook.channel, hook.account

    @contextmanager
    def away(self) -> Iterator[None]:
        self._stack.close()
        try:
            yield
        finally:
            self._stack.enter_context(self._serve(self.port))

    def thread(self, network_id: str, who: int = 0) -> list[Said]:
        shown = self.emulator.thread(network_id, self.emulator.residents[who])
        said = [
            Said(
                one.id, one.text, one.by_city, one.in_reply_to, one.private, tuple(alt for _, alt in one.media), one.at
            )
            for one in shown
        ]
        return linear(said, network_id) if network_id.startswith("m_") else said

    def asleep(self) -> str:
        """Facebook calls for each comment at once: what is read is what its calls did not bring."""
        self._swept = True
        return ""

    def backlog(self, count: int) -> list[str]:
        return self.emulator.backlog(count)

    def expiring(self) -> AccountRef:
        raise NotHere("a page's token does not run out by itself, and cannot be renewed without a person")

    def ask(self, account: AccountRef, cursor: str) -> Heard:
        return self.channel.poll(account, cursor) if self._swept else self.hook.heard(account, cursor)

    def following(self) -> AbstractContextManager[Listener]:
        return listening(self.hook, self.account, self.position())  # type: ignore[arg-type]

    def tidy(self) -> None:
        self._swept = False
        wrong, self.recorder.wrong = self.recorder.wrong, []
        assert not wrong, wrong[:5]


@contextmanager
def standing() -> Iterator[FacebookNet]:
    """The emulator, held against Meta's specifications where they are here, and our hook, which it calls."""
    contract = found()
    recorder = Recorder(contract.check) if contract else Recorder()
    emulator = Emulator()
    hook = Hook(FacebookChannel(), replace(emulator.city, id="fb01"), shared=True)
    emulator.calls.hook = hook.shared_url
    emulator.calls.retry_seconds = 0.1
    emulator.subscribe()
    try:
        with ExitStack() as stack:
            net = FacebookNet(hook, emulator, stack, lambda port: serving(emulator, port, recorder.wrap))
            net.recorder = recorder
            yield net
    finally:
        hook.close()


@contextmanager
def start(folder: Path) -> Iterator[FacebookNet]:
    """The emulator in this process."""
    with standing() as net:
        yield net
