"""Series of posts: the list, writing one with a preview of its dates, changing what follows, ending."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openline.console import moments, panes
from openline.console.once import Problem, attempt, staff, typed
from openline.console.permissions import needs
from openline.console.series_form import SeriesForm
from openline.publishing import series as actions
from openline.publishing.errors import NotPossible
from openline.publishing.models import Series
from openline.publishing.repeating import Occurrence
from openline.service_requests.jurisdiction import today


@require_GET
@needs("publish")
def page(request: HttpRequest) -> HttpResponse:
    """All series that go on, and those that ended last."""
    to_come = Count("posts", filter=Q(posts__leave_at__gt=timezone.now()) & ~Q(posts__state="cancelled"))
    found = Series.objects.annotate(to_come=to_come).order_by("-active", "name", "-created_at")[:200]
    return render(request, "console/publish/series.html", panes.frame(request) | {"series": found})


@require_http_methods(["GET", "POST"])
@needs("publish")
def edit(request: HttpRequest, series_id: UUID | None = None) -> HttpResponse:
    """One series, or a new one. The dates are shown before it is saved."""
    series = get_object_or_404(Series, pk=series_id) if series_id else None
    form = SeriesForm(staff(request), actions.plan_of(series) if series else None, request.POST or None)
    problem, dates = None, list[Occurrence]()
    if request.method == "POST" and form.is_valid():
        if typed(request, "what") == "save":
            problem = attempt(request, "series", lambda: _save(request, series, form))
            if problem is None:
                messages.success(request, _("Saved. The next posts are made."))
                return redirect("console:series")
        problem, dates = _preview(request, form, problem)
    context = {
        "form": form, "series": series, "problem": problem, "dates": dates,
        "since": typed(request, "since", 10) or today(),
        "posts": actions.upcoming(series) if series else [],
    }  # fmt: skip
    wrong = bool(form.errors or problem)
    return render(
        request, "console/publish/series_form.html", panes.frame(request) | context, status=422 if wrong else 200
    )


def _preview(
    request: HttpRequest, form: SeriesForm, problem: Problem | None
) -> tuple[Problem | None, list[Occurrence]]:
    try:
        return problem, actions.preview(form.plan())
    except NotPossible as error:
        return problem or Problem("series", str(error), request.POST), []


def _save(request: HttpRequest, series: Series | None, form: SeriesForm) -> None:
    if series is None:
        actions.create(form.plan(), by=staff(request))
        return
    seen = typed(request, "seen", 9)
    actions.change(series.pk, form.plan(), _since(request), by=staff(request), seen=int(seen) if seen.isdigit() else -1)


def _since(request: HttpRequest) -> date:
    return moments.day(typed(request, "since", 10), "since")


@require_POST
@needs("publish")
def end(request: HttpRequest, series_id: UUID) -> HttpResponse:
    """Let a series end."""
    series = get_object_or_404(Series, pk=series_id)
    problem = attempt(request, "end", lambda: actions.end(series.pk, _since(request), by=staff(request)))
    if problem:
        messages.error(request, problem.text)
        return redirect("console:series_one", series_id)
    messages.success(request, _("It ends. Posts from that day on are put away."))
    return redirect("console:series")
