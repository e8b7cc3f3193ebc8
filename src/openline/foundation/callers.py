"""Who calls: the address of the machine that a request came from."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """The address from which the request came; behind our own proxy, the one that the proxy saw."""
    told = request.headers.get("X-Forwarded-For", "") if settings.BEHIND_PROXY else ""
    return (told.rsplit(",", 1)[-1].strip() or request.META.get("REMOTE_ADDR", ""))[:60]
