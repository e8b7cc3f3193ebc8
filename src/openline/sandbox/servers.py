"""The networks on this machine, all on loopback: a Mastodon server (mastodon-mock), a Nostr relay, emulated networks.

The first two are programs that we did not write and that speak the networks' own protocols, so whatever works here goes
through the same code as on the real networks. The others are ours, held to the networks' official contracts by tests.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import httpx
import nostr_sdk
import orjson
from django.conf import settings

from openline.channels.nostr import relay
from openline.sandbox import emulators
from openline.sandbox.cast import CITY, RESIDENTS

_START_SECONDS = 60.0
EMULATED_FROM = 10
"""The emulated networks are on the ports from PORT + 10 on."""


def of_this_machine() -> SandboxServers:
    """The sandbox as the demo has it, on the ports behind PORT."""
    return SandboxServers(
        settings.VAR / "sandbox",
        settings.PORT + 2,
        settings.PORT + 3,
        emulated=emulators.ports(settings.PORT + EMULATED_FROM),
        mail=(settings.PORT + 4, settings.PORT + 5),
        hooks=settings.PUBLIC_URL.rstrip("/") + "/hooks/",
    )


def mails_of(folder: Path) -> Path:
    """Where the mail provider of the sandbox in `folder` keeps its mails."""
    return folder / "mail"


class CannotStart(Exception):
    """A server did not start; the message says why."""


def free_port() -> int:
    """A port on loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class SandboxServers:
    """The servers. Use as a context manager, or `start` and `stop`.

    `emulated` are the ports of emulated networks (`openline.sandbox.emulators`), which call us below `hooks`; `mail`
    those of the mail provider (SMTP, IMAP), if there is to be one.
    """

    mastodon_module: ClassVar[str] = "mastodon_mock"

    def __init__(
        self,
        folder: Path,
        mastodon_port: int,
        nostr_port: int,
        *,
        in_memory: bool = False,
        emulated: Mapping[str, int] | None = None,
        mail: tuple[int, int] | None = None,
        hooks: str = "",
    ) -> None:
        self.folder, self.mail = folder, mail
        self.emulated, self.hooks = dict(emulated or {}), hooks
        self.mastodon_port, self.nostr_port = mastodon_port, nostr_port
        self.in_memory = in_memory
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def mastodon_url(self) -> str:
        """Base address of the Mastodon server."""
        return f"http://127.0.0.1:{self.mastodon_port}"

    @property
    def nostr_url(self) -> str:
        """Address of the Nostr relay."""
        return f"ws://127.0.0.1:{self.nostr_port}"

    def __enter__(self) -> SandboxServers:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start them and wait until they answer; raises CannotStart, and then none runs."""
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            self.start_mastodon()
            self.start_nostr()
            if self.emulated:
                self.start_emulators()
            if self.mail:
                self.start_mail(*self.mail)
        except CannotStart:
            self.stop()
            raise

    def start_mastodon(self) -> None:
        """Start the Mastodon server and wait until it answers. It puts $PORT before its file, so we name the port."""
        config = self.folder / "mastodon.toml"
        config.write_text(self._mastodon_config())
        self._run(
            "mastodon",
            self.mastodon_port,
            [
                self.mastodon_module,
                "serve",
                "--config",
                str(config),
                "--log-level",
                "error",
                "--host",
                "127.0.0.1",
                "--port",
                str(self.mastodon_port),
            ],
        )
        _wait(
            lambda: httpx.get(self.mastodon_url + "/api/v1/instance", timeout=2).is_success,
            "The Mastodon server",
            self._processes["mastodon"],
        )

    def start_nostr(self) -> None:
        """Start the relay and wait until it takes connections."""
        kept = [] if self.in_memory else [str(self.folder / "nostr")]
        self._run("nostr", self.nostr_port, ["openline.sandbox.relay", str(self.nostr_port), *kept])
        _wait(lambda: _listens(self.nostr_port), "The Nostr relay", self._processes["nostr"])
        _introduce(self.nostr_url)

    def start_emulators(self) -> None:
        """Start the emulated networks, all in one process, and wait until the last one answers."""
        last = list(self.emulated.values())[-1]
        self._run("emulators", last, emulators.arguments(self.hooks, self.emulated))
        _wait(lambda: _listens(last), "The emulated networks", self._processes["emulators"])

    def start_mail(self, smtp: int, imap: int) -> None:
        """Start the mail provider, and wait until it takes connections."""
        arguments = ["openline.sandbox.mail_server", str(smtp), str(imap), str(mails_of(self.folder))]
        self._run("mail", smtp, arguments)
        _wait(lambda: _listens(smtp) and _listens(imap), "The mail server", self._processes["mail"])

    def stop(self, *names: str) -> None:
        """Stop the servers named, or both."""
        for name in names or tuple(self._processes):
            process = self._processes.pop(name, None)
            if process is None:
                continue
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(5)
            if process.stdin:
                process.stdin.close()

    def _run(self, name: str, port: int, module: list[str]) -> None:
        """Run a module as a server that ends with us, however we end (see `openline.sandbox.child`)."""
        if _listens(port):
            raise CannotStart(f"Port {port} is in use: stop what listens there, or choose another PORT.")
        command = [sys.executable, "-m", "openline.sandbox.child", *module]
        with open(self.folder / f"{name}.log", "ab") as log:
            self._processes[name] = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True
            )

    def _mastodon_config(self) -> str:
        accounts = "".join(
            f'[[seed.accounts]]\nusername = "{p.username}"\ndisplay_name = "{p.name}"\naccess_token = "{p.token}"\n'
            for p in (*CITY, *RESIDENTS)
        )
        path = ":memory:" if self.in_memory else str(self.folder / "mastodon.sqlite3")
        media = f'media_storage_path = "{self.folder / "media"}"\n'
        server = f'[server]\nhost = "127.0.0.1"\nport = {self.mastodon_port}\n'
        return f'{media}{server}[database]\npath = "{path}"\n{accounts}'


def _introduce(url: str) -> None:
    """Publish everybody's profile (kind 0), so that they have names on Nostr too."""
    for person in (*CITY, *RESIDENTS):
        profile = orjson.dumps({"name": person.username, "display_name": person.name}).decode()
        event = nostr_sdk.EventBuilder(nostr_sdk.Kind(0), profile).finalize(person.keys)
        relay.publish(url, event.as_json())


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _wait(ready: object, what: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            raise CannotStart(f"{what} ended at once (exit {process.returncode}); see its log in the sandbox folder.")
        try:
            if callable(ready) and ready():
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise CannotStart(f"{what} did not answer within {_START_SECONDS:.0f} seconds.")
