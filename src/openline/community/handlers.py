"""What happens to requests, as far as liaisons and topics have to do with it."""

from __future__ import annotations

from openline.community import proposing
from openline.service_requests import events
from openline.service_requests.states import FINISHED_STATES


@events.changed.subscribe
def settle_proposals(change: events.RequestChanged) -> None:
    """Nobody has to decide what is decided."""
    if change.update.to_status in FINISHED_STATES:
        proposing.finished(change.request.pk)
