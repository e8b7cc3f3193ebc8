"""Events of the outbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from openline.channels.base import Outgoing, Receipt
from openline.foundation.events import Event


@dataclass(frozen=True, slots=True)
class DeliverySent:
    """The network has taken the message; `receipt` is its proof.

    It carries what tells whose message it is (`key`, `network`, `outgoing`), so that who has no part in it asks the
    database nothing.
    """

    delivery_id: UUID
    account_id: UUID
    network: str
    key: str
    outgoing: Outgoing
    receipt: Receipt
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class DeliveryFailed:
    """The message was not said and will not be tried again by itself; `reason` is for a person."""

    delivery_id: UUID
    account_id: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class DeliveryDecided:
    """A person decided on a delivery that had failed: it is tried again ("retry") or given up ("cancelled")."""

    delivery_id: UUID
    what: Literal["retry", "cancelled"]


sent: Event[DeliverySent] = Event("delivery sent")
failed: Event[DeliveryFailed] = Event("delivery failed")
decided: Event[DeliveryDecided] = Event("delivery decided")
