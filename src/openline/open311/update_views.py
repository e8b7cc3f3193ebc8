"""GET and POST servicerequestupdates (docs/open311.md)."""

from __future__ import annotations

from django.http import HttpRequest

from openline.open311 import filters, representing, updates
from openline.open311.dispatch import Reply, endpoint, sender_of
from openline.open311.parameters import Given
from openline.open311.views import next_link

_FIELDS = ("id", "at", "to_status", "outcome", "public_text", "stood", "request__number", "request__status")


def _given_out(request: HttpRequest, given: Given) -> Reply:
    """The public updates of a time, oldest first."""
    page = filters.page(given)
    found, extended = updates.given_out(given), given.truth("extensions")
    given.check()
    rows = list(found.values(*_FIELDS)[page.first : page.first + page.size + 1])
    more, rows = len(rows) > page.size, rows[: page.size]
    times = representing.times()
    content = [representing.update(row, times, extended) for row in rows]
    headers = {"Link": next_link(request, updates.key_of(rows[-1]))} if more else {}
    return Reply("service_request_updates", content, headers)


def _taken(request: HttpRequest, given: Given) -> Reply:
    """An update of another system."""
    sender = sender_of(request, given)
    ours = updates.take(sender, updates.read(given))
    return Reply("service_request_updates", [{"update_id": ours, "account_id": ""}])


updates_ = endpoint(get=_given_out, post=_taken)
