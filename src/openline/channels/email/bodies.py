"""The parts of a mail: what is to be read, and what is attached. Whatever is broken is read as far as it goes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from html import unescape

from openline.channels.base import Media
from openline.channels.email import headers, large
from openline.channels.reading import Unreadable

MOST_BYTES = 40_000_000
"""Largest mail that is read; providers take some 25 to 35 million. A larger one is kept and refused."""
_MOST_PARTS = 300
_DEEPEST = 30
_MOST_LINES_OF_PARTS = 20_000
_MOST_MEDIA = 20
_TINY_BYTES = 3_000
"""An inline picture smaller than that is a logo or a spacer."""
_NO_FILES = {"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"}
_SEALED = {"application/pkcs7-mime", "application/x-pkcs7-mime", "application/pgp-encrypted"}
_TNEF = {"application/ms-tnef", "application/vnd.ms-tnef"}
_IMAGE = re.compile(r"<img\b[^<>]{1,4000}>", re.IGNORECASE)
_CID = re.compile(r"""\bsrc\s*=\s*["']?cid:([^"'\s>]{1,300})""", re.IGNORECASE)
_ALT = re.compile(r"""\balt\s*=\s*(?:"([^"]{0,1500})"|'([^']{0,1500})')""", re.IGNORECASE)
_FILE_NAME = re.compile(r"[\w .()-]{1,80}\.\w{2,5}")


@dataclass(slots=True)
class Body:
    """A mail taken apart: `plain` and `html` to be read, `files` the other parts with their number in the mail."""

    message: Message
    plain: str = ""
    html: str = ""
    flowed: bool = False
    files: list[tuple[int, Message]] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)


def message_of(raw: bytes) -> Message:
    """The mail in `raw`; raises Unreadable if it is too large or too deep to be one."""
    if len(raw) > MOST_BYTES:
        raise Unreadable(f"The mail has {len(raw):,} bytes; at most {MOST_BYTES:,} are read.")
    if raw.count(b"\n--") > _MOST_LINES_OF_PARTS:
        raise Unreadable("The mail has too many parts.")
    try:
        return message_from_bytes(large.shortened(raw), _class=headers.Mail)
    except RecursionError:
        raise Unreadable("The mail has parts within parts without end.") from None


def take_apart(message: Message) -> Body:
    """What is to be read and what is attached."""
    body, plain, html = Body(message), list[str](), list[str]()
    for number, part in enumerate(_parts(message)):
        kind = part.get_content_type()
        if kind in ("text/plain", "text/html") and not _is_file(part):
            (plain if kind == "text/plain" else html).append(_words(part))
            body.flowed |= kind == "text/plain" and str(part.get_param("format", "")).lower() == "flowed"
        elif kind not in _NO_FILES and not kind.startswith(("multipart/", "message/delivery", "message/disposition")):
            body.files.append((number, part))
        _note(body, kind)
    # Of several texts in a row (a mailing list's footer, a picture between two texts) all are read.
    body.plain, body.html = "\n\n".join(filter(None, plain)), "\n".join(filter(None, html))
    return body


def _parts(message: Message) -> Iterator[Message]:
    """The leaves of the mail in order; a mail within a mail is a leaf."""
    for count, (part, depth) in enumerate(_walk(message, 0)):
        if count >= _MOST_PARTS or depth > _DEEPEST:
            return
        yield part


def _walk(part: Message, depth: int) -> Iterator[tuple[Message, int]]:
    if part.is_multipart() and part.get_content_maintype() == "multipart" and depth <= _DEEPEST:
        for one in within(part):
            yield from _walk(one, depth + 1)
    else:
        yield part, depth


def within(part: Message) -> list[Message]:
    """The parts of a part, or the mail within it; none if it has none."""
    inner = part.get_payload()
    return [one for one in inner if isinstance(one, Message)] if isinstance(inner, list) else []


def _is_file(part: Message) -> bool:
    disposition = headers.raw_text(part, "content-disposition").lower()
    return disposition.startswith("attachment") or bool(file_name(part) and not disposition.startswith("inline"))


def _note(body: Body, kind: str) -> None:
    if kind in _SEALED:
        body.notes["encrypted"] = "The mail is encrypted: only its outside can be read."
    if kind in _TNEF:
        body.notes["winmail.dat"] = "Outlook packed the attachments into winmail.dat: ask for them once more as files."


def _words(part: Message) -> str:
    return headers.in_charset(content_of(part), str(part.get_param("charset", "") or "")).replace("\r\n", "\n")


def content_of(part: Message) -> bytes:
    """The bytes of a part without their transfer encoding; of a mail within the mail, that mail."""
    if part.is_multipart():
        return b"".join(one.as_bytes() for one in within(part)[:1])
    try:
        found = part.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError):
        found = None
    return found if isinstance(found, bytes) else str(part.get_payload() or "").encode("utf-8", "replace")


def file_name(part: Message) -> str:
    """The name that the sender gave to a file; empty if none."""
    try:
        return headers.decoded(part.get_filename() or "")
    except (ValueError, LookupError, TypeError):
        return ""


def media_of(body: Body, cut: str = "") -> tuple[Media, ...]:
    """The attachments, as `Channel.fetch` finds them again; pictures that stand only in the HTML `cut` are left out."""
    alts, quoted = _alts(body.html), set(_alts(cut))
    found = []
    for number, part in body.files:
        cid = headers.raw_text(part, "content-id").strip("<> ")
        if cid in quoted or (cid in alts and len(str(part.get_payload())) * 3 // 4 < _TINY_BYTES):
            continue
        found.append(Media(f"inside:{number}", kind_of(part), alts.get(cid, "") or _title(part)))
    return tuple(found[:_MOST_MEDIA])


def kind_of(part: Message) -> str:
    """`image`, `video`, `audio` or `file`."""
    major = part.get_content_maintype()
    return major if major in ("image", "video", "audio") else "file"


def _title(part: Message) -> str:
    """What a file is called; what a camera calls its pictures describes nothing."""
    if part.get_content_type() == "message/rfc822":
        return "".join(headers.text(one, "subject") for one in within(part)[:1])
    return file_name(part) if kind_of(part) == "file" else ""


def _alts(html: str) -> dict[str, str]:
    """The inline pictures of a text by their Content-ID, with what stands for those who do not see them."""
    found = {}
    for image in _IMAGE.findall(html):
        cid, alt = _CID.search(image), _ALT.search(image)
        words = headers.clean(unescape(alt[1] or alt[2] or ""), 1500) if alt else ""
        if cid:
            found[unescape(cid[1])] = "" if _FILE_NAME.fullmatch(words) else words
    return found


def fetch(raw: bytes, number: int, most_bytes: int) -> bytes | None:
    """The bytes of that part of the mail; None if there is no such part, or it is larger than `most_bytes`."""
    for at, part in enumerate(_parts(message_of(raw))):
        if at == number:
            content = large.content_of(raw, part, most_bytes)
            content = content_of(part) if content is None else content
            return content if 0 < len(content) <= most_bytes else None
    return None
