"""Routing on screens: the rules in use, the draft, its trial, going live, and the versions before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openline.console import panes
from openline.console.once import Problem, attempt, staff, typed
from openline.console.permissions import needs
from openline.console.routing_form import RuleForm
from openline.console.rule_words import Names
from openline.service_requests import routing, routing_versions
from openline.service_requests.errors import NotPossible
from openline.service_requests.models import Department, RoutingVersion
from openline.service_requests.routing_trial import DAYS, MOST, trial
from openline.service_requests.rules import Rule

_VERSIONS = 50


@require_GET
@needs("routing")
def page(request: HttpRequest) -> HttpResponse:
    """The rules in use, or the draft of new ones with what can be done to it."""
    return _show(request)


def _show(request: HttpRequest, problem: Problem | None = None) -> HttpResponse:
    live, draft = routing_versions.in_use(), routing_versions.draft()
    names = Names()
    return render(
        request,
        "console/routing.html",
        panes.frame(request)
        | {
            "live": live,
            "live_rules": names.told(routing_versions.read(live)),
            "draft": draft,
            "draft_rules": names.told(routing_versions.read(draft)),
            "stamp": routing_versions.stamp(draft),
            "trays": Department.objects.filter(fallback=True).annotate(
                waiting=Count("requests", Q(requests__closed_at=None))
            ),
            "versions": RoutingVersion.objects.exclude(state="draft").select_related("by")[:_VERSIONS],
            "problem": problem,
        },
        status=422 if problem else 200,
    )


@require_POST
@needs("routing")
def begin(request: HttpRequest) -> HttpResponse:
    """Make the draft, or go to the one that is there."""
    return _after(request, "draft", lambda: routing_versions.begin(staff(request)))


@require_http_methods(["GET", "POST"])
@needs("routing")
def rule(request: HttpRequest, rule_id: str = "") -> HttpResponse:
    """Add or edit one rule of the draft."""
    draft = routing_versions.draft()
    if draft is None:
        return redirect("console:routing")
    plain = next((kept for kept in draft.rules if kept["id"] == rule_id), None)
    if rule_id and plain is None:
        raise Http404
    form = RuleForm(request.POST or None, rule=Rule.read(plain) if plain else None)
    problem = None
    if request.method == "POST" and form.is_valid():
        problem = attempt(
            request,
            "rule",
            lambda: routing_versions.put(form.rule(rule_id), staff(request), typed(request, "stamp", 20)),
        )
        if problem is None:
            return redirect("console:routing")
    # After a conflict the person saw it and may save again: on top of what is there now.
    seen = routing_versions.stamp(draft) if problem or request.method == "GET" else typed(request, "stamp", 20)
    return render(
        request,
        "console/routing_rule.html",
        panes.frame(request) | {"form": form, "rule_id": rule_id, "stamp": seen, "problem": problem},
        status=422 if request.method == "POST" else 200,
    )


@require_POST
@needs("routing")
def move(request: HttpRequest, rule_id: str) -> HttpResponse:
    """Move a rule one place up or down, or take it out."""
    by, seen, what = staff(request), typed(request, "stamp", 20), typed(request, "what", 10)
    if what == "remove":
        return _after(request, "draft", lambda: routing_versions.remove(rule_id, by, seen))
    steps = -1 if what == "up" else 1
    return _after(request, "draft", lambda: routing_versions.move(rule_id, steps, by, seen))


@require_POST
@needs("routing")
def discard(request: HttpRequest) -> HttpResponse:
    """Throw the draft away."""
    return _after(request, "draft", lambda: routing_versions.discard(staff(request), typed(request, "stamp", 20)))


@require_GET
@needs("routing")
def tried(request: HttpRequest) -> HttpResponse:
    """What the draft would have done with last month's requests."""
    draft = routing_versions.draft()
    if draft is None:
        return redirect("console:routing")
    found, names = trial(routing.in_use(), routing_versions.read(draft)), Names()
    moves = [{"before": names.owner(m.before), "after": names.owner(m.after), "rule": m.after.rule, "count": m.count,
              "examples": m.examples} for m in found.moves]  # fmt: skip
    hits = [(kept["name"], found.hits.get(kept["name"], 0)) for kept in draft.rules]
    return render(
        request,
        "console/routing_trial.html",
        panes.frame(request)
        | {
            "found": found,
            "moves": moves,
            "hits": hits,
            "days": DAYS,
            "most": MOST,
            "draft": draft,
            "stamp": routing_versions.stamp(draft),
        },
    )


@require_POST
@needs("routing")
def go_live(request: HttpRequest) -> HttpResponse:
    """Put the draft in use."""
    return _after(
        request,
        "live",
        lambda: routing_versions.go_live(staff(request), typed(request, "note", 300), typed(request, "stamp", 20)),
        _("The rules are in use."),
    )


@require_GET
@needs("routing")
def version(request: HttpRequest, number: int) -> HttpResponse:
    """One version, as it is or was in use."""
    found = get_object_or_404(RoutingVersion.objects.exclude(state="draft").select_related("by"), number=number)
    return render(
        request,
        "console/routing_version.html",
        panes.frame(request) | {"version": found, "rules": Names().told(routing_versions.read(found))},
    )


@require_POST
@needs("routing")
def bring_back(request: HttpRequest, number: int) -> HttpResponse:
    """Put an earlier version in use again."""
    return _after(request, "live", lambda: _bring_back(request, number), _("The earlier rules are in use again."))


def _bring_back(request: HttpRequest, number: int) -> None:
    if request.POST.get("sure") != "1":
        raise NotPossible(_("Tick that you are sure, then send it again."))
    routing_versions.bring_back(number, staff(request))


def _after(request: HttpRequest, form: str, act: Callable[[], Any], said: str = "") -> HttpResponse:
    problem = attempt(request, form, act)
    if problem:
        return _show(request, problem)
    if said:
        messages.success(request, said)
    return redirect("console:routing")
