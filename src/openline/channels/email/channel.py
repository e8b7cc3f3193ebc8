"""The e-mail channel: mails to an official address in, answers out in the same thread.

Hearing is IMAP from a cursor; IDLE only says when to look. A mail is sent once: its Message-ID follows from the key,
and a copy in the account's own mailbox proves that the server took it.
"""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import ClassVar

from django.utils.translation import gettext as _

from openline.channels.base import (
    AccountRef,
    Capabilities,
    Channel,
    Connected,
    Connection,
    Finding,
    Heard,
    Incoming,
    Media,
    MediaRule,
    NotAllowed,
    Outgoing,
    Progress,
    Receipt,
    Refused,
    Rejected,
    Who,
)
from openline.channels.email import (
    bodies,
    connecting,
    fetching,
    hearing,
    inspecting,
    lookup,
    mailbox,
    reading,
    sending,
    trying,
    writing,
)

_PICTURES = ("image/jpeg", "image/png", "image/gif", "image/webp")


class EmailChannel(Channel):
    """See `openline.channels.base.Channel`. Limits: what the large providers take, 2026."""

    network: ClassVar[str] = "email"
    label: ClassVar[str] = "E-mail"
    secrets: ClassVar[tuple[str, ...]] = ("password", "client_secret", "refresh_token", "access_token", "expires_at")
    connection: ClassVar[Connection] = connecting.CONNECTION
    capabilities: ClassVar[Capabilities] = Capabilities(
        text_limit=0,
        direct_messages=True,
        edit=False,
        delete=False,
        inbound="stream",
        idempotent_send=False,
        finds_lost=("public", "private"),
        media=(
            MediaRule("image", _PICTURES, 10, 10_000_000),
            MediaRule("video", ("video/mp4", "video/quicktime"), 2, 15_000_000),
            MediaRule("audio", ("audio/mpeg", "audio/mp4", "audio/ogg"), 2, 15_000_000),
            MediaRule("file", ("application/pdf", "text/plain", "text/calendar", "text/csv"), 10, 15_000_000),
        ),
        alt_text_limit=1500,
        public=False,
    )

    def listen(self, account: AccountRef, cursor: str, stopping: Callable[[], bool]) -> Iterator[Heard]:
        """Look at once, whenever the server tells of a mail (IDLE), and every few minutes besides."""
        folders = hearing.folders_of(account.settings.get("folders", ""))
        while not stopping():
            try:
                with mailbox.mailbox(account) as client, mailbox.troubles():
                    for found in hearing.follow(client, folders, cursor, stopping):
                        cursor = found.cursor
                        yield self._heard(account, found)
            except fetching.CannotHandOut:
                heard = self.poll(account, cursor)
                cursor = heard.cursor
                yield heard

    def poll(self, account: AccountRef, cursor: str) -> Heard:
        """The mails behind the cursor, oldest first, at most 400 of a folder; of a new mailbox the newest 400."""
        try:
            return self._poll(account, cursor, careful=False)
        except fetching.CannotHandOut:  # some servers end the line over such a mail
            return self._poll(account, cursor, careful=True)

    def parse(self, raw: bytes) -> Incoming | Refused:
        """Read one mail, believing no server's findings on its sender."""
        return reading.parse(raw)

    def read(self, raw: bytes, settings: Mapping[str, str]) -> Incoming | Refused:
        """Read one mail, with what the account's trusted server found out about its sender."""
        return reading.parse(raw, settings)

    def fetch(self, account: AccountRef, raw: bytes, media: Media, most_bytes: int) -> bytes | None:
        """An attachment, out of the mail itself."""
        scheme, _colon, number = media.url.partition(":")
        if scheme != "inside" or not number.isdecimal():
            return None
        found = bodies.fetch(raw, int(number), most_bytes)
        if found is None:
            raise Rejected(_("The attachment is larger than %(most)s bytes, or gone.") % {"most": most_bytes}, "media")
        return found

    def send(self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress) -> Receipt:
        """Hand the mail to the mail server once, and a copy of it to our own mailbox."""
        if outgoing.action != "post":
            raise NotAllowed(_("A mail that was sent stays as it is."))
        if done := progress.done("mail"):
            return _receipt(done)
        mail = writing.mail(account, outgoing, key, lambda file: _content(progress, file))
        with sending.submission(account) as line:
            sending.prepare(line, account, mail)
            # Kept before the mail leaves: only a copy that is missing long after this moment was never sent.
            progress.step(lookup.next_try(progress), lambda: datetime.now(UTC).isoformat())
            return _receipt(progress.step("mail", lambda: _deliver(line, mail)))

    def find_sent(
        self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress, since: datetime
    ) -> Receipt | None:
        """Look for the copy in our own mailbox. Raises Unclear while it may still be on its way."""
        identifier = writing.message_id(account, outgoing, key)
        if not progress.done("mail") and not lookup.was_taken(account, identifier, lookup.last_try(progress)):
            return None
        return _receipt(progress.step("mail", lambda: asdict(_proof(identifier))))

    def length(self, text: str) -> int:
        """Characters; there is no limit."""
        return len(text)

    def check(self, account: AccountRef) -> Who:
        """Log in to both servers; the address is who we are."""
        with mailbox.mailbox(account), sending.submission(account):
            return Who(account.handle.lower(), account.handle, account.settings.get("sender_name", ""))

    def inspect(self, account: AccountRef) -> tuple[Finding, ...]:
        """TLS, SPF, DKIM, DMARC, and whose findings on senders we believe."""
        return inspecting.inspect(account)

    def connect(self, values: Mapping[str, str]) -> Connected:
        """Log in with what was filled in."""
        account = connecting.account_of(values)
        return connecting.connected(account, self.check(account))

    def try_out(self, account: AccountRef, text: str, key: str) -> str:
        """Send a mail to an address of our own, as residents get to answer to, and see it come in."""
        return trying.try_out(account, text, key)

    def _poll(self, account: AccountRef, cursor: str, *, careful: bool) -> Heard:
        folders = hearing.folders_of(account.settings.get("folders", ""))
        with mailbox.mailbox(account) as client, mailbox.troubles():
            return self._heard(account, hearing.news(client, folders, cursor, careful=careful))

    def _heard(self, account: AccountRef, found: hearing.News) -> Heard:
        items = [self.read(item, account.settings) if isinstance(item, bytes) else item for item in found.items]
        return Heard(tuple(items), found.cursor)


def _content(progress: Progress, file: str) -> bytes:
    with progress.open(file) as opened:
        return opened.read()


def _deliver(line: smtplib.SMTP, mail: writing.Mail) -> dict[str, object]:
    sending.deliver(line, mail)
    return asdict(_proof(mail.message_id))


def _proof(identifier: str) -> Receipt:
    return Receipt(identifier, uri=f"mid:{identifier.strip('<>')}")


def _receipt(kept: Mapping[str, object]) -> Receipt:
    """The receipt out of its form as JSON."""
    return _proof(str(kept["network_id"]))
