"""The room of liaisons. Every view asks the one rule of who is a liaison where, at the moment of the request."""

from __future__ import annotations

import csv
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from openline.community import liaisons, living, looking, members, moderation, proposing, reading, room, threads, topics
from openline.community.models import Comment, CommentState
from openline.exports.writing import cell
from openline.foundation.text import clean
from openline.portal.community.views import member_only, signed_in
from openline.portal.liaison import drawing, walking
from openline.portal.liaison.forms import LookForm, WalkForm
from openline.portal.topics.views import do
from openline.service_requests import public, queries, similar
from openline.service_requests.actions import NotPossible
from openline.service_requests.jurisdiction import today
from openline.service_requests.models import ServiceRequest
from openline.service_requests.states import OPEN_STATES, Status
from openline.triage.duplicates import Side

View = Callable[..., HttpResponse]
_MOST_NEAR = 8


def liaison_only(view: View) -> View:
    """Show the view to members who are liaisons today; to other members the page that says what liaisons are."""

    @wraps(view)
    @member_only
    def guarded(request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
        areas = liaisons.areas_of(members.current(request))
        if not areas:
            return render(request, "portal/liaison/none.html", status=403)
        request.liaison_areas = areas  # type: ignore[attr-defined]
        return view(request, *args, **more)

    return guarded


@require_safe
@liaison_only
def home(request: HttpRequest) -> HttpResponse:
    """What is open in the area: list and map, with counts of each view."""
    wanted, names = _wanted(request), living.names()
    rows, following = room.page(wanted, request.GET.get("after", ""))
    areas = {code: names.get(code, code) for code in sorted(_areas(request))}
    waiting = list(topics.waiting().filter(area=wanted.area, appeal="").exclude(by=signed_in(request))[:20])
    counted = room.counts(wanted.area)
    context = {
        "rows": rows,
        "following": following,
        "wanted": wanted,
        "area_name": areas[wanted.area],
        "areas": areas.items(),
        "views": [(view, counted[view.key]) for view in room.VIEWS],
        "services": queries.services_to_choose().filter(public=True).values("code", "name"),
        "map": drawing.drawn(rows),
        "waiting": list(zip(waiting, reading.first_words(waiting), strict=True)) if waiting else [],
        "rules": topics.rules(),
        "until": liaisons.in_force(today()).filter(member=signed_in(request), area=wanted.area).first(),
    }
    return render(request, "portal/liaison/home.html", context)


@require_safe
@liaison_only
def export(request: HttpRequest) -> HttpResponse:
    """The list as CSV, for a spreadsheet."""
    wanted = _wanted(request)
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{wanted.view.key}.csv"'
    answer.write("\ufeff")
    out = csv.writer(answer)
    out.writerow(room.HEAD)
    out.writerows([cell(value) for value in row] for row in room.table(wanted))
    return answer


@require_safe
@liaison_only
def paper(request: HttpRequest) -> HttpResponse:
    """The list on paper, in the order of a walk, with boxes to tick."""
    wanted = _wanted(request)
    context = {"rows": room.for_a_walk(wanted), "wanted": wanted, "day": today(),
               "area_name": living.name_of(wanted.area) or wanted.area}  # fmt: skip
    return render(request, "portal/liaison/paper.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@liaison_only
def request_page(request: HttpRequest, number: str) -> HttpResponse:
    """One request of the area: say what was seen there, propose that it is another's, ask about it."""
    found = _request(request, number)
    form = LookForm(request, None)
    if form.is_bound and form.is_valid() and _look(request, found, form):
        return redirect("portal:request", found.number)
    context = {
        "found": found,
        "form": form,
        "state": Status(found.status).label,
        "late": queries.is_overdue(found),
        "too_late": looking.is_too_late(found),
        "looks": looking.of_request(found),
        "asked": proposing.asked(found),
        "near": _near(found) if found.status in OPEN_STATES else [],
    }
    return render(request, "portal/liaison/request.html", context, status=422 if form.is_bound else 200)


def _look(request: HttpRequest, found: ServiceRequest, form: LookForm) -> bool:
    got = form.cleaned_data
    saw = looking.Saw(got["found"], got["words"], got["picture"])
    try:
        looking.look(found.pk, saw, by=signed_in(request), form=form.form_id)
    except NotPossible as error:
        form.add_error(None, str(error))
        return False
    messages.success(request, _("Thank you. It stands on the request's page, and the department reads it."))
    return True


def _near(found: ServiceRequest) -> list[similar.Alike]:
    """Open public requests near by that may be the same, likeliest first."""
    if found.latitude is None or found.longitude is None:
        return []
    side = Side(found.public_description, found.service.name, found.latitude, found.longitude, found.requested_at)
    wanted = similar.Wanted(side, found.service_id, found.requested_at)
    [alike] = similar.alike([wanted], without={found.pk})
    return [one for one in alike if one.public and one.status in OPEN_STATES][:_MOST_NEAR]


@require_POST
@liaison_only
def propose(request: HttpRequest, number: str) -> HttpResponse:
    """Propose that it is the same as another, or ask the department."""
    found, by, choice = _request(request, number), signed_in(request), request.POST.get("choose", "")
    words = clean(request.POST.get("words", ""), proposing.LONGEST)
    if choice == "same":
        other = request.POST.get("other", "")
        do(request, lambda: proposing.same(found.pk, other, words, by=by), _("Thank you. Staff look at both."))
    elif choice == "ask":
        said = _("The department was asked. The answer stands on the request's page.")
        do(request, lambda: proposing.ask(found.pk, words, by=by), said)
    else:
        raise Http404
    return redirect("portal:liaison_request", found.number)


@require_http_methods(["GET", "HEAD", "POST"])
@liaison_only
def walk(request: HttpRequest) -> HttpResponse:
    """Report several problems for neighbors in one go."""
    form = WalkForm(request)
    if form.is_bound and form.is_valid():
        problems, by = form.problems(), liaisons.appointment(signed_in(request), _areas(request))
        assert by
        for number, place, text, files in problems:
            walking.report(by, number, place, text, files, form=form.form_id)
        said = ngettext("%(n)d problem is reported.", "%(n)d problems are reported.", len(problems))
        messages.success(request, said % {"n": len(problems)})
        return redirect("portal:liaison_walk")
    context = {"form": form, "reported": walking.reported(signed_in(request))}
    return render(request, "portal/liaison/walk.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@liaison_only
def hold(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Hold somebody's words in an area of this liaison until staff have looked."""
    found = get_object_or_404(Comment.objects.select_related("message", "by"), pk=pk, state=CommentState.SHOWN)
    if not _areas(request) & threads.areas_of(found.thread):
        raise Http404
    back = f"{threads.path(found.thread)}#discussion"
    if request.method == "POST":
        said = _("It is held. Staff look at it.")
        do(request, lambda: moderation.hold(found.message, signed_in(request)), said)
        return redirect(back)
    return render(request, "portal/liaison/hold.html", {"found": found, "back": back})


def _wanted(request: HttpRequest) -> room.Wanted:
    """What the address asks for, within the areas of this liaison."""
    asked, areas = clean(request.GET.get("area", ""), 100), _areas(request)
    area = asked if asked in areas else signed_in(request).area if signed_in(request).area in areas else min(areas)
    return room.Wanted(area, room.view_named(request.GET.get("view", "")), clean(request.GET.get("service", ""), 60))


def _request(request: HttpRequest, number: str) -> ServiceRequest:
    """The public request, if it lies in an area of this liaison; 404 otherwise."""
    found = get_object_or_404(public.requests().select_related("service", "department", "duplicate_of"),
                              number=number.replace("\x00", "")[:20])  # fmt: skip
    if not _areas(request) & set(found.areas):
        raise Http404
    return found


def _areas(request: HttpRequest) -> frozenset[str]:
    found: frozenset[str] = request.liaison_areas  # type: ignore[attr-defined]
    return found
