"""For people and programs without a login: the answer by a link, and webhooks that come in."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from openline.partners import outgoing
from openline.partners.answering import AnswerForm, Refused, TooMany
from openline.partners.answering import answer as take
from openline.partners.hooks import receiving
from openline.partners.mail.links import DeadLink, open_link
from openline.partners.models import Forwarding

_HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """What was passed to an outside party, and their answer. Looking at it changes nothing."""
    try:
        forwarding = open_link(token)
    except DeadLink:
        return _private(render(request, "partners/dead.html", status=410))
    form = AnswerForm(request.POST if request.method == "POST" else None, initial={"client_id": uuid4()})
    problem = ""
    if request.method == "POST" and form.is_valid():
        try:
            take(forwarding, form, request.FILES.getlist("photos"))
            messages.success(request, _("Thank you. The city has your answer."))
            return _private(redirect("partners:answer", token))
        except Refused as error:
            problem = str(error)
        except TooMany:
            problem = _("There are too many answers already. Please call the city.")
    return _private(_page(request, forwarding, form, problem))


def _page(request: HttpRequest, forwarding: Forwarding, form: AnswerForm, problem: str) -> HttpResponse:
    context = {
        "told": outgoing.facts(forwarding.request),
        "forwarding": forwarding,
        "found": forwarding.request,
        "form": form,
        "problem": problem,
        "heard": forwarding.replies.order_by("at")[:50],
    }
    return render(request, "partners/answer.html", context, status=422 if problem or form.errors else 200)


def _private(response: HttpResponse) -> HttpResponse:
    """The address is a key: it is told to nobody, and no machine lists the page."""
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


@csrf_exempt
@require_POST
def webhook(request: HttpRequest, connector_id: UUID) -> HttpResponse:
    """A signed message of a partner (docs/partners.md)."""
    if int(request.headers.get("Content-Length") or 0) > receiving.MOST_BYTES:
        return _refusal(413, "The body is too large.")
    given = {name: request.headers.get(name, "") for name in _HEADERS}
    try:
        new = receiving.receive(connector_id, given, request.body)
    except receiving.Refused as error:
        return _refusal(error.status, str(error))
    return JsonResponse({"taken": new})


def _refusal(status: int, words: str) -> HttpResponse:
    return JsonResponse({"errors": [{"code": status, "description": words}]}, status=status)
