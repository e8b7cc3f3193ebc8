"""What Openline has learnt, and the two things to do about it: train now, use the model before this one again."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from openline.care import learning, learnt
from openline.console import panes
from openline.console.diagram import SIZE, points
from openline.console.once import Problem, attempt, staff
from openline.console.permissions import needs
from openline.service_requests.actions import NotPossible

_MEASURES = (
    ("top1", gettext_lazy("Right service first")),
    ("top3", gettext_lazy("Right service among three")),
    ("macro_f1", gettext_lazy("Mean over services (macro-F1)")),
    ("calibration_error", gettext_lazy("Calibration error (less is better)")),
    ("sure_share", gettext_lazy("Answers at a confidence of 70 % or more")),
    ("sure_accuracy", gettext_lazy("… and of these right")),
)


@require_GET
@needs("learning")
def page(request: HttpRequest) -> HttpResponse:
    """All of it on one page."""
    return _show(request)


@require_POST
@needs("learning")
def train(request: HttpRequest) -> HttpResponse:
    """Put a training on the queue."""
    return _after(request, "train", lambda: _train(request), _("The training is on the queue. Its result stands here."))


@require_POST
@needs("learning")
def back(request: HttpRequest) -> HttpResponse:
    """Use the model before the present one again."""
    return _after(request, "back", lambda: _back(request), _("The model before is in use again."))


def _train(request: HttpRequest) -> None:
    if not learnt.train_later(staff(request).get_username()):
        raise NotPossible(_("A training is on the queue already."))


def _back(request: HttpRequest) -> None:
    if request.POST.get("sure") != "1":
        raise NotPossible(_("Tick that you are sure, then send it again."))
    shown = request.POST.get("model", "")
    expected = int(shown) if shown.isascii() and shown.isdigit() and len(shown) < 19 else 0
    if learning.switch_back(expected, by=staff(request).get_username()) is None:
        raise NotPossible(_("Meanwhile another model is in use, or there is none before it. Look at the page again."))


def _after(request: HttpRequest, form: str, act: Any, said: str) -> HttpResponse:
    problem = attempt(request, form, act)
    if problem:
        return _show(request, problem)
    messages.success(request, said)
    return redirect("console:learnt")


def _show(request: HttpRequest, problem: Problem | None = None) -> HttpResponse:
    history, used = learnt.trainings(), learnt.in_use()
    latest = next((one for one in history if "trained" in one.figures), None)
    few, waiting = learnt.few_examples(), learning.waiting().select_related("message__conversation__identity")
    context = {
        "used": used,
        "history": history,
        "latest": latest,
        "comparison": _comparison(latest),
        "points": points(latest.figures["trained"]["bins"]) if latest else [],
        "size": SIZE,
        "confused": learnt.confused(),
        "few": few[:60],
        "few_more": max(0, len(few) - 60),
        "enough": learnt.FEW,
        "waiting": waiting.order_by("-at")[:20],
        "waiting_count": waiting.count(),
        "many": learning.MANY,
        "queued": learnt.training_waits(),
        "can_go_back": learnt.can_go_back(),
        "problem": problem,
    }
    return render(
        request,
        "console/learnt.html",
        panes.frame(request) | context | {"section": "learnt"},
        status=422 if problem else 200,
    )


def _comparison(latest: learnt.Training | None) -> list[dict[str, Any]]:
    """The figures of the new model and of the one in use before it, with the difference in points."""
    if latest is None:
        return []
    new, old = latest.figures["trained"], latest.figures["champion"]
    return [
        {"label": label, "new": new[name], "old": old[name], "difference": 100 * (new[name] - old[name])}
        for name, label in _MEASURES
    ]
