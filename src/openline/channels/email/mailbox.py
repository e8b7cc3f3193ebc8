"""A line to the IMAP server (RFC 9051, 3501), with whatever goes wrong told in our closed set of errors."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError, LoginError

from openline.channels.base import AccountRef, NetworkDown
from openline.channels.email import logins
from openline.channels.email.places import SECONDS, Place, place

# What is said on the line are mails and logins: no log is their place, whatever its level.
logging.getLogger("imapclient").setLevel(logging.WARNING)

_BUSY = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]", "Too many", "temporar", "Temporar")


@contextmanager
def mailbox(account: AccountRef) -> Iterator[IMAPClient]:
    """The account's mailbox, logged in, while the block runs. Raises TokenExpired or NetworkDown."""
    with troubles():
        client = logins.logged_in(account, lambda credentials: _connect(account, credentials))
    try:
        with troubles():
            yield client
    finally:
        with suppress(Exception):
            client.logout()
        with suppress(Exception):
            client.shutdown()


@contextmanager
def troubles() -> Iterator[None]:
    """Tell what goes wrong on the line; hearing changes nothing, so all of it is NetworkDown."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise NetworkDown(f"The mail server's certificate is not trusted: {error.verify_message}") from None
    except (OSError, IMAPClientError, EOFError) as error:
        raise NetworkDown(f"The line to the mailbox broke ({type(error).__name__}): {str(error)[:200]}") from error


def _connect(account: AccountRef, credentials: logins.Credentials) -> IMAPClient:
    """Connect and log in; raises Denied if the server knows us not."""
    client = _line(place(account.server, "imap"))
    try:
        if logins.uses_tokens(account):
            client.oauth2_login(logins.user_of(account), credentials.get("access_token", ""))
        else:
            client.login(logins.user_of(account), credentials.get("password", ""))
    except LoginError as error:
        client.shutdown()
        words = str(error)
        if any(sign in words for sign in _BUSY):
            raise NetworkDown(f"The mailbox cannot be opened now: {words[:200]}") from None
        raise logins.Denied(words[:200]) from None
    except BaseException:
        client.shutdown()
        raise
    return client


def _line(there: Place) -> IMAPClient:
    timeout = SocketTimeout(connect=SECONDS, read=SECONDS)
    context = there.context()
    direct = there.security == "tls"
    client = IMAPClient(there.host, there.port, ssl=direct, ssl_context=context if direct else None, timeout=timeout)
    if there.security == "starttls":
        client.starttls(context)
    return client


def special_folder(client: IMAPClient, flag: bytes) -> str:
    """The folder with that use (RFC 6154), such as b"\\\\Sent"; empty if there is none."""
    for flags, _delimiter, name in client.list_folders():
        if flag in flags:
            return str(name)
    return ""


def has(client: IMAPClient, message_id: str) -> bool:
    """Does the folder that is open hold that mail?"""
    return bool(client.search(["HEADER", "Message-ID", message_id.strip("<>")]))
