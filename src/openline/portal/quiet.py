"""Ending news by mail with one click, and having them again. No login; the address is signed.

Mail programs POST here by themselves when their button "Unsubscribe" is pressed (RFC 8058), so no form token is asked
for. Opening the page changes nothing: programs that look at links open it too.
"""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from openline.care import quiet


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, token: str) -> HttpResponse:
    """Show how it is; with POST end the news, or with `again` tell them again."""
    conversation = quiet.conversation_of(token[:300])
    if conversation is None:
        raise Http404
    if request.method == "POST":
        quiet.set_quiet(conversation, "again" not in request.POST)
    answer = render(request, "portal/quiet.html", {"quiet": quiet.is_quiet(conversation)})
    answer["X-Robots-Tag"] = "noindex"
    answer["Cache-Control"] = "no-store"
    answer["Referrer-Policy"] = "no-referrer"
    return answer
