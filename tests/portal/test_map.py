"""The map's counts: right, public only, kept by browsers, and clear about what is wrong."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from openline.service_requests import map_cells
from openline.service_requests.models import MapCell, ServiceRequest
from openline.service_requests.states import Status
from tests.console import world

pytestmark = pytest.mark.django_db
CITY = "-75.3,39.8,-74.9,40.2"


def made(lat: float, lon: float, **more: Any) -> ServiceRequest:
    request = world.open_request(
        world.NewRequest(world.service(), "a hole", "a hole", "phone", place=world.PLACE | {"lat": lat, "lon": lon})
    )
    ServiceRequest.objects.filter(pk=request.pk).update(**more)
    return request


def shown(**parameters: str) -> list[dict[str, Any]]:
    answer = Client().get("/requests/map.json", {"bbox": CITY, "zoom": "11"} | parameters)
    assert answer.status_code == 200 and answer["Content-Type"] == "application/geo+json"
    return answer.json()["features"]


def test_counts_are_those_of_public_requests_in_each_square() -> None:
    now = made(39.952, -75.161).requested_at
    made(39.9521, -75.1611)
    made(39.9522, -75.1612, status=Status.CLOSED, closed_at=now)
    made(40.05, -75.0)
    made(39.9523, -75.1613, public=False)
    assert map_cells.refresh() and not map_cells.refresh()
    counts = sorted((one["properties"]["open"], one["properties"]["closed"]) for one in shown())
    assert counts == [(1, 0), (2, 1)]
    assert sum(one["properties"]["count"] for one in shown(status="both")) == 4
    assert [one["properties"]["count"] for one in shown(status="closed")] == [1]
    for level in range(map_cells.COARSEST, map_cells.FINEST + 1):
        assert sum(MapCell.objects.filter(level=level).values_list("open", flat=True)) == 3


def test_what_changed_is_counted_anew() -> None:
    request = made(39.952, -75.161)
    map_cells.refresh()
    from openline.service_requests import actions

    actions.move(request.pk, Status.IN_PROGRESS, by=None)
    assert map_cells.refresh()


def test_near_by_each_request_stands_alone_with_nothing_private() -> None:
    number = made(39.952, -75.161).number
    made(39.952, -75.161, public=False)
    [one] = shown(zoom="17")
    assert one["properties"]["number"] == number and one["geometry"]["coordinates"] == [-75.161, 39.952]
    assert set(one["properties"]) == {"number", "service", "status", "is_open"}
    assert shown(zoom="17", bbox="-75.0,39.0,-74.9,39.1") == []


def test_browsers_keep_it_and_are_told_when_it_is_the_same() -> None:
    made(39.952, -75.161)
    map_cells.refresh()
    first = Client().get("/requests/map.json")
    assert "max-age=30" in first["Cache-Control"]
    again = Client().get("/requests/map.json", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304 and not again.content
    made(39.952, -75.161)
    map_cells.refresh()
    assert Client().get("/requests/map.json", headers={"If-None-Match": first["ETag"]}).status_code == 200


@pytest.mark.parametrize(
    "asked",
    [
        "bbox=1,2,3",
        "bbox=5,0,4,1",
        "bbox=nan,0,1,1",
        "bbox=a,b,c,d",
        "zoom=23",
        "zoom=-1",
        "zoom=١",
        "status=lost",
        "bbox=0,0,1,inf",
    ],
)
def test_what_is_wrong_is_said(asked: str) -> None:
    answer = Client().get(f"/requests/map.json?{asked}")
    assert answer.status_code == 400 and "error" in answer.json()


def test_an_empty_city_has_an_empty_map() -> None:
    assert shown() == []
    assert map_cells.cells((-180, -90, 180, 90), 0) == []
