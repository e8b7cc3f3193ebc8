"""`/following/`: a member follows a request or an area, or follows it no more, with one press."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from openline.community import following, members
from openline.geography.models import Area
from openline.portal.community.views import member_only, safe_next
from openline.service_requests import public


@require_POST
@member_only
def change(request: HttpRequest) -> HttpResponse:
    """Follow what the form names; with `stop`, end it. Then back to the page on which the button stood."""
    member = members.current(request)
    assert member is not None  # member_only
    what = _what(request)
    if "stop" in request.POST:
        following.unfollow(member, **what)
        messages.success(request, _("You follow it no more."))
    else:
        try:
            following.follow(member, **what)
            messages.success(request, _followed(member.digest))
        except following.TooMany as error:
            messages.error(request, str(error))
    return redirect(safe_next(request, request.POST.get("next", "")) or "portal:me")


def _followed(digest: bool) -> str:
    if digest:
        return _("You follow it: news come by e-mail, at most once a day.")
    return _("You follow it: it stands on your page. There you can have its news by e-mail, too.")


def _what(request: HttpRequest) -> dict[str, Any]:
    number, code = (request.POST.get(name, "").replace("\x00", "")[:100] for name in ("request", "area"))
    if number:
        return {"request": get_object_or_404(public.requests(), number=number)}
    return {"area": get_object_or_404(Area.objects.only("code"), code=code).code}
