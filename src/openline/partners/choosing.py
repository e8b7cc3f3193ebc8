"""Which partners get which requests, and which webhooks hear of them: read once for some seconds, then without a query.

A process takes up a new partner after `SECONDS` at the latest; what was opened meanwhile is found by
`handlers.catch_up`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from uuid import UUID

from openline.partners.models import Connector, Webhook

SECONDS = 5.0
_cached: tuple[float, Choices] | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """A partner: the department and the services whose requests it gets (ids)."""

    id: UUID
    department: int | None
    services: frozenset[int]

    def wants(self, service_id: int, department_id: int) -> bool:
        """Whether a request of this service, owned by this department, is passed on."""
        if not self.services and self.department is None:
            return False
        return self.department in (None, department_id) and (not self.services or service_id in self.services)


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook: what it is told, and of which services (ids; empty: all)."""

    id: UUID
    events: frozenset[str]
    services: frozenset[int]

    def wants(self, event: str, service_id: int) -> bool:
        """Whether it is told `event` of a request of this service."""
        return event in self.events and (not self.services or service_id in self.services)


@dataclass(frozen=True, slots=True)
class Choices:
    """All partners and webhooks that are switched on."""

    targets: tuple[Target, ...]
    hooks: tuple[Hook, ...]


def choices() -> Choices:
    """The partners and webhooks in use."""
    global _cached
    if _cached and time.monotonic() - _cached[0] < SECONDS:
        return _cached[1]
    connectors = Connector.objects.filter(enabled=True).prefetch_related("services")
    webhooks = Webhook.objects.filter(enabled=True).prefetch_related("services")
    found = Choices(
        tuple(Target(one.pk, one.department_id, frozenset(s.pk for s in one.services.all())) for one in connectors),
        tuple(Hook(one.pk, frozenset(one.events), frozenset(s.pk for s in one.services.all())) for one in webhooks),
    )
    _cached = (time.monotonic(), found)
    return found


def forget() -> None:
    """Read them anew at the next use (after one was changed)."""
    global _cached
    _cached = None
