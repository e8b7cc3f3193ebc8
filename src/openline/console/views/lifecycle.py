"""Around one request: who works on it, its parts, links to others, and who looks at it too."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from openline.console import presence
from openline.console.forms import PART_ROWS
from openline.console.once import staff, typed, version
from openline.console.permissions import needs, visible_requests
from openline.console.views.requests import after, one_request
from openline.service_requests import assigning, linking, splitting
from openline.service_requests.actions import NotPossible
from openline.service_requests.models import ServiceRequest
from openline.service_requests.queries import service_named
from openline.service_requests.splitting import Part


@require_POST
@needs("move_request")
def give(request: HttpRequest, number: str) -> HttpResponse:
    """Give the request to a team or a person of its department, or take it."""
    found = one_request(request, number)
    return after(request, found, f"give:{number}", lambda: _give(request, found))


def _give(request: HttpRequest, found: ServiceRequest) -> None:
    team = found.department.teams.filter(code=typed(request, "team", 60)).first()
    name = staff(request).get_username() if request.POST.get("take") else typed(request, "person", 150)
    person = User.objects.filter(username=name, is_active=True).first() if name else None
    if name and person is None:
        raise NotPossible(_("There is no colleague of the name “%(name)s”.") % {"name": name})
    assigning.give(
        found.pk,
        team=team or found.team if request.POST.get("take") else team,
        person=person,
        by=staff(request),
        version=version(request),
    )


@require_POST
@needs("triage")
def split(request: HttpRequest, number: str) -> HttpResponse:
    """Open parts of the request for the departments that have to do with it."""
    found = one_request(request, number)
    return after(
        request,
        found,
        f"split:{number}",
        lambda: splitting.split(found.pk, _parts(request), by=staff(request), version=version(request)),
    )


def _parts(request: HttpRequest) -> list[Part]:
    parts = []
    for row in range(PART_ROWS):
        name, text = typed(request, f"service_{row}", 200), typed(request, f"text_{row}", 2000)
        service = service_named(name) if name else None
        if name and service is None:
            raise NotPossible(_("“%(text)s” is no service of the catalogue.") % {"text": name})
        if service is None and text:
            raise NotPossible(_("Choose a service for “%(text)s”.") % {"text": text[:60]})
        if service:
            parts.append(Part(service, text))
    return parts


@require_POST
@needs("move_request")
def link(request: HttpRequest, number: str) -> HttpResponse:
    """Link the request with another one, or take the link away."""
    found = one_request(request, number)
    return after(request, found, f"link:{number}", lambda: _link(request, found))


def _link(request: HttpRequest, found: ServiceRequest) -> None:
    other = visible_requests(request.user).filter(number=typed(request, "other", 20)).first()
    if other is None:
        raise NotPossible(_("There is no request of that number that you may see."))
    if request.POST.get("unlink"):
        linking.unlink(found, other, by=staff(request))
    else:
        linking.link(found, other, by=staff(request), note=typed(request, "note", 300))


@require_POST
@needs("requests")
def here(request: HttpRequest, number: str) -> HttpResponse:
    """The page is open: remember it, and answer who else looks at this request."""
    subject = f"request:{one_request(request, number).pk}"
    presence.seen(request, subject, request.POST.get("writing") == "1")
    return render(request, "console/_others.html", {"others": presence.others(staff(request), subject)})
