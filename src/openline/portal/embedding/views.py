"""The form inside a frame on another site, and the line of script that puts it there.

These pages, and no others, may be framed: by the sites that the city named. There is nothing on them that a hostile
frame could make a person do by accident: nobody is signed in, and no cookie counts.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from openline.care import texts
from openline.foundation.origins import is_origin
from openline.outbox import mailing
from openline.portal.contact import door, showing, tokens
from openline.portal.contact.forms import ABOUT, ContactForm
from openline.portal.contact.views import is_open, private, submit
from openline.service_requests.languages import LOCALES
from openline.triage import urgency

SPOKEN = ("en", "es", "ar")
"""The languages that the form itself speaks; what is written in it may be in any."""
THEMES = ("light", "dark")
View = Callable[..., HttpResponse]


def framed(view: View) -> View:
    """The page may stand in a frame of the sites that the city named, and loads nothing but our own files."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
        with translation.override(_language(request)):
            answer = view(request, *args, **more)
        answer["Content-Security-Policy"] = (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
            f"form-action 'self'; base-uri 'none'; frame-ancestors {embedders()}"
        )
        return answer

    return xframe_options_exempt(private(guarded))


def embedders() -> str:
    """The sites that may show the form, as a Content-Security-Policy names them."""
    named = [one for one in door.setting("embed_origins", "*").split() if one == "*" or is_origin(one)]
    return " ".join(named) or "'none'"


@csrf_exempt
@framed
@require_http_methods(["GET", "HEAD", "POST"])
def form(request: HttpRequest) -> HttpResponse:
    """The form in its frame."""
    context = _context(request)
    if not is_open():
        return render(request, "portal/embed/closed.html", context, status=503)
    filled = ContactForm(request)
    if filled.is_bound and filled.is_valid():
        sent = reverse("portal:embed_sent", args=[tokens.token(submit(filled, request))])
        return redirect(f"{sent}?{context['query']}")
    context |= {"form": filled, "mails": mailing.mail_account() is not None}
    context["action"] = f"{reverse('portal:embed')}?{context['query']}"
    return render(request, "portal/embed/form.html", context, status=422 if filled.is_bound else 200)


@framed
@require_safe
def sent(request: HttpRequest, token: str) -> HttpResponse:
    """Thanks, and where the conversation goes on: on a page of its own, never in a frame."""
    found = tokens.opened(token[:200])
    if found is None or found.expired:
        raise Http404
    danger = any(urgency.danger_in(one.text) for one in showing.messages(found.talk)[:3])
    words = texts.emergency(translation.get_language() or "", None) if danger else ""
    return render(request, "portal/embed/sent.html", _context(request) | {
        "address": tokens.address(found.talk), "danger": words,
    })  # fmt: skip


def _language(request: HttpRequest) -> str:
    """The language that the site asked for, if the form speaks it; else the reader's."""
    asked = request.GET.get("language", "").split("-")[0]
    return LOCALES[asked] if asked in SPOKEN else translation.get_language_from_request(request)


def _context(request: HttpRequest) -> dict[str, Any]:
    """What all pages in the frame know: the looks, the site around them, and the parameters that say so."""
    theme, parent, about = (request.GET.get(name, "") for name in ("theme", "parent", "about"))
    known = {
        "language": request.GET.get("language", "") if request.GET.get("language", "").split("-")[0] in SPOKEN else "",
        "theme": theme if theme in THEMES else "",
        "parent": parent if is_origin(parent) else "",
        "about": about if about in dict(ABOUT) else "",
    }
    return known | {"query": urlencode({name: value for name, value in known.items() if value})}


@require_safe
def widget(request: HttpRequest) -> HttpResponse:
    """The script that puts the form on another site; its address never changes."""
    answer = HttpResponse(_script(), content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "public, max-age=3600"
    answer["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


@cache
def _script() -> bytes:
    found = finders.find("openline/widget.js")
    return Path(str(found)).read_bytes()
