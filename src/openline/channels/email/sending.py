"""Handing a mail to the mail server (SMTP submission, RFC 5321 and 6409), with its answers in our closed set of errors.

The server takes a mail with one word, after its last line. Before that word nothing is sent; if the line breaks while
we wait for it, nobody knows. So every mail goes in the same transaction also to the account's own mailbox: a server
takes a mail for all its recipients or for none, so a copy there proves that it was taken (`lookup`).
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta

from openline.channels.base import (
    AccountRef,
    ChannelError,
    NetworkDown,
    NotAllowed,
    RateLimited,
    Rejected,
    TokenExpired,
    Unclear,
)
from openline.channels.email import logins
from openline.channels.email.places import SECONDS, Place, place
from openline.channels.email.writing import Mail

Refusing = Callable[[int, str], ChannelError]
"""What a final refusal means, by what was refused."""
_LINE_OF_DOT = re.compile(rb"^\.", re.MULTILINE)
_USUAL_WAIT = timedelta(minutes=5)
_DATA_SECONDS = 120.0
"""So long we wait for the word that the mail is taken: servers look for viruses before it (RFC 5321: ten minutes)."""
_TOO_MUCH = re.compile(r"too (?:many|much)|\brate\b|\blimit|slow down|throttl|\bexceed|4\.7\.28\b", re.IGNORECASE)
_LATER = re.compile(r"try again (?:later|in)", re.IGNORECASE)
_WAIT = re.compile(r"\b(\d{1,5})\s*(s|sec|min|hour|h)", re.IGNORECASE)
_UNITS = {"s": 1, "m": 60, "h": 3600}


@contextmanager
def submission(account: AccountRef) -> Iterator[smtplib.SMTP]:
    """A line to the mail server, logged in, while the block runs. Raises TokenExpired or NetworkDown."""
    try:
        line = logins.logged_in(account, lambda credentials: _connect(account, credentials))
    except ssl.SSLCertVerificationError as error:
        raise NetworkDown(f"The mail server's certificate is not trusted: {error.verify_message}") from None
    except (OSError, smtplib.SMTPException) as error:
        raise NetworkDown(f"The mail server does not answer ({type(error).__name__}).") from error
    try:
        yield line
    finally:
        with suppress(OSError, smtplib.SMTPException):
            line.quit()
        line.close()


def _connect(account: AccountRef, credentials: logins.Credentials) -> smtplib.SMTP:
    """Connect and log in; raises Denied if the server knows us not."""
    line = _line(place(account.settings.get("smtp", ""), "smtp"))
    try:
        line.ehlo_or_helo_if_needed()
        if logins.uses_tokens(account):
            _log_in_by_token(line, logins.user_of(account), credentials.get("access_token", ""))
        else:
            line.login(logins.user_of(account), credentials.get("password", ""))
    except smtplib.SMTPAuthenticationError as error:
        line.close()
        words = _said(error.smtp_error)
        if 400 <= error.smtp_code < 500:
            raise NetworkDown(f"The mail server cannot check the login now: {words}") from None
        raise logins.Denied(words) from None
    except BaseException:
        line.close()
        raise
    return line


def _line(there: Place) -> smtplib.SMTP:
    context = there.context()
    if there.security == "tls":
        return smtplib.SMTP_SSL(there.host, there.port, timeout=SECONDS, context=context)
    line = smtplib.SMTP(there.host, there.port, timeout=SECONDS)
    if there.security == "starttls":
        try:
            line.starttls(context=context)
        except BaseException:
            line.close()
            raise
    return line


def _log_in_by_token(line: smtplib.SMTP, user: str, token: str) -> None:
    """XOAUTH2. After a refusal the server explains itself first and wants an empty line."""
    code, words = line.auth("XOAUTH2", lambda challenge=None: "" if challenge else logins.xoauth2(user, token))
    if code not in (235, 503):
        raise smtplib.SMTPAuthenticationError(code, words)


def prepare(line: smtplib.SMTP, account: AccountRef, mail: Mail, *, to_us: bool = False) -> None:
    """Name sender and recipients, our own mailbox among them: nothing is sent yet. Raises what the server says.

    `to_us`: the recipient is our mailbox, by whichever of its addresses.
    """
    options = [f"SIZE={len(mail.content)}"] if line.has_extn("size") else []
    if mail.needs_utf8:
        if not line.has_extn("smtputf8"):
            raise Rejected("This mail server cannot send to an address with such letters.", "to_handle")
        options += ["SMTPUTF8", "BODY=8BITMIME"]
    with _before():
        _expect(*line.mail(account.handle, options), _of_sender)
        _expect(*line.rcpt(mail.to), _of_recipient)
        if not to_us and mail.to.lower() != account.handle.lower():
            _expect(*line.rcpt(account.handle), _of_copy)


def deliver(line: smtplib.SMTP, mail: Mail) -> None:
    """Send the mail itself. Raises Unclear if the line breaks before the server's word."""
    with _before():
        code, words = line.docmd("DATA")
        if code != 354:
            raise refusal(code, _said(words), _of_content)
        # A line that is a dot alone would end the mail (RFC 5321, 4.5.2). Without that end no server takes it.
        line.send(_LINE_OF_DOT.sub(b"..", mail.content).rstrip(b"\r\n") + b"\r\n")
        if line.sock:
            line.sock.settimeout(_DATA_SECONDS)
    try:
        line.send(b".\r\n")
        answer = line.getreply()
    except (OSError, smtplib.SMTPException) as error:
        raise Unclear(f"The line broke before the mail server's answer ({type(error).__name__}).") from error
    _expect(*answer, _of_content)


@contextmanager
def _before() -> Iterator[None]:
    """What breaks here breaks before anything was sent."""
    try:
        yield
    except (OSError, smtplib.SMTPException) as error:
        raise NetworkDown(f"The line to the mail server broke ({type(error).__name__}).") from error


def _expect(code: int, words: bytes, of: Refusing) -> None:
    if not 200 <= code < 300:
        raise refusal(code, _said(words), of)


def refusal(code: int, words: str, of: Refusing) -> ChannelError:
    """What an answer means: 4yz for now, 5yz for good (RFC 5321, 4.2.1)."""
    reason = f"{words} ({code})" if words else f"The mail server answers {code}."
    if code in (530, 535):
        return TokenExpired(reason)
    if 400 <= code < 500:
        # One resident's mailbox that is busy must not hold up the mails to all others.
        if _TOO_MUCH.search(words) or (of is not _of_recipient and _LATER.search(words)):
            return RateLimited(retry_at(words), reason)
        return NetworkDown(reason)
    return of(code, reason)


def retry_at(words: str, now: datetime | None = None) -> datetime:
    """When to come back, if the server's words say it; else in five minutes."""
    found, wait = _WAIT.search(words), _USUAL_WAIT
    if found:
        wait = timedelta(seconds=int(found[1]) * _UNITS[found[2][0].lower()])
    return (now or datetime.now(UTC)) + min(max(wait, timedelta(seconds=5)), timedelta(hours=24))


def _of_sender(code: int, reason: str) -> ChannelError:
    return Rejected(reason, "media") if code == 552 else NotAllowed(reason)


def _of_recipient(code: int, reason: str) -> ChannelError:
    return Rejected(reason, "to_handle")


def _of_copy(code: int, reason: str) -> ChannelError:
    return NotAllowed(f"The mail server takes no mail for our own address, which every mail is copied to: {reason}")


def _of_content(code: int, reason: str) -> ChannelError:
    return Rejected(reason, "media" if code == 552 or "5.3.4" in reason else "text")


def _said(words: bytes | str) -> str:
    plain = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return " ".join(plain.split())[:400]
