"""The supervisor's look at the desk: with whom how much lies, and how long."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from openline.console import narrowing, panes
from openline.console.permissions import desk_staff, needs
from openline.inbox.workload import loads


@require_GET
@needs("figures")
def page(request: HttpRequest) -> HttpResponse:
    """A line for each person, with the way to what lies with them."""
    context = {"loads": loads(list(desk_staff())), "nobody": narrowing.NOBODY}
    return render(request, "console/workload.html", panes.frame(request) | context)
