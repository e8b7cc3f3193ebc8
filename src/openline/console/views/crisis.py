"""The crisis switch: pause everything that is scheduled, see what was held, decide on each."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from openline.console import panes
from openline.console.moments import moment
from openline.console.once import Problem, attempt, staff, typed
from openline.console.permissions import needs
from openline.publishing import handing, held, pausing
from openline.publishing.errors import NotPossible
from openline.publishing.models import Pause


@require_GET
@needs("crisis")
def page(request: HttpRequest) -> HttpResponse:
    """The switch and what it holds."""
    return _show(request)


@require_POST
@needs("crisis")
def begin(request: HttpRequest) -> HttpResponse:
    """Pause everything."""
    problem = attempt(request, "begin", lambda: handing.pause(typed(request, "reason", 500), by=staff(request)))
    return _after(request, problem, _("Publishing is paused. Nothing that is scheduled goes out."))


@require_POST
@needs("crisis")
def end(request: HttpRequest) -> HttpResponse:
    """End the pause."""
    problem = attempt(request, "end", lambda: pausing.end(by=staff(request)))
    return _after(request, problem, _("The pause is over. What was due meanwhile waits for your decision."))


@require_POST
@needs("crisis")
def decide(request: HttpRequest) -> HttpResponse:
    """Let chosen posts out now or at another time, or cancel them."""
    done: list[int] = []
    problem = attempt(request, "decide", lambda: done.append(_decide(request)))
    count = sum(done)
    words = ngettext("%(n)d post was decided.", "%(n)d posts were decided.", count) % {"n": count}
    return _after(request, problem, words)


def _decide(request: HttpRequest) -> int:
    one, what = typed(request, "now", 40), typed(request, "what", 10)
    if one:
        return held.release(_ids([one]), None, by=staff(request))
    chosen, at = _ids(request.POST.getlist("chosen")), moment(typed(request, "at", 30))
    if what == "cancel":
        return held.cancel(chosen, by=staff(request))
    if what not in ("now", "later"):
        raise NotPossible(_("Say what is to be done with the chosen posts."), "what")
    if what == "later" and at is None:
        raise NotPossible(_("Choose the new time."), "at")
    return held.release(chosen, at if what == "later" else None, by=staff(request))


def _ids(texts: list[str]) -> list[UUID]:
    try:
        return [UUID(text) for text in texts]
    except ValueError:
        raise NotPossible(_("The form is not complete. Load the page again, then send it once more.")) from None


def _after(request: HttpRequest, problem: Problem | None, said: str) -> HttpResponse:
    if problem:
        return _show(request, problem)
    messages.success(request, said)
    return redirect("console:crisis")


def _show(request: HttpRequest, problem: Problem | None = None) -> HttpResponse:
    frame = panes.frame(request)
    pause = frame["pause"]
    context = {
        "problem": problem,
        "groups": held.groups(),
        "under_way": held.under_way(pause) if pause else [],
        "earlier": Pause.objects.exclude(ended_at=None)
        .select_related("began_by", "ended_by")
        .order_by("-began_at")[:5],
    }
    return render(request, "console/publish/crisis.html", frame | context, status=422 if problem else 200)
