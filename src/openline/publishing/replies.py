"""Replies to what the city published are conversations, found by the thread that they hang from.

Nothing is written when a reply arrives: a conversation's account and thread are those of a publication (`Published`).
Figures count public conversations alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from uuid import UUID

from django.db.models import Case, Q, QuerySet, When

from openline.care.models import Report
from openline.foundation.bulk import array, query
from openline.inbox.models import Conversation, Message, Status
from openline.publishing.models import Post, Published, Variant
from openline.service_requests.models import ServiceRequest


@dataclass(slots=True)
class Figures:
    """What residents said below some publications, and what the city answered.

    `feeling` is the sum of their sentiment (-1 to 1) over `read` messages; `waits` are the seconds to the first answer.
    """

    people: int = 0
    open: int = 0
    messages: int = 0
    requests: int = 0
    feeling: float = 0.0
    read: int = 0
    waits: list[float] = field(default_factory=list)

    def add(self, other: Figures) -> None:
        """Count those of other publications too."""
        self.people, self.open = self.people + other.people, self.open + other.open
        self.messages, self.requests = self.messages + other.messages, self.requests + other.requests
        self.feeling, self.read = self.feeling + other.feeling, self.read + other.read
        self.waits = self.waits + other.waits

    @property
    def answered(self) -> int:
        """So many were answered."""
        return len(self.waits)

    @property
    def wait(self) -> float | None:
        """The median of seconds to the first answer; None if nobody was answered."""
        return median(self.waits) if self.waits else None

    @property
    def sentiment(self) -> float | None:
        """The mean towards the city, -1 to 1, for insight only; None if nothing was read."""
        return self.feeling / self.read if self.read else None


def to_post(post: Post, conversations: QuerySet[Conversation]) -> QuerySet[Conversation]:
    """Those of `conversations` that are about this post, open ones first, then the newest."""
    standing: dict[UUID, list[str]] = {}
    for account, network_id in Published.objects.filter(variant__post=post).values_list("account_id", "network_id"):
        standing.setdefault(account, []).append(network_id)
    if not standing:
        return conversations.none()
    about = Q()
    for account, network_ids in standing.items():
        about |= Q(account=account, thread__in=network_ids)
    first = Case(When(status=Status.OPEN, then=0), default=1)
    return conversations.filter(about, identity__ours=False).order_by(first, "-attention", "-last_message_at", "-id")


def answered_post(conversation: Conversation) -> Variant | None:
    """The publication that a conversation is about: by its thread, or by what one of its messages answers."""
    parents = Message.objects.filter(conversation=conversation).exclude(parent_network_id="")
    asked = Q(network_id=conversation.thread) | Q(network_id__in=parents.values("parent_network_id"))
    found = (
        Published.objects.filter(asked, account=conversation.account_id)
        .select_related("variant__post", "variant__account")
        .order_by("id")
        .first()
    )
    return found.variant if found else None


def requests_of(post: Post) -> QuerySet[ServiceRequest]:
    """The service requests that were reported below this post in public."""
    below = to_post(post, Conversation.objects.filter(visibility="public")).order_by()
    return ServiceRequest.objects.filter(pk__in=Report.objects.filter(conversation__in=below).values("request"))


_BELOW = """
SELECT DISTINCT p.variant_id, c.id, c.status FROM unnest(%s::uuid[]) AS k(id)
JOIN publishing_published p ON p.variant_id = k.id
JOIN inbox_conversation c ON c.account_id = p.account_id AND c.thread = p.network_id AND c.visibility = 'public'
JOIN inbox_identity i ON i.id = c.identity_id AND NOT i.ours
"""
_FIGURES = f"""
WITH below AS ({_BELOW})
SELECT b.variant_id, count(*), count(*) FILTER (WHERE b.status = 'open'), sum(m.heard), sum(m.feeling), sum(m.read),
       array_agg(extract(epoch FROM m.answered - m.asked)::float8) FILTER (WHERE m.answered >= m.asked)
FROM below b CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE m.direction = 'in' AND m.deleted_at IS NULL) AS heard,
           min(m.posted_at) FILTER (WHERE m.direction = 'in') AS asked,
           min(m.kept_at) FILTER (WHERE m.direction = 'out') AS answered,
           coalesce(sum(a.sentiment), 0) AS feeling, count(a.sentiment) AS read
    FROM inbox_message m LEFT JOIN triage_assessment a ON a.message_id = m.id WHERE m.conversation_id = b.id) m
GROUP BY b.variant_id
"""  # noqa: S608
_REQUESTS = f"""
WITH below AS ({_BELOW})
SELECT b.variant_id, count(DISTINCT r.request_id) FROM below b JOIN care_report r ON r.conversation_id = b.id
GROUP BY b.variant_id
"""  # noqa: S608


def figures(variant_ids: Sequence[UUID]) -> dict[UUID, Figures]:
    """What was said below each of these publications, in two statements; those without replies are left out."""
    ids = [array(variant_ids)]
    found = {
        variant: Figures(people, open_, int(messages), 0, float(feeling), int(read), list(waits or ()))
        for variant, people, open_, messages, feeling, read, waits in query(_FIGURES, ids)
    }
    for variant, requests in query(_REQUESTS, ids):
        found[variant].requests = requests
    return found


def figures_of(post: Post) -> Figures:
    """The same for all of a post's publications together."""
    together = Figures()
    for one in figures(list(post.variants.values_list("id", flat=True))).values():
        together.add(one)
    return together
