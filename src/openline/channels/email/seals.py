"""What the city's own mail server found out about the sender: Authentication-Results (RFC 8601).

Anybody can write such a field. Only those count that bear the name of a server that the account trusts; a server
removes fields that claim its own name from what comes in (RFC 8601, 5), so of several the topmost counts.
"""

from __future__ import annotations

import re
from email.message import Message

from openline.channels.email import headers

METHODS = ("dkim", "spf", "dmarc", "arc")
_RESULTS = {
    "none",
    "pass",
    "fail",
    "softfail",
    "policy",
    "neutral",
    "temperror",
    "permerror",
    "hardfail",
    "bestguesspass",
}
_COMMENT = re.compile(r"\([^()]*\)")
_RESULT = re.compile(r"\s*([a-z0-9-]+)(?:\s*/\s*\d+)?\s*=\s*([a-z]+)", re.IGNORECASE)
_OF = re.compile(r"(?:header\.(?:d|i|from)|smtp\.(?:mailfrom|helo))\s*=\s*\"?([^\s;\"]+)", re.IGNORECASE)


def results(message: Message, trusted: str) -> dict[str, str]:
    """By method (dkim, spf, dmarc, arc) the result and for whom, such as "pass (example.org)".

    `trusted` are names of servers, apart by commas or spaces; without any, nothing is believed.
    """
    names, found = {name.lower().rstrip(".") for name in re.split(r"[,\s]+", trusted) if name}, dict[str, str]()
    for field in headers.raw_texts(message, "authentication-results") if names else []:
        server, *parts = _plain(field).split(";")
        if server.split()[:1] and server.split()[0].lower().rstrip(".") in names:
            for method, words in _methods(parts).items():
                found.setdefault(method, words)
    return found


def servers(message: Message) -> list[str]:
    """Which servers sign such fields in this mail: those that an account could be told to trust."""
    fields = headers.raw_texts(message, "authentication-results")
    return headers.unique(_plain(field).split(";")[0].split(" ")[0].lower() for field in fields)


def _methods(parts: list[str]) -> dict[str, str]:
    """Of one server's words: of several DKIM signatures one that is right is enough."""
    found: dict[str, str] = {}
    for part in parts:
        result = _RESULT.match(part)
        method, word = (result[1].lower(), result[2].lower()) if result else ("", "")
        if method in METHODS and word in _RESULTS and not found.get(method, "").startswith("pass"):
            of = _OF.search(part)
            found[method] = f"{word} ({of[1][:200]})" if of else word
    return found


def _plain(field: str) -> str:
    """Without comments, which may stand in each other."""
    field = field[:5_000]
    while (plain := _COMMENT.sub(" ", field)) != field:
        field = plain
    return headers.clean(field.strip(), 5_000)
