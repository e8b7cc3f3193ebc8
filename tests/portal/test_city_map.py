"""The map of requests: works by links alone, holds what is public, and says plainly what it does not know."""

from __future__ import annotations

import re

import numpy as np
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from openline.geography.window import SIZE, Window
from openline.service_requests import map_cells
from openline.service_requests.models import ServiceRequest
from openline.service_requests.states import Status
from tests.portal.test_map import made

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("philadelphia")]
NEAR = "/requests/map/?lat=39.95200&lon=-75.16100&zoom=18"


def page(path: str) -> str:
    answer = Client().get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def marks(html: str) -> list[str]:
    return re.findall(r'<a href="([^"]+)" aria-label="[^"]+" class="openline-mark">', html)


def test_a_window_knows_where_its_points_lie() -> None:
    window = Window.of(39.952, -75.161, 15)
    lat, lon = window.at(100, 300)
    x, y = window.xy(np.array([lat]), np.array([lon]))
    assert (round(x[0], 3), round(y[0], 3)) == (100, 300)
    west, south, east, north = window.moved(1, 0).box
    assert west == pytest.approx(window.box[2], abs=1e-5) and north == pytest.approx(window.box[3], abs=1e-5)
    assert east > west and north > south and window.nearer(99).zoom == 19


def test_from_afar_requests_are_counted_and_a_count_leads_nearer() -> None:
    for _one in range(3):
        made(39.952, -75.161)
    map_cells.refresh()
    html = page("/requests/map/")
    assert "3 requests: look closer" in html
    [link] = marks(html)
    assert "zoom=1" in link and len(marks(page("/requests/map/" + link.replace("&amp;", "&")))) == 1


def test_near_by_each_request_leads_to_its_page_and_what_would_overlap_is_a_number() -> None:
    one, _two, _three = made(39.952, -75.161), made(39.9523, -75.1616), made(39.95231, -75.16161)
    found = marks(page(NEAR))
    assert f"/requests/{one.number}/" in found and len(found) == 2
    html = page(NEAR)
    assert "2 requests: look closer" in html and html.count("usa-collection__item") == 3


def test_only_what_is_public_and_of_the_chosen_state_is_shown() -> None:
    made(39.952, -75.161, public=False)
    done = made(39.952, -75.161)
    ServiceRequest.objects.filter(pk=done.pk).update(status=Status.CLOSED, closed_at=done.requested_at)
    assert marks(page(NEAR)) == []
    assert marks(page(NEAR + "&status=both")) == [f"/requests/{done.number}/"]


def test_an_address_brings_it_to_the_middle_and_an_unknown_one_is_said() -> None:
    html = page("/requests/map/?at=1234+Market+St")
    assert 'data-zoom="17"' in html and "place=39.95" in html and 'id="at-error"' in html
    assert "We could not find that place" not in html
    assert "We could not find that place" in page("/requests/map/?at=Nowhere+at+all")


@pytest.mark.parametrize(
    "query", ["lat=x&lon=y", "lat=nan&lon=inf", "lat=99&lon=999&zoom=1e9", "zoom=-5", "at=%00", "lat=1"]
)
def test_odd_addresses_show_a_map(query: str) -> None:
    assert f'viewBox="0 0 {SIZE} {SIZE}"' in page("/requests/map/?" + query)


def test_the_map_costs_few_queries_and_few_bytes() -> None:
    for n in range(40):
        made(39.952 + n * 0.0001, -75.161)
    page(NEAR)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer = Client().get(NEAR, headers={"Accept-Encoding": "gzip"})
    assert len(queries) <= 6 and len(answer.content) < 25_000
