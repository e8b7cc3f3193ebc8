"""Many residents under one post: who reports the same follows the request that is open already.

Under a post about an outage fifty people write "here too". Each is answered once in their own thread and told how it
ends, and the city has one request, not fifty. Only those are folded who say that it is the same, or name the same
service and no other place: past `SAME_PLACE_M` a request of their own is opened, and they are asked whether it is the
one that is known (`ASK_M`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from openline.foundation.bulk import array, insert_rows, query
from openline.foundation.ids import uuid7
from openline.geography.lines import metres
from openline.geography.place import Place

SAME_PLACE_M = 15.0
"""No machine folds reports that name places further apart."""
ASK_M = 400.0
SERVICE_LIKELY = 0.3
"""From this confidence on a reply that names no place is about the service of the request under the same post."""
Thread = tuple[UUID, str]
"""An account and the post from which a thread hangs."""


class Under(NamedTuple):
    """An open request that was reported under the same post.

    `message_id` is the message that opens it if that is in the same batch: then it has no `id` and `number` yet.
    """

    service: str
    lat: float | None
    lon: float | None
    id: UUID | None = None
    number: str = ""
    message_id: UUID | None = None
    place_name: str = ""
    service_name: str = ""
    requested_at: datetime | None = None

    def away(self, place: Place) -> float:
        """Metres from `place`; 0 if one of the two has no point."""
        if None in (self.lat, self.lon, place.lat, place.lon):
            return 0.0
        return metres((self.lon, self.lat), (place.lon, place.lat))  # type: ignore[arg-type]


def same(under: Sequence[Under], service: str, place: Place | None, says_same: bool) -> list[Under]:
    """Those of the requests under a post that a reply reports as well. `service` is "" if it is not sure."""
    fitting = [one for one in under if says_same or (service and one.service == service)]
    return [one for one in fitting if one.away(place) <= SAME_PLACE_M] if place else fitting


def near(under: Sequence[Under], service: str, place: Place) -> Under | None:
    """The request under the same post of which a resident is asked whether it is theirs; None if none is near."""
    found = [one for one in under if one.id and one.service == service and one.away(place) <= ASK_M]
    return min(found, key=lambda one: one.away(place), default=None)


_UNDER = """
SELECT k.account_id, k.thread, r.id, r.number, s.code, r.latitude, r.longitude, r.place_name, s.name, r.requested_at
FROM unnest(%s::uuid[], %s::text[]) AS k(account_id, thread)
CROSS JOIN LATERAL (
    SELECT DISTINCT p.request_id FROM inbox_conversation c JOIN care_report p ON p.conversation_id = c.id
    WHERE c.account_id = k.account_id AND c.thread = k.thread AND c.visibility = 'public') p
JOIN service_requests_servicerequest r ON r.id = p.request_id
JOIN service_requests_service s ON s.id = r.service_id
WHERE r.closed_at IS NULL AND r.duplicate_of_id IS NULL AND r.public
ORDER BY r.number
"""


_NAMED = """
SELECT r.id, r.number, s.code, r.latitude, r.longitude, r.place_name, s.name, r.requested_at
FROM service_requests_servicerequest r JOIN service_requests_service s ON s.id = r.service_id
WHERE r.number = ANY(%s::text[]) AND r.closed_at IS NULL AND r.duplicate_of_id IS NULL AND r.public
"""


def named(numbers: Collection[str]) -> dict[str, Under]:
    """The open public requests with these numbers; no query for none."""
    rows = query(_NAMED, [array(sorted(numbers))]) if numbers else []
    return {
        number: Under(code, lat, lon, id, number, place_name=place, service_name=name, requested_at=at)
        for id, number, code, lat, lon, place, name, at in rows
    }


def requests_under(threads: Sequence[Thread]) -> dict[Thread, list[Under]]:
    """The open public requests under each post, in one query.

    The threads stay locked until this transaction ends: of two workers that read replies under one post, the second
    sees what the first opened.
    """
    if not threads:
        return {}
    keys = sorted(f"{account}:{thread}" for account, thread in threads)
    query("SELECT pg_advisory_xact_lock(hashtextextended(k, 0)) FROM unnest(%s::text[]) AS k", [array(keys)])
    found: dict[Thread, list[Under]] = {}
    columns = [array(account for account, _ in threads), array(thread for _, thread in threads)]
    for account, thread, id, number, code, lat, lon, place, name, at in query(_UNDER, columns):
        one = Under(code, lat, lon, id, number, place_name=place, service_name=name, requested_at=at)
        found.setdefault((account, thread), []).append(one)
    return found


_REPORT = {
    "id": "uuid",
    "conversation_id": "uuid",
    "request_id": "uuid",
    "message_id": "uuid",
    "created_at": "timestamptz",
    "folded": "bool",
}


def fold(rows: Sequence[tuple[UUID, UUID, UUID]], now: datetime) -> None:
    """Let conversations follow requests: rows of conversation, request, message. Who follows already stays so."""
    insert_rows(
        "care_report",
        _REPORT,
        [(uuid7(), conversation, request, message, now, True) for conversation, request, message in rows],
        conflict="(conversation_id, request_id) DO NOTHING",
    )
