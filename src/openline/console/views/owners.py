"""What belongs to a request's owner: the answers that the work needs, and giving the request back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from openline.console import answers
from openline.console.once import attempt, staff, typed, version
from openline.console.permissions import needs, visible_requests
from openline.console.views.requests import after, one_request, show_problem
from openline.service_requests import answering, queries, returning
from openline.service_requests.errors import NotPossible
from openline.service_requests.models import ServiceRequest


@require_POST
@needs("move_request")
def answer(request: HttpRequest, number: str) -> HttpResponse:
    """Save the answers to the questions of the service."""
    found = one_request(request, number)
    return after(
        request,
        found,
        f"answers:{number}",
        lambda: answering.answer(found.pk, answers.given(request.POST), by=staff(request), version=version(request)),
    )


@require_POST
@needs("move_request")
def give_back(request: HttpRequest, number: str) -> HttpResponse:
    """The department gives the request back, with a reason; who may not see it any more goes to the list."""
    found = one_request(request, number)
    problem = attempt(request, f"return:{number}", lambda: _give_back(request, found))
    if problem or visible_requests(request.user).filter(pk=found.pk).exists():
        return show_problem(request, found, problem)
    messages.success(request, _("Request %(number)s was given back.") % {"number": number})
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": "/console/requests/"})
    return redirect("console:requests")


def _give_back(request: HttpRequest, found: ServiceRequest) -> None:
    code = typed(request, "department", 60)
    to = queries.departments().filter(code=code).first() if code else None
    if code and to is None:
        raise NotPossible(_("Choose a department of the list, or none."))
    returning.give_back(
        found.pk,
        typed(request, "reason", 20),
        by=staff(request),
        note=typed(request, "note", 200),
        to=to,
        version=version(request),
    )
