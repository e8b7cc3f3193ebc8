"""A live test: a mail to ourselves, at an address as residents get to answer to, seen in our mailbox."""

from __future__ import annotations

import smtplib
import time
from datetime import UTC, datetime

from django.utils.translation import gettext as _

from openline.channels.base import AccountRef, Outgoing, Rejected, Unclear
from openline.channels.email import lookup, names, sending, writing

_SECONDS = 60.0


def try_out(account: AccountRef, text: str, key: str) -> str:
    """Send it, wait for it, and say what was seen. Raises a ChannelError that says what is wrong."""
    thread = names.thread_of(key)
    to = writing.answer_address(account, thread)
    outgoing = Outgoing(text, "private", thread_root=thread, to_handle=to, automatic=True)
    mail, started = writing.mail(account, outgoing, key, _none), time.monotonic()
    with sending.submission(account) as line:
        _prepare(line, account, mail, to)
        sending.deliver(line, mail)
    _await_copy(account, mail.message_id, started + _SECONDS)
    seconds = f"{time.monotonic() - started:.1f}"
    return _("A mail to %(to)s was taken and came in after %(seconds)s seconds.") % {"to": to, "seconds": seconds}


def _none(file: str) -> bytes:
    raise Rejected("A test has no files.", "media")


def _prepare(line: smtplib.SMTP, account: AccountRef, mail: writing.Mail, to: str) -> None:
    try:
        sending.prepare(line, account, mail, to_us=True)
    except Rejected as error:
        words = _("The server takes no mail for %(to)s: switch off answers to addresses of their own. (%(reason)s)")
        raise Rejected(words % {"to": to, "reason": error.reason}, "subaddresses") from None


def _await_copy(account: AccountRef, identifier: str, until: float) -> None:
    """Wait until the copy is in the mailbox; raises Unclear if it does not come."""
    tried_at = datetime.now(UTC)
    while True:
        try:
            if lookup.was_taken(account, identifier, tried_at):
                return
            raise Unclear(_("The mail was taken, and is not in the mailbox."))
        except Unclear:
            if time.monotonic() > until:
                raise Unclear(_("The mail was taken, and did not come in within a minute.")) from None
