"""Connecting an account: by the server's own login page (OAuth 2 with PKCE), or with a token that was made by hand."""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.utils.translation import gettext_lazy as _

from openline.channels import http, oauth, reading
from openline.channels.accounts import Field
from openline.channels.base import AccountRef, Authorizing, Connected, Connection, NetworkDown, Rejected, TokenExpired
from openline.channels.mastodon.client import Server
from openline.channels.mastodon.errors import NotThere
from openline.channels.mastodon.finding import me
from openline.channels.mastodon.reading import who

SCOPES = "read:accounts read:notifications read:statuses write:media write:statuses"

CONNECTION = Connection(
    fields=(
        Field("server", _("Server"), _("Where the account lives, such as mastodon.example"), "url"),
        Field(
            "access_token",
            _("Access token"),
            _("Only if you made one by hand; else leave it empty and log in at your server."),
            "secret",
            required=False,
        ),
    ),
    guide=(
        _("Name your server; its login page opens. Log in there as the city's account and allow Openline."),
        _(
            "Where your server has no such page: under Preferences, Development, make an application with the scopes"
            " read:accounts, read:notifications, read:statuses, write:media and write:statuses, and copy its token."
        ),
        _("Under Preferences, Notifications, let no private mentions be dropped: nobody can hear those."),
    ),
    own_login=True,
)


def address_of(typed: str) -> str:
    """The server's base address from what a person typed: a host, an address, or a handle. Raises Rejected."""
    text = typed.strip().rsplit("@", 1)[-1] if "://" not in typed else typed.strip()
    parts = urlsplit(text if "://" in text else f"https://{text}")
    try:
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    if not host or parts.scheme not in ("http", "https") or parts.username:
        raise Rejected("This is no server's address.", "server")
    if parts.scheme == "http" and not _loopback(host):
        raise Rejected("The server's address must begin with https.", "server")
    return f"{parts.scheme}://{host}" + (f":{port}" if port else "")


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def connect(values: Mapping[str, str]) -> Connected:
    """The account of a token that was made by hand."""
    token = values.get("access_token", "").strip()
    if not token:
        raise Rejected("An access token is needed, or the server's login page.", "access_token")
    return _connected(address_of(values.get("server", "")), token)


def _connected(address: str, token: str) -> Connected:
    credentials = {"access_token": token}
    try:
        found = who(me(Server(AccountRef("", "", address, credentials))))
    except NotThere as error:
        raise Rejected("There is no Mastodon server, or one like it, at this address.", "server") from error
    except TokenExpired as error:
        raise Rejected(error.reason, "access_token") from error
    return Connected(found, found.handle, address, credentials)


def authorize(values: Mapping[str, str], return_to: str, state: str) -> Authorizing:
    """Register Openline with the server and begin the login there."""
    address = address_of(values.get("server", ""))
    app = _post(
        f"{address}/api/v1/apps", {"client_name": "Openline", "redirect_uris": return_to, "scopes": SCOPES}, "server"
    )
    client_id, secret = reading.text(app, "client_id"), reading.text(app, "client_secret")
    if not client_id or not secret:
        raise Rejected("There is no Mastodon server, or one like it, at this address.", "server")
    verifier = secrets.token_urlsafe(48)
    asked = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": return_to,
        "scope": SCOPES,
        "state": state,
        "code_challenge": oauth.challenge(verifier),
        "code_challenge_method": "S256",
    }
    kept = {
        "server": address,
        "client_id": client_id,
        "client_secret": secret,
        "return_to": return_to,
        "verifier": verifier,
        "state": state,
    }
    return Authorizing(f"{address}/oauth/authorize?{urlencode(asked)}", kept)


def authorized(kept: Mapping[str, str], query: Mapping[str, str]) -> Connected:
    """Exchange the code that the browser brought back for a token."""
    if not secrets.compare_digest(query.get("state", ""), kept["state"]):
        raise Rejected("This is not the login that was begun here: begin again.")
    if not query.get("code"):
        raise Rejected("The server did not let Openline in: " + (query.get("error", "")[:100] or "no code came."))
    token = _post(
        f"{kept['server']}/oauth/token",
        {
            "grant_type": "authorization_code",
            "code": query["code"],
            "client_id": kept["client_id"],
            "client_secret": kept["client_secret"],
            "redirect_uri": kept["return_to"],
            "code_verifier": kept["verifier"],
            "scope": SCOPES,
        },
        "",
    )
    return _connected(kept["server"], reading.text(token, "access_token"))


def _post(url: str, form: dict[str, str], field: str) -> dict[str, Any]:
    """The JSON object that the server answers to a form."""
    try:
        with http.client() as client:
            return reading.json_object(http.call(client, "POST", url, sending=True, data=form).content)
    except http.NotThere as error:
        raise Rejected("There is no Mastodon server, or one like it, at this address.", field) from error
    except TokenExpired as error:
        raise Rejected(f"The server did not let Openline in: {error.reason}", field) from error
    except reading.Unreadable as error:
        raise NetworkDown(f"The server's answer makes no sense: {error}") from error
