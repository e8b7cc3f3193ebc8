"""Updates of requests between systems, in the shape of FixMyStreet and open311-adapter: given out, and taken in.

GeoReport v2 has no method for it; the shape is that of mySociety's extension ("Open311 extended", 2013).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.foundation.bulk import insert_rows
from openline.open311 import filters, media
from openline.open311.formats import Problem
from openline.open311.intake import LONGEST_DESCRIPTION, media_of, plain
from openline.open311.keys import Sender
from openline.open311.models import GivenUpdate
from openline.open311.parameters import Given, moment
from openline.records import log
from openline.records.models import Kind
from openline.service_requests import actions, public
from openline.service_requests.actions import NotPossible
from openline.service_requests.models import ServiceRequest, Update
from openline.service_requests.states import FINISHED_STATES, Outcome, Status, allowed

_COLUMNS = {"key_id": "int8", "their_id": "text", "digest": "text", "at": "timestamptz"}
_CLOCKS_DIFFER = timedelta(minutes=2)

_MEANS: dict[str, tuple[str, str]] = {
    "OPEN": ("", ""),
    "INTERNAL_REFERRAL": ("", ""),
    "FOR_TRIAGE": ("", ""),
    "REOPEN": ("", ""),
    "INVESTIGATING": (Status.ACCEPTED, ""),
    "ACTION_SCHEDULED": (Status.SCHEDULED, ""),
    "PLANNED": (Status.SCHEDULED, ""),
    "IN_PROGRESS": (Status.IN_PROGRESS, ""),
    "FIXED": (Status.RESOLVED, Outcome.DONE),
    "CLOSED": (Status.RESOLVED, Outcome.DONE),
    "NO_FURTHER_ACTION": (Status.CLOSED, Outcome.NO_ACTION_NEEDED),
    "DUPLICATE": (Status.CLOSED, Outcome.NO_ACTION_NEEDED),
    "NOT_COUNCILS_RESPONSIBILITY": (Status.CLOSED, Outcome.NOT_OURS),
}
"""The states of open311-adapter as ours: a state and an outcome; no state where it says no more than "open"."""


def given_out(given: Given) -> QuerySet[Update]:
    """The public updates of public requests in the wanted time (default: the last 90 days), oldest first.

    `stood` is the state of the request after each. That a request was received is no update of it.
    """
    start, end = filters.time_span(given)
    shown = public.public_updates().filter(request__public=True).exclude(from_status="", to_status=Status.RECEIVED)
    shown = shown.filter(at__gte=start or timezone.now() - filters.SPAN)
    if end:
        shown = shown.filter(at__lte=end)
    if numbers := given.words("service_request_id"):
        shown = shown.filter(request__number__in=numbers)
    if after := filters.key(given, _key):
        shown = shown.filter(_follows(after))
    earlier = Update.objects.filter(request=OuterRef("request"), at__lte=OuterRef("at")).exclude(to_status="")
    stood = Subquery(earlier.order_by("-at", "-id").values("to_status")[:1])
    return shown.annotate(stood=Coalesce(stood, F("request__status"))).order_by("at", "id")


def key_of(row: dict[str, Any]) -> str:
    """The place of a row of `given_out`, for paging."""
    return f"{row['at'].isoformat()}~{row['id']}"


def _key(text: str) -> tuple[datetime, UUID]:
    """What `key_of` wrote. Raises ValueError for anything else."""
    when, pk = text.split("~", 1)
    return moment(when), UUID(pk)


def _follows(key: tuple[datetime, UUID]) -> Q:
    return Q(at__gt=key[0]) | Q(at=key[0], id__gt=key[1])


@dataclass(frozen=True, slots=True)
class Taken:
    """An update as another system sent it."""

    number: str
    update_id: str
    status: str
    text: str
    at: datetime
    media: tuple[str, ...] = ()

    def digest(self) -> str:
        """What tells whether two are the same."""
        return hashlib.sha256(repr((self.number, self.status, self.text, self.media)).encode()).hexdigest()


def read(given: Given) -> Taken:
    """The update in the parameters. Raises Problem with all that is wrong."""
    number, update_id = given.text("service_request_id", 20), given.text("update_id", 200)
    status = given.text("status", 60).upper()
    text = plain(given.text("description", LONGEST_DESCRIPTION))
    at, photos = given.moment("updated_datetime") or timezone.now(), tuple(media_of(given))
    for name, value in (("service_request_id", number), ("update_id", update_id), ("status", status)):
        if not value and not given.values.get(name, "").strip():
            given.fault(_("%(name)s is missing.") % {"name": name})
    if status and status not in _MEANS:
        given.fault(_("status “%(status)s” is not known: write OPEN or CLOSED.") % {"status": status})
    if at > timezone.now() + timedelta(days=1):
        given.fault(_("updated_datetime lies in the future."))
    given.check()
    return Taken(number, update_id, status, text, at, photos)


@transaction.atomic
def take(sender: Sender, taken: Taken) -> str:
    """Put an update into the request's history, once for each `update_id` of a key; our id of it. Raises Problem."""
    if not sender.may_update:
        raise Problem(403, _("This key may not send updates. Ask the city to allow it."))
    row = (sender.id, taken.update_id, taken.digest(), timezone.now())
    new = insert_rows("open311_givenupdate", _COLUMNS, [row], conflict="(key_id, their_id) DO NOTHING", returning="id")
    if not new:
        known = GivenUpdate.objects.select_related("update").get(key=sender.id, their_id=taken.update_id)
        if known.digest != taken.digest():
            raise Problem(400, _("This update_id was used before, for another content."))
        return str(known.update.pk) if known.update else ""
    request = public.requests().filter(number=taken.number).first()
    if request is None:
        raise Problem(404, _("service_request_id was not found."))
    try:
        update = _put(request, sender, taken)
    except NotPossible as error:
        raise Problem(400, str(error)) from None
    GivenUpdate.objects.filter(pk=new[0][0]).update(update=update)
    media.attach(request.pk, [], taken.media, actor=sender.actor)
    body = {"what": "update given", "key": sender.name, "update_id": taken.update_id, "status": taken.status}
    log.write([log.Entry(Kind.CHANGED, sender.actor, request_id=request.pk, body=body)])
    return str(update.pk)


def _put(request: ServiceRequest, sender: Sender, taken: Taken) -> Update:
    """Move the request if the update means another state, else add the words."""
    to, outcome = _move(request, taken)
    note = _("%(name)s: %(status)s") % {"name": sender.name, "status": taken.status}
    if to:
        actions.move(request.pk, to, by=None, outcome=outcome, public_text=taken.text, note=note)
    else:
        actions.add_update(request.pk, by=None, public_text=taken.text, note=note)
    return Update.objects.filter(request=request).order_by("-at", "-id")[0]


def _move(request: ServiceRequest, taken: Taken) -> tuple[str, str]:
    """The state that follows, or none: for one that it has already, or if it moved after the update was written."""
    to, outcome = _MEANS[taken.status]
    finished = request.status in FINISHED_STATES
    if not to and finished and taken.status in ("OPEN", "REOPEN"):
        to = Status.REOPENED
    moved = Update.objects.filter(request=request).exclude(to_status="").order_by("-at", "-id").first()
    stale = moved is not None and taken.at < moved.at - _CLOCKS_DIFFER
    if not to or stale or to not in allowed(request.status) or (finished and to != Status.REOPENED):
        return "", ""
    return to, outcome
