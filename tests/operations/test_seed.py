"""Made-up requests: as asked, the same each time, and never among real ones."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F
from pytest_django import Settings

from openline.foundation.bulk import query
from openline.operations.seeding import city, writing
from openline.service_requests.models import Assignment, ServiceRequest, Update
from openline.service_requests.states import FINISHED_STATES, TRANSITIONS

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("philadelphia")]


@pytest.fixture(autouse=True)
def _few_places(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Iterator[None]:
    settings.SANDBOX = True
    monkeypatch.setattr(city.spots, "__defaults__", (300,))
    yield


def facts() -> list[tuple[object, ...]]:
    columns = ("status", "outcome", "place_name", "requested_at", "closed_at", "due_at", "description", "source")
    return list(ServiceRequest.objects.order_by("requested_at", "id").values_list("id", *columns))


def test_requests_have_lives_that_the_state_machine_allows() -> None:
    writing.seed(1500, 7, now=NOW)
    assert ServiceRequest.objects.count() == 1500 == Assignment.objects.count()
    assert set(Update.objects.exclude(from_status="").values_list("from_status", "to_status").distinct()) <= {
        (one, to) for one, following in TRANSITIONS.items() for to in following
    }
    finished = ServiceRequest.objects.filter(status__in=FINISHED_STATES)
    assert not finished.filter(closed_at=None).exists() and finished.count() > 1200
    still = ServiceRequest.objects.exclude(status__in=FINISHED_STATES)
    assert not still.exclude(closed_at=None).exists() and still.filter(due_at__lt=NOW).exists()
    assert not ServiceRequest.objects.filter(requested_at__gt=NOW).exists()
    assert not ServiceRequest.objects.filter(closed_at__lt=F("requested_at")).exists()
    assert ServiceRequest.objects.filter(requested_at__lt=NOW - timedelta(days=900)).exists()
    assert not ServiceRequest.objects.filter(public_description__contains="215-555").exists()
    assert ServiceRequest.objects.filter(description__contains="215-555").exists()
    assert ServiceRequest.objects.filter(latitude=None).count() == 0


def test_the_same_seed_makes_the_same_requests() -> None:
    writing.seed(200, 7, now=NOW)
    first = facts()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE service_requests_servicerequest CASCADE")
    writing.seed(200, 7, now=NOW)
    assert facts() == first


def test_all_indexes_are_there_afterwards() -> None:
    names = "SELECT indexname FROM pg_indexes WHERE tablename LIKE 'service_requests%%' ORDER BY 1"
    before = query(names)
    writing.seed(50, 1, now=NOW)
    assert query(names) == before


def test_real_data_and_production_are_refused(settings: Settings) -> None:
    call_command("seed", "--requests", "20", verbosity=0)
    with pytest.raises(CommandError, match="holds requests or messages already"):
        call_command("seed", "--requests", "20")
    settings.SANDBOX = settings.DEBUG = False
    with pytest.raises(CommandError, match="do not belong into a city's own database"):
        call_command("seed", "--requests", "20", "--yes")
    assert ServiceRequest.objects.count() == 20
    with pytest.raises(CommandError, match="Choose another --seed"):
        call_command("seed", "--requests", "20", "--yes", "--production")
    call_command("seed", "--requests", "20", "--seed", "2", "--yes", "--production", verbosity=0)
    assert ServiceRequest.objects.count() == 40
