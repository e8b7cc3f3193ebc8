"""Ending the news by mail with one click, and having them again. No sign-in; the address is signed.

Mail programs POST here by themselves when their button "Unsubscribe" is pressed (RFC 8058), so no form token is asked
for. Opening the page changes nothing: programs that look at links open it too.
"""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from openline.community import digest
from openline.portal.contact.views import private


@csrf_exempt
@private
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, token: str) -> HttpResponse:
    """Show how it is; with POST end the news, or with `again` have them again."""
    member = digest.member_of(token[:200])
    if member is None:
        raise Http404
    if request.method == "POST":
        digest.turn(member, "again" in request.POST)
    return render(request, "portal/me/news.html", {"digest": member.digest})
