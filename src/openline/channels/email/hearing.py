"""What is new in a mailbox, from a cursor on.

The cursor holds for each folder `UIDVALIDITY:UID:day`: the last mail that was handed on, and when. Unique ids only
grow (RFC 9051, 2.3.1.1), so mails that are moved, expunged or read by people change nothing. If a server gives all
mails new ids (UIDVALIDITY changes), the mails since shortly before that day are read again; the door knows those that
it has. The mailbox stays as it is, but for copies of our own mails (`lookup`), which go to the folder for sent mail.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.parser import BytesHeaderParser
from typing import Any

import orjson
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from openline.channels.base import Refused
from openline.channels.email import fetching, headers, mailbox, names

FIRST = 400
"""So many of the newest mails are heard of a mailbox that is heard for the first time."""
IDLE_SECONDS = 240.0
"""So long a server is waited for before the line is proved anew; routers forget quiet lines after some minutes."""
POLL_SECONDS = 60.0
_NOTICE_STOP_SECONDS = 0.5
_OVERLAP = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Mark:
    """How far one folder was heard."""

    validity: int = 0
    uid: int = 0
    day: date = date(1970, 1, 1)

    def __str__(self) -> str:
        return f"{self.validity}:{self.uid}:{self.day.isoformat()}"

    @classmethod
    def read(cls, text: str) -> Mark:
        """Read `str` again; whatever is no mark is the beginning."""
        validity, uid, day = (*text.split(":"), "", "", "")[:3]
        with suppress(ValueError):
            return cls(int(validity), int(uid), date.fromisoformat(day))
        return cls()


@dataclass(frozen=True, slots=True)
class News:
    """Mails as received, oldest first, the cursor behind them, and whether there are more.

    `uid_next` is the id that the next mail in the inbox would have had when it was looked at.
    """

    items: list[bytes | Refused]
    cursor: str
    more: bool
    uid_next: int


def folders_of(setting: str) -> list[str]:
    """The folders that are heard, the inbox last: it stays open to wait in."""
    named = headers.unique(name.strip() for name in setting.split(","))
    return [name for name in named if name.upper() != "INBOX"] + ["INBOX"]


def news(client: IMAPClient, folders: list[str], cursor: str, *, careful: bool = False) -> News:
    """What is new in the folders, at most a portion of each. Raises CannotHandOut; then ask a new line carefully."""
    marks = _marks(cursor)
    items, more, opened = list[bytes | Refused](), False, dict[bytes, Any]()
    for folder in folders:
        opened = client.select_folder(folder)
        new, marks[folder], left, broken = _of_folder(client, opened, marks.get(folder, Mark()), careful)
        items += new
        more |= left or broken
        if broken:
            break
    behind = orjson.dumps({name: str(mark) for name, mark in marks.items()}).decode()
    return News(items, behind, more, int(opened.get(b"UIDNEXT", 0)))


def _marks(cursor: str) -> dict[str, Mark]:
    with suppress(orjson.JSONDecodeError, AttributeError, TypeError):
        return {str(name): Mark.read(str(mark)) for name, mark in orjson.loads(cursor or "{}").items()}
    return {}


def _of_folder(
    client: IMAPClient, opened: dict[bytes, Any], mark: Mark, careful: bool
) -> tuple[list[bytes | Refused], Mark, bool, bool]:
    """What is new in the folder that is open, how far that goes, whether there is more, and whether the line broke."""
    validity = int(opened[b"UIDVALIDITY"])
    # With nothing to read in a folder whose ids are new to us, all that lies there is behind us.
    before = mark.uid if mark.validity == validity else int(opened.get(b"UIDNEXT", 1)) - 1
    uids = _new_uids(client, mark, validity)
    found = fetching.one_by_one(client, uids) if careful else fetching.together(client, uids)
    ours = [uid for uid, raw in found.mails.items() if isinstance(raw, bytes) and is_ours(raw)]
    _file_copies(client, ours)
    behind = Mark(validity, found.last or before, datetime.now(UTC).date())
    left = bool(uids) and found.last < uids[-1]
    return [raw for uid, raw in found.mails.items() if uid not in ours], behind, left, found.broken


def _new_uids(client: IMAPClient, mark: Mark, validity: int) -> list[int]:
    """The ids of what is new, growing."""
    if mark.validity == validity:
        # "n:*" names the last mail even if its id is below n.
        return sorted(uid for uid in client.search(["UID", f"{mark.uid + 1}:*"]) if uid > mark.uid)
    if mark.validity:
        return sorted(client.search(["SINCE", mark.day - _OVERLAP]))
    return sorted(client.search("ALL"))[-FIRST:]


def is_ours(raw: bytes) -> bool:
    """True for a mail that we sent ourselves, by whatever way it came back."""
    end = max(raw.find(b"\r\n\r\n"), 0) or max(raw.find(b"\n\n"), 0) or len(raw)
    found = headers.ids(BytesHeaderParser().parsebytes(raw[:end]), "message-id")
    return bool(found and names.thread_of_our_mail(found[0]))


def _file_copies(client: IMAPClient, uids: list[int]) -> None:
    """Move copies of our own mails to the folder for sent mail, where there is one and the server can move."""
    if not uids or not client.has_capability("MOVE"):
        return
    with suppress(IMAPClientError, OSError):
        if sent := mailbox.special_folder(client, b"\\Sent"):
            client.add_flags(uids, [b"\\Seen"], silent=True)
            client.move(uids, sent)


def wait(client: IMAPClient, stopping: Callable[[], bool], folders: int) -> None:
    """Wait until the server tells of something in the inbox (IDLE, RFC 2177), or it is time to look anew."""
    idles = client.has_capability("IDLE")
    until = time.monotonic() + (IDLE_SECONDS if idles and folders == 1 else POLL_SECONDS)
    if not idles:
        while not stopping() and time.monotonic() < until:
            time.sleep(_NOTICE_STOP_SECONDS)
        return
    client.idle()
    while not stopping() and time.monotonic() < until:
        if _wakes(client):
            break
    client.idle_done()  # raises if the line is gone


def _wakes(client: IMAPClient) -> bool:
    """Does the server tell of something? Waits a moment for it.

    The library says nothing of a line that ended while it waits, it only comes back at once: then it is time too.
    """
    started = time.monotonic()
    said = client.idle_check(timeout=_NOTICE_STOP_SECONDS)
    at_once = time.monotonic() - started < _NOTICE_STOP_SECONDS / 2
    return any(_is_news(one) for one in said) or (not said and at_once)


def _is_news(said: tuple[object, ...]) -> bool:
    """ "* 23 EXISTS" is; "* OK still here" is not."""
    return len(said) > 1 and said[1] in (b"EXISTS", b"RECENT")


def follow(client: IMAPClient, folders: list[str], cursor: str, stopping: Callable[[], bool]) -> Iterator[News]:
    """All news, at once and as it comes, until `stopping()`."""
    while not stopping():
        found = news(client, folders, cursor)
        cursor = found.cursor
        yield found
        # Opened anew, the server tells while it is waited for all that comes from this moment on. (It may have told of
        # a mail amid its answers to what was asked since, and would not tell again.)
        if not found.more and int(client.select_folder("INBOX").get(b"UIDNEXT", 0)) == found.uid_next:
            wait(client, stopping, len(folders))
