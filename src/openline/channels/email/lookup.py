"""Was a mail sent? Our own mailbox knows: every mail that the server took came back to it as a copy."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from openline.channels.base import AccountRef, Progress, Unclear
from openline.channels.email import hearing, mailbox
from openline.channels.reading import moment

SETTLE_SECONDS = 300.0
"""So long after a try a copy may still be on its way; only then does its absence prove anything."""
_LOOK_EVERY_SECONDS = 0.5
_LOOK_SECONDS = 5.0


def was_taken(account: AccountRef, message_id: str, tried_at: datetime | None) -> bool:
    """True if the copy is there, False if it is not and would be by now.

    `tried_at`: when the try began, where it is known. Raises Unclear while the copy may still be on its way.
    """
    until = time.monotonic() + _LOOK_SECONDS
    with mailbox.mailbox(account) as client, mailbox.troubles():
        places = _places(client, account)
        while True:
            if any(_is_in(client, folder, message_id) for folder in places):
                return True
            age = (datetime.now(UTC) - tried_at).total_seconds() if tried_at else SETTLE_SECONDS
            if age >= SETTLE_SECONDS:
                return False
            if time.monotonic() > until:
                raise Unclear("The copy of the mail is not there yet; it may still be on its way.")
            time.sleep(_LOOK_EVERY_SECONDS)


def _places(client: IMAPClient, account: AccountRef) -> list[str]:
    """Where a copy can be: where it arrives, then where hearing, the provider or people put it."""
    special = [mailbox.special_folder(client, flag) for flag in (b"\\Sent", b"\\All", b"\\Archive", b"\\Trash")]
    heard = hearing.folders_of(account.settings.get("folders", ""))
    return [*reversed(heard), *filter(None, special)]


def _is_in(client: IMAPClient, folder: str, message_id: str) -> bool:
    """Only a folder that cannot be opened is passed over; a broken line proves nothing and is an error."""
    try:
        client.select_folder(folder, readonly=True)
    except IMAPClientError as error:
        if folder == "INBOX" or isinstance(error, IMAPClientAbortError):
            raise
        return False
    return mailbox.has(client, message_id)


def _tries(progress: Progress) -> list[str]:
    """When each try began to hand the mail over."""
    found: list[str] = []
    while at := progress.done(f"try {len(found) + 1}"):
        found.append(str(at))
    return found


def next_try(progress: Progress) -> str:
    """The name of the step that keeps when the next try begins: each has its own."""
    return f"try {len(_tries(progress)) + 1}"


def last_try(progress: Progress) -> datetime | None:
    """When the newest try began; None if that is not known."""
    return moment(tries[-1]) if (tries := _tries(progress)) else None
