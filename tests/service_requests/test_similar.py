"""Possibly the same: candidates by index, scored, for staff to decide."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from openline.foundation.bulk import query
from openline.foundation.ids import uuid7
from openline.service_requests.models import Service, ServiceRequest
from openline.service_requests.opening import NewRequest, open_request
from openline.service_requests.similar import similar
from openline.service_requests.states import Outcome, Status

pytestmark = pytest.mark.usefixtures("philadelphia")
LAT, LON = 39.952, -75.161
NOW = timezone.now()


def opened(text: str, north_m: float = 0, at: datetime | None = None, **more: Any) -> ServiceRequest:
    """A request for a hole in the road, so far north of the first."""
    place = {"kind": "intersection", "name": "x", "lat": LAT + north_m / 111_320, "lon": LON, "precision_m": 20.0,
             "areas": []}  # fmt: skip
    service = Service.objects.get(name=more.pop("service", "Street Defect"))
    made = open_request(NewRequest(service, text, text, "test", place=place, requested_at=at or NOW))
    ServiceRequest.objects.filter(pk=made.pk).update(**more)
    return ServiceRequest.objects.select_related("service").get(pk=made.pk)


def numbers(found: ServiceRequest) -> list[str]:
    """Numbers of the requests that may be the same."""
    return [item.request.number for item in similar(found, ServiceRequest.objects.all())]


def test_the_likeliest_comes_first_with_reasons() -> None:
    near, nearer = opened("pothole by the bus stop", 40), opened("huge pothole, bent my rim", 6)
    mine = opened("bent my rim in a huge pothole")
    assert numbers(mine)[0] == nearer.number
    found = similar(mine, ServiceRequest.objects.all())
    assert found[0].score > 0.9
    assert "6 m apart" in found[0].reasons
    assert near.number in [item.request.number for item in found] or found[0].score > found[-1].score


def test_what_is_far_long_ago_or_long_closed_is_no_candidate() -> None:
    closed = {"status": Status.CLOSED, "outcome": Outcome.DONE}
    opened("pothole", 500)
    opened("pothole", 5, NOW - timedelta(days=60))
    opened("pothole", 5, NOW - timedelta(days=29), closed_at=NOW - timedelta(days=20), **closed)
    lately = opened("pothole", 5, NOW - timedelta(days=10), closed_at=NOW - timedelta(days=3), **closed)
    assert numbers(opened("pothole")) == [lately.number]


def test_without_a_point_nothing_is_guessed() -> None:
    opened("pothole")
    assert numbers(opened("pothole", latitude=None, longitude=None)) == []


def test_only_what_the_person_may_see_is_offered() -> None:
    opened("pothole", 3, public=False)
    assert similar(opened("pothole"), ServiceRequest.objects.filter(public=True)) == []


def test_candidates_come_from_the_index_in_one_query() -> None:
    mine = opened("pothole")
    ServiceRequest.objects.bulk_create(
        ServiceRequest(id=uuid7(), number=f"T{n}", service=mine.service, department=mine.department, source="test",
                       description="pothole", latitude=LAT + (n % 200) / 1000, longitude=LON + (n // 200) / 1000,
                       requested_at=NOW, updated_at=NOW)
        for n in range(20_000)
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE service_requests_servicerequest")
    with CaptureQueriesContext(connection) as asked:
        similar(mine, ServiceRequest.objects.all())
    assert len(asked) == 1
    plan = "\n".join(row[0] for row in query(f"EXPLAIN {asked.captured_queries[0]['sql']}"))
    assert "request_by_place" in plan, plan
