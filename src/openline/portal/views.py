"""The public pages. Thin: read, call one query, render. Nothing here knows a resident."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from openline.care.models import Report
from openline.care.understanding import gazetteer
from openline.community import following, members, threads
from openline.files import queries as files
from openline.files import serving
from openline.foundation.text import shorten
from openline.geography.models import Area
from openline.geography.picture import street_map
from openline.knowledge import queries as knowledge
from openline.partners import queries as partners
from openline.portal import articles as pages
from openline.portal.feeds import content
from openline.portal.figures.showing import short
from openline.portal.register import listed
from openline.portal.topics import around
from openline.publishing.public import DAYS, talk
from openline.service_requests import callers, public, searching
from openline.service_requests.languages import day, hour
from openline.service_requests.models import Service, ServiceKind, ServiceRequest
from openline.service_requests.queries import is_overdue
from openline.service_requests.states import FINISHED_STATES, Status

_PAGE = 25
_ON_HOME = 6


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What is going on, how to tell the city, and the way to a request by its number."""
    number = request.GET.get("number", "").replace("\x00", "").strip()[:20]
    if number and ServiceRequest.objects.filter(number=number).exists():
        return redirect("portal:request", number)
    context = {
        "newest": public.rows(public.newest_first(public.requests())[:_ON_HOME]),
        "accounts": [one for one in listed() if one.answers],
        "articles": knowledge.public().filter(language=request.LANGUAGE_CODE.split("-")[0]).order_by("title")[:8],
        "number": number,
        "unknown": bool(number),
        "figures": short(),
    }
    return render(request, "portal/home.html", context)


@require_safe
def request_list(request: HttpRequest) -> HttpResponse:
    """All public requests, newest first, by service, area, state and words; paged by key."""
    found = public.newest_first(public.requests(), _key(request.GET.get("after", "")))
    words = searching.read(request.GET.get("q", ""))
    chosen = {name: request.GET.get(name, "").replace("\x00", "")[:100] for name in ("service", "area", "status")}
    if chosen["service"]:
        found = found.filter(service__code=chosen["service"])
    if chosen["area"]:
        found = found.filter(areas__contains=[chosen["area"]])
    if chosen["status"] in ("open", "closed"):
        found = found.filter(closed_at__isnull=chosen["status"] == "open")
    rows = _rows(found, words)
    last = rows[_PAGE - 1] if len(rows) > _PAGE else None
    context = {
        "rows": rows[:_PAGE],
        "chosen": chosen,
        "words": words,
        "narrowed": any(chosen.values()),
        "next": public.key_of(last) if last else "",
        "feeds": _feeds(chosen["service"], chosen["area"]),
        "services": Service.objects.filter(active=True, public=True, kind=ServiceKind.REQUEST).values("code", "name"),
        "areas": Area.objects.filter(kind="neighborhood").order_by("name").values("code", "name"),
    }
    return render(request, "portal/requests.html", context)


def _rows(found: QuerySet[ServiceRequest], words: str) -> list[dict[str, Any]]:
    """A page of `found` and one more, the newest first; with `words`, only what has them."""
    if not words:
        return public.rows(found[: _PAGE + 1])
    together = {row["id"]: row for one in searching.branches(found, words) for row in public.rows(one[: _PAGE + 1])}
    newest = sorted(together.values(), key=lambda row: (row["requested_at"], row["number"]), reverse=True)
    return newest[: _PAGE + 1]


def _key(text: str) -> tuple[datetime, str] | None:
    """The key of the last row seen; None if it is not one (then the list begins anew)."""
    try:
        return public.read_key(text)
    except ValueError:
        return None


def _feeds(service: str, area: str) -> list[tuple[str, str]]:
    """Names and addresses of the feeds of what the list shows."""
    names = {"atom": "Atom", "rss": "RSS", "json": "JSON Feed"}
    news = (_("News of requests"), content.address("updates", "atom", service, area))
    return [(name, content.address("requests", ending, service, area)) for ending, name in names.items()] + [news]


@require_safe
def request_page(request: HttpRequest, number: str) -> HttpResponse:
    """One request: what, where, how it stands, by when, and its public history.

    Of a request whose service is not public only the number, the state and the promise are shown: who
    holds the link was told it in their own thread.
    """
    if "\x00" in number or len(number) > 20:
        raise Http404
    found = get_object_or_404(public.with_updates(ServiceRequest.objects.all()), number=number)
    context: dict[str, Any] = {
        "found": found,
        "steps": _steps(found),
        "open": public.is_open(found.status),
        "due": f"{day(found.due_at)}, {hour(found.due_at)}" if found.due_at else "",
        "late": is_overdue(found),
        "words": public.status_words(
            {"status": found.status, "outcome": found.outcome, "status_note": found.status_note if found.public else ""}
        ),
    }
    if found.public:
        context |= around.of_request(found, request) | {
            "source": callers.source_name(found.source),
            "thread": threads.of_request(found.number),
            "areas": Area.objects.filter(code__in=found.areas, kind="neighborhood"),
            "map": _map(found),
            "history": getattr(found, "history", []),
            "answers": public.answers(found),
            "reporters": Report.objects.filter(request=found).count(),
            "passed": partners.told_in_public(found.pk),
            "photos": files.public_photos([found.pk]).get(found.pk, []),
        }
        context["followed"] = following.follows(members.current(request), request=found)
        context["preview"] = _preview(found, context["words"], context["photos"])
    response = render(request, "portal/request.html", context)
    if not found.public:
        response["X-Robots-Tag"] = "noindex"
        return response
    return _takes_mentions(response)


def _preview(found: ServiceRequest, state: str, photos: list[Any]) -> dict[str, str]:
    """What a link to the page shows where somebody shares it: the same as the page, a photo if one is public."""
    first = photos[0] if photos else None
    return {
        "title": ", ".join(filter(None, [found.service.name, found.place_name])),
        "words": shorten(" ".join(filter(None, [state, found.public_description])), 200),
        "address": f"{settings.PUBLIC_URL}{reverse('portal:request', args=[found.number])}",
        "image": f"{settings.PUBLIC_URL}{reverse('portal:photo', args=[first.pk, 'view'])}" if first else "",
        "image_alt": (first.alt or first.get_kind_display()) if first else "",
    }


_STEPS = (Status.RECEIVED, Status.IN_PROGRESS, Status.CLOSED)
_REACHED = {Status.RECEIVED: 0, Status.REOPENED: 0} | dict.fromkeys(FINISHED_STATES, 2)


def _steps(found: ServiceRequest) -> list[tuple[str, str]]:
    """The three steps that residents care about, each "complete", "current" or empty."""
    reached = _REACHED.get(Status(found.status), 1)
    marks = ["complete" if i < reached or reached == 2 else "current" if i == reached else "" for i in range(3)]
    return [(str(step.label), mark) for step, mark in zip(_STEPS, marks, strict=True)]


def _map(found: ServiceRequest) -> Any:
    streets = gazetteer() if found.latitude is not None else None
    if streets is None or found.latitude is None or found.longitude is None:
        return None
    return street_map(streets, found.latitude, found.longitude)


@require_safe
def photo(request: HttpRequest, photo_id: UUID, size: str) -> HttpResponse:
    """A photo that a person put on the public page of a request that everybody may see."""
    found = get_object_or_404(files.shown(), pk=photo_id)
    if not public.requests().filter(pk__in=[found.request_id]).exists():
        raise Http404
    return serving.public_answer(request, found, size)


@require_safe
def article(request: HttpRequest, slug: str) -> HttpResponse:
    """One article; other sites may say that they link to it."""
    return _takes_mentions(pages.article(request, slug))


def _takes_mentions(response: HttpResponse) -> HttpResponse:
    """Say where other sites tell that they link to this page (Webmention, section 3.1.2)."""
    response["Link"] = f'<{settings.PUBLIC_URL}/webmention/>; rel="webmention"'
    return response


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """What this is, what is kept and what is published."""
    return render(request, "portal/about.html", {"talk": talk(), "talk_days": DAYS})
