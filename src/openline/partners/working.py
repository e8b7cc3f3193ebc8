"""What a worker does for partners: one thread sends and asks, one tells webhooks."""

from __future__ import annotations

from openline.partners import forwarding
from openline.partners.hooks import delivering
from openline.partners.open311 import polling

IDLE_SECONDS = 10.0


def send_and_ask() -> float:
    """Send what is due, ask a partner that is due; returns the seconds to wait."""
    worked = forwarding.send_next()
    worked = polling.poll_next() or worked
    return 0.0 if worked else forwarding.next_due_seconds(IDLE_SECONDS)


def tell_webhooks() -> float:
    """Deliver what is due; returns the seconds to wait."""
    return 0.0 if delivering.deliver_next() else delivering.next_due_seconds(IDLE_SECONDS)
