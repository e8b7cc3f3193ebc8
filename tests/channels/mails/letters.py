"""Mails made by hand, as bytes."""

from __future__ import annotations

from email.header import Header

PLAIN = "text/plain"


def letter(
    plain: str = "",
    html: str = "",
    *,
    sender: str = "Maria Example <Maria@Residents.test>",
    to: str = "help@city.test",
    subject: str = "pothole",
    identifier: str = "<m1@residents.test>",
    kind: str = PLAIN,
    charset: str = "utf-8",
    more: tuple[str, ...] = (),
) -> bytes:
    """A mail with text, HTML, or both; `more` are further lines of its head."""
    head = [f"From: {sender}", f"To: {to}", f"Subject: {Header(subject, 'utf-8').encode()}"]
    head += ["Date: Mon, 23 Nov 2026 10:15:00 -0500", "MIME-Version: 1.0", *more]
    head += [f"Message-ID: {identifier}"] if identifier else []
    parts = [(kind, plain)] if plain or not html else []
    parts += [("text/html", html)] if html else []
    if len(parts) == 1:
        return "\r\n".join([*head, _kind(parts[0][0], charset), ""]).encode() + _body(parts[0][1], charset)
    made = [f"--b\r\n{_kind(name, charset)}\r\n".encode() + _body(text, charset) for name, text in parts]
    start = "\r\n".join([*head, "Content-Type: multipart/alternative; boundary=b", "", ""]).encode()
    return start + b"".join(made) + b"--b--\r\n"


def _kind(name: str, charset: str) -> str:
    first, _semicolon, rest = name.partition(";")
    extra = f";{rest}" if rest else ""
    return f"Content-Type: {first}; charset={charset}{extra}\r\nContent-Transfer-Encoding: 8bit"


def _body(text: str, charset: str) -> bytes:
    return b"\r\n" + text.replace("\n", "\r\n").encode(charset) + b"\r\n"
