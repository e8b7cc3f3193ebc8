"""What residents said below a post, for its page (`console/publish/_replies.html`), and the post that they answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from openline.console.permissions import allowed, visible_conversations, visible_requests
from openline.inbox.models import Conversation
from openline.publishing import replies
from openline.publishing.models import Post, PostText

SHOWN = 50


def frame(request: HttpRequest, post: Post) -> dict[str, Any]:
    """Figures of the public replies, the conversations that the person may read, open ones first, and the requests."""
    found = list(
        replies.to_post(post, visible_conversations(request.user)).select_related("identity", "account")[:SHOWN]
    )
    caused = visible_requests(request.user).filter(pk__in=replies.requests_of(post).values("pk"))
    return {
        "said": replies.figures_of(post),
        "replies": found,
        "more_replies": len(found) == SHOWN,
        "caused": list(caused.select_related("service").order_by("-requested_at")[:SHOWN]),
    }


@dataclass(frozen=True, slots=True)
class Answered:
    """A publication as an agent sees it beside a reply to it; `page` is ours, for who may open it."""

    words: str
    network: str
    handle: str
    sent_at: datetime | None
    url: str
    page: str


def answered(request: HttpRequest, conversation: Conversation) -> Answered | None:
    """What the city said in the post that this conversation is about; None if it is about none."""
    variant = replies.answered_post(conversation)
    if variant is None:
        return None
    words = variant.text
    if words is None:
        texts = {one.language: one.text for one in PostText.objects.filter(post=variant.post_id)}
        words = texts.get(variant.language) or texts.get(variant.post.language, "")
    account = variant.account
    page = page_of(variant.post_id) if allowed(request.user, "publish") else ""
    return Answered(words, account.network, account.handle, variant.sent_at, variant.url, page)


def page_of(post_id: UUID) -> str:
    """The address of a post's page; that of its results where the other is not built in."""
    try:
        return reverse("console:post", args=[post_id])
    except NoReverseMatch:
        return reverse("console:results_post", args=[post_id])
