"""Taking in what somebody says on the telephone, at the counter or in a letter: one screen from words to number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid5

import segno
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openline.care import texts
from openline.care.understanding import gazetteer
from openline.console import answers, panes
from openline.console.intake_form import Desk, IntakeForm, offered
from openline.console.once import Problem, attempt, identifier, staff, typed
from openline.console.permissions import needs, visible_requests
from openline.files import attaching, uploading
from openline.files.models import File, Kind
from openline.files.pictures import Refused
from openline.foundation.text import clean
from openline.geography.suggesting import suggest
from openline.service_requests import callers
from openline.service_requests.errors import NotPossible
from openline.service_requests.models import ServiceRequest
from openline.service_requests.questions import stop_in, validate


@require_http_methods(["GET", "POST"])
@needs("triage")
def page(request: HttpRequest) -> HttpResponse:
    """The form; each of its buttons sends all of it: use a proposal, look, add to a request, open one."""
    if request.method == "GET":
        return _show(request, IntakeForm(), Desk(request.GET, request.user))
    values = request.POST.copy()
    for name in ("service", "place"):
        values[name] = values.get(f"use_{name}") or values.get(name, "")
    form, desk = IntakeForm(values), Desk(values, request.user)
    if not {"open", "follow"} & values.keys():
        form = IntakeForm()
        form.initial = values.dict()
        return _show(request, form, desk, looked=True)
    if "service" in form.errors or (desk.service is None and form.is_valid()):
        form.add_error("service", _("Choose a service of the list that is offered today."))
    if "follow" in values:
        form.errors.pop("service", None)
    if form.errors:
        return _show(request, form, desk, status=422)
    return _carry_out(request, form, desk)


@require_POST
@needs("triage")
def part(request: HttpRequest, name: str) -> HttpResponse:
    """A part of the screen while somebody types: what is proposed, or what follows from service and place."""
    if name not in ("proposed", "more"):
        raise Http404
    return render(request, f"console/_intake_{name}.html", {"desk": Desk(request.POST, request.user)})


@require_GET
@needs("triage")
def find(request: HttpRequest) -> HttpResponse:
    """Places that begin as what is typed."""
    streets = gazetteer()
    found = suggest(streets, clean(request.GET.get("place", ""), 300)) if streets else []
    return render(request, "console/_intake_places.html", {"found": found})


@require_GET
@needs("triage")
def done(request: HttpRequest, number: str) -> HttpResponse:
    """The number, large, with what to give to the caller on paper."""
    found = visible_requests(request.user).select_related("service", "department").filter(number=number).first()
    if found is None:
        raise Http404
    address = texts.link(found.number)
    code = segno.make(address, error="m").svg_inline(scale=5, border=4, dark="#000", light="#fff", omitsize=False)
    return render(
        request,
        "console/intake_done.html",
        panes.frame(request)
        | {
            "section": "intake",
            "found": found,
            "address": address,
            "code": mark_safe(code),  # noqa: S308
            "follows": request.GET.get("follows") == "1",
        },
    )


def _carry_out(request: HttpRequest, form: IntakeForm, desk: Desk) -> HttpResponse:
    """Open the request, or add the caller to the one they mean; then the number."""
    try:
        photos = uploading.take(request.FILES.getlist("files")) if request.FILES else []
        other = _followed(request) if "follow" in request.POST else None
        new = uuid5(identifier(request, "client_id"), "request")
    except (Refused, NotPossible) as error:
        return _show(request, form, desk, Problem("intake", str(error), request.POST), status=422)
    if other:
        problem = attempt(request, "intake", lambda: _follow(request, form, other, photos))
    else:
        problem = attempt(request, "intake", lambda: _open(request, form, desk, new, photos))
    if problem:
        return _show(request, form, desk, problem, status=422)
    if other:
        return redirect(_address(other.number) + "?follows=1")
    return redirect(_address(ServiceRequest.objects.values_list("number", flat=True).get(pk=new)))


def _address(number: str) -> str:
    from django.urls import reverse

    return reverse("console:intake_done", args=[number])


def _followed(request: HttpRequest) -> ServiceRequest:
    found = visible_requests(request.user).filter(number=typed(request, "follow", 20)).first()
    if found is None:
        raise NotPossible(_("That request is not there any more. Look again at what is open near by."))
    return found


def _follow(request: HttpRequest, form: IntakeForm, other: ServiceRequest, photos: Sequence[File]) -> None:
    callers.follow(form.told(), other.pk, by=staff(request))
    _attach(request, other.pk, photos)


def _open(request: HttpRequest, form: IntakeForm, desk: Desk, new: UUID, photos: Sequence[File]) -> None:
    assert desk.service is not None
    where, why_not = desk.place
    if why_not:
        raise NotPossible(why_not)
    given, faults = validate(desk.service.attributes.all(), answers.given(request.POST))
    if stop := stop_in(faults):
        raise NotPossible(str(stop))
    if faults:
        raise NotPossible(_("Please answer: %(questions)s") % {"questions": _names(desk, list(faults))})
    if desk.service.needs_photo and not photos:
        raise NotPossible(_("This service needs a photo: add one."))
    if not desk.all_seen:
        raise NotPossible(_("Others reported something like it near by. Look at it below, then open it if it differs."))
    level = "emergency" if desk.danger else "urgent" if form.cleaned_data["urgent"] else "routine"
    callers.open_for(form.told(), desk.service, where, given, urgency=level, id=new, by=staff(request))
    _attach(request, new, photos)


def _names(desk: Desk, codes: Sequence[str]) -> str:
    return " ".join(item.question.question for item in desk.questions if item.question.code in codes)


def _attach(request: HttpRequest, request_id: UUID, photos: Sequence[File]) -> None:
    if photos:
        attaching.add(request_id, photos, by=staff(request), kind=Kind.BEFORE)


def _show(
    request: HttpRequest,
    form: IntakeForm,
    desk: Desk,
    problem: Problem | None = None,
    *,
    looked: bool = False,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "desk": desk,
        "problem": problem,
        "looked": looked,
        "section": "intake",
        "services": offered(),
    }
    if looked and desk.place[1]:
        streets = gazetteer()
        context["found"] = suggest(streets, clean(desk.typed.get("place", ""), 300)) if streets else []
    return render(request, "console/intake.html", panes.frame(request) | context, status=status)
