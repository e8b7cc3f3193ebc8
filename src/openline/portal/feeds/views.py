"""The feeds: kept for a minute, told apart by their content, each with its own address and its hubs in the headers."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from openline.portal.feeds import content, formats, telling

SECONDS = 60


@require_safe
def feed(request: HttpRequest, kind: str, ending: str) -> HttpResponseBase:
    """One feed, in the city's own language: a hub passes the same bytes to everybody."""
    chosen = {name: request.GET.get(name, "").replace("\x00", "")[:100] for name in ("service", "area")}
    with translation.override(settings.LANGUAGE_CODE):
        try:
            found = content.feed(kind, ending, **chosen)
        except content.Unknown:
            raise Http404 from None
        hubs = telling.hubs()
        written, media_type = formats.write(found, ending, hubs)
    tag = f'"{hashlib.sha256(written).hexdigest()[:32]}"'
    same = request.headers.get("If-None-Match") == tag
    answer: HttpResponse = HttpResponseNotModified() if same else HttpResponse(written, content_type=media_type)
    answer["ETag"] = tag
    answer["Cache-Control"] = f"public, max-age={SECONDS}"
    answer["Access-Control-Allow-Origin"] = "*"
    answer["Link"] = ", ".join([*(f'<{hub}>; rel="hub"' for hub in hubs), f'<{found.address}>; rel="self"'])
    if found.updated:
        answer["Last-Modified"] = http_date(found.updated.timestamp())
    return answer
