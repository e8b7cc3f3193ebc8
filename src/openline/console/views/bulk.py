"""One change of many requests, and taking it back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from openline.console import panes
from openline.console.once import attempt, staff, to_publish, typed
from openline.console.permissions import allowed, needs, visible_requests
from openline.service_requests import bulk
from openline.service_requests.actions import NotPossible
from openline.service_requests.models import BulkChange, ServiceRequest
from openline.service_requests.states import CLOSING_OUTCOMES, Status

_KEPT = ("what", "to", "outcome", "department", "service", "reason", "note")
_STATES = (Status.ACCEPTED, Status.IN_PROGRESS, Status.RESOLVED, Status.CLOSED)


def choices(request: HttpRequest) -> dict[str, Any]:
    """What the form under the list offers; nothing for who may change nothing."""
    if not allowed(request.user, "move_request"):
        return {}
    return {
        "bulk_states": [(state.value, state.label) for state in _STATES],
        "bulk_outcomes": [(outcome.value, outcome.label) for outcome in CLOSING_OUTCOMES],
    }


@require_POST
@needs("move_request")
def change(request: HttpRequest) -> HttpResponse:
    """Change the chosen requests; the answer says what was done and what was not, and offers to take it back."""
    made: list[BulkChange] = []
    problem = attempt(request, "bulk", lambda: made.append(_change(request)))
    if problem:
        return render(
            request,
            "console/bulk.html",
            panes.frame(request)
            | {
                "problem": problem,
                "chosen": request.POST.getlist("request"),
                "kept": [(name, typed(request, name, 300)) for name in _KEPT],
            },
            status=422,
        )
    if not made:  # the same form once more: it was done the first time
        return redirect("console:requests")
    return redirect("console:bulk", made[0].pk)


def _change(request: HttpRequest) -> BulkChange:
    numbers = [number[:20] for number in request.POST.getlist("request")][: bulk.MOST + 1]
    ids = list(visible_requests(request.user).filter(number__in=numbers).values_list("pk", flat=True))
    what = typed(request, "what", 20)
    if what not in bulk.CHANGES or (what in ("department", "service") and not allowed(request.user, "triage")):
        raise NotPossible(_("Choose what is to be done with the chosen requests."))
    text, because = to_publish(request, "public_text")
    asked = {name: typed(request, name, 300) for name in _KEPT[1:]}
    return bulk.change(ids, what, asked | {"public_text": text, "because": because}, by=staff(request))


@require_GET
@needs("move_request")
def done(request: HttpRequest, change_id: UUID) -> HttpResponse:
    """What a change of many did, request by request."""
    return _show(request, _own(request, change_id))


@require_POST
@needs("move_request")
def undo(request: HttpRequest, change_id: UUID) -> HttpResponse:
    """Take it back, as far as nobody changed the requests since."""
    made = _own(request, change_id)
    left: list[dict[str, str]] = []
    problem = attempt(request, "bulk", lambda: left.extend(bulk.undo(made.pk, by=staff(request))))
    made.refresh_from_db()
    return _show(request, made, {"problem": problem, "left": left})


def _own(request: HttpRequest, change_id: UUID) -> BulkChange:
    """A change that the person made; a supervisor takes back those of others too."""
    found = BulkChange.objects.filter(pk=change_id).select_related("by").first()
    if found is None or not (found.by_id == staff(request).pk or allowed(request.user, "retry")):
        raise Http404
    return found


def _show(request: HttpRequest, made: BulkChange, more: dict[str, Any] | None = None) -> HttpResponse:
    changed = ServiceRequest.objects.filter(pk__in=[item["id"] for item in made.before]).select_related("service")
    problem = (more or {}).get("problem")
    return render(
        request,
        "console/bulk.html",
        panes.frame(request) | {"made": made, "changed": changed.order_by("number"), **(more or {})},
        status=422 if problem else 200,
    )
