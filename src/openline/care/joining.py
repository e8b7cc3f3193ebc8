"""Residents and requests that are the same: asking whether they are, and following the other one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils import timezone

from openline.care import folding
from openline.care.decide import Act
from openline.care.models import Offer, Report
from openline.care.places import as_dict
from openline.foundation.bulk import append_rows
from openline.service_requests import joining
from openline.service_requests.actions import NotPossible
from openline.service_requests.models import ServiceRequest
from openline.service_requests.opening import Opened
from openline.service_requests.similar import Alike, Wanted, alike
from openline.service_requests.states import OPEN_STATES, Status
from openline.triage.duplicates import Side, model

if TYPE_CHECKING:
    from openline.care.acting import Done


def offer(done: Mapping[UUID, Done], opened: Mapping[UUID, Opened], now: datetime) -> dict[UUID, Alike]:
    """For messages that opened a request, the open public request that is likely the same; kept as an `Offer`.

    One query for all of them, none if nothing with a point was opened. Of the other only is said what its public page
    says, so who wrote in private is asked too, unless their own request is of a kind that is not public.
    """
    asked = [m for m in opened if done[m].decision.place and _may_ask(done[m], opened[m])]
    found = alike([_wanted(done[m], opened[m]) for m in asked], without={request.id for request in opened.values()})
    offers = {}
    for message_id, items in zip(asked, found, strict=True):
        likely = [i for i in items if i.public and i.status in OPEN_STATES]
        best = likely[0] if likely and likely[0].score >= model().threshold else _under_same_post(done[message_id])
        if best:
            offers[message_id] = best
    if offers:
        rows = [(opened[m].id, item.id, item.score, False, now) for m, item in offers.items()]
        append_rows("care_offer", ("request_id", "other_id", "score", "answered", "at"), rows)
    return offers


def _may_ask(item: Done, opened: Opened) -> bool:
    return item.situation.visibility == "public" or opened.service.public


def _under_same_post(item: Done) -> Alike | None:
    """A request of the same service that others reported near by under the same post."""
    place, at = item.decision.place, item.kept.posted_at
    one = folding.near(item.under, item.decision.service, place) if place else None
    if one is None or one.id is None or place is None:
        return None
    mine = Side(item.kept.incoming.text, one.service_name, place.lat, place.lon, at)
    other = Side("", one.service_name, one.lat, one.lon, one.requested_at)
    return Alike(
        one.id, one.number, Status.RECEIVED, one.place_name, one.service_name, one.requested_at or at, True, 0.0,
        one.away(place), mine, other,
    )  # fmt: skip


def _wanted(item: Done, opened: Opened) -> Wanted:
    text = item.situation.intake_text if item.decision.act == Act.COMPLETE else item.kept.incoming.text
    at = item.situation.intake_posted_at or item.kept.posted_at
    where = as_dict(item.decision.place) if item.decision.place else {}
    side = Side(text, opened.service.name, where.get("lat"), where.get("lon"), at)
    return Wanted(side, opened.service.pk, at, opened.id)


def answered(done: Iterable[Done]) -> None:
    """Do what residents answered to our question: join the two requests, or remember that they are different."""
    for item in done:
        request_id, other_id = item.situation.request_id, item.situation.offered_id
        if item.decision.act not in (Act.JOIN, Act.KEEP_APART) or request_id is None or other_id is None:
            continue
        act = joining.join if item.decision.act == Act.JOIN else joining.keep_apart
        with suppress(NotPossible):  # meanwhile closed or joined by staff: the request stays as it is
            act(request_id, other_id, by=None)
        Offer.objects.filter(request_id=request_id).update(answered=True)


def follow(request: ServiceRequest, other: ServiceRequest) -> None:
    """Every conversation that reported `request` follows `other` from now on; nobody follows it twice."""
    now = timezone.now()
    rows = [
        Report(conversation_id=report.conversation_id, request=other, message_id=report.message_id, created_at=now)
        for report in Report.objects.filter(request=request)
    ]
    Report.objects.bulk_create(rows, ignore_conflicts=True)


def unfollow(request: ServiceRequest, other: ServiceRequest) -> None:
    """Undo `follow`: only those who came to `other` with the same message as to `request`."""
    messages = Report.objects.filter(request=request).values("message_id")
    Report.objects.filter(request=other, message_id__in=messages).delete()
