"""What `openline doctor` looks at, and what is done and left to do once an account is connected."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from openline.channels import reading
from openline.channels.base import AccountRef, ChannelError, Finding
from openline.channels.graph import tokens
from openline.channels.graph.client import Graph
from openline.channels.graph.signing import verify_token
from openline.channels.instagram import publishing
from openline.channels.instagram.client import opened

FIELDS = ("comments", "mentions", "messages", "message_edit")


def inspect(account: AccountRef) -> tuple[Finding, ...]:
    """The login's end, the day's allowance, whether Instagram calls us."""
    try:
        with opened(account) as graph:
            return (_login(account), _allowance(graph), _subscribed(graph), webhooks(account))
    except ChannelError as error:
        return (_login(account), Finding(False, error.reason))


def settle(account: AccountRef) -> tuple[Finding, ...]:
    """Have Instagram call us for this account. The app's own webhooks are a person's to set up."""
    with opened(account) as graph:
        graph.post("me/subscribed_apps", {"subscribed_fields": ",".join(FIELDS)})
        return (_subscribed(graph), webhooks(account))


def webhooks(account: AccountRef) -> Finding:
    """How a person gives our address to the app."""
    words = _(
        "In the app, under Instagram, API setup, Configure webhooks: enter the address %(address)s and the verify token"
        " %(token)s, and subscribe to %(fields)s. Until then, what is said is found by asking every few minutes."
    )
    address = (
        account.hook.rsplit(f"{account.id}/", 1)[0] if account.hook else _("(our public address)/hooks/instagram/")
    )
    token = verify_token(account.credentials.get("app_secret", ""))
    return Finding(True, words % {"address": address, "token": token, "fields": ", ".join(FIELDS)})


def _subscribed(graph: Graph) -> Finding:
    rows = reading.children(graph.get("me/subscribed_apps"), "data")
    missing = [field for field in FIELDS if not any(field in _fields(row) for row in rows)]
    if missing:
        return Finding(
            False, _("Instagram does not call us about: %s. Connect the account again.") % ", ".join(missing)
        )
    return Finding(True, _("Instagram calls us for this account."))


def _fields(row: Mapping[str, Any]) -> list[Any]:
    found = row.get("subscribed_fields")
    return found if isinstance(found, list) else []


def _login(account: AccountRef) -> Finding:
    until = tokens.expires_at(account.credentials)
    if until is None:
        return Finding(False, _("When the token runs out is not known: connect the account by the login of Instagram."))
    days = (until - datetime.now(UTC)).days
    words = _("The login holds for %(days)d more days; it is renewed by itself a month before it ends.")
    return Finding(days > 14, words % {"days": days})


def _allowance(graph: Graph) -> Finding:
    used, limit = publishing.allowance(graph)
    words = _("In the last 24 hours: %(used)d of %(limit)d posts.") % {"used": used, "limit": limit}
    return Finding(used < limit, words)
