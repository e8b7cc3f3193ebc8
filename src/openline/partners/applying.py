"""What a partner says of a request becomes our history: once for each thing said, masked, with the partner as actor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.foundation.text import clean
from openline.partners import mapping
from openline.partners.mapping import Meaning
from openline.partners.models import Connector, Forwarding, Reply, State
from openline.service_requests import actions
from openline.service_requests.actions import NotPossible
from openline.service_requests.models import ServiceRequest, Update
from openline.service_requests.states import FINISHED_STATES, Status, allowed

_CLOCKS_DIFFER = timedelta(minutes=2)
_LONGEST = 4_000


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that a partner said: its id there, their word for the state, their text, and when."""

    id: str
    status: str = ""
    text: str = ""
    at: datetime | None = None
    their_id: str = ""


@transaction.atomic
def take(forwarding_id: UUID, said: Said) -> bool:
    """Put what they said into the history; False if it was taken before."""
    forwarding = _locked(forwarding_id)
    said = Said(said.id[:200], clean(said.status, 100), clean(said.text, _LONGEST), said.at, clean(said.their_id, 200))
    heard, new = Reply.objects.get_or_create(
        connector=forwarding.connector,
        their_id=said.id,
        defaults={"forwarding": forwarding, "status": said.status, "text": said.text, "at": timezone.now()},
    )
    if not new:
        return False
    heard.did = _carry_out(forwarding, said)
    heard.save(update_fields=["did"])
    return True


def _locked(forwarding_id: UUID) -> Forwarding:
    found = Forwarding.objects.select_for_update(of=("self",)).select_related("connector")
    return found.get(pk=forwarding_id)


def _carry_out(forwarding: Forwarding, said: Said) -> str:
    """Do what their words mean; returns what was done, for the log."""
    connector, meant = forwarding.connector, mapping.meaning(forwarding.connector, said.status)
    note = f"{connector.name}: {said.status}" if said.status else connector.name
    _acknowledge(forwarding, said)
    request = ServiceRequest.objects.select_related("service", "department").get(pk=forwarding.request_id)
    if meant.person or not meant.known:
        why = meant.person or f"They call its state “{said.status}”, and nobody has said what that means."
        return _ask_a_person(forwarding, said, f"{why} {said.text}".strip())
    to = _follows(request, meant, said)
    if request.status in FINISHED_STATES and not to:
        return _note(connector, request, f"{note} {said.text}".strip()) if said.text else "nothing new"
    if to:
        return _move(forwarding, meant, said, note)
    if said.text:
        actions.add_update(request.pk, by=None, public_text=said.text, note=note, actor=connector.actor)
        return "update"
    return "nothing new"


def _acknowledge(forwarding: Forwarding, said: Said) -> None:
    """Who speaks of it has it."""
    if forwarding.state in (State.SENT, State.STUCK, State.FAILED, State.SENDING, State.QUEUED):
        forwarding.state, forwarding.next_try_at, forwarding.error = State.ACKNOWLEDGED, None, ""
        forwarding.acknowledged_at = forwarding.acknowledged_at or timezone.now()
        forwarding.sent_at, forwarding.unclear_at = forwarding.sent_at or timezone.now(), None
    forwarding.their_id = said.their_id or forwarding.their_id
    forwarding.save()


def _follows(request: ServiceRequest, meant: Meaning, said: Said) -> str:
    """The state to move to; "" if it stands there already, or moved after they wrote."""
    to = meant.status
    if not to or to == request.status or to not in allowed(request.status):
        return ""
    moved = Update.objects.filter(request=request).exclude(to_status="").order_by("-at", "-id").first()
    stale = said.at is not None and moved is not None and said.at < moved.at - _CLOCKS_DIFFER
    backwards = to == Status.ACCEPTED and request.status in (Status.SCHEDULED, Status.IN_PROGRESS)
    return "" if stale or backwards else to


def _move(forwarding: Forwarding, meant: Meaning, said: Said, note: str) -> str:
    """Move the request; if something of ours stands in the way, a person decides."""
    try:
        with transaction.atomic():
            actions.move(
                forwarding.request_id,
                meant.status,
                by=None,
                outcome=meant.outcome,
                public_text=said.text,
                note=note,
                actor=forwarding.connector.actor,
            )
    except NotPossible as error:
        words = dict(Status.choices).get(meant.status, meant.status)
        return _ask_a_person(forwarding, said, f"They say “{words}”, but: {error} {said.text}".strip())
    return f"→ {meant.status}"


def _ask_a_person(forwarding: Forwarding, said: Said, why: str) -> str:
    """Keep their words as a note for staff, and lift the forwarding onto the page of what needs a person."""
    forwarding.state, forwarding.error, forwarding.next_try_at = State.STUCK, why, None
    forwarding.save()
    request = ServiceRequest.objects.get(pk=forwarding.request_id)
    return _note(forwarding.connector, request, f"{forwarding.connector.name}: {why}")


def _note(connector: Connector, request: ServiceRequest, words: str) -> str:
    actions.add_update(request.pk, by=None, note=words or _("No words."), actor=connector.actor)
    return "note for staff"
