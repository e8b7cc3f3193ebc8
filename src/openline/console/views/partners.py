"""With partners: what they have not confirmed, what somebody has to do about it, and passing a request on."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from openline.console import panes
from openline.console.once import Problem, attempt, staff, typed
from openline.console.permissions import needs
from openline.console.views.requests import after, one_request
from openline.partners import actions, queries
from openline.partners.models import Connector, Webhook
from openline.service_requests.errors import NotPossible


@require_GET
@needs("partners")
def page(request: HttpRequest) -> HttpResponse:
    """What stands still, by cause; all partners and webhooks with how they are."""
    return _show(request)


def _show(request: HttpRequest, problem: Problem | None = None) -> HttpResponse:
    context = {
        "groups": queries.groups(),
        "lines": queries.lines(),
        "webhooks": Webhook.objects.all(),
        "problem": problem,
    }
    return render(request, "console/partners.html", panes.frame(request) | context, status=422 if problem else 200)


@require_POST
@needs("partners")
def act(request: HttpRequest, forwarding_id: UUID) -> HttpResponse:
    """Send one again, take it back, or write down that they have it."""
    by, what, sure = staff(request), typed(request, "what", 10), request.POST.get("sure") == "1"
    doing: dict[str, Callable[[], None]] = {
        "retry": lambda: actions.retry(forwarding_id, by=by, sure=sure),
        "cancel": lambda: actions.cancel(forwarding_id, by=by),
        "have": lambda: actions.they_have_it(forwarding_id, typed(request, "their_id", 200), by=by),
    }
    problem = attempt(request, str(forwarding_id), doing.get(what, _nothing))
    return _after(request, problem, _("Done."))


def _nothing() -> None:
    raise NotPossible(_("The form is not complete. Load the page again, then send it once more."))


@require_POST
@needs("partners")
def retry_all(request: HttpRequest, connector_id: UUID) -> HttpResponse:
    """Try everything again that did not go out to one partner."""
    count = actions.retry_all(get_object_or_404(Connector, pk=connector_id), by=staff(request))
    said = ngettext("%(n)d request will be sent again.", "%(n)d requests will be sent again.", count) % {"n": count}
    return _after(request, None, said)


def _after(request: HttpRequest, problem: Problem | None, said: str) -> HttpResponse:
    queries.forget_count()
    if problem:
        return _show(request, problem)
    messages.success(request, said)
    return redirect("console:partners")


@require_POST
@needs("partners")
def pass_on(request: HttpRequest, number: str) -> HttpResponse:
    """Pass a request to a partner by hand."""
    found = one_request(request, number)
    return after(request, found, f"pass_on:{number}", lambda: _pass_on(request, number))


def _pass_on(request: HttpRequest, number: str) -> None:
    connector = Connector.objects.filter(name=typed(request, "partner", 80)).first()
    if connector is None:
        raise NotPossible(_("Choose a partner."))
    actions.pass_on(one_request(request, number), connector, by=staff(request))
