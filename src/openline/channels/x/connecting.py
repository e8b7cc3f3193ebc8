"""What a person fills in to connect an account on X, and what to do at X first."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from openline.channels import addresses
from openline.channels.accounts import AccountRef, Authorizing, Connected, Connection, Field
from openline.channels.base import NotAllowed, Rejected
from openline.channels.reading import child
from openline.channels.x import costs, oauth
from openline.channels.x.client import Api, new_client
from openline.channels.x.reading import who

SETTINGS = ("client_id", "tier", "budget", "at_budget", "prices", "long_posts", "look_again", "own_app")
SECRETS = ("client_secret", "bearer_token", "consumer_secret")
_NO_YES = (("no", _("No")), ("yes", _("Yes")))

CONNECTION = Connection(
    fields=(
        Field("client_id", _("Client ID"), _("OAuth 2.0, of the city's own X app.")),
        Field("client_secret", _("Client secret"), kind="secret"),
        Field(
            "bearer_token",
            _("Bearer token of the app"),
            _("With it X calls us at once. Without it X is asked every two minutes."),
            kind="secret",
            required=False,
        ),
        Field(
            "tier",
            _("The app's access"),
            _("A self-serve app may answer only who names or quotes the account."),
            kind="choice",
            initial="self_serve",
            choices=(
                ("self_serve", _("Self-serve (pay per use)")),
                ("public_utility", _("Public utility")),
                ("enterprise", _("Enterprise")),
            ),
        ),
        Field(
            "budget",
            _("Budget for a month, in US dollars"),
            _("X charges for each post, 13 times as much with a link. Empty: no limit."),
            required=False,
        ),
        Field(
            "at_budget",
            _("When the budget is used up"),
            kind="choice",
            initial="warn",
            choices=(("warn", _("Say so, and send")), ("refuse", _("Send nothing more this month"))),
        ),
        Field(
            "consumer_secret",
            _("API key secret"),
            _("Only for older apps: X signs its calls to them with it."),
            kind="secret",
            required=False,
            more=True,
        ),
        Field(
            "long_posts",
            _("Long posts"),
            _("With X Premium a post may have 25,000 characters."),
            kind="choice",
            initial="no",
            choices=_NO_YES,
            more=True,
        ),
        Field(
            "look_again",
            _("Look for deletions"),
            _("X tells of none. Asking for the newest hundred posts costs up to $0.50 a day."),
            kind="choice",
            initial="yes",
            choices=(("yes", _("Yes, every six hours")), ("no", _("No"))),
            more=True,
        ),
        Field(
            "prices",
            _("Other prices"),
            _("Where X charges otherwise: post 0.015, link 0.2, answer 0.01, message 0.015, delete 0.01."),
            required=False,
            more=True,
        ),
        Field(
            "own_app",
            _("An X app of its own"),
            _("Yes, if another account of the city uses another X app. X then calls at an address of its own."),
            kind="choice",
            initial="no",
            choices=_NO_YES,
            more=True,
        ),
        Field("server", _("Address of the API"), kind="url", initial=oauth.SERVER, required=False, more=True),
    ),  # fmt: skip
    guide=(
        _("Log in at developer.x.com (console.x.com) as the city, and make a project with an app."),
        _(
            "A city should apply for public utility or Enterprise access: X wants it of governments, and without it "
            "the account may answer only who names it."
        ),
        _("At the app, set up user authentication: read, write, direct messages; web app, confidential client."),
        _("As callback, fill in the address that is shown below."),
        _("Copy Client ID, Client Secret and Bearer Token from “Keys and tokens” into the fields here."),
        _("Then log in at X as the account that is to be connected, and allow the app."),
        _("Where X is to call, Openline tells it by itself, with the bearer token."),
    ),  # fmt: skip
    own_login=True,
    by_hand=False,
    names_return=True,
    hook="network",
)


def authorize(values: Mapping[str, str], return_to: str, state: str) -> Authorizing:
    """Check what was filled in; X's login page follows."""
    kept = {name: values.get(name, "").strip() for name in (*SETTINGS, *SECRETS)}
    for name in ("client_id", "client_secret"):
        if not kept[name] or not kept[name].isprintable():
            raise Rejected(_now("Copy it from the app's “Keys and tokens”."), name)
    costs.budget(kept["budget"])
    costs.read(kept["prices"])
    server = _server(values.get("server", ""))
    return oauth.authorize(server, kept["client_id"], {**kept, "server": server}, return_to, state)


def authorized(kept: Mapping[str, str], query: Mapping[str, str]) -> Connected:
    """The code becomes tokens, and X says whose they are."""
    chosen = {name: kept.get(name, "") for name in SETTINGS if kept.get(name)}
    secrets = {name: kept.get(name, "") for name in SECRETS if kept.get(name)}
    account = AccountRef("", "", kept["server"], secrets, chosen)
    with new_client() as client:
        credentials = secrets | oauth.authorized(client, account, kept, query)
    with Api(AccountRef("", "", kept["server"], credentials, chosen)) as api:
        found = who(child(api.get("/2/users/me"), "data"))
    if not found.author_id:
        raise NotAllowed(_now("X does not say whose login this is."))
    return Connected(found, found.handle, kept["server"], credentials, chosen)


def _server(said: str) -> str:
    parts = urlsplit(addresses.server(said, oauth.SERVER, addresses.NAMED_HERE))
    return f"{parts.scheme}://{parts.netloc}"
