"""How an account of Threads is connected: the city's own app at Meta, then the login page of Threads."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from urllib.parse import urlencode

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from openline.channels import addresses, reading
from openline.channels.base import AccountRef, Authorizing, Connected, Connection, Field, NotAllowed, Rejected, Who
from openline.channels.graph import tokens
from openline.channels.graph.client import Graph
from openline.channels.threads.client import GRANTS, SERVER, VERSION, login_of

SCOPES = (
    "threads_basic",
    "threads_content_publish",
    "threads_manage_replies",
    "threads_read_replies",
    "threads_manage_mentions",
    "threads_manage_insights",
    "threads_delete",
)
SECRETS = ("access_token", "app_secret", "expires_at", "since")

CONNECTION = Connection(
    fields=(
        Field(
            "app_id", _("Threads app ID"), _("At developers.facebook.com: App settings, Basic. Not the app's own ID.")
        ),
        Field("app_secret", _("Threads app secret"), _("It stands below the ID."), kind="secret"),
        Field(
            "access_token",
            _("Long-lived token"),
            _("Only if you made one by hand; else leave it empty and log in at Threads."),
            kind="secret",
            required=False,
            more=True,
        ),
        Field("server", _("Address of the API"), kind="url", initial=SERVER, required=False, more=True),
    ),
    guide=(
        _("At developers.facebook.com make an app with the use case Access the Threads API, for the city's business."),
        _(
            "Under the use case, Settings, enter the address of this page that stands after the login as redirect"
            " callback, and the address below, with ?about=erase behind it, as the delete callback; without it as the"
            " uninstall callback."
        ),
        _("Ask for all permissions of Threads but search and location; other people's replies need App Review."),
        _("Fill in the Threads app ID and secret here; the login page of Threads opens. Log in as the city's account."),
        _("Then set up the webhooks: the account's page says with which address and word."),
    ),
    own_login=True,
    names_return=True,
    hook="network",
)


def authorize(values: Mapping[str, str], return_to: str, state: str) -> Authorizing:
    """Where the person allows the city's app to speak."""
    server, kept = server_of(values), app_of(values)
    asked = {
        "client_id": kept["app_id"],
        "redirect_uri": return_to,
        "scope": ",".join(SCOPES),
        "response_type": "code",
        "state": state,
    }
    url = f"{login_of(server)}/oauth/authorize?{urlencode(asked)}"
    return Authorizing(url, {**kept, "server": server, "return_to": return_to, "state": state})


def authorized(kept: Mapping[str, str], query: Mapping[str, str]) -> Connected:
    """The code becomes a token of 60 days."""
    if not secrets.compare_digest(query.get("state", "").encode(), kept["state"].encode()):
        raise NotAllowed(_now("This answer does not belong to the login that was begun."))
    if not query.get("code"):
        raise Rejected(query.get("error_description", "")[:300] or _now("Threads did not let Openline in."))
    code = query["code"].removesuffix("#_")
    short = tokens.short(kept["server"], kept["app_id"], kept["app_secret"], code, kept["return_to"])
    return connected(kept, tokens.long_lived(kept["server"], kept["app_secret"], short, GRANTS))


def connect(values: Mapping[str, str]) -> Connected:
    """With a long-lived token that was made by hand."""
    if not (token := values.get("access_token", "").strip()):
        raise Rejected(_now("A token is needed, or the login page of Threads."), "access_token")
    return connected({**app_of(values), "server": server_of(values)}, {"access_token": token})


def connected(kept: Mapping[str, str], given: Mapping[str, str]) -> Connected:
    """The account that a token speaks for."""
    credentials = {"app_secret": kept["app_secret"], **given}
    account = AccountRef("new", "", kept["server"], credentials)
    with Graph(account, version=VERSION, with_proof=False) as graph:
        who = who_of(graph)
    settings = {"app_id": kept["app_id"], "user_id": who.author_id}
    return Connected(who, f"@{who.handle}", kept["server"], credentials, settings)


def who_of(graph: Graph) -> Who:
    """Whose token it is."""
    said = graph.get("me", fields="id,username,name")
    name = reading.text(said, "username")
    until = tokens.expires_at(graph.account.credentials)
    return Who(reading.text(said, "id"), name, reading.text(said, "name") or name, until)


def app_of(values: Mapping[str, str]) -> dict[str, str]:
    """The city's app. Raises Rejected."""
    app_id, secret = values.get("app_id", "").strip(), values.get("app_secret", "").strip()
    if not app_id.isdecimal():
        raise Rejected(_now("The Threads app ID is a number."), "app_id")
    if not secret:
        raise Rejected(_now("The secret of the Threads app is needed."), "app_secret")
    return {"app_id": app_id, "app_secret": secret}


def server_of(values: Mapping[str, str]) -> str:
    """The API's address. Raises Rejected unless it is https, or on this machine."""
    return addresses.server(values.get("server", ""), SERVER)
