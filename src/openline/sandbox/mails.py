"""The mails that residents of the sandbox got, as its mail provider keeps them."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from openline.sandbox.mail_server import Mailbox
from openline.sandbox.servers import mails_of
from openline.sandbox.setup import MAILBOX

MOST = 30
_LINK = re.compile(r"https?://[^\s<>&]+")


@dataclass(frozen=True, slots=True)
class Shown:
    """One mail."""

    to: str
    subject: str
    at: datetime | None
    text: str

    @property
    def html(self) -> SafeString:
        """The text, with its addresses as links."""
        return mark_safe(_LINK.sub(lambda found: f'<a href="{found[0]}">{found[0]}</a>', escape(self.text)))  # noqa: S308


def newest(to: str = "") -> list[Shown]:
    """The newest mails to residents, or to the one with the address `to`."""
    mailbox, found = Mailbox(mails_of(settings.VAR / "sandbox")), list[Shown]()
    for number in reversed(mailbox.numbers()[-200:]):
        one = _read(mailbox.read(number))
        if one.to != MAILBOX and to in ("", one.to) and len(found) < MOST:
            found.append(one)
    return found


def _read(raw: bytes) -> Shown:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    body = message.get_body(("plain",))
    date = message["Date"].datetime if message["Date"] else None
    return Shown(str(message["To"] or "").lower(), str(message["Subject"] or ""), date,
                 body.get_content() if body else "")  # fmt: skip
