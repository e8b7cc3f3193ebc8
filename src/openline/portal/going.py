"""Short links of the city's posts: to where they lead, counted by the hour without a trace of who followed them."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_safe

from openline.publishing import links


@require_safe
def go(request: HttpRequest, code: str) -> HttpResponse:
    """Lead on to where the link leads. Only what the city itself wrote is ever such a target."""
    counts = request.method == "GET" and not _by_machine(request.headers.get("User-Agent", ""))
    target = links.follow(code, counts=counts)
    if not target:
        raise Http404
    answer = HttpResponseRedirect(target)
    answer["Cache-Control"] = "no-store"
    answer["X-Robots-Tag"] = "noindex"
    return answer


def _by_machine(user_agent: str) -> bool:
    """Whether a program asks, as far as it says so: the previews of networks and search engines, or nobody at all."""
    from crawleruseragents import is_crawler  # half a megabyte of patterns, for this page alone

    return not user_agent or is_crawler(user_agent[:500])
