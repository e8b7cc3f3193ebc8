"""What a member wrote, and all that is kept about them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from openline.community import following
from openline.community.models import NETWORK, Flag, Help, Liaison, Look, Member, Proposal, SignIn, Support, Topic, Walk
from openline.inbox.models import Message

PAGE = 20


def messages(member: Member) -> QuerySet[Message]:
    """What the member said on these pages, newest first."""
    mine = Message.objects.filter(
        direction="in", conversation__identity__network=NETWORK, conversation__identity__network_user_id=member.author
    )
    return mine.select_related("conversation", "comment").order_by("-id")


def page(member: Member, before: str) -> tuple[list[Message], str]:
    """One page of it, before the message of that id ("" or none of ours: the newest), and the key of the next page."""
    found = messages(member)
    try:
        found = found.filter(pk__lt=UUID(before)) if before else found
    except ValueError:
        pass
    rows = list(found[: PAGE + 1])
    return rows[:PAGE], str(rows[PAGE - 1].pk) if len(rows) > PAGE else ""


def everything(member: Member) -> dict[str, Any]:
    """All that is kept about a member, as plain values."""
    profile = ("name", "email", "area", "language", "digest", "joined_at", "seen_at", "told_at")
    return {
        "member": {"id": member.pk} | {name: getattr(member, name) for name in profile},
        "follows": [
            {"request": one.request.number if one.request else "", "area": one.area, "since": one.since}
            for one in following.of(member)
        ],
        "written": [_written(one) for one in messages(member).prefetch_related("revisions").iterator(500)],
        "topics": list(Topic.objects.filter(by=member).order_by("id").values(
            "id", "kind", "state", "title", "area", "opened_at", "starts_at", "ends_at", "place_name", "latitude",
            "longitude", "rule", "answer")),
        "supports": list(Support.objects.filter(member=member).order_by("id").values("topic_id", "at")),
        "flags": list(Flag.objects.filter(member=member).order_by("id").values(
            "message_id", "rule", "at", "settled_at")),
        "liaison": list(Liaison.objects.filter(member=member).order_by("id").values(
            "area", "since", "until", "ended_at", "why_ended")),
        "looks": list(Look.objects.filter(liaison__member=member).order_by("id").values(
            "request__number", "found", "words", "at")),
        "proposals": list(Proposal.objects.filter(liaison__member=member).order_by("id").values(
            "kind", "request__number", "other__number", "words", "at", "answer", "agreed", "settled_at")),
        "reported": list(Walk.objects.filter(liaison__member=member).order_by("at").values("id", "place", "at")),
        "helps": list(Help.objects.filter(member=member).order_by("id").values("request__number", "words", "at")),
        "sign_ins": list(SignIn.objects.filter(~Q(email=""), email=member.email).order_by("id").values(
            "asked_at", "used_at")),
    }  # fmt: skip


def _written(message: Message) -> dict[str, Any]:
    earlier = [{"at": one.at, "kind": one.kind, "text": one.text} for one in message.revisions.all()]
    return {"id": message.pk, "thread": message.conversation.thread, "text": message.text, "at": message.posted_at,
            "deleted_at": message.deleted_at, "earlier": earlier, **_standing(message)}  # fmt: skip


def _standing(message: Message) -> dict[str, Any]:
    """Whether everybody sees it, and by which rule it was hidden; nothing for what stands in no discussion."""
    said = getattr(message, "comment", None)
    return {name: getattr(said, name) for name in ("state", "rule", "decided_at", "appeal")} if said else {}
