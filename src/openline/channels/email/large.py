"""Large mails, without ten copies of them in memory.

Python's parser takes a mail apart line by line, which makes 370 MB of a mail of 35. But nearly all of such a mail is a
few files in Base64, whose lines say nothing. So each file is cut to its beginning before the mail is parsed, and a
line says from where to where it stands in the mail as received.
"""

from __future__ import annotations

import base64
import re
from email.message import Message

_LARGE_BYTES = 2_000_000
_KEPT_BYTES = 1_500_000
"""Longer than any text that is read: a text in Base64 is cut too."""
_MARK = re.compile(rb"\n-openline-cut-(\d{1,12})-(\d{1,12})-\s*$")
_ENCODING = re.compile(rb"^content-transfer-encoding:[ \t]*base64[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)


def shortened(raw: bytes) -> bytes:
    """The mail with each large file cut to its beginning, and a mark behind it; small mails as they are."""
    if len(raw) < _LARGE_BYTES:
        return raw
    pieces, at = list[bytes](), 0
    for start, end in _files(raw):
        cut = raw.rfind(b"\n", start, start + _KEPT_BYTES)
        if cut > start:
            pieces += [raw[at:cut], b"\n-openline-cut-%d-%d-\r\n" % (start, end)]
            at = end
    return b"".join([*pieces, raw[at:]])


def _files(raw: bytes) -> list[tuple[int, int]]:
    """Where the bodies of large parts in Base64 begin and end. Base64 has no hyphens, so no boundary lies within."""
    found, start = list[tuple[int, int]](), 0
    while start < len(raw):
        end = raw.find(b"\n--", start)
        end = len(raw) if end < 0 else end
        if end - start > _LARGE_BYTES and (body := _body(raw, start, end)):
            found.append((body, end))
        start = end + 3
    return found


def _body(raw: bytes, start: int, end: int) -> int:
    """Where the body of a part begins, if it is in Base64; else 0."""
    for gap in (b"\r\n\r\n", b"\n\n"):
        head = raw.find(gap, start, min(end, start + 100_000))
        if head >= 0:
            return head + len(gap) if _ENCODING.search(raw[start:head]) else 0
    return 0


def content_of(raw: bytes, part: Message, most_bytes: int) -> bytes | None:
    """The bytes of a file that was cut, out of the mail as received; None if this part was not cut.

    Empty if it is larger than `most_bytes`.
    """
    inner = part.get_payload()
    mark = _MARK.search(inner[-80:].encode("ascii", "replace")) if isinstance(inner, str) else None
    if not mark:
        return None
    start, end = int(mark[1]), int(mark[2])
    if (start, end) not in _files(raw):  # somebody else wrote such a line
        return None
    return base64.b64decode(raw[start:end]) if (end - start) * 3 // 4 <= most_bytes * 1.03 else b""
