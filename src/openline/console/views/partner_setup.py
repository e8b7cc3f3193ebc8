"""Setting up partners: address and rules, what their words mean, and whether they answer."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openline.console import panes
from openline.console.once import attempt, staff
from openline.console.partner_forms import ConnectorForm, MappingForm
from openline.console.permissions import needs
from openline.partners import checking, keeping
from openline.partners.models import Connector, Forwarding, Kind, Reply
from openline.partners.open311 import polling
from openline.partners.open311.client import Trouble

_LOG = 100


@require_http_methods(["GET", "POST"])
@needs("partners")
@never_cache
def edit(request: HttpRequest, connector_id: UUID | None = None) -> HttpResponse:
    """One partner, or a new one."""
    connector = get_object_or_404(Connector, pk=connector_id) if connector_id else Connector()
    form = ConnectorForm(request.POST or None, instance=connector)
    problem, secret = None, ""
    if request.method == "POST" and form.is_valid():
        made: list[str] = []
        problem = attempt(
            request,
            "partner",
            lambda: made.append(
                keeping.save_connector(
                    form.save(commit=False),
                    form.cleaned_data["services"],
                    form.cleaned_data["secret"],
                    by=staff(request),
                )
            ),
        )
        secret = made[0] if made else ""
        if problem is None and not secret:
            messages.success(request, _("Saved."))
            return redirect("console:partners") if connector_id is None else redirect("console:partner", connector_id)
    context = {"form": form, "connector": form.instance, "problem": problem, "secret": secret,
               "is_new": connector_id is None and not secret}  # fmt: skip
    return render(request, "console/partner.html", panes.frame(request) | context | _around(form.instance),
                  status=422 if form.errors or problem else 200)  # fmt: skip


def _around(connector: Connector) -> dict[str, object]:
    """What was passed on and what came back lately, and where a webhook partner answers."""
    if connector._state.adding:
        return {}
    passed = Forwarding.objects.filter(connector=connector).select_related("request").order_by("-created_at")
    said = Reply.objects.filter(connector=connector).select_related("forwarding__request")
    return {"passed": passed[:_LOG], "said": said[:_LOG], "answers_by_webhook": connector.kind == Kind.WEBHOOK}


@require_http_methods(["GET", "POST"])
@needs("partners")
def mapping(request: HttpRequest, connector_id: UUID) -> HttpResponse:
    """Which of their services ours are, what answers their questions, and what their states mean."""
    connector = get_object_or_404(Connector, pk=connector_id)
    form = MappingForm(request.POST or None, connector, checking.passed_services(connector))
    problem = None
    if request.method == "POST" and form.is_valid():
        problem = attempt(request, "mapping", lambda: keeping.save_mapping(connector, form.values(), by=staff(request)))
        if problem is None:
            messages.success(request, _("Saved."))
            return redirect("console:partner_mapping", connector.pk)
    return render(
        request,
        "console/partner_mapping.html",
        panes.frame(request) | {"form": form, "connector": connector, "problem": problem},
        status=422 if form.errors or problem else 200,
    )


@require_POST
@needs("partners")
def test(request: HttpRequest, connector_id: UUID) -> HttpResponse:
    """Whether they answer, and what is missing. No request is passed on."""
    connector = get_object_or_404(Connector, pk=connector_id)
    found = checking.check(connector)
    connector.refresh_from_db()
    form = ConnectorForm(instance=connector)
    context = {"form": form, "connector": connector, "findings": found, "tested": True} | _around(connector)
    return render(request, "console/partner.html", panes.frame(request) | context)


@require_POST
@needs("partners")
def ask(request: HttpRequest, connector_id: UUID) -> HttpResponse:
    """Ask them for news now."""
    connector = get_object_or_404(Connector, pk=connector_id, kind=Kind.OPEN311)
    try:
        messages.success(request, _("Asked: %(n)d new.") % {"n": polling.poll(connector)})
    except (Trouble, polling.NotSent) as error:
        messages.error(request, str(error))
    return redirect("console:partner", connector.pk)


@require_POST
@needs("partners")
@never_cache
def secret(request: HttpRequest, connector_id: UUID) -> HttpResponse:
    """Make a new signing secret and show it once."""
    connector = get_object_or_404(Connector, pk=connector_id, kind=Kind.WEBHOOK)
    made = keeping.renew_secret(connector, by=staff(request))
    context = {"form": ConnectorForm(instance=connector), "connector": connector, "secret": made}
    return render(request, "console/partner.html", panes.frame(request) | context | _around(connector))


@require_GET
@needs("partners")
def definition(request: HttpRequest, connector_id: UUID, code: str) -> HttpResponse:
    """What they ask for one of their services."""
    connector = get_object_or_404(Connector, pk=connector_id, kind=Kind.OPEN311)
    problem, questions = "", []
    try:
        questions = checking.server(connector).definition(code)
    except (Trouble, polling.NotSent) as error:
        problem = str(error)
    return render(
        request,
        "console/partner_definition.html",
        panes.frame(request) | {"connector": connector, "code": code, "questions": questions, "problem_text": problem},
    )
