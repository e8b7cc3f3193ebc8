"""Service requests: the list, one request, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from openline.care import actions as care
from openline.care import places
from openline.console import discussed, panes, presence
from openline.console.forms import day_of, look_outside, place_of, service_of
from openline.console.once import Problem, attempt, identifier, of_note, staff, to_publish, typed, version
from openline.console.permissions import allowed, belongs_nowhere, needs, visible_conversations, visible_requests
from openline.console.photos import of_requests
from openline.console.views import bulk
from openline.console.views.inbox import show_after
from openline.foundation.text import clean
from openline.service_requests import actions, joining, queries, similar
from openline.service_requests.actions import NotPossible
from openline.service_requests.models import ServiceRequest
from openline.service_requests.states import Status


@require_GET
@needs("requests")
def request_list(request: HttpRequest) -> HttpResponse:
    """All requests that the person may see, filtered, newest or most urgent promise first."""
    asked = request.GET
    wanted, pool = wanted_of(request)
    rows, following = queries.page(pool, wanted, asked.get("before", ""))
    kept = asked.copy()
    kept.pop("before", None)
    return render(
        request,
        "console/requests.html",
        panes.frame(request)
        | panes.programs(request)
        | {
            "requests": rows,
            "following": following,
            "wanted": wanted,
            "kept": kept.urlencode(),
            "statuses": Status.choices,
            "departments": queries.departments(),
            "services": queries.services_to_choose(),
            "mine_choices": queries.MINE,
            "orders": queries.ORDERS,
            "homeless": belongs_nowhere(request.user),
            **bulk.choices(request),
        },
    )


def wanted_of(request: HttpRequest) -> tuple[queries.Filter, QuerySet[ServiceRequest]]:
    """What the address narrows the list to, and the requests of which: those that the person may see, or has."""
    asked = request.GET
    wanted = queries.Filter(
        status=clean(asked.get("status", "open"), 20),
        department=clean(asked.get("department", ""), 60),
        service=clean(asked.get("service", ""), 60),
        overdue=asked.get("overdue") == "1",
        search=clean(asked.get("q", ""), 200),
        mine=clean(asked.get("mine", ""), 20),
        order=clean(asked.get("order", ""), 20),
    )
    return wanted, queries.mine(visible_requests(request.user), wanted.mine, staff(request))


@require_GET
@needs("requests")
def request_page(request: HttpRequest, number: str) -> HttpResponse:
    """One request with its history."""
    return _show(request, one_request(request, number))


@require_GET
@needs("triage")
def find_place(request: HttpRequest) -> HttpResponse:
    """What the gazetteer makes of a typed place, to be seen before it is saved."""
    text = clean(request.GET.get("place", ""), 300)
    found, problem = None, ""
    try:
        found = places.resolve(text) if text else None
    except NotPossible as error:
        problem = str(error)
        if settings.GEOCODER:
            problem += " " + _("When you save, %(service)s is asked too.") % {"service": settings.GEOCODER.label}
    return render(request, "console/_found_place.html", {"found": found, "problem_text": problem})


@require_POST
@needs("move_request")
def move(request: HttpRequest, number: str) -> HttpResponse:
    """Move the request to another state, with what that state needs: an outcome, a reason, a day, a text."""
    found, (text, because) = one_request(request, number), to_publish(request, "public_text")
    to = typed(request, "to", 20)
    form = f"{panes.OWN_FORM.get(to, 'move')}:{number}"
    return after(
        request,
        found,
        form,
        lambda: actions.move(
            found.pk,
            to,
            by=staff(request),
            outcome=typed(request, "outcome", 20),
            reason=typed(request, "reason", 30),
            scheduled_for=day_of(request, "scheduled_for") if to == Status.SCHEDULED else None,
            public_text=text,
            because=because,
            note=typed(request, "note"),
            version=version(request),
        ),
    )


@require_POST
@needs("move_request")
def update(request: HttpRequest, number: str) -> HttpResponse:
    """Add a public update or an internal note."""
    found, (text, because) = one_request(request, number), to_publish(request, "public_text")
    note = typed(request, "note")
    return after(
        request,
        found,
        f"update:{number}",
        lambda: actions.add_update(found.pk, by=staff(request), public_text=text, because=because, note=note),
        of_note(note, _("Saved.")),
    )


@require_POST
@needs("triage")
def service(request: HttpRequest, number: str) -> HttpResponse:
    """Put another service in place of a wrong one."""
    found = one_request(request, number)
    return after(
        request,
        found,
        f"service:{number}",
        lambda: care.correct_service(found, service_of(request), by=staff(request), version=version(request)),
    )


@require_POST
@needs("triage")
def place(request: HttpRequest, number: str) -> HttpResponse:
    """Put the request at another place."""
    found = one_request(request, number)
    look_outside(request)
    return after(request, found, f"place:{number}", lambda: _place(request, found))


def _place(request: HttpRequest, found: ServiceRequest) -> None:
    where = place_of(request)
    if where is None:
        raise NotPossible(_("Give an address, a block or a corner."))
    care.correct_place(found, where, by=staff(request), version=version(request))


@require_POST
@needs("triage")
def department(request: HttpRequest, number: str) -> HttpResponse:
    """Hand the request to another department."""
    found = one_request(request, number)
    return after(request, found, f"department:{number}", lambda: _department(request, found))


def _department(request: HttpRequest, found: ServiceRequest) -> None:
    to = queries.departments().filter(code=typed(request, "department", 60)).first()
    reason = typed(request, "reason", 300)
    if to is None or not reason:
        raise NotPossible(_("Choose the department and say why."))
    actions.correct_department(found.pk, to, by=staff(request), reason=reason, version=version(request))


@require_POST
@needs("triage")
def join(request: HttpRequest, number: str) -> HttpResponse:
    """Join the request to another that is about the same problem, or remember that it is not."""
    found = one_request(request, number)
    act = joining.join if request.POST.get("same") == "1" else joining.keep_apart
    return after(
        request,
        found,
        f"join:{number}",
        lambda: act(found.pk, one_request(request, typed(request, "other", 20)).pk, by=staff(request)),
    )


@require_POST
@needs("triage")
def take_out(request: HttpRequest, number: str) -> HttpResponse:
    """Take a conversation out of those that follow the request."""
    found = one_request(request, number)
    return after(request, found, f"take_out:{number}", lambda: _take_out(request, found))


def _take_out(request: HttpRequest, found: ServiceRequest) -> None:
    seen = visible_conversations(request.user)
    report = found.reports.filter(pk=identifier(request, "report"), conversation__in=seen).first()
    if report is None:
        raise NotPossible(_("That conversation does not follow this request any more. Load the page again."))
    care.take_out(report, by=staff(request))


@require_POST
@needs("triage")
def separate(request: HttpRequest, number: str) -> HttpResponse:
    """Undo a joining: the two were different problems."""
    found = one_request(request, number)
    return after(request, found, f"join:{number}", lambda: joining.separate(found.pk, by=staff(request)))


def one_request(request: HttpRequest, number: str) -> ServiceRequest:
    """The request `number`, if the person may see it; Http404 otherwise."""
    found = panes.find_request(request, number)
    if found is None:
        raise Http404
    return found


def after(
    request: HttpRequest, found: ServiceRequest, form: str, act: Callable[[], object], said: str = ""
) -> HttpResponse:
    """Carry out a form of the request; show it where the person was: in a conversation or on its own page."""
    return show_problem(request, found, attempt(request, form, act), said)


def show_problem(request: HttpRequest, found: ServiceRequest, problem: Problem | None, said: str = "") -> HttpResponse:
    """The request after a form, where the person was, with what went wrong if anything did, or what is `said`."""
    said = said or _("Saved.")
    if conversation_id := _from_conversation(request):
        return show_after(request, conversation_id, problem, said)
    if problem is None and not request.headers.get("HX-Request"):
        return redirect("console:request", found.number)
    return _show(request, one_request(request, found.number), problem, "" if problem else said)


def _from_conversation(request: HttpRequest) -> UUID | None:
    """The conversation in which the form stood, if it stood in one that the person may read."""
    try:
        wanted = UUID(request.POST.get("conversation", ""))
    except ValueError:
        return None
    visible = allowed(request.user, "inbox") and visible_conversations(request.user).filter(pk=wanted).exists()
    return wanted if visible else None


def _show(request: HttpRequest, found: ServiceRequest, problem: Problem | None = None, said: str = "") -> HttpResponse:
    subject = f"request:{found.pk}"
    presence.seen(request, subject)
    panel = panes.panel(found, of_requests(request.user, [found.pk]))
    context = (
        panes.frame(request)
        | panes.choices(request)
        | panes.around(request, found)
        | {
            "panel": panel,
            "request_": found,
            "others": presence.others(staff(request), subject),
            "problem": problem,
            "done": said,
            "discussion": discussed.of_request(found) if found.public else None,
            "alike": similar.to_request(found, visible_requests(request.user))
            if allowed(request.user, "triage")
            else [],
        }
    )
    template = "console/_request_page.html" if request.headers.get("HX-Request") else "console/request.html"
    return render(request, template, context, status=422 if problem else 200)
