"""What all pages share: security headers, the city's time, and the site's own facts for templates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.middleware.locale import LocaleMiddleware
from django.shortcuts import render
from django.utils import timezone, translation

from openline.service_requests.jurisdiction import city_zone, jurisdiction


class SecurityHeaders:
    """Adds the Content-Security-Policy: everything from ourselves, no inline script, no framing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request with the headers set."""
        response = self.get_response(request)
        response.setdefault("Content-Security-Policy", policy(request))
        response.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=(self)")
        return response


class Language(LocaleMiddleware):
    """The reader's language; on the staff's pages one that has all their words."""

    def process_request(self, request: HttpRequest) -> None:
        """Choose the language: the cookie's, else the browser's."""
        super().process_request(request)
        staff = request.path_info.startswith(("/console/", "/accounts/"))
        if staff and translation.get_language() not in settings.STAFF_LANGUAGES:
            translation.activate(settings.LANGUAGE_CODE)
            request.LANGUAGE_CODE = settings.LANGUAGE_CODE


class CityTime:
    """Lets templates write times in the city's zone: Django turns every time into the zone that is active."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request in the city's time; without a database in none, so that `/healthz` can say so."""
        try:
            zone = city_zone()
        except DatabaseError:
            return self.get_response(request)
        with timezone.override(zone):
            return self.get_response(request)


class Compress(GZipMiddleware):
    """Sends written answers compressed; pictures, films and downloads go as they are.

    Django pads the answers by a random length, so that their size betrays no form token (BREACH).
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Compress `response` if it is text that was not streamed."""
        kind = response.get("Content-Type", "").partition(";")[0]
        if response.streaming or not (kind.startswith("text/") or kind.endswith(("json", "xml", "javascript"))):
            return response
        return super().process_response(request, response)


def policy(request: HttpRequest) -> str:
    """The Content-Security-Policy for this request; live events may come from their own port of the same host."""
    return (
        "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
        f"connect-src 'self' {events_origin(request)}; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    )


def events_origin(request: HttpRequest) -> str:
    """Origin of the live events as this browser sees it."""
    if settings.EVENTS_URL:
        return str(settings.EVENTS_URL)
    scheme = "https" if request.is_secure() else "http"
    return f"{scheme}://{request.get_host().rsplit(':', 1)[0]}:{settings.EVENTS_PORT}"


def site(request: HttpRequest) -> dict[str, Any]:
    """Template context: the city and whether the sandbox runs."""
    return {"city": jurisdiction(), "sandbox_enabled": settings.SANDBOX}


def old_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose token is not that of the session (CSRF): nothing was done. A page that asks for a part of itself is
    told by a header, and sends it again with a new token when the person wants."""
    response = render(request, "403_csrf.html", status=403)
    response["X-Openline"] = "csrf"
    return response
