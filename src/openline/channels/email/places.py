"""Where a mail server is and how the line to it is kept secret, in one address: `imaps://mail.city.example:993`."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from openline.channels.base import Rejected

SECONDS = 20.0
"""So long we wait for a server's answer."""
Security = Literal["tls", "starttls", "none"]
_SCHEMES: dict[str, tuple[Security, int]] = {
    "imaps": ("tls", 993),
    "imap+tls": ("starttls", 143),
    "imap": ("none", 143),
    "smtps": ("tls", 465),
    "smtp+tls": ("starttls", 587),
    "smtp": ("none", 25),
}
_USUAL = {"imap": "imaps", "smtp": "smtp+tls"}
_FIELDS = {"imap": "server", "smtp": "smtp"}
_HERE = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Place:
    """One server."""

    host: str
    port: int
    security: Security

    def context(self) -> ssl.SSLContext | None:
        """How certificates are checked; None where the line is plain."""
        return None if self.security == "none" else ssl.create_default_context()


def place(address: str, kind: Literal["imap", "smtp"]) -> Place:
    """Read `host`, `host:port` or `scheme://host:port`; alone, a host is reached by TLS at the usual port.

    Raises Rejected if it is none, or names an unprotected line to another machine.
    """
    full = address.strip() if "://" in address else f"{_USUAL[kind]}://{address.strip()}"
    try:
        parts = urlsplit(full)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    if parts.scheme not in _SCHEMES or not parts.scheme.startswith(kind) or not host or parts.username:
        raise Rejected(
            f"{kind.upper()}: give a host such as {kind}.example.org, or {_USUAL[kind]}://host:port.", _FIELDS[kind]
        )
    security, usual = _SCHEMES[parts.scheme]
    if security == "none" and host not in _HERE:
        raise Rejected(f"{kind.upper()}: without TLS only a server on this machine is reached.", _FIELDS[kind])
    return Place(host, port or usual, security)
