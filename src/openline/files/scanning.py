"""Asking a virus scanner: ClamAV's daemon, by its own protocol (clamd(8), INSTREAM), off unless a city names one."""

from __future__ import annotations

import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

_CHUNK = 64 * 1024
_SECONDS = 30.0
_MOST_ANSWER = 4096


class ScannerDown(Exception):
    """The scanner could not be asked, so nothing is known of the file; the message says why."""


@dataclass(frozen=True, slots=True)
class Scanner:
    """Where clamd listens: a unix socket at `path`, otherwise TCP at `host` and `port`."""

    path: str = ""
    host: str = ""
    port: int = 3310

    def scan(self, data: bytes) -> str:
        """The name of what was found in `data`, "" if it is clean. Raises ScannerDown."""
        parts = [data[at : at + _CHUNK] for at in range(0, len(data), _CHUNK)]
        said = self._ask(b"zINSTREAM\0", *(struct.pack(">I", len(part)) + part for part in parts), struct.pack(">I", 0))
        if said == "stream: OK":
            return ""
        if said.startswith("stream: ") and said.endswith(" FOUND"):
            return said.removeprefix("stream: ").removesuffix(" FOUND")
        raise ScannerDown(f"clamd answered “{said[:200]}”")

    def answers(self) -> bool:
        """Whether the scanner is there."""
        try:
            return self._ask(b"zPING\0") == "PONG"
        except ScannerDown:
            return False

    def _ask(self, *parts: bytes) -> str:
        try:
            with self._connected() as line:
                try:
                    for part in parts:
                        line.sendall(part)
                except (BrokenPipeError, ConnectionResetError):
                    pass  # clamd hangs up at its size limit, having said so
                return _answer(line)
        except OSError as error:
            raise ScannerDown(f"clamd does not answer ({type(error).__name__})") from error

    def _connected(self) -> socket.socket:
        if not self.path:
            return socket.create_connection((self.host, self.port), _SECONDS)
        line = socket.socket(socket.AF_UNIX)
        line.settimeout(_SECONDS)
        try:
            line.connect(self.path)
        except OSError:
            line.close()
            raise
        return line


def _answer(line: socket.socket) -> str:
    said = bytearray()
    while not said.endswith(b"\0") and len(said) < _MOST_ANSWER:
        part = line.recv(_MOST_ANSWER)
        if not part:
            break
        said += part
    return said.rstrip(b"\0\n").decode("utf-8", "replace")


def from_environment(given: Mapping[str, str]) -> Scanner | None:
    """The scanner named in `OPENLINE_CLAMAV`; None, which is off, without one. Raises ValueError, with what to do."""
    text = given.get("OPENLINE_CLAMAV", "").strip()
    if not text:
        return None
    parts = urlsplit(text)
    if parts.scheme == "unix" and parts.path.startswith("/") and not parts.netloc:
        return Scanner(path=parts.path)
    if parts.scheme == "tcp" and parts.hostname:
        return Scanner(host=parts.hostname, port=parts.port or 3310)
    raise ValueError("OPENLINE_CLAMAV must look like unix:/run/clamav/clamd.ctl or tcp://127.0.0.1:3310.")
