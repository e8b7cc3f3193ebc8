"""Fixtures of the partners' tests: a server of theirs, a partner behind it, and a request of ours."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from openline.partners import choosing, queries
from openline.partners.models import Connector, Forwarding
from openline.service_requests.models import Service, ServiceRequest
from openline.service_requests.opening import NewRequest, open_request
from tests.partners.standin import Theirs

PLACE = {"kind": "address", "name": "1234 S BROAD ST", "lat": 39.93, "lon": -75.16, "precision_m": 20.0, "areas": []}


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    """Partners are read anew by each test."""
    choosing.forget()
    queries.forget_count()
    yield
    choosing.forget()


@pytest.fixture
def theirs() -> Iterator[Theirs]:
    """A server of theirs."""
    with Theirs() as running:
        yield running


@pytest.fixture
def light(philadelphia: None) -> Service:
    """A service whose requests a partner gets."""
    return Service.objects.select_related("department").get(code="SR-ST20")


@pytest.fixture
def peco(theirs: Theirs, light: Service) -> Connector:
    """A partner that speaks Open311."""
    return partner(light, address=theirs.address)


def partner(of: Service, **more: Any) -> Connector:
    """A partner who gets the requests of one service."""
    values: dict[str, Any] = {
        "name": "PECO",
        "kind": "open311",
        "private_network": True,
        "per_minute": 6000,
        "service_codes": {of.code: "POLE"},
        "jurisdiction_id": "peco.example",
    } | more
    made = Connector(**values)
    made.secrets = {"secret": "the-api-key"}
    made.save()
    made.services.add(of)
    choosing.forget()
    return made


def opened(of: Service, text: str = "The light at the corner is out", **more: Any) -> ServiceRequest:
    """A new request."""
    return open_request(NewRequest(of, text, text, "test", PLACE, **more))


def due_now() -> None:
    """Let the time of every next try, poll and claim have come."""
    past = timezone.now() - timedelta(seconds=1)
    Forwarding.objects.exclude(next_try_at=None).update(next_try_at=past)
    Connector.objects.update(next_poll_at=None, next_send_at=None)
