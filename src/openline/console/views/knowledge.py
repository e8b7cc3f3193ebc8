"""Facts of the place, gaps, and the figures of answers."""

from __future__ import annotations

import csv
import io
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openline.care import drafting
from openline.console import panes
from openline.console.once import Problem, attempt, staff
from openline.console.permissions import needs
from openline.console.views.promises import SPANS
from openline.geography.models import Area
from openline.knowledge import figures, gaps, loading_facts
from openline.knowledge.models import Fact, Lookup, QuestionGroup
from openline.service_requests.actions import NotPossible

_MOST_BYTES = 2_000_000
_PAGE = 50


@require_http_methods(["GET", "POST"])
@needs("knowledge")
def facts(request: HttpRequest, code: str = "") -> HttpResponse:
    """The lookups with what they say by area; a CSV file replaces what one of them says."""
    chosen = get_object_or_404(Lookup, pk=code) if code else None
    problem: Problem | None = None
    if request.method == "POST" and chosen:
        problem = attempt(request, "facts", lambda: _load(request, chosen))
        if problem is None:
            messages.success(request, _("Saved."))
            return redirect("console:facts_of", chosen.code)
    names = dict(Area.objects.values_list("code", "name")) if chosen else {}
    found = Fact.objects.filter(lookup=chosen).order_by("area") if chosen else Fact.objects.none()
    context = {
        "lookups": Lookup.objects.order_by("name"),
        "chosen": chosen,
        "facts": [(names.get(fact.area, fact.area), fact) for fact in found],
        "problem": problem,
    }
    return render(request, "console/facts.html", panes.frame(request) | context, status=422 if problem else 200)


def _load(request: HttpRequest, lookup: Lookup) -> None:
    file = request.FILES.get("file")
    if file is None or (file.size or 0) > _MOST_BYTES:
        raise NotPossible(_("Choose a CSV file of at most 2 MB."))
    try:
        loading_facts.load(file.read().decode("utf-8-sig"), lookup.code)
    except UnicodeDecodeError:
        raise NotPossible(_("This is not a CSV file in UTF-8.")) from None
    except loading_facts.BadFacts as error:
        raise NotPossible(_("%(what)s Nothing was loaded.") % {"what": error}) from None


@require_GET
@needs("knowledge")
def gap_list(request: HttpRequest) -> HttpResponse:
    """What residents ask and no article answers, the most asked first."""
    return render(request, "console/gaps.html", panes.frame(request) | {"gaps": gaps.most_asked(_PAGE)})


@require_POST
@needs("knowledge")
def draft(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """Begin an article for a gap, or put the gap away."""
    group = get_object_or_404(QuestionGroup, pk=group_id)
    if request.POST.get("act") == "away":
        problem = attempt(request, "away", lambda: gaps.put_away(group))
    else:
        problem = attempt(request, "draft", lambda: drafting.draft(group, by=staff(request)))
    if problem:
        messages.error(request, problem.text)
    elif request.POST.get("act") != "away":
        messages.success(request, _("A draft was made. It stands among the articles and is not public yet."))
    return redirect("console:gaps")


@require_GET
@needs("figures")
def answer_figures(request: HttpRequest) -> HttpResponse:
    """How questions were answered, by article, service, language and week; also as CSV."""
    days = next((span for span in SPANS if str(span) == request.GET.get("days", "")), SPANS[0])
    if request.GET.get("as") == "csv":
        return _csv(days)
    context = {"days": days, "spans": SPANS, "whole": figures.whole(days), "tables": figures.tables(days)}
    return render(request, "console/answer_figures.html", panes.frame(request) | context)


def _csv(days: int) -> HttpResponse:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("by", "name", *figures.COLUMNS))
    for by, rows in figures.tables(days):
        writer.writerows((by, row.name, *row.values()) for row in rows)
    name = {"Content-Disposition": 'attachment; filename="answers.csv"'}
    return HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8", headers=name)
