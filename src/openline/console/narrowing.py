"""Narrowing the inbox: one account, one person's or nobody's; the address keeps it, so it can be a bookmark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest

from openline.accounts.models import Account
from openline.console.permissions import desk_staff
from openline.foundation.text import clean
from openline.inbox.models import Conversation

NOBODY = "-"
"""In place of a user name: what is assigned to nobody."""


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What is wanted of the inbox; empty fields narrow nothing."""

    account: str = ""
    whose: str = ""

    @property
    def kept(self) -> str:
        """What links of the list add to their address."""
        given = {"account": self.account, "whose": self.whose}
        return "".join(f"&{urlencode({name: value})}" for name, value in given.items() if value)

    def of(self, conversations: QuerySet[Conversation]) -> QuerySet[Conversation]:
        """Those that are wanted; an account or a person that is none finds nothing rather than everything."""
        if self.account:
            conversations = conversations.filter(account=_uuid(self.account))
        if self.whose == NOBODY:
            return conversations.filter(assigned_to=None)
        return conversations.filter(assigned_to__username=self.whose) if self.whose else conversations


def narrowed(request: HttpRequest) -> Narrowed:
    """What the address of the page asks for."""
    return Narrowed(clean(request.GET.get("account", ""), 40), clean(request.GET.get("whose", ""), 150))


def choices(wanted: Narrowed) -> dict[str, Any]:
    """What the form offers."""
    accounts = Account.objects.filter(enabled=True).order_by("network", "handle")
    return {"narrowed": wanted, "accounts": accounts, "everybody": desk_staff(), "nobody": NOBODY}


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)
