"""Neighborhoods: what happens where one lives, in a fixed number of questions, and nothing that is not public."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from openline.community.models import Liaison, Topic
from openline.geography.models import Area
from openline.knowledge.models import Article
from openline.portal.neighborhoods import counts
from openline.service_requests.models import ServiceRequest
from tests.community.joined import browser, neighbor, request_here

pytestmark = [pytest.mark.usefixtures("philadelphia"), pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _count_anew() -> None:
    counts.forget()


def page(path: str, client: Client | None = None) -> str:
    answer = (client or Client()).get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def topic(kind: str, title: str, area: str, state: str = "shown", **more: object) -> Topic:
    by, now = neighbor(f"Writer {title}", f"{title.replace(' ', '-')}@residents.test"), timezone.now()
    facts = {"kind": kind, "title": title, "area": area, "state": state, "by": by, "form": uuid.uuid4()}
    return Topic.objects.create(**facts, opened_at=now, changed_at=now, **more)  # type: ignore[misc]


def test_every_neighborhood_is_on_the_list_and_has_a_page() -> None:
    html = page("/neighborhoods/")
    areas = Area.objects.filter(kind="neighborhood")
    assert areas.count() > 100
    assert all(f'href="/neighborhoods/{code}/"' in html for code in areas.values_list("code", flat=True))
    assert 'href="/neighborhoods/cd-1/"' not in html and "?kind=council_district" in html


def test_districts_work_the_same() -> None:
    district = Area.objects.filter(kind="council_district")[0]
    assert f"/neighborhoods/{district.code}/" in page("/neighborhoods/?kind=council_district")
    assert district.name in page(f"/neighborhoods/{district.code}/")
    assert "Neighborhoods" in page("/neighborhoods/?kind=nonsense")


def test_an_address_leads_to_its_neighborhood() -> None:
    answer = Client().get("/neighborhoods/", {"at": "1400 John F Kennedy Blvd"})
    assert answer.status_code == 302 and answer["Location"].startswith("/neighborhoods/nb-")
    assert "could not find" in page("/neighborhoods/?at=nowhere+at+all")


def test_the_page_of_one() -> None:
    found, code = request_here()
    closed, _code = request_here()
    ServiceRequest.objects.filter(pk=closed.pk).update(closed_at=timezone.now(), status="closed", outcome="fixed")
    hidden, _code = request_here()
    ServiceRequest.objects.filter(pk=hidden.pk).update(public=False)
    Article.objects.create(slug="here", title="Parking here", body="So.", areas=[code])
    topic("discussion", "A bench for the corner", code)
    topic("idea", "Still waits", code, "waiting")
    topic("event", "Clean up", code, starts_at=timezone.now() + timedelta(days=2))
    topic("event", "Long over", code, starts_at=timezone.now() - timedelta(days=2))
    liaison = neighbor("Wei of the block", "wei@residents.test")
    Liaison.objects.create(member=liaison, area=code, since=timezone.now().date() - timedelta(days=9))
    former = neighbor("Was one once", "was@residents.test")
    Liaison.objects.create(member=former, area=code, since=timezone.now().date() - timedelta(days=9),
                           until=timezone.now().date() - timedelta(days=2))  # fmt: skip
    html = page(f"/neighborhoods/{code}/")
    for shown in (found.number, closed.number, "Parking here", "A bench for the corner", "Clean up", "Wei of the block",
                  "1 request is open, 1 are closed", "openline-own", f"/feeds/requests.atom?area={code}"):  # fmt: skip
        assert shown in html, shown
    for not_shown in (hidden.number, "Still waits", "Long over", "Was one once", "residents.test"):
        assert not_shown not in html, not_shown


def test_as_many_questions_for_many_requests_as_for_few() -> None:
    _found, code = request_here()
    sizes = []
    page(f"/neighborhoods/{code}/")
    for _round in range(2):
        with CaptureQueriesContext(connection) as asked:
            page(f"/neighborhoods/{code}/")
        sizes.append(len(asked))
        for _n in range(12):
            request_here()
    assert sizes[0] == sizes[1] <= 12


def test_the_header_leads_home() -> None:
    _found, code = request_here()
    assert 'href="/join/"' in page("/about/") and 'href="/neighborhoods/"' in page("/about/")
    html = page("/about/", browser(neighbor(area=code)))
    assert f'href="/neighborhoods/{code}/"' in html and "Rosa of Fishtown" in html and 'href="/join/"' not in html


@pytest.mark.parametrize("path", ["/neighborhoods/nowhere/", "/neighborhoods/%00/", f"/neighborhoods/{'x' * 300}/"])
def test_what_is_no_area(path: str) -> None:
    assert Client().get(path).status_code == 404
