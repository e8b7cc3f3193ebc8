"""How an account of Instagram is connected: the city's own app at Meta, then the login page of Instagram."""

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
from openline.channels.instagram.client import GRANTS, SERVER, login_of

SCOPES = (
    "instagram_business_basic",
    "instagram_business_content_publish",
    "instagram_business_manage_comments",
    "instagram_business_manage_messages",
    "instagram_business_manage_insights",
)
SECRETS = ("access_token", "app_secret", "expires_at", "since")
_SETTINGS = ("human_agent", "most_hashtags", "comment_limit", "api_version")

CONNECTION = Connection(
    fields=(
        Field("app_id", _("Instagram app ID"), _("At developers.facebook.com: the app, Instagram, API setup.")),
        Field("app_secret", _("Instagram app secret"), _("It stands beside the ID."), kind="secret"),
        Field(
            "human_agent",
            _("Meta has granted the app Human Agent"),
            _("Then people, not machines, may answer private messages for 7 days instead of 24 hours."),
            kind="yes_no",
            initial="no",
            required=False,
        ),
        Field(
            "access_token",
            _("Long-lived token"),
            _("Only if you made one by hand; else leave it empty and log in at Instagram."),
            kind="secret",
            required=False,
            more=True,
        ),
        Field("most_hashtags", _("Hashtags in a caption"), kind="number", initial="30", required=False, more=True),
        Field("comment_limit", _("Characters of a comment"), kind="number", initial="300", required=False, more=True),
        Field("server", _("Address of the API"), kind="url", initial=SERVER, required=False, more=True),
    ),
    guide=(
        _("The account must be a professional one: in the Instagram app under Settings, Account type and tools."),
        _("At developers.facebook.com make an app for the city's business with Instagram, API with Instagram login."),
        _(
            "There, under Business login, enter the address to which the login comes back as redirect; the address"
            " below as deauthorize callback; and the same with ?about=erase behind it as data deletion request."
        ),
        _("To hear everybody, Meta's App Review must grant Advanced Access to comments and messages."),
        _("Fill in ID and secret of the Instagram app here; the login page of Instagram opens."),
        _("Then set up the webhooks: the account's page says with which address and word."),
        _("In the Instagram app, under Messages, Connected tools, allow access to messages."),
    ),
    own_login=True,
    hook="network",
)


def authorize(values: Mapping[str, str], return_to: str, state: str) -> Authorizing:
    """Where the person allows the city's app to speak."""
    kept = _kept(values)
    asked = {
        "client_id": kept["app_id"],
        "redirect_uri": return_to,
        "scope": ",".join(SCOPES),
        "response_type": "code",
        "state": state,
    }
    url = f"{login_of(kept['server'])[0]}/oauth/authorize?{urlencode(asked)}"
    return Authorizing(url, {**kept, "return_to": return_to, "state": state})


def authorized(kept: Mapping[str, str], query: Mapping[str, str]) -> Connected:
    """The code becomes a token of 60 days."""
    if not secrets.compare_digest(query.get("state", "").encode(), kept["state"].encode()):
        raise NotAllowed(_now("This answer does not belong to the login that was begun."))
    if not query.get("code"):
        raise Rejected(query.get("error_description", "")[:300] or _now("Instagram did not let Openline in."))
    code, codes = query["code"].removesuffix("#_"), login_of(kept["server"])[1]
    short = tokens.short(codes, kept["app_id"], kept["app_secret"], code, kept["return_to"])
    return connected(kept, tokens.long_lived(kept["server"], kept["app_secret"], short, GRANTS))


def connect(values: Mapping[str, str]) -> Connected:
    """With a long-lived token that was made by hand."""
    if not (token := values.get("access_token", "").strip()):
        raise Rejected(_now("A token is needed, or the login page of Instagram."), "access_token")
    return connected(_kept(values), {"access_token": token})


def connected(kept: Mapping[str, str], given: Mapping[str, str]) -> Connected:
    """The account that a token speaks for."""
    credentials = {"app_secret": kept["app_secret"], **given}
    settings = {name: kept[name] for name in _SETTINGS if kept.get(name)}
    with Graph(AccountRef("new", "", kept["server"], credentials, settings), with_proof=False) as graph:
        who, scoped = who_of(graph), reading.text(graph.get("me", fields="id"), "id")
    settings |= {"app_id": kept["app_id"], "user_id": scoped}
    return Connected(who, f"@{who.handle}", kept["server"], credentials, settings)


def who_of(graph: Graph) -> Who:
    """Whose token it is. Webhooks know the account by `user_id`, not by the `id` that is made up for each app."""
    said = graph.get("me", fields="id,user_id,username,name")
    name = reading.text(said, "username")
    author = reading.text(said, "user_id") or reading.text(said, "id")
    return Who(author, name, reading.text(said, "name") or name, tokens.expires_at(graph.account.credentials))


def _kept(values: Mapping[str, str]) -> dict[str, str]:
    """What was filled in. Raises Rejected."""
    app_id, secret = values.get("app_id", "").strip(), values.get("app_secret", "").strip()
    if not app_id.isdecimal():
        raise Rejected(_now("The Instagram app ID is a number."), "app_id")
    if not secret:
        raise Rejected(_now("The secret of the Instagram app is needed."), "app_secret")
    server = addresses.server(values.get("server", ""), SERVER)
    return {"app_id": app_id, "app_secret": secret, "server": server} | {
        name: values[name].strip() for name in _SETTINGS if values.get(name)
    }
