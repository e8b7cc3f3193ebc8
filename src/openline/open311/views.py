"""GeoReport v2: discovery, services, requests, tokens (docs/open311.md). Each handler reads, asks one room, answers."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.utils.translation import gettext as _

from openline.open311 import filters, intake, media, offered, representing
from openline.open311.dispatch import Reply, endpoint, sender_of
from openline.open311.formats import Problem
from openline.open311.models import State, Submission
from openline.open311.parameters import Given
from openline.open311.submitting import repeated, submit
from openline.service_requests import public, questions
from openline.service_requests.jurisdiction import jurisdiction
from openline.service_requests.models import ServiceAttribute

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
    return Reply("services", [_service(row) for row in offered.services().annotate(asks=asks).values(*_FIELDS)])


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
    found = offered.offered(_clean(code))
    if found is None:
        raise Problem(404, _("service_code was not found. The codes are in services."))
    asked = questions.in_order(found.attributes)
    if not asked:
        raise Problem(404, _("This service has no definition: its metadata is false."))
    extended = _extended(given)
    attributes = [representing.attribute(one, order, extended) for order, one in enumerate(asked, 1)]
    return Reply("service_definition", {"service_code": found.service.code, "attributes": attributes})


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
    uploads = [one for name in request.FILES for one in request.FILES.getlist(name)]  # whatever a program calls them
    digest = intake.digest(given.values, [media.content(one) for one in uploads])
    answer = repeated(sender, client_id, digest)
    if answer is None:
        draft = intake.read(given, len(uploads))
        draft.files = media.take(uploads)
        answer = submit(sender, draft, client_id, digest)
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


def _nothing(request: HttpRequest, given: Given) -> Reply:
    """An address that is none: said as the standard says errors, for it is a program that reads it."""
    raise Problem(
        404,
        _("There is no such method. All of them are described at %(url)s; formats are .json and .xml.")
        % {"url": f"{settings.PUBLIC_URL}/open311/"},
    )


discovery = endpoint(get=_discovery)
services = endpoint(get=_services)
service = endpoint(get=_definition)
requests = endpoint(get=_requests, post=_create)
request_ = endpoint(get=_request)
token = endpoint(get=_token)
nothing = endpoint(get=_nothing, post=_nothing)
