"""The feeds: kept for a minute, told apart by their content, each with its own address and its hubs in the headers."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation
from django.views.decorators.http import require_safe

from openline.portal.feeds import answering, content, formats, telling

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
    answer = answering.kept(request, written, media_type, SECONDS, found.updated.timestamp() if found.updated else None)
    answer["Link"] = ", ".join([*(f'<{hub}>; rel="hub"' for hub in hubs), f'<{found.address}>; rel="self"'])
    return answer
