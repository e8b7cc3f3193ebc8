"""E-mail: Postfix and Dovecot; residents use smtplib and imaplib, as their mail programs would."""

from __future__ import annotations

import imaplib
import os
import smtplib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import format_datetime, make_msgid
from pathlib import Path
from re import findall
from typing import ClassVar

import pytest

from openline.channels.base import AccountRef, Outgoing
from openline.channels.email import lookup
from openline.channels.email.channel import EmailChannel
from tests.channels.nets.base import Net, Said
from tests.conftest import need
from tests.servers.mail import (
    CITY,
    PASSWORD,
    PEOPLE,
    REFUSED_WORD,
    RESIDENTS,
    MailServers,
    mail_servers,
    mail_servers_here,
)
from tests.servers.tokens import Tokens, tokens

DESK = f"help@{CITY}"


class EmailNet(Net):
    """The service desk's mailbox, and residents with mailboxes of their own."""

    network: ClassVar[str] = "email"

    def __init__(self, servers: MailServers, tokens: Tokens) -> None:
        self.servers, self.tokens, self.channel = servers, tokens, EmailChannel()
        self.port = servers.smtp
        self.account = self.at(servers.smtp, servers.imap)

    def at(self, smtp: int, imap: int, password: str = PASSWORD) -> AccountRef:
        """The desk's account, its servers reached at those ports."""
        settings = {"smtp": f"smtp://127.0.0.1:{smtp}", "user": "help", "sender_name": "City Help"}
        return AccountRef("e", DESK, f"imap://127.0.0.1:{imap}", {"password": password}, settings)

    def through(self, port: int, second: int = 0) -> AccountRef:
        return self.at(port, second or self.servers.imap)

    @property
    def hearing_port(self) -> int:
        return self.servers.imap

    def hearing_through(self, port: int) -> AccountRef:
        return self.at(self.servers.smtp, port)

    def hurry(self, patch: pytest.MonkeyPatch) -> None:
        patch.setattr(lookup, "SETTLE_SECONDS", 1.0)
        patch.setattr(lookup, "_LOOK_EVERY_SECONDS", 0.1)

    def is_send(self, unit: bytes) -> bool:
        """A mail with its final dot."""
        return unit.endswith(b"\r\n.\r\n")

    # Residents

    def address(self, who: int) -> str:
        return f"{PEOPLE[who]}@{RESIDENTS}"

    def post(
        self, text: str, *, in_reply_to: str = "", private: bool = True, photos: tuple[bytes, ...] = (), who: int = 0
    ) -> str:
        message = EmailMessage()
        message["From"], message["To"] = f"Resident <{self.address(who)}>", DESK
        message["Subject"], message["Date"] = "Something in my street", format_datetime(datetime.now(UTC))
        message["Message-ID"] = make_msgid(domain=RESIDENTS)
        if in_reply_to:
            message["In-Reply-To"] = message["References"] = in_reply_to
        message.set_content(text)
        for photo in photos:
            message.add_attachment(photo, maintype="image", subtype="jpeg", filename="photo.jpg")
        self.submit(message, who)
        return str(message["Message-ID"])

    def submit(self, message: EmailMessage, who: int = 0, to: str = DESK) -> None:
        """Send a resident's mail, and wait until it has arrived."""
        with smtplib.SMTP("127.0.0.1", self.servers.smtp, timeout=20) as line:
            line.login(PEOPLE[who], PASSWORD)
            line.send_message(message, self.address(who), [to])
        self.keep_sent(message, who)
        self.arrived(str(message["Message-ID"]))

    def keep_sent(self, message: EmailMessage, who: int) -> None:
        """As mail programs do: a copy in the resident's own folder."""
        with self.reading(PEOPLE[who]) as line:
            line.append("Sent", "", "", message.as_bytes(policy=message.policy.clone(linesep="\r\n")))

    @contextmanager
    def reading(self, user: str) -> Iterator[imaplib.IMAP4]:
        """Somebody's mailbox."""
        with imaplib.IMAP4("127.0.0.1", self.servers.imap) as line:
            line.login(user, PASSWORD)
            line.select()
            yield line

    def arrived(self, identifier: str, user: str = "help", seconds: float = 10) -> None:
        """Wait until that mail is in somebody's inbox."""
        until = time.monotonic() + seconds
        with self.reading(user) as line:
            while not line.search(None, "HEADER", "Message-ID", identifier)[1][0]:
                assert time.monotonic() < until, f"{identifier} did not arrive"
                time.sleep(0.02)
                line.noop()

    def mails(self, user: str, *folders: str) -> list[EmailMessage]:
        """All mails of somebody."""
        found = []
        with self.reading(user) as line:
            for folder in folders or ("INBOX", "Sent"):
                line.select(folder)
                if numbers := line.search(None, "ALL")[1][0].split():
                    answers = line.fetch(b",".join(numbers).decode(), "(BODY.PEEK[])")[1]
                    found += [message_from_bytes(a[1], policy=default) for a in answers if isinstance(a, tuple)]
        return found  # type: ignore[return-value]

    def thread(self, network_id: str, who: int = 0) -> list[Said]:
        mails = [said(mail) for mail in self.mails(PEOPLE[who])]
        wanted = {network_id}
        for _round in range(10):
            wanted |= {one.network_id for one in mails if one.in_reply_to in wanted}
            wanted |= {one.in_reply_to for one in mails if one.network_id in wanted and one.in_reply_to}
        return sorted((one for one in mails if one.network_id in wanted), key=lambda one: one.at)

    def backlog(self, count: int) -> list[str]:
        """Laid into Dovecot's folder for what has just come (Maildir): what is tried is reading them."""
        ids, new = [make_msgid(domain=RESIDENTS) for _ in range(count)], self.servers.folder / "mail/help/new"
        head = f"From: {self.address(0)}\r\nTo: {DESK}\r\nSubject: many\r\nMessage-ID: "
        owner = new.stat()
        for number, one in enumerate(ids):
            content = f"{head}{one}\r\n\r\nbacklog number {number}\r\n".encode()
            # The sizes in the name are what Dovecot writes there itself: else it reads each file to know them.
            mail = new.with_name("tmp") / f"{1_700_000_000 + number}.b{number}.test,S={len(content)},W={len(content)}"
            mail.write_bytes(content)
            os.chown(mail, owner.st_uid, owner.st_gid)
            mail.rename(new / mail.name)
        return ids

    # Refusals

    def refused(self) -> AccountRef:
        return self.at(self.servers.smtp, self.servers.imap, "wrong")

    def expiring(self) -> AccountRef:
        return self.by_token(self.tokens.make("help", over=True))

    def by_token(self, access_token: str, **credentials: str) -> AccountRef:
        """The desk's account with an access token."""
        settings = {"auth": "oauth", "token_url": self.tokens.address, "client_id": "openline", **self.account.settings}
        secrets = {
            "client_secret": "s3cret",
            "refresh_token": self.tokens.refresh["help"],
            "access_token": access_token,
        }
        return replace(self.account, credentials=secrets | credentials, settings=settings)

    @contextmanager
    def limited(self) -> Iterator[AccountRef | None]:
        yield self.at(self.servers.limited, self.servers.imap)

    @contextmanager
    def refusing(self) -> Iterator[Outgoing | None]:
        yield Outgoing(f"a text with a {REFUSED_WORD}", "private", to_handle=self.address(0))

    @contextmanager
    def away(self) -> Iterator[None]:
        self.servers.stop()
        try:
            yield
        finally:
            self.servers.start()


def said(mail: EmailMessage) -> Said:
    """One mail as a resident sees it."""
    plain, page = mail.get_body(("plain",)), mail.get_body(("html",))
    return Said(
        str(mail["Message-ID"]),
        plain.get_content() if plain else "",
        DESK in str(mail["From"]),
        str(mail["In-Reply-To"] or ""),
        private=True,
        alts=tuple(findall(r'<img [^>]*alt="([^"]*)"', page.get_content())) if page else (),
        at=mail["Date"].datetime,
    )


@contextmanager
def start(folder: Path) -> Iterator[EmailNet]:
    """Postfix, Dovecot and a provider of access tokens."""
    need(mail_servers_here(), "Postfix with Dovecot, and root to start them,")
    with tokens() as provider, mail_servers(folder, provider.port) as servers:
        yield EmailNet(servers, provider)
