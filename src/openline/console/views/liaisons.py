"""Liaisons: who speaks for which neighborhood, appointing and ending it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openline.community import liaisons, living
from openline.community.models import Liaison, Member
from openline.console import panes
from openline.console.liaison_form import LiaisonForm
from openline.console.once import attempt, staff, typed
from openline.console.permissions import needs
from openline.foundation.text import clean


@require_GET
@needs("appoint_liaisons")
def page(request: HttpRequest) -> HttpResponse:
    """Who is appointed where, for what trained; areas without anybody; members found by name."""
    asked = clean(request.GET.get("q", ""), 60)
    context = {
        "rows": liaisons.listed(),
        "ended": liaisons.ended(),
        "without": liaisons.without(),
        "asked": asked,
        "found": liaisons.found_by_name(asked),
        "names": living.names(),
    }
    return render(request, "console/liaisons.html", panes.frame(request) | context)


@require_http_methods(["GET", "POST"])
@needs("appoint_liaisons")
def appoint(request: HttpRequest, member_id: UUID) -> HttpResponse:
    """Appoint a member."""
    member = get_object_or_404(Member, pk=member_id, left_at=None)
    form, problem = LiaisonForm(request.POST or None, area=member.area), None
    if request.method == "POST" and form.is_valid():
        problem = attempt(request, "liaison", lambda: liaisons.appoint(member, form.terms(), by=staff(request)))
        if problem is None:
            messages.success(request, _("%(name)s is appointed.") % {"name": member.name})
            return redirect("console:liaisons")
    context = panes.frame(request) | {"form": form, "member": member, "problem": problem}
    return render(request, "console/liaison.html", context, status=422 if request.method == "POST" else 200)


@require_http_methods(["GET", "POST"])
@needs("appoint_liaisons")
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change the days and the training of an appointment."""
    found = get_object_or_404(Liaison.objects.select_related("member"), pk=pk, ended_at=None)
    form, problem = LiaisonForm(request.POST or None, liaison=found), None
    if request.method == "POST" and form.is_valid():
        problem = attempt(request, "liaison", lambda: liaisons.change(pk, form.terms(), by=staff(request)))
        if problem is None:
            messages.success(request, _("Saved."))
            return redirect("console:liaisons")
    area = living.name_of(found.area) or found.area
    context = {"form": form, "member": found.member, "liaison": found, "area": area, "problem": problem}
    status = 422 if request.method == "POST" else 200
    return render(request, "console/liaison.html", panes.frame(request) | context, status=status)


@require_POST
@needs("appoint_liaisons")
def end(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End an appointment, with the reason."""
    get_object_or_404(Liaison, pk=pk)
    problem = attempt(request, "end", lambda: liaisons.end(pk, typed(request, "why", 300), by=staff(request)))
    if problem:
        messages.error(request, problem.text)
        return redirect("console:liaison", pk)
    messages.success(request, _("The appointment has ended."))
    return redirect("console:liaisons")
