"""Offers of help with a request: everybody sees how many, who organizes something there sees whose."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.community.models import Help, Member, Topic, TopicKind, TopicState
from openline.foundation.text import clean
from openline.records import log
from openline.records.models import Kind
from openline.service_requests import public
from openline.service_requests.actions import NotPossible
from openline.service_requests.models import ServiceRequest

LONGEST = 300


@transaction.atomic
def offer(request_id: UUID, words: str, *, by: Member) -> Help:
    """Say "I can help", once; said again, it has the new words. Raises NotPossible."""
    request = public.requests().filter(pk=request_id, closed_at=None).first()
    if request is None:
        raise NotPossible(_("This request is closed: there is nothing more to do."))
    given = {"words": clean(words, LONGEST), "at": timezone.now()}
    made, _new = Help.objects.update_or_create(request=request, member=by, defaults=given)
    _record(request.pk, by, "help offered")
    return made


@transaction.atomic
def take_back(request_id: UUID, *, by: Member) -> None:
    """Offer it no longer."""
    if Help.objects.filter(request=request_id, member=by).delete()[0]:
        _record(request_id, by, "help taken back")


def count(request: ServiceRequest) -> int:
    """How many offer to help."""
    return Help.objects.filter(request=request, member__left_at=None).count()


def own(request: ServiceRequest, member: Member | None) -> Help | None:
    """What the member offered."""
    return Help.objects.filter(request=request, member=member).first() if member else None


def seen_by(request: ServiceRequest, member: Member | None) -> list[Help]:
    """Who offers what, for the organizer of a public event about the request; nobody for everybody else."""
    events = Topic.objects.filter(kind=TopicKind.EVENT, state=TopicState.SHOWN, request=request, by=member)
    if member is None or not events.exists():
        return []
    return list(Help.objects.filter(request=request, member__left_at=None).select_related("member").order_by("at"))


def _record(request_id: UUID, by: Member, what: str) -> None:
    log.write([log.Entry(Kind.CHANGED, by.author, request_id=request_id, body={"what": what, "member": by.pk})])
