"""The pages of alerts. Thin: read, call one query, render."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import translation
from django.views.decorators.http import require_safe

from openline.portal.alerts import feeds, history
from openline.portal.feeds import answering, formats
from openline.publishing.alerts import cap, current
from openline.publishing.models import Alert, AlertEdition

SECONDS = 30
"""How long others may keep a feed of alerts."""


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """What holds now, and what held before, newest first."""
    now = current.showing(request.LANGUAGE_CODE)
    earlier, following = history.earlier(request.GET.get("after", ""), request.LANGUAGE_CODE)
    context = {"now": now, "earlier": earlier, "next": following, "feeds": feeds.links()}
    return render(request, "portal/alerts.html", context)


@require_safe
def alert(request: HttpRequest, alert_id: UUID) -> HttpResponse:
    """One alert with all that was said of it, newest first."""
    found = get_object_or_404(Alert, pk=alert_id)
    editions = list(found.editions.order_by("-number"))
    if not editions:
        raise Http404
    said = [(edition, current.in_language(edition, request.LANGUAGE_CODE)) for edition in editions]
    context = {"alert": found, "newest": said[0], "earlier": said[1:], "over": history.is_over(found)}
    response = render(request, "portal/alert.html", context)
    if found.drill:
        response["X-Robots-Tag"] = "noindex"
    return response


@require_safe
def banner(request: HttpRequest) -> HttpResponse:
    """The banner alone, for pages that are open: asked for now and then, so that a new alert is seen."""
    response = render(request, "portal/_alert_list.html", {"alerts": current.showing(request.LANGUAGE_CODE)})
    response["Cache-Control"] = f"private, max-age={int(current.SECONDS)}"
    response["X-Robots-Tag"] = "noindex"
    return response


@require_safe
def feed(request: HttpRequest, ending: str) -> HttpResponse:
    """All editions of late, for readers of feeds: Atom, RSS or JSON."""
    if ending not in ("atom", "rss", "json"):
        raise Http404
    with translation.override(settings.LANGUAGE_CODE):
        found = feeds.readers(ending)
        written, media_type = formats.write(found, ending, ())
    return answering.kept(request, written, media_type, SECONDS, found.updated.timestamp() if found.updated else None)


@require_safe
def cap_feed(request: HttpRequest) -> HttpResponse:
    """The CAP messages of late as an Atom feed, each entry with the address of its message."""
    with translation.override(settings.LANGUAGE_CODE):
        written, updated = feeds.programs()
    return answering.kept(request, written, "application/atom+xml; charset=utf-8", SECONDS, updated)


@require_safe
def cap_message(request: HttpRequest, edition_id: UUID) -> HttpResponse:
    """One CAP message. It never changes."""
    edition = get_object_or_404(AlertEdition.objects.select_related("alert"), pk=edition_id)
    earlier = list(edition.alert.editions.filter(number__lt=edition.number).order_by("number"))
    return answering.kept(request, cap.write(edition, earlier), cap.MEDIA_TYPE, SECONDS, edition.at.timestamp())
