"""Whether promises are kept: by service and department, with what is open past its day counted as broken."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from openline.console import panes
from openline.console.permissions import needs
from openline.service_requests import promises

SPANS = (7, 30, 90, 365)


@require_GET
@needs("figures")
def page(request: HttpRequest) -> HttpResponse:
    """The last days, as many as are asked for."""
    asked = request.GET.get("days", "")
    days = int(asked) if asked.isdigit() and int(asked) in SPANS else 30
    now = timezone.now()
    since = now - timedelta(days=days)
    departments = promises.kept("department", since, now)
    return render(
        request,
        "console/promises.html",
        panes.frame(request)
        | {
            "days": days,
            "spans": SPANS,
            "together": promises.together(departments, _("Together")),
            "tables": [(_("By department"), departments), (_("By service"), promises.kept("service", since, now))],
        },
    )
