"""Reading header fields that anybody may have written: never an exception, always text that can be kept."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from functools import cached_property

from openline.foundation.text import clean

_LONGEST = 20_000
_MOST_ADDRESSES = 500
_MOST_IDS = 200
_ID = re.compile(r"<[^<>\s]{1,400}>")
_ADDRESS = re.compile(r"[^@\s<>\",;]+@[^@\s<>\",;]+")
_PLAIN = re.compile(r"(?:([^\"<>()\[\],:;@\\]*)<)?([^@\s<>()\[\]\",:;\\]+@[^@\s<>()\[\]\",:;\\]+)(?(1)>)")
"""One address as nearly all mails have it, with a name in front or alone."""
_REPLY = re.compile(
    r"(?:re|aw|antw|antwort|sv|vs|rv|res|rif|odp|ynt|ref|tr re|отв|ответ|回复|回覆|答复|答覆|trả lời|رد|اعادة|إعادة)"
    r"\s*(?:\[\d+\]|\(\d+\))?\s*[:：]\s*",
    re.IGNORECASE,
)
CODECS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "iso-8859-8-i": "iso-8859-8",
    "utf8mb4": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
}
"""What is meant by the name of a character set, where that is more than the name says, or Python knows no such name."""


class Mail(Message):
    """A mail, or a part of one, whose fields are found by name at once: some thirty are asked for."""

    @cached_property
    def head(self) -> dict[str, list[str]]:
        """All fields by their name in small letters, unfolded."""
        return _by_name(self)


def _by_name(message: Message) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in message.raw_items():
        found.setdefault(name.lower(), []).append(" ".join(str(value)[:_LONGEST].split()))
    return found


def raw_text(message: Message, name: str) -> str:
    """The first field of that name (in small letters), its encoded words (RFC 2047) untouched; empty if none."""
    return next(iter(raw_texts(message, name)), "")


def raw_texts(message: Message, name: str) -> list[str]:
    """All fields of that name, as `raw_text`, from the top."""
    head = message.head if isinstance(message, Mail) else _by_name(message)
    return head.get(name, [])


def text(message: Message, name: str) -> str:
    """The first field of that name in words."""
    return decoded(raw_text(message, name))


def decoded(value: str) -> str:
    """A field's words with its encoded words read, in whatever character set they claim to be."""
    plain = _unescaped(value)
    if "=?" not in plain:
        return clean(plain, _LONGEST)
    try:
        parts = decode_header(plain)
    except (HeaderParseError, ValueError):
        return clean(plain, _LONGEST)
    words = [part if isinstance(part, str) else in_charset(part, charset or "utf-8") for part, charset in parts]
    return clean("".join(words), _LONGEST)


def _unescaped(value: str) -> str:
    """The parser keeps bytes beyond ASCII as surrogates: nearly always they are UTF-8."""
    return in_charset(value.encode("utf-8", "surrogateescape"), "utf-8") if not value.isascii() else value


def in_charset(content: bytes, charset: str) -> str:
    """Bytes as text: by their own character set if it is one and fits, else UTF-8, else Windows' western one."""
    name = charset.strip().strip("\"'").lower()
    for codec in (CODECS.get(name, name), "utf-8"):
        try:
            return content.decode(codec)
        except (LookupError, ValueError):
            continue
    loose = content.decode("utf-8", "replace")
    rightly = sum(not char.isascii() for char in loose) - loose.count("\ufffd")
    return loose if rightly > loose.count("\ufffd") else content.decode("cp1252", "replace")


def addresses(message: Message, *names: str) -> list[tuple[str, str]]:
    """Names and addresses in all fields of those names; addresses with capitals as written."""
    values = [_unescaped(value) for name in names for value in raw_texts(message, name)]
    if len(values) == 1 and (plain := _PLAIN.fullmatch(values[0])):
        return [(decoded(plain[1] or ""), clean(plain[2], 320))]
    values = [value.replace("(", " ").replace(")", " ") if value.count("(") > 50 else value for value in values]
    try:
        found = getaddresses(values)[:_MOST_ADDRESSES]
    except (ValueError, IndexError, RecursionError):
        found = []
    known = [(decoded(name), clean(address, 320)) for name, address in found if _ADDRESS.fullmatch(address)]
    # A field that breaks the rules (two @ in a name, a missing quote) still holds an address.
    return known or [("", clean(found, 320)) for value in values for found in _ADDRESS.findall(value)[-1:]]


def ids(message: Message, *names: str) -> list[str]:
    """The Message-IDs in all fields of those names, in order, each once."""
    found = [one for name in names for value in raw_texts(message, name) for one in _ID.findall(value)]
    return unique(clean(one, 500) for one in found)[-_MOST_IDS:]


def unique(values: Iterable[str]) -> list[str]:
    """Without empty ones, each once, in order."""
    return list(dict.fromkeys(value for value in values if value))


def moment(message: Message) -> datetime | None:
    """When the mail was written, by its Date; aware, None if it does not say."""
    try:
        at = parsedate_to_datetime(raw_text(message, "date"))
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def subject_alone(subject: str) -> str:
    """A subject without "Re:" and its like in front."""
    while found := _REPLY.match(subject):
        subject = subject[found.end() :]
    return subject
