"""A crew's round: the requests of a day in a good order to visit, on a map, and the list in the order of promises."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from openline.service_requests import queries
from openline.service_requests.models import ServiceRequest
from tests.console import world

pytestmark = pytest.mark.django_db
ROUND = "/console/requests/round/"


def at(lon: float, text: str = "A huge pothole", **more: Any) -> ServiceRequest:
    """A request on one street that runs from east to west."""
    place = world.PLACE | {"name": f"Market St at {lon}", "lon": lon, **more}
    return world.request_from(world.conversation("Maria Santos", text), place=place)


def numbers(page: str) -> list[str]:
    """The requests in the order of the page."""
    return re.findall(r'<h2><a href="/console/requests/([0-9-]+)/">', page)


def test_a_round_visits_what_the_list_shows_from_where_it_begins(
    login: Callable[[str], Client], staff: dict[str, User]
) -> None:
    far, near, middle = at(-75.20), at(-75.15), at(-75.17)
    waiting = at(-75.16)
    ServiceRequest.objects.filter(pk=waiting.pk).update(status="waiting")
    world.department().members.add(staff["crew"])
    page = login("crew").get(ROUND, {"lat": "39.952", "lon": "-75.14"}).content.decode()
    assert numbers(page) == [near.number, middle.number, far.number]
    assert "3 stops, 5.1 km as the crow flies" in page and 'class="begins"' in page
    back = login("crew").get(ROUND, {"lat": "39.952", "lon": "-75.21"}).content.decode()
    assert numbers(back) == [far.number, middle.number, near.number]
    world.department().members.clear()
    assert "No request fits" in login("crew").get(ROUND).content.decode()


def test_the_chosen_ones_become_a_round_whose_address_can_be_kept(login: Callable[[str], Client]) -> None:
    client, chosen, other = login("agent"), at(-75.20), at(-75.15)
    nowhere = at(-75.16)
    ServiceRequest.objects.filter(pk=nowhere.pk).update(latitude=None, longitude=None)
    answer = client.post(ROUND, {"request": [chosen.number, nowhere.number, "26-999999"]}, follow=True)
    page = answer.content.decode()
    assert numbers(page) == [chosen.number, nowhere.number] and other.number not in page
    assert "Without a place on the map" in page and "csrf" not in answer.redirect_chain[0][0]
    assert client.post(ROUND)["Location"] == reverse("console:requests")


def test_a_start_that_is_no_place_is_said_and_the_round_shown_without_it(login: Callable[[str], Client]) -> None:
    one = at(-75.20)
    for start in ({"at": "nowhere at all"}, {"lat": "x", "lon": "1"}, {"lat": "nan", "lon": "nan"}, {"lat": "1e9"}):
        answer = login("agent").get(ROUND, start)
        assert answer.status_code == 200 and numbers(answer.content.decode()) == [one.number]
    assert "No such place is known" in login("agent").get(ROUND, {"at": "nowhere"}).content.decode()


def test_a_long_round_costs_no_more_queries_and_is_cut(login: Callable[[str], Client]) -> None:
    client, costs = login("agent"), []
    for _more in (2, 39):
        for number in range(_more):
            at(-75.20 + number / 1000)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            page = client.get(ROUND).content.decode()
        costs.append(len(asked))
    assert costs[1] <= costs[0] and costs[0] <= 20
    assert len(numbers(page)) == 40 and "Only the 40 that were promised soonest" in page


def test_who_may_not_move_requests_reads_the_public_words(login: Callable[[str], Client]) -> None:
    made = at(-75.20)
    ServiceRequest.objects.filter(pk=made.pk).update(description="secret words", public_description="public words")
    page = login("communications").get(ROUND).content.decode()
    assert "public words" in page and "secret words" not in page


def test_the_list_in_the_order_of_promises_is_paged_by_key_and_loses_none(
    login: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "PAGE", 2)
    now = timezone.now().replace(microsecond=123457)
    due = [now + timedelta(days=2), now, None, now, None, now + timedelta(days=1), None]
    made = [at(-75.20) for _one in due]
    for one, moment in zip(made, due, strict=True):
        ServiceRequest.objects.filter(pk=one.pk).update(due_at=moment)
    seen: list[ServiceRequest] = []
    key = ""
    while True:
        rows, key = queries.page(ServiceRequest.objects.all(), queries.Filter(order="due"), key)
        seen += rows
        if not key:
            break
    assert [one.due_at for one in seen] == sorted(filter(None, due)) + [None] * 3
    assert len({one.pk for one in seen}) == len(made)
    page = login("agent").get(reverse("console:requests"), {"order": "due"}).content.decode()
    assert "order=due" in page and "before=" in page and f"{reverse('console:round')}?" in page
