"""What the neighbors' pages share: who may see them, and where to go on."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from openline.community import members
from openline.community.models import Member

View = Callable[..., HttpResponse]


def member_only(view: View) -> View:
    """Show the view to members; send everybody else to join first, and back to where they were.

    The view finds the member with `signed_in(request)`. Its answer is kept by no cache.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
        if members.current(request) is None:
            return redirect(to_join(request.get_full_path() if request.method in ("GET", "HEAD") else _before(request)))
        answer = view(request, *args, **more)
        answer["Cache-Control"] = "no-store"
        return answer

    return guarded


def signed_in(request: HttpRequest) -> Member:
    """The member who asks, in a view that is for members alone."""
    found = members.current(request)
    assert found is not None  # `member_only` has let nobody else through
    return found


def own(view: View) -> View:
    """Nobody indexes or keeps the page. Its address is told to our own pages: without that, browsers send forms from
    "null" (Fetch, section 3.2), which no form token gets past."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
        answer = view(request, *args, **more)
        answer["X-Robots-Tag"] = "noindex, nofollow"
        answer["Cache-Control"] = "no-store"
        return answer

    return guarded


def to_join(path: str) -> str:
    """The address of the page for joining, from which one comes back to `path`."""
    return f"{reverse('portal:join')}?{urlencode({'next': path})}"


def safe_next(request: HttpRequest, path: str) -> str:
    """`path` if it is one of our own pages, else ""."""
    local = path.startswith("/") and url_has_allowed_host_and_scheme(path, None)
    return path[:300] if local and len(path) <= 300 else ""


def _before(request: HttpRequest) -> str:
    """The page on which a form stood that was sent without being signed in; a form's own address may know no GET."""
    wanted = request.POST.get("next", "")
    return safe_next(request, wanted) or "/"
