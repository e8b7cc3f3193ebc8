"""Threads: its emulator, held against its own documents in test_threads_contract; residents act by its own methods."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

from starlette.types import ASGIApp

from openline.channels.base import AccountRef, Outgoing
from openline.channels.emulation.serving import serving
from openline.channels.threads.channel import ThreadsChannel
from openline.channels.threads.emulator import Emulator
from tests.channels.emulated import EmulatedNet
from tests.channels.listener import Listener, listening
from tests.channels.nets.base import Memory, NotHere
from tests.channels.pushing import Hook
from tests.channels.recording import Recorder
from tests.channels.threads_contract import found

REFUSED = "forbidden-on-threads"


class PublicFiles:
    """Our public addresses of files (`OutgoingMedia.url`), on loopback."""

    def __init__(self) -> None:
        files = self.files = dict[str, tuple[bytes, str]]()
        self.fetched: list[str] = []
        fetched = self.fetched

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                content, kind = files.get(self.path.strip("/"), (b"", ""))
                fetched.append(self.path.strip("/"))
                self.send_response(200 if kind else 404)
                self.send_header("Content-Type", kind or "text/plain")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *said: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def put(self, name: str, content: bytes, media_type: str = "image/jpeg") -> str:
        """Publish a file; its address."""
        self.files[name] = content, media_type
        return f"{self.url}/{name}"

    def close(self) -> None:
        """Nothing is public any more."""
        self._server.shutdown()
        self._server.server_close()

    def published(self, outgoing: Outgoing, progress: Any) -> Outgoing:
        """What goes out with `outgoing`, at public addresses, as the rooms do it."""
        if not outgoing.media or not isinstance(progress, Memory):
            return outgoing
        media = tuple(
            one if one.url else replace(one, url=self.put(f"{hash(progress.files[one.file])}-{one.file}",
                                                          progress.files[one.file], one.media_type))
            for one in outgoing.media
        )  # fmt: skip
        return replace(outgoing, media=media)


class ThreadsNet(EmulatedNet):
    """The city's account, and residents, at the emulator."""

    network: ClassVar[str] = "threads"
    dead: ClassVar[Mapping[str, str]] = {"access_token": "THwrong"}
    refused_words: ClassVar[str] = REFUSED
    recorder: Recorder | None = None
    """Holds each exchange against Threads' own documents, where they are here."""

    def tidy(self) -> None:
        assert not (self.recorder and self.recorder.wrong), self.recorder.wrong

    def __init__(self, hook: Hook, emulator: Emulator, files: PublicFiles) -> None:
        self.hook, self.emulator, self.files = hook, emulator, files
        self.channel, self.account = hook.channel, hook.account
        self.port = int(emulator.url.rsplit(":", 1)[1])

    def post(
        self, text: str, *, in_reply_to: str = "", private: bool = False, photos: tuple[bytes, ...] = (), who: int = 0
    ) -> str:
        resident = self.emulator.residents[who]
        return self.emulator.say(resident, text, in_reply_to=in_reply_to, photos=photos)

    def edit(self, network_id: str, text: str) -> None:
        raise NotHere("Threads tells programs of no edits")

    def delete(self, network_id: str) -> None:
        raise NotHere("Threads tells programs of no deletions but our own")

    def backlog(self, count: int) -> list[str]:
        """Said without a call to us, as while our address cannot be reached."""
        resident = self.emulator.residents[5]
        return [self.emulator.say(resident, f"backlog number {n}", quiet=True) for n in range(count)]

    def following(self) -> AbstractContextManager[Listener]:
        """By its calls, as the worker hears at once."""
        return listening(self.hook, self.account, str(len(self.hook.items)))  # type: ignore[arg-type]

    def send(self, outgoing: Outgoing, key: str, progress: Any, account: AccountRef | None = None) -> Any:
        return super().send(self.files.published(outgoing, progress), key, progress, account)

    def refused_post(self) -> Outgoing | None:
        return Outgoing(f"this is {REFUSED}")

    def expiring(self) -> AccountRef:
        """A token that ends in three days. One that has run out is dead here."""
        token = self.emulator.tokens.issue(lasts=timedelta(days=3), age=timedelta(days=57))
        times = {"expires_at": str(token.expires.timestamp()), "since": str(token.issued.timestamp())}
        return replace(self.account, credentials={**self.account.credentials, "access_token": token.value, **times})


@contextmanager
def standing(wrapped: Callable[[ASGIApp], ASGIApp] = lambda app: app) -> Iterator[ThreadsNet]:
    """The emulator, which calls our hook."""
    files = PublicFiles()
    emulator = Emulator()
    # Many quotas are used up in a test's minute that are meant for a day.
    for allowance in emulator.net.allowances.values():
        allowance.total = 100_000
    with serving(emulator, wrapped=wrapped):
        hook = Hook(ThreadsChannel(), replace(emulator.city, id="74ea"), shared=True)
        emulator.calls.hook = hook.shared_url
        try:
            yield ThreadsNet(hook, emulator, files)
        finally:
            hook.close()
            files.close()


@contextmanager
def start(folder: Path) -> Iterator[ThreadsNet]:
    """The emulator in this process; what goes to it and comes from it is held against the network's own documents."""
    recorder = Recorder(contract.check) if (contract := found()) else None
    with standing(recorder.wrap if recorder else lambda app: app) as net:
        net.recorder = recorder
        yield net
