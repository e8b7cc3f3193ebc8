"""The public pages: what everybody sees, and what nobody may see."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from openline.foundation.markdown import html_of
from openline.knowledge.models import Article
from openline.service_requests import actions
from openline.service_requests.models import Service, ServiceRequest
from openline.service_requests.opening import NewRequest, open_request, open_requests
from tests.open311.test_georeport import new

pytestmark = pytest.mark.usefixtures("philadelphia")


@pytest.fixture
def hidden() -> ServiceRequest:
    service = Service.objects.create(code="HID", name="Hidden thing", public=False)
    return open_request(
        NewRequest(
            service,
            "private words",
            "",
            "nostr",
            place={"kind": "address", "name": "1 Secret St", "lat": 39.95, "lon": -75.16},
        )
    )


def page(path: str, status: int = 200) -> str:
    response = Client().get(path)
    assert response.status_code == status
    return response.content.decode()


def test_a_request_page_shows_what_where_when_and_who_works_on_it(django_user_model: Any) -> None:
    request = new()
    actions.move(
        request.pk,
        "in_progress",
        by=django_user_model.objects.create_user("ana"),
        public_text="A crew is on its way <soon>.",
        note="gate code 99",
    )
    html = page(f"/requests/{request.number}/")
    for words in (
        request.number,
        "Street Defect",
        "N 13th St &amp; Market St",
        "Streets Department",
        "a hole",
        "A crew is on its way &lt;soon&gt;.",
        "In progress",
    ):
        assert words in html
    assert "<svg" in html and "Map of the streets" in html
    for words in ("secret words", "gate code", "ana"):
        assert words not in html.replace("Canada", "")


def test_a_request_that_is_not_public_shows_its_state_only(hidden: ServiceRequest) -> None:
    html = page(f"/requests/{hidden.number}/")
    assert hidden.number in html and "noindex" in html
    for words in ("Hidden thing", "Secret St", "private words", "openline-map"):
        assert words not in html
    assert hidden.number not in page("/requests/") and hidden.number not in page("/")


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/requests/",
        "/articles/",
        "/about/",
        "/requests/?service=SR-ST01&status=open",
        "/requests/?after=junk",
        "/requests/?after=2026-01-01T00:00:00%2B00:00~x",
        "/requests/?service=%00&area=%00",
        "/?number=99-999999",
        "/?number=%00",
        "/requests/?after=9999-12-31T23:59:59-23:59~x",
        "/healthz",
    ],
)
def test_pages_open(path: str) -> None:
    new()
    page(path)


@pytest.mark.parametrize(
    "path",
    [
        "/requests/99-999999/",
        "/requests/%00/",
        "/requests/" + "9" * 300 + "/",
        "/nothing/",
        "/articles/none/",
        "/requests/..%2f..%2fetc/",
    ],
)
def test_what_is_not_there_is_404(path: str) -> None:
    assert "not found" in page(path, 404)


def test_a_number_leads_to_its_request() -> None:
    request = new()
    assert Client().get("/", {"number": request.number}).url == f"/requests/{request.number}/"  # type: ignore[attr-defined]


def test_lists_cost_the_same_queries_whatever_they_hold() -> None:
    service = Service.objects.get(name="Street Defect")
    counts = []
    page("/requests/")
    for size in (1, 60):
        open_requests([NewRequest(service, "", "", "test") for _ in range(size)])
        with CaptureQueriesContext(connection) as captured:
            page("/requests/")
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 6


def test_older_requests_follow_by_key() -> None:
    service = Service.objects.get(name="Street Defect")
    opened = open_requests([NewRequest(service, "", "", "test") for _ in range(30)])
    first = page("/requests/")
    after = first.split("after=")[1].split('"')[0]
    second = page(f"/requests/?after={after}")
    numbers = [o.number for o in opened]
    assert sum(f"/requests/{n}/" in first for n in numbers) == 25
    assert sum(f"/requests/{n}/" in second for n in numbers) == 5


def test_articles_are_sanitised() -> None:
    hostile = "<script>alert(1)</script> [x](javascript:alert(1)) **bold** <img src=x onerror=y>"
    Article.objects.create(slug="bad", title="Bad <b>", body=hostile)
    html = page("/articles/bad/")
    assert "<script>alert" not in html and "javascript:" not in html.replace("javascript:alert(1))", "")
    assert "<strong>bold</strong>" in html
    assert 'href="javascript' not in html_of("[x](javascript:alert(1))")


def test_pages_forbid_what_they_do_not_need() -> None:
    response = Client().get("/")
    assert "default-src 'self'" in response["Content-Security-Policy"]
    assert response["X-Frame-Options"] == "DENY" and response["X-Content-Type-Options"] == "nosniff"


def test_the_page_says_what_is_planned_late_or_waited_for() -> None:
    request = new()
    address, found = f"/requests/{request.number}/", ServiceRequest.objects.filter(pk=request.pk)
    assert "We plan to answer it by" in page(address) and ", 5 pm</strong>" in page(address)  # in the city
    yesterday = timezone.now() - timedelta(days=1)
    found.update(due_at=yesterday)
    assert "and are late" in page(address)
    found.update(paused_at=yesterday, status="waiting")
    assert "The promise stands still" in page(address) and "and are late" not in page(address)
    found.update(paused_at=None, status="scheduled", scheduled_for=yesterday.date())
    assert "The work is planned for" in page(address)


def test_pages_are_sent_compressed_and_a_compressed_answer_is_known_again() -> None:
    new()
    asked = {"Accept-Encoding": "gzip"}
    answer = Client().get("/requests/", headers=asked)
    assert answer["Content-Encoding"] == "gzip" and len(answer.content) * 2 < len(Client().get("/requests/").content)
    for path in ("/feeds/requests.atom", "/requests/map.json?zoom=17"):
        first = Client().get(path, headers=asked)
        again = Client().get(path, headers=asked | {"If-None-Match": first["ETag"]})
        assert again.status_code == 304, path


def test_a_shared_link_shows_what_the_page_says() -> None:
    request = new()
    head = page(f"/requests/{request.number}/").split("</head>")[0]
    assert f'property="og:title" content="{request.service.name}, ' in head
    assert f'/requests/{request.number}/"' in head and 'name="description" content="Received.' in head


def test_a_shared_link_to_what_is_not_public_shows_nothing(hidden: ServiceRequest) -> None:
    head = page(f"/requests/{hidden.number}/").split("</head>")[0]
    assert "og:" not in head and "Hidden thing" not in head and "Secret" not in head
