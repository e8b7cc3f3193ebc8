"""The page on which a resident says how it was: five buttons, one click, no login.

Opening the page changes nothing: programs that preview links open it too. The words are in the resident's language.
"""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.views.decorators.http import require_http_methods

from openline.care import surveys, texts
from openline.care.models import Survey

FACES = ("😞", "😟", "😐", "😊", "😀")


@require_http_methods(["GET", "HEAD", "POST"])
def how_was_it(request: HttpRequest, token: str) -> HttpResponse:
    """Show the question; with POST keep the answer, or what is added to it."""
    survey = surveys.by_token(token[:200])
    if survey is None:
        raise Http404
    late = False
    if request.method == "POST":
        try:
            _keep(request, survey)
            return redirect("portal:how_was_it", token)
        except surveys.TooLate:
            late = True
    answer = render(request, "portal/how_was_it.html", _context(survey, late), status=409 if late else 200)
    answer["X-Robots-Tag"] = "noindex"
    answer["Cache-Control"] = "no-store"
    return answer


def _keep(request: HttpRequest, survey: Survey) -> None:
    given = request.POST.get("satisfaction", "")
    if given in ("1", "2", "3", "4", "5"):
        surveys.rate(survey, int(given))
    elif "comment" in request.POST:
        surveys.comment(survey, request.POST["comment"])


def _context(survey: Survey, late: bool) -> dict[str, Any]:
    language = surveys.language_of(survey)
    with texts.speaking(language):
        words, names = texts.survey_words(), texts.satisfaction_words()
        spoken = translation.get_language() or ""
        rtl = translation.get_language_bidi()
    return {
        "survey": survey,
        "words": words,
        "late": late,
        "open": surveys.may_change(survey),
        "choices": list(zip(range(1, 6), FACES, names, strict=True)),
        "spoken": spoken,
        "direction": "rtl" if rtl else "ltr",
    }
