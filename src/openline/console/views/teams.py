"""Teams and their members, and which services are sent to the wrong department how often."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from openline.console import panes
from openline.console.once import attempt, staff
from openline.console.permissions import needs
from openline.records import log
from openline.records.models import Kind
from openline.service_requests import returning
from openline.service_requests.models import Department, Team

_PERIODS = (30, 90, 365)


class TeamForm(forms.ModelForm):
    """A team: its department and who works in it."""

    class Meta:
        model = Team
        fields = ("code", "name", "department", "members")
        labels = {"code": gettext_lazy("Code"), "name": gettext_lazy("Name"), "department": gettext_lazy("Department"),
                  "members": gettext_lazy("Members")}  # fmt: skip
        widgets = {"members": forms.CheckboxSelectMultiple}

    def __init__(self, data: Any = None, *, instance: Team | None = None) -> None:
        super().__init__(data, instance=instance, label_suffix="")
        people, departments = self.fields["members"], self.fields["department"]
        assert isinstance(people, forms.ModelMultipleChoiceField) and isinstance(departments, forms.ModelChoiceField)
        people.queryset = User.objects.filter(is_active=True).exclude(groups=None).distinct().order_by("username")
        departments.queryset = Department.objects.order_by("name")


@require_GET
@needs("routing")
def teams(request: HttpRequest) -> HttpResponse:
    """All teams by department."""
    found = Team.objects.select_related("department").annotate(size=Count("members"))
    return render(
        request, "console/teams.html", panes.frame(request) | {"teams": found.order_by("department__name", "name")}
    )


@require_http_methods(["GET", "POST"])
@needs("routing")
def team(request: HttpRequest, code: str = "") -> HttpResponse:
    """Make or edit a team."""
    found = get_object_or_404(Team, code=code) if code else None
    form, problem = TeamForm(request.POST or None, instance=found), None
    if request.method == "POST" and form.is_valid():
        problem = attempt(request, "team", lambda: _save(form, staff(request)))
        if problem is None:
            messages.success(request, _("Saved."))
            return redirect("console:teams")
    return render(
        request,
        "console/team.html",
        panes.frame(request) | {"form": form, "team": found, "problem": problem},
        status=422 if request.method == "POST" else 200,
    )


def _save(form: TeamForm, by: User) -> None:
    team = form.save()
    body = {"what": "team saved", "team": team.code, "department": team.department.code,
            "members": sorted(user.username for user in form.cleaned_data["members"])}  # fmt: skip
    log.write([log.Entry(Kind.ADMINISTERED, by.get_username(), body=body)])


@require_GET
@needs("routing")
def misroutes(request: HttpRequest) -> HttpResponse:
    """The misroute rate of each service."""
    asked = request.GET.get("days", "")
    days = int(asked) if asked in map(str, _PERIODS) else 90
    rows = returning.misroutes(days)
    routed, wrong = sum(row.routed for row in rows), sum(row.returned + row.handed_over for row in rows)
    return render(
        request,
        "console/misroutes.html",
        panes.frame(request)
        | {
            "rows": rows,
            "days": days,
            "periods": _PERIODS,
            "within": returning.WITHIN_DAYS,
            "routed": routed,
            "wrong": wrong,
            "rate": wrong / routed if routed else 0.0,
        },
    )
