"""Kannel from Debian, with its fake carrier: a real SMS gateway, and phones that speak the fake carrier's protocol.

The fake carrier would listen on all addresses; fifteen lines of C put before bind(2) keep it on loopback.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote_from_bytes, unquote_to_bytes

from openline.channels.sms.joining import part_of
from openline.sandbox.servers import free_port
from tests.servers import process

_LINE = re.compile(r"\S+ \+\d+ (text|data|ucs-2|udh) ")
_SBIN = "/usr/sbin:/usr/bin:/bin"
_SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netinet/in.h>
#include <sys/socket.h>
int bind(int fd, const struct sockaddr *to, socklen_t length) {
  int (*real)(int, const struct sockaddr *, socklen_t) = dlsym(RTLD_NEXT, "bind");
  struct sockaddr_in own;
  if (to->sa_family != AF_INET || length < sizeof own) return real(fd, to, length);
  own = *(const struct sockaddr_in *)to;
  if (own.sin_addr.s_addr == INADDR_ANY) own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return real(fd, (struct sockaddr *)&own, sizeof own);
}
"""
_CONF = """
group = core
admin-port = {admin}
admin-interface = 127.0.0.1
admin-password = admin
status-password = {status_password}
smsbox-port = {smsbox}
smsbox-interface = 127.0.0.1
dlr-storage = internal
store-type = file
store-location = {folder}/store
access-log = {folder}/access.log
sms-combine-concatenated-mo = {combine}
log-level = 1
{core}

group = smsc
smsc = fake
smsc-id = phones
port = {carrier}
connect-allow-ip = 127.0.0.1
denied-prefix = {denied}

group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = {smsbox}
sendsms-port = {sendsms}
sendsms-interface = 127.0.0.1
http-request-retry = 1000
http-queue-delay = 1
log-level = 1

group = sendsms-user
username = {username}
password = {password}
concatenation = true
max-messages = 20

group = sms-service
keyword = default
catch-all = true
max-messages = 0
get-url = "{get_url}"
"""


def here() -> bool:
    """Are Kannel and a C compiler on this machine?"""
    return bool(shutil.which("bearerbox", path=_SBIN) and shutil.which("smsbox", path=_SBIN) and shutil.which("cc"))


@dataclass
class Kannel:
    """One gateway. `get_url` is the address that it calls with messages; `core` are more lines of its core group."""

    folder: Path
    get_url: str
    core: str = ""
    combine: bool = True
    username: str = "city"
    password: str = "pw"
    status_password: str = "look"
    denied: str = "+99"
    admin: int = field(default_factory=free_port)
    smsbox: int = field(default_factory=free_port)
    sendsms: int = field(default_factory=free_port)
    carrier: int = field(default_factory=free_port)
    _running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> None:
        """Start it, and wait until it takes messages."""
        shim = self.folder / "loopback.so"
        if not shim.exists():
            source = self.folder / "loopback.c"
            source.write_text(_SHIM)
            subprocess.run(["cc", "-shared", "-fPIC", "-o", shim, source, "-ldl"], check=True)
        values = {name: value for name, value in vars(self).items() if name != "combine"}
        conf = self.folder / "kannel.conf"
        conf.write_text(_CONF.format(**values, combine="true" if self.combine else "false"))
        for program, port in (("bearerbox", self.smsbox), ("smsbox", self.sendsms)):
            command = [str(shutil.which(program, path=_SBIN)), conf]
            preload = {"LD_PRELOAD": str(shim)}
            self._running.append(process.run(command, self.folder, lambda p=port: _open(p), environment=preload))

    def stop(self) -> None:
        """End it; what it has stored is there again when it is started again."""
        while self._running:
            process.end(self._running.pop())

    def marks(self) -> list[str]:
        """The marks of the messages that went out, in their order, as the gateway's own log has them."""
        log = (self.folder / "access.log").read_text(errors="replace")
        return list(dict.fromkeys(re.findall(r"Sent SMS .*?\[META:\?openline\?mark=(\w+)", log)))

    @contextlib.contextmanager
    def running(self) -> Iterator[Kannel]:
        """The gateway, while the block runs."""
        try:
            self.start()
            yield self
        finally:
            self.stop()


def _open(port: int) -> bool:
    with socket.create_connection(("127.0.0.1", port), 1):
        return True


@dataclass(frozen=True)
class Sms:
    """A message as a phone shows it, its segments joined."""

    sender: str
    receiver: str
    text: str
    segments: int = 1
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


class Phones:
    """All phones of residents: one connection to the fake carrier, which takes a line for each message."""

    def __init__(self, port: int) -> None:
        self.got: list[Sms] = []
        self.lines: list[str] = []
        self._parts: dict[tuple[str, int], dict[int, bytes]] = {}
        self._socket = socket.create_connection(("127.0.0.1", port), 10)
        self._socket.settimeout(None)
        self._lock = threading.Lock()
        threading.Thread(target=self._read, daemon=True).start()

    def text(self, sender: str, receiver: str, text: str) -> None:
        """Send a text, as GSM where that is surely what a phone would take, else as UCS-2."""
        if re.fullmatch(r"[A-Za-z0-9 .,:'-]+", text):
            self.line(f"{sender} {receiver} text {text}")
        else:
            self.line(f"{sender} {receiver} ucs2 {quote_from_bytes(text.encode('utf-16-be'))}")

    def line(self, line: str) -> None:
        """Say a line of the fake carrier's protocol."""
        with self._lock:
            self._socket.sendall(line.encode() + b"\n")

    def close(self) -> None:
        """Switch all phones off."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def wait(self, text: str, seconds: float = 10) -> Sms:
        """The message with these words; fails if none comes."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if found := [sms for sms in list(self.got) if text in sms.text]:
                return found[-1]
            time.sleep(0.02)
        raise AssertionError(f"no phone got {text!r}; it got {[sms.text[:60] for sms in self.got[-5:]]}")

    def _read(self) -> None:
        with contextlib.suppress(OSError, ValueError), self._socket.makefile("rb") as lines:
            for line in lines:
                self._take(line.rstrip(b"\n").decode("utf-8", "replace"))

    def _take(self, line: str) -> None:
        self.lines.append(line)
        if self.got and not _LINE.match(line):  # the fake carrier writes a line break as it is
            self.got[-1] = replace(self.got[-1], text=f"{self.got[-1].text}\n{line}")
            return
        sender, receiver, kind, rest = [*line.split(" ", 3), ""][:4]
        if kind == "udh":
            header, _kind, body = rest.split(" ", 2)
            self._join(sender, receiver, unquote_to_bytes(header.replace("+", " ")), _bytes(body))
        elif kind == "text":
            self.got.append(Sms(sender, receiver, rest))
        else:
            body = _bytes(rest)
            self.got.append(Sms(sender, receiver, body.decode("utf-16-be") if kind.startswith("ucs") else _text(body)))

    def _join(self, sender: str, receiver: str, header: bytes, body: bytes) -> None:
        part = part_of(header)
        assert part, f"a header that joins nothing: {header!r}"
        parts = self._parts.setdefault((receiver, part.reference), {})
        parts[part.number] = body
        if len(parts) == part.of:
            del self._parts[receiver, part.reference]
            whole = b"".join(body for _number, body in sorted(parts.items()))
            self.got.append(Sms(sender, receiver, _text(whole), part.of))


def _bytes(said: str) -> bytes:
    return unquote_to_bytes(said.replace("+", " "))


def _text(body: bytes) -> str:
    """The fake carrier does not say how a joined text is written: what is no UTF-8 without zero bytes is UCS-2."""
    try:
        return body.decode("utf-16-be" if b"\0" in body else "utf-8")
    except UnicodeDecodeError:
        return body.decode("utf-16-be")
