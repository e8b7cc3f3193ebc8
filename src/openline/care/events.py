"""Events of customer care."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from openline.foundation.events import Event

DISCUSSION, HOLD, TO_NEIGHBOR = "discussion", "hold", "to_neighbor"
"""Facts (`Incoming.facts`) of what neighbors say on the city's own pages: its thread, why it waits for a look, and that
it answers one of them."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message of a discussion on the city's own pages was kept and read, in the same transaction.

    `held` says why nobody is shown it before a person has looked; "" if it may be shown. `edited`: it was read before,
    and has another text now.
    """

    message_id: UUID
    thread: str
    held: str
    edited: bool


said: Event[tuple[Said, ...]] = Event("said in a discussion")
