"""When the city works, and who is told of deadlines."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openline.console import panes
from openline.console.calendar_forms import CalendarForm, EscalationForm
from openline.console.once import attempt, staff
from openline.console.permissions import needs
from openline.service_requests import calendars, working_time
from openline.service_requests.actions import NotPossible
from openline.service_requests.models import Department, EscalationRule, WorkingCalendar


@require_GET
@needs("calendars")
def page(request: HttpRequest) -> HttpResponse:
    """All calendars, which department keeps which, and the rules of telling."""
    return _show(request, EscalationForm())


@require_http_methods(["GET", "POST"])
@needs("calendars")
def edit(request: HttpRequest, code: str = "") -> HttpResponse:
    """One calendar, or a new one."""
    calendar = get_object_or_404(WorkingCalendar, code=code) if code else WorkingCalendar()
    form = CalendarForm(request.POST or None, instance=calendar)
    problem = None
    if request.method == "POST" and form.is_valid():
        problem = attempt(
            request,
            "calendar",
            lambda: working_time.save(
                form.save(commit=False), form.cleaned_data["hours"], form.cleaned_data["own_days"], by=staff(request)
            ),
        )
        if problem is None:
            return redirect("console:calendars")
    return render(
        request,
        "console/calendar.html",
        panes.frame(request) | {"form": form, "calendar": calendar, "problem": problem},
        status=422 if form.errors or problem else 200,
    )


@require_POST
@needs("calendars")
def choose(request: HttpRequest) -> HttpResponse:
    """Which calendar a department keeps."""
    problem = attempt(request, "choose", lambda: _choose(request))
    return _show(request, EscalationForm(), problem) if problem else redirect("console:calendars")


def _choose(request: HttpRequest) -> None:
    department = Department.objects.filter(code=request.POST.get("department", "")[:60]).first()
    code = request.POST.get("calendar", "")[:60]
    calendar = WorkingCalendar.objects.filter(code=code).first()
    if department is None or (code and calendar is None):
        raise NotPossible(_("Choose a department and a calendar."))
    working_time.keep(department, calendar, by=staff(request))


@require_POST
@needs("calendars")
def add_rule(request: HttpRequest) -> HttpResponse:
    """A new rule of telling."""
    form = EscalationForm(request.POST)
    if not form.is_valid():
        return _show(request, form, status=422)
    problem = attempt(request, "rule", lambda: working_time.add_rule(form.save(commit=False), by=staff(request)))
    return _show(request, form, problem) if problem else redirect("console:calendars")


@require_POST
@needs("calendars")
def drop_rule(request: HttpRequest, pk: int) -> HttpResponse:
    """A rule that is not wanted any more; what it told stays in the history."""
    rule = EscalationRule.objects.filter(pk=pk, active=True).first()
    if rule is None:
        raise Http404
    attempt(request, f"rule:{pk}", lambda: working_time.drop_rule(rule, by=staff(request)))
    return redirect("console:calendars")


def _show(request: HttpRequest, form: EscalationForm, problem: object = None, status: int = 200) -> HttpResponse:
    return render(
        request,
        "console/calendars.html",
        panes.frame(request)
        | {
            "calendars": WorkingCalendar.objects.order_by("-standard", "name"),
            "form": form,
            "problem": problem,
            "departments": Department.objects.select_related("calendar").order_by("name"),
            "standard": calendars.calendars().standard,
            "rules": EscalationRule.objects.filter(active=True).select_related("service", "department"),
        },
        status=422 if problem else status,
    )
