"""GeoReport v2, reading: discovery, services, requests (docs/open311.md)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from openline.files.queries import address, public_photos
from openline.open311 import filters
from openline.open311.formats import Problem, answer, problem, wanted
from openline.service_requests import public
from openline.service_requests.jurisdiction import city_zone, jurisdiction
from openline.service_requests.models import Service, ServiceKind, Update

_SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
_CHANGESET = "2026-11-23T00:00:00Z"
_CACHE_SECONDS = 30

View = Callable[..., HttpResponse]


def endpoint(view: View) -> View:
    """Choose the format, check the jurisdiction, and turn problems into the specification's errors."""

    @require_safe
    @wraps(view)
    def wrapped(request: HttpRequest, form: str | None = None, **parts: str) -> HttpResponse:
        chosen = wanted(request, form or "")
        try:
            given = request.GET.get("jurisdiction_id", "")
            if given and given != jurisdiction().jurisdiction_id:
                raise Problem(404, "jurisdiction_id was not found.")
            response = view(request, chosen, **parts)
        except Problem as error:
            return problem(error, chosen)
        response["Cache-Control"] = f"public, max-age={_CACHE_SECONDS}"
        return response

    return wrapped


@endpoint
def discovery(request: HttpRequest, form: str) -> HttpResponse:
    """Where the service is and what it speaks (Service Discovery)."""
    city = jurisdiction()
    content = {
        "changeset": _CHANGESET,
        "contact": f"{city.name}: {settings.PUBLIC_URL}/about/",
        "key_service": "",
        "endpoints": [
            {
                "specification": _SPECIFICATION,
                "url": f"{settings.PUBLIC_URL}/open311/v2",
                "changeset": _CHANGESET,
                "type": "test" if settings.SANDBOX else "production",
                "formats": ["text/xml", "application/json"],
            }
        ],
    }
    return answer("discovery", content, form)


@endpoint
def services(request: HttpRequest, form: str) -> HttpResponse:
    """GET Service List."""
    found = Service.objects.filter(active=True, public=True, kind=ServiceKind.REQUEST).values(
        "code", "name", "description", "keywords", "group"
    )
    return answer("services", [_service(dict(row)) for row in found], form)


def _service(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "service_code": row["code"],
        "service_name": row["name"],
        "description": row["description"],
        "metadata": False,
        "type": "realtime",
        "keywords": ",".join(row["keywords"]),
        "group": row["group"],
    }


@endpoint
def service(request: HttpRequest, form: str, code: str) -> HttpResponse:
    """GET Service Definition: no service asks questions of its own yet (metadata is false)."""
    if not Service.objects.filter(code=_clean(code), active=True, public=True, kind=ServiceKind.REQUEST).exists():
        raise Problem(404, "service_code was not found.")
    raise Problem(404, "This service has no definition: its metadata is false.")


@endpoint
def requests(request: HttpRequest, form: str) -> HttpResponse:
    """GET Service Requests, newest first, paged by key."""
    page = filters.page(request.GET)
    found = public.newest_first(filters.apply(public.requests(), request.GET), page.after)
    first = 0 if page.after else (page.number - 1) * page.size
    rows = public.rows(found[first : first + page.size + 1])
    more, rows = len(rows) > page.size, rows[: page.size]
    response = answer("service_requests", _requests(rows, _extended(request)), form)
    if more:
        response["Link"] = f'<{_next(request, rows[-1])}>; rel="next"'
    return response


@endpoint
def request_(request: HttpRequest, form: str, number: str) -> HttpResponse:
    """GET Service Request: an array of one."""
    rows = public.rows(public.requests().filter(number=_clean(number)))
    if not rows:
        raise Problem(404, "service_request_id was not found.")
    return answer("service_requests", _requests(rows, _extended(request)), form)


def _clean(part: str) -> str:
    return part.replace("\x00", "")[:100]


def _extended(request: HttpRequest) -> bool:
    return request.GET.get("extensions", "").lower() in ("true", "1", "yes")


def _next(request: HttpRequest, last: dict[str, Any]) -> str:
    given = {k: v for k, v in request.GET.items() if k not in ("page", "after")}
    given["after"] = public.key_of(last)
    return f"{settings.PUBLIC_URL}{request.path}?{urlencode(given)}"


def _requests(rows: list[dict[str, Any]], extended: bool) -> list[dict[str, Any]]:
    zone = city_zone()
    notes = _notes(rows) if extended else {}
    photos = public_photos(row["id"] for row in rows)

    def time(moment: datetime | None) -> str:
        return moment.astimezone(zone).isoformat(timespec="seconds") if moment else ""

    media = {pk: address(shown[0]) for pk, shown in photos.items()}
    return [_request(row, time, media) | (_extension(row, notes, time) if extended else {}) for row in rows]


def _request(row: dict[str, Any], time: Callable[[datetime | None], str], media: dict[UUID, str]) -> dict[str, Any]:
    """One request with exactly the specification's fields."""
    zips = [code[4:] for code in row["areas"] if code.startswith("zip-")]
    return {
        "service_request_id": row["number"],
        "status": "open" if public.is_open(row["status"]) else "closed",
        "status_notes": public.status_words(row),
        "service_name": row["service__name"],
        "service_code": row["service__code"],
        "description": row["public_description"],
        "agency_responsible": row["department__name"],
        "service_notice": "",
        "requested_datetime": time(row["requested_at"]),
        "updated_datetime": time(row["updated_at"]),
        "expected_datetime": time(row["due_at"]),
        "address": row["place_name"],
        "address_id": "",
        "zipcode": zips[0] if zips else "",
        "lat": row["latitude"],
        "long": row["longitude"],
        "media_url": media.get(row["id"], ""),
    }


def _extension(
    row: dict[str, Any], notes: dict[Any, list[Update]], time: Callable[[datetime | None], str]
) -> dict[str, Any]:
    """What is asked for by `extensions=true`: detailed state, channel, areas, public history."""
    return {
        "extended_attributes": {
            "channel": row["source"],
            "detailed_status": row["status"],
            "outcome": row["outcome"],
            "areas": row["areas"],
            "closed_datetime": time(row["closed_at"]),
        },
        "notes": [
            {"datetime": time(update.at), "type": update.to_status or "update", "description": update.public_text}
            for update in notes.get(row["id"], [])
        ],
    }


def _notes(rows: list[dict[str, Any]]) -> dict[Any, list[Update]]:
    """The public history of all rows, in one query."""
    found: dict[Any, list[Update]] = {}
    for update in public.public_updates().filter(request__in=[row["id"] for row in rows]):
        found.setdefault(update.request_id, []).append(update)
    return found
