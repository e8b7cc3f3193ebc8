"""What stands in the feeds: the newest public requests, and the newest public news of requests.

Only what the public pages show (`service_requests.public`): no name, no words of a resident, nothing of a request that
is not public.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from openline.geography.models import Area
from openline.service_requests import public
from openline.service_requests.jurisdiction import jurisdiction
from openline.service_requests.languages import link
from openline.service_requests.models import Service, ServiceRequest, Update

MOST = 50
KINDS = ("requests", "updates")
ENDINGS = ("atom", "rss", "json")


class Unknown(Exception):
    """There is no such feed."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. `id` never changes (RFC 4151 would do; an address is one too), `updated` is when it last did."""

    id: str
    title: str
    link: str
    text: str
    published: datetime
    updated: datetime
    category: str
    latitude: float | None
    longitude: float | None


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed with its entries, newest first. `address` is its topic (WebSub) and where it is read."""

    title: str
    address: str
    page: str
    entries: tuple[Entry, ...]

    @property
    def updated(self) -> datetime | None:
        """When the newest entry changed."""
        return max((one.updated for one in self.entries), default=None)


def address(kind: str, ending: str, service: str = "", area: str = "") -> str:
    """The one address of a feed: its parameters in one order, empty ones left out."""
    chosen = urlencode({name: value for name, value in (("area", area), ("service", service)) if value})
    return f"{settings.PUBLIC_URL}/feeds/{kind}.{ending}" + (f"?{chosen}" if chosen else "")


def feed(kind: str, ending: str, service: str = "", area: str = "") -> Feed:
    """The feed `kind` of a service and an area ("" for all). Raises Unknown."""
    if kind not in KINDS or ending not in ENDINGS:
        raise Unknown
    about = _about(service, area)
    found = public.requests()
    if service:
        found = found.filter(service__code=service)
    if area:
        found = found.filter(areas__contains=[area])
    name = _("New requests") if kind == "requests" else _("News of requests")
    title = f"{jurisdiction().name}: " + ", ".join([name, *about])
    page = f"{settings.PUBLIC_URL}/requests/?{urlencode({'service': service, 'area': area})}"
    entries = _requests(found) if kind == "requests" else _updates(found)
    return Feed(title, address(kind, ending, service, area), page, tuple(entries))


def _about(service: str, area: str) -> list[str]:
    """The names of what was chosen."""
    names = []
    if service:
        names.append(Service.objects.filter(code=service, public=True).values_list("name", flat=True).first())
    if area:
        names.append(Area.objects.filter(code=area).values_list("name", flat=True).first())
    if not all(names):
        raise Unknown
    return [str(name) for name in names]


def _requests(found: QuerySet[ServiceRequest]) -> Iterable[Entry]:
    for row in public.rows(public.newest_first(found)[:MOST]):
        words = [row["public_description"], public.status_words(row)]
        yield _entry(row, link(row["number"]), _title(row), words, row["requested_at"], row["updated_at"])


def _updates(found: QuerySet[ServiceRequest]) -> Iterable[Entry]:
    """The newest news of the requests that changed last: found by the index on the time of their change."""
    changed = {row["id"]: row for row in public.rows(found.order_by("-updated_at")[: MOST * 2])}
    newest = public.public_updates().filter(request_id__in=list(changed)).order_by("-at", "-id")[:MOST]
    for update in newest:
        row = changed[update.request_id]
        title = f"{_title(row)}: {update.to_status_label or _('News')}"
        where = f"{link(row['number'])}#{update.pk}"
        yield _entry(row, where, title, [_state(update), update.public_text], update.at, update.at)


def _state(update: Update) -> str:
    return f"{update.to_status_label}." if update.to_status else ""


def _title(row: dict[str, Any]) -> str:
    return f"{row['number']} {row['service__name']}" + (f", {row['place_name']}" if row["place_name"] else "")


def _entry(row: dict[str, Any], where: str, title: str, words: list[str], at: datetime, updated: datetime) -> Entry:
    text = "\n\n".join(filter(None, words))
    return Entry(where, title, where, text, at, updated, row["service__name"], row["latitude"], row["longitude"])
