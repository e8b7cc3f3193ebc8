"""How a person connects a mailbox: what to fill in, and the check that it works."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from openline.channels.accounts import Field, NoKeeper
from openline.channels.addresses import NAMED_HERE, is_safe
from openline.channels.base import AccountRef, Connected, Connection, Rejected, Who
from openline.channels.email.places import place

_NO = ("", "no", "off", "false", "0")
_SECRETS = ("password", "client_secret", "refresh_token")
_KEPT = ("sender_name", "smtp", "user", "folders", "authserv", "auth", "token_url", "client_id", "scope")
_BY_PASSWORD, _BY_TOKENS = ("auth", "password"), ("auth", "oauth")

CONNECTION = Connection(
    guide=(
        _("Use a mailbox of its own, such as help@city.example, that this account alone answers from."),
        _("At the provider, allow IMAP and SMTP. If it wants two steps to log in, make an app password."),
        _("For Microsoft 365 and Google, register an app and choose access tokens below."),
        _("If the server delivers help+anything@city.example too, answers find their request by the address alone."),
    ),
    fields=(
        Field("handle", _("E-mail address"), _("What residents write to."), "email"),
        Field("sender_name", _("Sender's name"), _("Shown beside the address: City of Example."), required=False),
        Field("server", _("Incoming mail (IMAP)"), _("A host such as imap.example.org. TLS is used.")),
        Field("smtp", _("Outgoing mail (SMTP)"), _("A host such as smtp.example.org. TLS is used.")),
        Field("user", _("User name"), _("Only if it is not the address."), required=False),
        Field(
            "auth", _("Log in by"), kind="choice", initial="password",
            choices=(("password", _("Password")), ("oauth", _("Access tokens (OAuth 2)"))),
        ),
        Field(
            "password", _("Password"), _("Better an app password than your own."), "secret", required=False,
            where=_BY_PASSWORD,
        ),
        Field("client_id", _("App: client ID"), required=False, where=_BY_TOKENS),
        Field("client_secret", _("App: client secret"), kind="secret", required=False, where=_BY_TOKENS),
        Field(
            "refresh_token", _("App: refresh token"),
            _("Empty if the app logs in as itself (Microsoft 365, client credentials)."), "secret", required=False,
            where=_BY_TOKENS,
        ),
        Field("token_url", _("App: address of the token server"), kind="url", required=False, where=_BY_TOKENS),
        Field(
            "scope", _("App: scope"), _("Such as https://outlook.office365.com/.default"), required=False,
            where=_BY_TOKENS,
        ),
        Field(
            "subaddresses", _("Answers come to addresses of their own"),
            _("help+r...@city.example: the server must deliver such addresses to the same mailbox."), "yes_no",
            required=False, initial="yes", more=True,
        ),
        Field(
            "folders", _("Other folders to hear"), _("Beside the inbox, apart by commas."), required=False, more=True
        ),
        Field(
            "authserv", _("Trusted mail server"),
            _("The name in Authentication-Results of your own server; its findings on senders are shown to staff."),
            required=False, more=True,
        ),
    ),
)  # fmt: skip


def account_of(values: Mapping[str, str]) -> AccountRef:
    """The account that a person has described; raises Rejected, naming the field."""
    given = {name: str(value or "").strip() for name, value in values.items()}
    address = given.get("handle", "")
    if not re.fullmatch(r"[^@\s<>\",;:]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+", address, re.IGNORECASE):
        raise Rejected("Give the mailbox's address, such as help@city.example.", "handle")
    place(given.get("server", ""), "imap")
    place(given.get("smtp", ""), "smtp")
    _check_login(given)
    settings = {name: given[name] for name in _KEPT if given.get(name)}
    settings["subaddresses"] = "" if given.get("subaddresses", "yes").lower() in _NO else "yes"
    credentials = {name: given[name] for name in _SECRETS if given.get(name)}
    return AccountRef("", address, given["server"], credentials, settings, NoKeeper(credentials))


def _check_login(given: Mapping[str, str]) -> None:
    if given.get("auth", "password") != "oauth":
        if not given.get("password"):
            raise Rejected("Give the mailbox's password.", "password")
        return
    url = given.get("token_url", "")
    if not url.startswith("http") or not is_safe(url, NAMED_HERE):
        raise Rejected("Give the address of the token server, with https.", "token_url")
    for name in ("client_id", "client_secret"):
        if not given.get(name):
            raise Rejected("The app's client ID and secret are missing.", name)


def connected(account: AccountRef, who: Who) -> Connected:
    """The account as it is to be kept, with tokens that were renewed meanwhile."""
    credentials = account.keeper.renew(dict)
    return Connected(who, account.handle, account.server, credentials, account.settings)
