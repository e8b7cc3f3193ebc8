"""Webhooks on screens: who is told what, the log of deliveries, and delivering again."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from openline.console import panes
from openline.console.once import Problem, attempt, staff
from openline.console.partner_forms import WebhookForm
from openline.console.permissions import needs
from openline.partners import keeping
from openline.partners.hooks import delivering
from openline.partners.models import HookDelivery, Webhook

_LOG = 100


@require_http_methods(["GET", "POST"])
@needs("partners")
@never_cache
def edit(request: HttpRequest, webhook_id: UUID | None = None) -> HttpResponse:
    """One webhook with its last deliveries, or a new one."""
    webhook = get_object_or_404(Webhook, pk=webhook_id) if webhook_id else Webhook()
    form = WebhookForm(request.POST or None, instance=webhook)
    problem, secret = None, ""
    if request.method == "POST" and form.is_valid():
        made: list[str] = []
        problem = attempt(
            request,
            "webhook",
            lambda: made.append(
                keeping.save_webhook(form.save(commit=False), form.cleaned_data["services"], by=staff(request))
            ),
        )
        secret = made[0] if made else ""
        if problem is None and not secret:
            messages.success(request, _("Saved."))
            return redirect("console:partners") if webhook_id is None else redirect("console:webhook", webhook_id)
    return _page(request, form, problem, secret)


def _page(request: HttpRequest, form: WebhookForm, problem: Problem | None = None, secret: str = "") -> HttpResponse:
    webhook = form.instance
    log = [] if webhook._state.adding else webhook.deliveries.select_related("request").order_by("-id")[:_LOG]
    context = {"form": form, "webhook": webhook, "problem": problem, "secret": secret, "log": log}
    return render(request, "console/webhook.html", panes.frame(request) | context,
                  status=422 if form.errors or problem else 200)  # fmt: skip


@require_POST
@needs("partners")
@never_cache
def secret(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """Make a new signing secret and show it once."""
    webhook = get_object_or_404(Webhook, pk=webhook_id)
    made = keeping.renew_secret(webhook, by=staff(request))
    return _page(request, WebhookForm(instance=webhook), secret=made)


@require_POST
@needs("partners")
def resend(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """Deliver one again."""
    found = get_object_or_404(HookDelivery, pk=delivery_id)
    again = delivering.resend(found.pk, by=staff(request))
    messages.success(request, _("It will be delivered again.") if again else _("It waits to be delivered already."))
    return redirect("console:webhook", found.webhook_id)
