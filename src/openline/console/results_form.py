"""What a person asks the results for, read from the address."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from openline.accounts.models import Account
from openline.channels.registry import channel_for
from openline.foundation.text import clean
from openline.publishing.results import DIMENSIONS, Scope
from openline.publishing.states import Kind

SPANS = (7, 30, 90, 365)
LABELS: dict[str, str | Promise] = {
    "account": _("Account"),
    "network": _("Network"),
    "kind": _("Kind"),
    "language": _("Language"),
    "area": _("Area"),
    "campaign": _("Campaign"),
}
"""The dimensions in words."""
NUMBERS: dict[str, str | Promise] = {
    "views": _("Views"),
    "reach": _("Reach"),
    "likes": _("Likes"),
    "reposts": _("Reposts"),
    "quotes": _("Quotes"),
    "zaps": _("Zaps"),
    "replies": _("Replies"),
}
"""What networks tell, in words."""


def days_of(asked: QueryDict) -> int:
    """The days to look back; 30 if nothing sensible was asked for."""
    found = asked.get("days", "")
    return int(found) if found.isascii() and found.isdigit() and int(found) in SPANS else 30


def by_of(asked: QueryDict) -> str:
    """The dimension by which results are put together."""
    found = asked.get("by", "")
    return found if found in DIMENSIONS else "account"


def scope_of(asked: QueryDict, now: datetime) -> Scope:
    """The publications that are asked for. What is no sensible value counts as not said."""
    return Scope(
        now - timedelta(days=days_of(asked)),
        now,
        account=_uuid(asked.get("account", "")),
        network=clean(asked.get("network", ""), 40),
        kind=asked.get("kind", "") if asked.get("kind", "") in Kind.values else "",
        language=clean(asked.get("language", ""), 20),
        campaign=clean(asked.get("campaign", ""), 60),
        area=clean(asked.get("area", ""), 100),
    )


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        return ""


def label_of(by: str, key: str, accounts: dict[str, Account]) -> str:
    """A row's key in words; areas are named by the template."""
    if by == "account":
        account = accounts.get(key)
        return f"{network_label(account.network)}: {account.handle}" if account else key
    if by == "network":
        return network_label(key)
    return str(Kind(key).label) if by == "kind" else key


def network_label(network: str) -> str:
    """The network's name; its code where its channel is no longer built in."""
    try:
        return channel_for(network).label
    except LookupError:
        return network
