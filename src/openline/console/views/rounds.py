"""The round of a crew: chosen requests, or what the list shows, in a good order to visit, with a map, to print."""

from __future__ import annotations

from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from openline.console import panes, rounds
from openline.console.once import staff
from openline.console.permissions import needs, visible_requests
from openline.console.photos import of_requests
from openline.console.views.requests import wanted_of
from openline.foundation.text import clean
from openline.service_requests import queries
from openline.service_requests.models import ServiceRequest
from openline.service_requests.states import Status

_OF_THE_MAP = ("at", "lat", "lon", "zoom")


@require_http_methods(["GET", "HEAD", "POST"])
@needs("requests")
def page(request: HttpRequest) -> HttpResponse:
    """The round; a POST names the chosen requests, which the address then keeps."""
    if request.method == "POST":
        chosen = [("request", clean(number, 20)) for number in request.POST.getlist("request")[: rounds.MOST + 1]]
        return redirect(f"{reverse('console:round')}?{urlencode(chosen)}" if chosen else "console:requests")
    asked = request.GET
    numbers = [number[:20] for number in asked.getlist("request")]
    wanted, pool = wanted_of(request)
    found = visible_requests(request.user).filter(number__in=numbers) if numbers else _to_do(pool, wanted)
    full = queries.by_due(found).select_related("service", "department").prefetch_related("service__attributes")
    rows = list(full[: rounds.MOST + 1])
    start = rounds.start_of(clean(asked.get("at", ""), 200), asked.get("lat", ""), asked.get("lon", ""))
    photos = of_requests(request.user, [row.pk for row in rows])
    context = {
        "fields": [(name, value) for name, values in asked.lists() if name not in _OF_THE_MAP for value in values],
        "start": start,
        "cut": len(rows) > rounds.MOST,
        "most": rounds.MOST,
        "who": staff(request),
        **rounds.plan(rows[: rounds.MOST], start, photos),
    }
    return render(request, "console/round.html", panes.frame(request) | context)


def _to_do(pool: QuerySet[ServiceRequest], wanted: queries.Filter) -> QuerySet[ServiceRequest]:
    """What the list shows; of all open ones those alone for which nobody else's answer or work is waited."""
    found = queries.narrowed(pool, wanted)
    return found.exclude(status__in=[Status.WAITING, Status.REFERRED]) if wanted.status == "open" else found
