"""What waits for staff from neighbors: topics to look at, ideas to answer, what liaisons propose and ask."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from openline.community import ideas, living, proposing, reading, topics
from openline.community.models import Progress, Proposal, TopicState
from openline.console import panes
from openline.console.once import Problem, attempt, number, staff, to_publish, typed
from openline.console.permissions import allowed, needs, visible_requests
from openline.service_requests.actions import NotPossible

_MOST = 50
_NEWEST = 20
"""So many public topics stand on the page, to be closed; the public list has them all."""


@require_GET
@needs("move_request")
def page(request: HttpRequest) -> HttpResponse:
    """All that waits, each with what decides it."""
    return _show(request)


def _show(request: HttpRequest, problem: Problem | None = None) -> HttpResponse:
    context: dict[str, Any] = {"problem": problem, "names": living.names(), "rules": topics.rules()}
    context["proposals"] = proposing.waiting(visible_requests(request.user))[:_MOST]
    if allowed(request.user, "moderate_topics"):
        waiting = list(topics.waiting()[:_MOST])
        context |= {
            "waiting": [(topic, words) for topic, words in zip(waiting, reading.first_words(waiting), strict=True)],
            "deserving": ideas.deserving()[:_MOST],
            "needed": ideas.needed(),
            "progress": Progress.choices,
            "running": topics.newest(topics.public().filter(state=TopicState.SHOWN))[:_NEWEST],
        }
    if problem and problem.form not in _forms(context):
        context["lost"] = problem.text  # what it was about is not on the page any more
    status = 422 if problem else 200
    return render(request, "console/neighbors.html", panes.frame(request) | context, status=status)


def _forms(context: dict[str, Any]) -> set[str]:
    """The names of the forms that the page shows."""
    shown = {f"topic:{topic.pk}" for topic, _words in context.get("waiting", ())}
    shown |= {f"idea:{topic.pk}" for topic in context.get("deserving", ())}
    shown |= {f"close:{topic.pk}" for topic in context.get("running", ())}
    return shown | {f"proposal:{one.pk}" for one in context["proposals"]} | {"needed"}


@require_POST
@needs("moderate_topics")
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish a topic, or refuse it with rule and reason."""
    by = staff(request)
    if typed(request, "decision", 10) == "publish":
        return _after(request, f"topic:{pk}", lambda: topics.publish(pk, by=by), _("It is public."))
    rule, why = typed(request, "rule", 60), typed(request, "why", 300)
    return _after(request, f"topic:{pk}", lambda: topics.refuse(pk, rule, why, by=by), _("It was refused."))


@require_POST
@needs("moderate_topics")
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the city's answer to an idea."""
    (text, because), progress = to_publish(request, "public_text"), typed(request, "progress", 20)
    return _after(
        request,
        f"idea:{pk}",
        lambda: ideas.answer(pk, progress, text, by=staff(request), because=because),
        _("The answer is public."),
    )


@require_POST
@needs("moderate_topics")
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """End a public topic, with a reason that everybody reads."""
    by, why = staff(request), typed(request, "why", 300)
    return _after(request, f"close:{pk}", lambda: topics.close(pk, why, by=by), _("The topic is closed."))


@require_POST
@needs("move_request")
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Do what a liaison proposed, or not; answer what they asked."""
    by, (text, because) = staff(request), to_publish(request, "public_text")
    if typed(request, "decision", 10) == "decline":
        return _after(request, f"proposal:{pk}", lambda: proposing.decline(_seen(request, pk), by=by), _("Noted."))
    return _after(
        request,
        f"proposal:{pk}",
        lambda: proposing.agree(_seen(request, pk), by=by, answer=text, because=because),
        _("Done."),
    )


def _seen(request: HttpRequest, pk: int) -> int:
    """The proposal, if both of its requests are ones that the person may see; of two, who may join them."""
    seen = visible_requests(request.user)
    found = Proposal.objects.filter(pk=pk, request__in=seen).first()
    may_join = allowed(request.user, "triage")
    if found is None or (found.other_id and not (may_join and seen.filter(pk=found.other_id).exists())):
        raise NotPossible(_("That is not here any more, or not for your role."))
    return found.pk


@require_POST
@needs("appoint_liaisons")
def support(request: HttpRequest) -> HttpResponse:
    """Choose how many supporters an idea needs to deserve an answer."""
    wanted = number(typed(request, "needed", 10)) or 0
    return _after(request, "needed", lambda: ideas.set_needed(wanted, by=staff(request)), _("Saved."))


def _after(request: HttpRequest, form: str, act: Callable[[], object], said: str) -> HttpResponse:
    problem = attempt(request, form, act)
    if problem:
        return _show(request, problem)
    messages.success(request, said)
    return redirect("console:neighbors")
