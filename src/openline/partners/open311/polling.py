"""Asking an Open311 partner how our requests stand, and taking over what is new.

Updates (`servicerequestupdates`) where they are offered, asked for with an overlap and told apart by their ids; else
the state and the words of each request, told apart by what was seen before. Tokens are asked until there is an id.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from openline.partners import applying, mapping, outgoing
from openline.partners.applying import Said
from openline.partners.forwarding import NotSent, healthy, record
from openline.partners.models import Connector, Forwarding, Health, Kind, State
from openline.partners.open311.client import Server, TheirRequest, Trouble
from openline.partners.open311.sending import server

logger = structlog.get_logger("openline.partners")

_BATCH = 50
_OVERLAP = timedelta(hours=2)
_LONGEST_SPAN = timedelta(days=30)
_AFTER_CLOSING = timedelta(days=14)
"""So long a closed request is still asked about: they may open it again."""
_CLAIM = timedelta(minutes=10)


def poll_next() -> bool:
    """Ask one partner that is due; False if none is."""
    connector = _claim()
    if connector is None:
        return False
    try:
        poll(connector)
    except (Trouble, NotSent) as trouble:
        Connector.objects.filter(pk=connector.pk).update(health=Health.DOWN, health_error=str(trouble))
        logger.warning("partner_not_polled", partner=str(connector.pk), status=getattr(trouble, "status", 0))
    return True


@transaction.atomic
def _claim() -> Connector | None:
    """A partner that is due, not to be asked by anybody else before its next turn."""
    now = timezone.now()
    due = Connector.objects.filter(Q(next_poll_at=None) | Q(next_poll_at__lte=now), kind=Kind.OPEN311, enabled=True)
    found = due.select_for_update(skip_locked=True).order_by("next_poll_at").first()
    if found:
        pause = max(timedelta(minutes=max(found.poll_minutes, 1)), timedelta(minutes=1))
        Connector.objects.filter(pk=found.pk).update(next_poll_at=now + pause)
    return found


def poll(connector: Connector) -> int:
    """Ask about everything that is under way there; returns how much was new. Raises Trouble or NotSent."""
    there, started = server(connector), timezone.now()
    new = _tokens(connector, there)
    asked = _asked(connector)
    if asked.exists():
        updates = _updates(connector, there)
        new += _states(asked, connector, there) if updates is None else updates
        asked.update(polled_at=timezone.now())
    Connector.objects.filter(pk=connector.pk).update(polled_at=started)
    healthy(connector)
    return new


def _asked(connector: Connector) -> QuerySet[Forwarding]:
    """The forwardings whose requests are open, or were closed a short time ago."""
    late = Q(request__closed_at=None) | Q(request__closed_at__gte=timezone.now() - _AFTER_CLOSING)
    found = Forwarding.objects.filter(late, connector=connector, state__in=(State.ACKNOWLEDGED, State.STUCK))
    return found.exclude(their_id="")


def _tokens(connector: Connector, there: Server) -> int:
    """Ask for the ids behind tokens."""
    new = 0
    for found in Forwarding.objects.filter(connector=connector, their_id="").exclude(token="")[: _BATCH * 2]:
        if their_id := there.id_of(found.token):
            new += _numbered(found, their_id)
        Forwarding.objects.filter(pk=found.pk).update(polled_at=timezone.now())
    return new


@transaction.atomic
def _numbered(found: Forwarding, their_id: str) -> bool:
    now = timezone.now()
    changed = Forwarding.objects.filter(pk=found.pk, their_id="").update(
        their_id=their_id, state=State.ACKNOWLEDGED, acknowledged_at=now, next_try_at=None, error=""
    )
    if changed:
        record(found, "acknowledged by partner", by=connector_actor(found), their_id=their_id)
    return bool(changed)


def connector_actor(found: Forwarding) -> str:
    """As whom the partner of a forwarding stands in records."""
    return found.connector.actor


def _updates(connector: Connector, there: Server) -> int | None:
    """Their updates since the last time; None if they do not offer any."""
    if connector.updates == "no":
        return None
    now = timezone.now()
    start = max((connector.polled_at or now - timedelta(days=1)) - _OVERLAP, now - _LONGEST_SPAN)
    found = there.updates(start, now + timedelta(minutes=5))
    offered = "no" if found is None else "yes"
    if offered != connector.updates:
        Connector.objects.filter(pk=connector.pk).update(updates=offered)
    if found is None:
        return None
    ours = _by_their_id(connector, {one.request_id for one in found})
    said = (
        (ours[one.request_id], Said(f"update:{one.id}", one.status, one.text, one.at))
        for one in sorted(found, key=lambda one: one.at or now)
        if one.id and one.request_id in ours
    )
    return _take(said)


def _by_their_id(connector: Connector, ids: Iterable[str]) -> dict[str, UUID]:
    found = Forwarding.objects.filter(connector=connector, their_id__in=set(ids) - {""})
    return dict(found.values_list("their_id", "pk"))


def _take(said: Iterable[tuple[UUID, Said]]) -> int:
    """Take over each; one that breaks does not keep the others back, and comes again the next time."""
    new = 0
    for forwarding_id, one in said:
        try:
            new += applying.take(forwarding_id, one)
        except Exception:
            logger.exception("partner_update_failed", forwarding=str(forwarding_id))
    return new


def _states(asked: QuerySet[Forwarding], connector: Connector, there: Server) -> int:
    """The state of each of our requests as they show it, where it is another than the last time."""
    rows = list(asked.select_related("request__service", "request__department"))
    new = 0
    for start in range(0, len(rows), _BATCH):
        batch = {row.their_id: row for row in rows[start : start + _BATCH]}
        for one in there.requests(list(batch)):
            if one.id in batch:
                new += _compare(batch[one.id], one, connector)
    return new


def _compare(row: Forwarding, one: TheirRequest, connector: Connector) -> int:
    """Take over what changed. The first look only remembers what they say of a request that is still open there."""
    looks = hashlib.sha256(f"{one.status}\n{one.notes}".encode()).hexdigest()
    if not connector.shows_ours and outgoing.facts(row.request).mark in one.description:
        Connector.objects.filter(pk=connector.pk).update(shows_ours=True)
    if looks == row.seen:
        return 0
    first = not row.seen and not mapping.meaning(connector, one.status).status
    with transaction.atomic():
        Forwarding.objects.filter(pk=row.pk).update(seen=looks)
        if first:
            return 0
        when = one.updated.isoformat() if one.updated else ""
        said = Said(f"state:{row.their_id}:{looks[:16]}:{when}"[:200], one.status, one.notes, one.updated)
        return int(applying.take(row.pk, said))
