"""How an account is connected: by an app password, or by the login page of its server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from openline.channels import addresses, reading
from openline.channels.accounts import AccountRef, Connected, Connection, Field, Who
from openline.channels.base import NotAllowed, Rejected, TokenExpired
from openline.channels.bluesky import firehose, identity, sessions
from openline.channels.bluesky.client import Session, new_client

SERVER = "https://bsky.social"
DOCUMENT_PATH = "/oauth/bluesky/client-metadata.json"
"""Where on the city's own site the document about us stands that OAuth servers read."""
PROOF_PATH = "/.well-known/atproto-did"
"""Where the network looks whose handle the site's name is (atproto.com/specs/handle)."""
_KEPT = ("stream", "stream_server", "chat_service", "directory")

CONNECTION = Connection(
    guide=(
        gettext_lazy("In Bluesky, open Settings, Privacy and security, App passwords, and choose Add App Password."),
        gettext_lazy("Tick “Allow access to your direct messages”, so that residents can also write privately."),
        gettext_lazy("Copy the app password into the form. It is shown once, and is not the account's own password."),
        gettext_lazy("Or leave it empty and log in on Bluesky's own page."),
        gettext_lazy("Under Settings, Privacy and security, Chats, allow new messages from everyone."),
    ),
    fields=(
        Field("handle", gettext_lazy("Handle"), gettext_lazy("Such as city.gov or city.bsky.social")),
        Field("app_password", gettext_lazy("App password"), kind="secret"),
        Field(
            "server",
            gettext_lazy("Server"),
            gettext_lazy("Only change it if the account is on a server of its own"),
            kind="url",
            initial=SERVER,
            more=True,
        ),
        Field(
            "stream",
            gettext_lazy("Hearing"),
            gettext_lazy("A stream of all public posts is for accounts with thousands of mentions a day"),
            kind="choice",
            required=False,
            more=True,
            choices=(
                ("", gettext_lazy("Ask every 15 seconds")),
                (firehose.JETSTREAM, gettext_lazy("Jetstream (about 1 Mbit/s)")),
                (firehose.FIREHOSE, gettext_lazy("Firehose (about 20 Mbit/s)")),
            ),
        ),
        Field(
            "stream_server",
            gettext_lazy("Stream server"),
            gettext_lazy("Empty for the one of Bluesky"),
            kind="url",
            required=False,
            more=True,
        ),
    ),
    own_login=True,
)


def connect(values: Mapping[str, str]) -> Connected:
    """Log in, learn who we are and where the account really lives."""
    server = server_of(values)
    password = values.get("app_password", "").strip()
    with new_client() as client:
        try:
            said = sessions.begin(client, server, values.get("handle", "").strip(), password)
        except TokenExpired as error:
            raise Rejected(error.reason, "app_password") from error
        tokens = sessions.tokens(said)
    who = _who(said)
    home = identity.server(reading.child(said, "didDoc")) or server
    credentials = {"app_password": password, **tokens}
    return Connected(who, who.handle, home, credentials, kept(values) | {"did": who.author_id})


def server_of(values: Mapping[str, str]) -> str:
    """The server that was filled in; raises Rejected if a password would go to it in the open."""
    return addresses.server(values.get("server") or "", SERVER, addresses.NAMED_HERE)


def kept(values: Mapping[str, str]) -> dict[str, str]:
    """What else was filled in, and is no secret."""
    return {name: values[name].strip() for name in _KEPT if values.get(name, "").strip()}


def did_of_site(accounts: Sequence[AccountRef], address: str) -> str:
    """Whose handle the name of the city's own site is, or may become: the account of that handle, or the only one."""
    dids = {account.handle.removeprefix("@"): account.author_id for account in accounts if account.author_id}
    return dids.get(urlsplit(address).hostname or "") or (next(iter(dids.values())) if len(dids) == 1 else "")


def who(session: Session) -> Who:
    """Whom the server takes us for."""
    said = session.get("com.atproto.server.getSession")
    if said.get("active") is False:
        raise NotAllowed(_("The account is not active (%s).") % (reading.text(said, "status") or "?"))
    return _who(said)


def _who(said: dict[str, Any]) -> Who:
    did, handle = reading.text(said, "did"), reading.text(said, "handle")
    if not did:
        raise TokenExpired("The server does not say whose session this is.")
    return Who(did, f"@{handle}" if handle and handle != "handle.invalid" else did)
