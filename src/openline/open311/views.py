"""GeoReport v2: discovery, services, requests, tokens (docs/open311.md). Each handler reads, asks one room, answers."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.utils.translation import gettext as _

<<<<<<< HEAD
from openline.open311 import filters, intake, media, representing
from openline.open311.dispatch import Reply, endpoint, sender_of
from openline.open311.formats import Problem
from openline.open311.models import State, Submission
from openline.open311.parameters import Given
from openline.open311.submitting import Answer, repeated, submit
from openline.service_requests import public, questions
from openline.service_requests.jurisdiction import jurisdiction
from openline.service_requests.models import ServiceAttribute
=======
from openline.files.queries import address, public_photos
from openline.open311 import filters
from openline.open311.formats import Problem, answer, problem, wanted
from openline.service_requests import public
from openline.service_requests.jurisdiction import city_zone, jurisdiction
from openline.service_requests.models import Service, ServiceKind, Update
>>>>>>> 9e4c752483b367b3c06a065e1861ff5d5841dc6c

_SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
_CHANGESET = "2026-11-27T00:00:00Z"
_FIELDS = ("id", "code", "name", "description", "keywords", "group", "asks")


def _discovery(request: HttpRequest, given: Given) -> Reply:
    """Where the service is and what it speaks (Service Discovery)."""
    url = settings.PUBLIC_URL
    served = {
        "specification": _SPECIFICATION,
        "url": f"{url}/open311/v2",
        "changeset": _CHANGESET,
        "type": "test" if settings.SANDBOX else "production",
        "formats": ["text/xml", "application/json"],
    }
    contact = f"{jurisdiction().name}: {url}/about/"
    content = {"changeset": _CHANGESET, "contact": contact, "key_service": f"{url}/open311/", "endpoints": [served]}
    return Reply("discovery", content)


def _services(request: HttpRequest, given: Given) -> Reply:
    """GET Service List."""
    asks = Exists(ServiceAttribute.objects.filter(service=OuterRef("pk")))
    return Reply("services", [_service(row) for row in intake.open_to_all().annotate(asks=asks).values(*_FIELDS)])


def _service(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "service_code": row["code"],
        "service_name": row["name"],
        "description": row["description"],
        "metadata": row["asks"],
        "type": "realtime",
        "keywords": ",".join(row["keywords"]),
        "group": row["group"],
    }


def _definition(request: HttpRequest, given: Given, code: str) -> Reply:
    """GET Service Definition: the questions of a service."""
    service = intake.open_to_all().filter(code=_clean(code)).prefetch_related("attributes").first()
    if service is None:
        raise Problem(404, _("service_code was not found. The codes are in services."))
    asked = questions.in_order(service.attributes.all())
    if not asked:
        raise Problem(404, _("This service has no definition: its metadata is false."))
    extended = _extended(given)
    attributes = [representing.attribute(one, order, extended) for order, one in enumerate(asked, 1)]
    return Reply("service_definition", {"service_code": service.code, "attributes": attributes})


def _requests(request: HttpRequest, given: Given) -> Reply:
    """GET Service Requests, newest first, paged by key."""
    page, after, extended = filters.page(given), filters.key(given, public.read_key), given.truth("extensions")
    found = public.newest_first(filters.apply(public.requests(), given), after)
    given.check()
    rows = representing.rows(found[page.first : page.first + page.size + 1], extended)
    more, rows = len(rows) > page.size, rows[: page.size]
    headers = {"Link": next_link(request, public.key_of(rows[-1]))} if more else {}
    return Reply("service_requests", representing.requests(rows, extended), headers)


def _request(request: HttpRequest, given: Given, number: str) -> Reply:
    """GET Service Request: an array of one."""
    extended = _extended(given)
    rows = representing.rows(public.requests().filter(number=_clean(number)), extended)
    if not rows:
        raise Problem(404, _("service_request_id was not found."))
    return Reply("service_requests", representing.requests(rows, extended))


def _create(request: HttpRequest, given: Given) -> Reply:
    """POST Service Request."""
    sender = sender_of(request, given)
    client_id = _client_id(request, given)
    uploads = request.FILES.getlist("media") + request.FILES.getlist("media[]")
    digest = intake.digest(given.values, [media.content(one) for one in uploads])
    known = repeated(sender, client_id, digest)
    return _answered(known or submit(sender, intake.read(given, len(uploads)), client_id, digest))


def _answered(answer: Answer) -> Reply:
    return Reply("service_requests", answer.content())


def _client_id(request: HttpRequest, given: Given) -> str:
    """The sender's own mark of this request: the header Idempotency-Key, else client_request_id."""
    header = request.headers.get("Idempotency-Key", "").strip().strip('"')
    if len(header) > 200 or not header.isprintable():
        raise Problem(400, _("Idempotency-Key is at most 200 plain characters."))
    mark = header or given.text("client_request_id", 200)
    given.check()
    return mark


def _token(request: HttpRequest, given: Given, token: str) -> Reply:
    """GET service_request_id from a token: empty as long as nobody has decided."""
    try:
        found = Submission.objects.select_related("request").filter(pk=UUID(token)).first()
    except ValueError:
        found = None
    if found is None:
        raise Problem(404, _("token was not found."))
    if found.state == State.REFUSED:
        raise Problem(404, _("The request with this token was refused: %(reason)s") % {"reason": found.reason})
    return Reply(
        "service_requests",
        [{"service_request_id": found.request.number if found.request else "", "token": str(found.pk)}],
    )


def next_link(request: HttpRequest, key: str) -> str:
    """The Link header (RFC 8288) to the page that follows the row with `key`."""
    kept = {name: value for name, value in request.GET.items() if name not in ("page", "after", "api_key")}
    return f'<{settings.PUBLIC_URL}{request.path}?{urlencode(kept | {"after": key})}>; rel="next"'


def _clean(part: str) -> str:
    return part.replace("\x00", "")[:100]


def _extended(given: Given) -> bool:
    extended = given.truth("extensions")
    given.check()
    return extended


<<<<<<< HEAD
discovery = endpoint(get=_discovery)
services = endpoint(get=_services)
service = endpoint(get=_definition)
requests = endpoint(get=_requests, post=_create)
request_ = endpoint(get=_request)
token = endpoint(get=_token)
=======
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
>>>>>>> 9e4c752483b367b3c06a065e1861ff5d5841dc6c
