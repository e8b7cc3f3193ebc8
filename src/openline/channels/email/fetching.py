"""Mails out of the folder that is open, as the server has them: a portion at once, or with care one by one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from openline.channels.base import Refused
from openline.channels.email.bodies import MOST_BYTES

PORTION = 400
PORTION_BYTES = 20_000_000
_ITS_FAULT = "FETCH failed"


class CannotHandOut(Exception):
    """The server fails over a mail (a damaged file, ...), and may have ended the line for it."""


@dataclass(slots=True)
class Found:
    """Mails by their id, growing, and the id up to which all is read (0: none). `broken`: the line may be gone."""

    mails: dict[int, bytes | Refused] = field(default_factory=dict)
    last: int = 0
    broken: bool = False


def together(client: IMAPClient, uids: list[int]) -> Found:
    """The first of the mails with those ids, as many as may be in memory at once. Raises CannotHandOut."""
    with _watched():
        sizes = _portion(client, uids)
        mails = _bodies(client, [uid for uid, size in sizes.items() if 0 < size <= MOST_BYTES])
        mails |= _heads(client, [uid for uid, size in sizes.items() if size > MOST_BYTES])
    return Found(dict(sorted(mails.items())), max(sizes, default=0))


def one_by_one(client: IMAPClient, uids: list[int]) -> Found:
    """The mails up to one that the server cannot hand out; if it is the first, that one, refused."""
    found = Found()
    for uid in uids[:PORTION]:
        try:
            found.mails |= together(client, [uid]).mails
        except CannotHandOut as error:
            reason = f"The mail server cannot hand out the mail with the id {uid}: {error}"
            alone = Found({uid: Refused(f"UID {uid}".encode(), reason)}, uid)
            found = found if found.last else alone
            found.broken = True
            return found
        found.last = uid
    return found


@contextmanager
def _watched() -> Iterator[None]:
    """Tell a server that fails over a mail from a line that breaks."""
    try:
        yield
    except IMAPClientError as error:
        if isinstance(error, IMAPClientAbortError) and _ITS_FAULT not in str(error):
            raise
        raise CannotHandOut(str(error)[:200]) from error


def _portion(client: IMAPClient, uids: list[int]) -> dict[int, int]:
    """As many of them as may be in memory at once, at least one; with their sizes, 0 for what is gone meanwhile."""
    chosen, total = dict[int, int](), 0
    answers = client.fetch(uids[:PORTION], ["RFC822.SIZE"]) if uids else {}
    for uid in uids[:PORTION]:
        size = int(answers.get(uid, {}).get(b"RFC822.SIZE", 0))
        total += size if size <= MOST_BYTES else 0
        if chosen and total > PORTION_BYTES:
            break
        chosen[uid] = size
    return chosen


def _bodies(client: IMAPClient, uids: list[int]) -> dict[int, bytes | Refused]:
    """The whole mails that are still there."""
    answers = client.fetch(uids, ["BODY.PEEK[]"]) if uids else {}
    return {uid: raw for uid, answer in answers.items() if isinstance(raw := answer.get(b"BODY[]"), bytes)}


def _heads(client: IMAPClient, uids: list[int]) -> dict[int, bytes | Refused]:
    """Of mails too large to read, their heads and the reason."""
    answers = client.fetch(uids, ["BODY.PEEK[HEADER]"]) if uids else {}
    reason = f"The mail is larger than {MOST_BYTES:,} bytes: it is in the mailbox alone."
    return {uid: Refused(bytes(answer.get(b"BODY[HEADER]") or b""), reason) for uid, answer in answers.items()}
