"""Words in discussions that a person has to look at: keep them, or hide them by a published rule, in one click each."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from openline.community import moderation, moderation_rules, queue
from openline.console import panes
from openline.console.once import Problem, attempt, staff, typed
from openline.console.permissions import needs


@require_GET
@needs("triage")
def page(request: HttpRequest) -> HttpResponse:
    """What waits, oldest first."""
    return _show(request)


@require_POST
@needs("triage")
def decide(request: HttpRequest, message_id: UUID) -> HttpResponse:
    """Keep words (with or without their photos), or hide them by a rule."""
    decision, by = typed(request, "decision", 20), staff(request)
    act, said = lambda: moderation.show(message_id, by=by, photos=decision != "keep_words"), _("It stands in public.")
    if decision == "hide":
        rule, key = typed(request, "rule", 60), request.POST.get("client_id", "")
        act, said = lambda: moderation.hide(message_id, rule, by=by, key=key), _("Hidden. Who wrote it is told why.")
    return _after(request, str(message_id), act, said)


@require_POST
@needs("triage")
def close(request: HttpRequest) -> HttpResponse:
    """Close a discussion with a reason that everybody reads, or open it again."""
    thread, by, reason = typed(request, "thread", 100), staff(request), typed(request, "reason", 300)
    if typed(request, "decision", 20) == "open":
        return _after(request, "close", lambda: moderation.open_again(thread, by=by), _("It is open again."))
    return _after(request, "close", lambda: moderation.close(thread, reason, by=by), _("It is closed."))


def _after(request: HttpRequest, form: str, act: Callable[[], object], said: str) -> HttpResponse:
    problem = attempt(request, form, act)
    if problem:
        return _show(request, problem)
    messages.success(request, said)
    back = typed(request, "back", 100)
    return redirect(back if back.startswith("/console/requests/") else "console:discussions")


def _show(request: HttpRequest, problem: Problem | None = None) -> HttpResponse:
    items = queue.waiting()
    context = {
        "items": items,
        "rules": moderation_rules.choices(),
        "problem": problem,
        "gone": problem is not None and problem.form not in {str(one.comment.pk) for one in items},
    }
    return render(request, "console/discussions.html", panes.frame(request) | context, status=422 if problem else 200)
