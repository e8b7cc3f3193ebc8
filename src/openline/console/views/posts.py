"""The posts by how far they are."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from openline.console import panes
from openline.console.permissions import needs
from openline.publishing import listing


@require_GET
@needs("publish")
def page(request: HttpRequest) -> HttpResponse:
    """One list of posts, page by page."""
    view, search = listing.view_named(request.GET.get("view", "")), request.GET.get("q", "")[:200]
    rows, following = listing.page(view, request.GET.get("before", ""), search)
    counted, back = listing.counts(), listing.returned(rows)
    return render(
        request,
        "console/publish/posts.html",
        panes.frame(request)
        | {
            "view": view,
            "views": [(one, counted.get(one.key)) for one in listing.VIEWS],
            "count_limit": listing.COUNT_LIMIT,
            "rows": [(post, listing.first_words(post), listing.troubles(post), back.get(post.pk)) for post in rows],
            "following": following,
            "search": search,
        },
    )
