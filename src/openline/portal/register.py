"""The register of the city's accounts: which ones are real, whose they are, and what each is for.

Networks prove an account by a link back from the owner's site (`rel="me"`); this page is that link, and where residents
check an account that claims to be the city.
"""

from __future__ import annotations

from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from openline.accounts.models import Account, Mandate
from openline.channels.registry import channels


class Listed(NamedTuple):
    """One account as the public sees it."""

    network: str
    handle: str
    address: str
    owner: str
    mandate: str
    answers: bool


def listed() -> list[Listed]:
    """All accounts that are switched on, by whose they are. No secret is read for it."""
    found = Account.objects.filter(enabled=True).exclude(network__in=["web", "community"])
    return [_listed(account) for account in found.order_by("owner", "network", "handle")]


def _listed(account: Account) -> Listed:
    channel = channels().get(account.network)
    address = channel.profile(account.public_ref()) if channel else ""
    return Listed(
        channel.label if channel else account.network,
        account.handle,
        address if address.startswith(("https://", "http://", "mailto:", "sms:", "nostr:")) else "",
        account.owner or account.name,
        account.get_mandate_display(),
        account.mandate != Mandate.PUBLISHING,
    )


@require_safe
def register(request: HttpRequest) -> HttpResponse:
    """The page."""
    return render(request, "portal/register.html", {"accounts": listed()})
