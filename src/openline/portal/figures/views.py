"""How the city does: the page for everybody, and the same numbers for programs."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from openline.insights import reading
from openline.portal.feeds.answering import kept
from openline.portal.figures import data, showing

KEPT_SECONDS = 300
_WRITE = {"csv": (data.as_csv, "text/csv; charset=utf-8"), "json": (data.as_json, "application/json")}


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The figures of the period that was chosen."""
    report = reading.report(request.GET.get("period", ""))
    return render(request, "portal/figures.html", showing.context(report) if report else {})


@require_safe
def download(request: HttpRequest, ending: str) -> HttpResponse:
    """The same as data, open to every site; 503 while nothing is counted yet."""
    report = reading.report(request.GET.get("period", ""))
    if report is None:
        return HttpResponse("Nothing is counted yet. Try again in a quarter of an hour.", status=503,
                            content_type="text/plain; charset=utf-8", headers={"Retry-After": "900"})  # fmt: skip
    write, media_type = _WRITE[ending]
    answer = kept(request, write(report), media_type, KEPT_SECONDS, report.counted.at.timestamp())
    answer["Content-Disposition"] = f'inline; filename="figures-{report.period.code}.{ending}"'
    return answer


@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    """What the fields and figures mean, for programs."""
    answer = JsonResponse(data.schema())
    answer["Access-Control-Allow-Origin"] = "*"
    return answer
