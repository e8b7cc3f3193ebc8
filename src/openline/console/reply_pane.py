"""What residents said below a post, for its page (`console/publish/_replies.html`)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from openline.console.permissions import visible_conversations, visible_requests
from openline.publishing import replies
from openline.publishing.models import Post

SHOWN = 50


def frame(request: HttpRequest, post: Post) -> dict[str, Any]:
    """Figures of the public replies, the conversations that the person may read, open ones first, and the requests."""
    found = list(replies.to_post(post, visible_conversations(request.user)).select_related("identity", "account")[:SHOWN])
    caused = visible_requests(request.user).filter(pk__in=replies.requests_of(post).values("pk"))
    return {
        "said": replies.figures_of(post),
        "replies": found,
        "more_replies": len(found) == SHOWN,
        "caused": list(caused.select_related("service").order_by("-requested_at")[:SHOWN]),
    }
