"""Alerts on the console: chosen, filled in, looked at, issued; then updated and ended."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openline.console import panes
from openline.console.alert_form import AlertForm, Preview, language_name, previews
from openline.console.alert_map import outline
from openline.console.once import Problem, attempt, staff, typed
from openline.console.permissions import needs
from openline.foundation.text import clean
from openline.publishing.alerts import issuing
from openline.publishing.errors import NotPossible
from openline.publishing.models import Alert, AlertEdition, AlertTemplate, Variant

_EARLIER = 20


@require_GET
@needs("crisis")
def page(request: HttpRequest) -> HttpResponse:
    """The templates to begin with, what holds, and what held."""
    alerts = Alert.objects.order_by("-began_at", "-id").prefetch_related("editions")
    context = {
        "templates": AlertTemplate.objects.order_by("name"),
        "now": [_row(alert) for alert in alerts.filter(ended_at=None)],
        "earlier": [_row(alert) for alert in alerts.exclude(ended_at=None)[:_EARLIER]],
    }
    return render(request, "console/publish/alerts.html", panes.frame(request) | context)


def _row(alert: Alert) -> tuple[Alert, dict[str, str]]:
    """An alert with the words of its newest edition."""
    newest = max(alert.editions.all(), key=lambda one: one.number)
    return alert, next(iter(newest.texts.values()))


@require_http_methods(["GET", "POST"])
@needs("crisis")
def new(request: HttpRequest) -> HttpResponse:
    """Fill in an alert; "Preview" shows it on each account and sends nothing."""
    code = clean(request.GET.get("template", ""), 60)
    template = get_object_or_404(AlertTemplate, code=code) if code else None
    made: list[Alert] = []
    form = AlertForm(request.POST or None, template=template)
    answer = _form(request, form, lambda: made.append(issuing.issue(form.draft(), by=staff(request))))
    if answer is not None:
        return answer
    messages.success(request, _("The alert is on its way."))
    return redirect("console:alert", made[0].pk) if made else redirect("console:alerts")


@require_http_methods(["GET", "POST"])
@needs("crisis")
def update(request: HttpRequest, alert_id: UUID) -> HttpResponse:
    """Say something new everywhere."""
    edition = _newest(alert_id)
    form = AlertForm(request.POST or None, template=edition.alert.template, edition=edition)
    seen = _seen(request, edition)
    act = lambda: issuing.update(alert_id, form.draft(), by=staff(request), seen=seen)  # noqa: E731
    answer = _form(request, form, act, edition)
    if answer is not None:
        return answer
    messages.success(request, _("The update is on its way."))
    return redirect("console:alert", alert_id)


def _form(
    request: HttpRequest, form: AlertForm, act: object, edition: AlertEdition | None = None
) -> HttpResponse | None:
    """The page of the form; None once `act` was done."""
    problem: Problem | None = None
    shown: list[Preview] = []
    if request.method == "POST" and form.is_valid():
        if "issue" in request.POST:
            problem = attempt(request, "alert", act)  # type: ignore[arg-type]
            if problem is None:
                return None
        else:
            shown, problem = _previews(request, form, edition is not None)
    context = {"form": form, "problem": problem, "shown": shown, "edition": edition, "map": outline()}
    status = 422 if request.method == "POST" and not shown else 200
    return render(request, "console/publish/alert_form.html", panes.frame(request) | context, status=status)


def _previews(request: HttpRequest, form: AlertForm, is_update: bool) -> tuple[list[Preview], Problem | None]:
    try:
        return previews(form.draft(), update=is_update), None
    except NotPossible as error:
        return [], Problem("alert", str(error), request.POST)


@require_GET
@needs("crisis")
def alert(request: HttpRequest, alert_id: UUID) -> HttpResponse:
    """One alert: what it says, what became of it on each account, and how to update and end it."""
    return _show(request, alert_id)


@require_POST
@needs("crisis")
def end(request: HttpRequest, alert_id: UUID) -> HttpResponse:
    """End it, with final words on the accounts if there are any."""
    edition = _newest(alert_id)
    final = {code: typed(request, f"final-{code}", 2000) for code in edition.texts}
    act = lambda: issuing.end(alert_id, by=staff(request), seen=_seen(request, edition), final=final)  # noqa: E731
    problem = attempt(request, "end", act)
    if problem:
        return _show(request, alert_id, problem)
    messages.success(request, _("The alert is over."))
    return redirect("console:alert", alert_id)


def _newest(alert_id: UUID) -> AlertEdition:
    found = AlertEdition.objects.filter(alert=alert_id).select_related("alert__template").order_by("-number").first()
    return found or get_object_or_404(AlertEdition, pk=alert_id)


def _seen(request: HttpRequest, edition: AlertEdition) -> int:
    """The edition that the person saw; what the form does not say is an old one."""
    text = typed(request, "seen", 6)
    return int(text) if text.isascii() and text.isdigit() else edition.number if request.method == "GET" else 0


def _show(request: HttpRequest, alert_id: UUID, problem: Problem | None = None) -> HttpResponse:
    edition = _newest(alert_id)
    told = Variant.objects.filter(post__alert=alert_id).select_related("account", "delivery", "post")
    context = {
        "alert": edition.alert,
        "edition": edition,
        "editions": edition.alert.editions.select_related("by").order_by("-number"),
        "languages": [(code, language_name(code)) for code in edition.texts],
        "told": told.prefetch_related("errands").order_by("account__network", "account__handle", "language", "id"),
        "problem": problem,
    }
    status = 422 if problem else 200
    return render(request, "console/publish/alert.html", panes.frame(request) | context, status=status)
