"""What a liaison saw on a walk goes to the city's door, each problem as a message of the form's kind.

It is understood, filed, routed and answered like any other; its source is "liaison", which routing rules can name. The
answer, and a question of the city's, stand on its private page, which only the liaison finds.
"""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import timezone

from openline.care.models import Report
from openline.channels.enclosing import Enclosed
from openline.community.models import Liaison, Member, Walk
from openline.portal.contact import door, tokens
from openline.portal.models import Talk

KEPT_IN_LIST = timedelta(days=90)


@transaction.atomic
def report(liaison: Liaison, number: int, place: str, text: str, files: list[Enclosed], *, form: UUID) -> bool:
    """Put the problem with that `number` in the form at the door; False if it was there already."""
    own = uuid5(form, str(number))
    Walk.objects.get_or_create(pk=own, defaults={"liaison": liaison, "place": place[:300], "at": timezone.now()})
    talk = door.begin(own, email="", language=liaison.member.language)
    return door.put(talk, text, files, about="report", place=place, form=own)


class Reported(NamedTuple):
    """A problem that was reported, the numbers of its requests, and the private page of its conversation."""

    walk: Walk
    numbers: list[str]
    token: str


def reported(member: Member, most: int = 30) -> list[Reported]:
    """What the member reported lately, newest first: three queries."""
    since = timezone.now() - KEPT_IN_LIST
    walks = list(Walk.objects.filter(liaison__member=member, at__gt=since).order_by("-at")[:most])
    talks = Talk.objects.in_bulk([walk.pk for walk in walks])
    numbers: dict[str, list[str]] = {}
    threads = [talk.author for talk in talks.values()]
    found = Report.objects.filter(conversation__account__network=door.NETWORK, conversation__thread__in=threads)
    for thread, number in found.order_by("created_at").values_list("conversation__thread", "request__number"):
        numbers.setdefault(thread, []).append(number)
    return [
        Reported(walk, numbers.get(talks[walk.pk].author, []), tokens.token(talks[walk.pk]))
        for walk in walks
        if walk.pk in talks
    ]
