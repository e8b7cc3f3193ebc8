"""Alerts in public: the banner on every page, the pages, the feeds, and CAP for programs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from openline.publishing.alerts import current, issuing
from openline.publishing.alerts.places import Where
from openline.publishing.models import Alert, AlertEdition

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("philadelphia")]
TEXTS = {
    "en": {"headline": "Snow emergency", "text": "Snow falls.", "instruction": "Stay at home."},
    "es": {"headline": "Emergencia por nieve", "text": "Nieva.", "instruction": "Quédese en casa."},
}


@pytest.fixture(autouse=True)
def _anew() -> None:
    current.forget_now()


def issue(headline: str = "Snow emergency", **more: Any) -> Alert:
    by = User.objects.get_or_create(username="sam")[0]
    texts = {**TEXTS, "en": {**TEXTS["en"], "headline": headline}}
    values = {"where": Where("Fishtown"), "expires_at": timezone.now() + timedelta(hours=1), "event": "Snow", **more}
    alert = issuing.issue(issuing.Draft(texts=texts, **values), by=by)
    current.forget_now()
    return alert


def test_the_banner_stands_on_every_public_page_in_the_readers_language(client: Client) -> None:
    issue()
    for address in ("/", "/requests/", "/articles/", "/contact/", "/about/", "/alerts/", "/accounts/login/"):
        page = client.get(address).content.decode()
        assert "Snow emergency" in page and "Stay at home." in page, address
    spanish = client.get("/", headers={"Accept-Language": "es"}).content.decode()
    assert "Emergencia por nieve" in spanish and "Snow emergency" not in spanish


def test_the_banner_costs_one_query_and_then_none(client: Client) -> None:
    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as made:
            assert client.get("/about/").status_code == 200
        return len([one for one in made.captured_queries if "publishing_alert" in one["sql"]])

    for number in range(3):
        issue(f"Alert {number}")
    client.get("/about/")
    current.forget_now()
    assert cost() == 1
    assert cost() == 0
    assert "Alert 2" in client.get("/about/").content.decode()


def test_several_stand_by_severity_and_an_expired_one_is_gone(client: Client) -> None:
    issue("Minor one", severity="Minor"), issue("Worst one", severity="Extreme")
    Alert.objects.filter(pk=issue("Old one").pk).update(expires_at=timezone.now())
    current.forget_now()
    page = client.get("/alerts/banner/").content.decode()
    assert page.index("Worst one") < page.index("Minor one") and "Old one" not in page
    assert "Danger to life" in page  # never colour alone
    assert client.get("/alerts/banner/").cookies == {}


def test_the_pages_tell_what_was_said_and_what_held_before(client: Client) -> None:
    alert = issue()
    sam = User.objects.get(username="sam")
    draft = issuing.Draft(TEXTS, Where("Kensington"), timezone.now() + timedelta(hours=2), "Snow")
    issuing.update(alert.pk, draft, by=sam, seen=1)
    page = client.get(f"/alerts/{alert.pk}/").content.decode()
    assert "UPDATE: Snow emergency" in page and "Kensington" in page and "Said before" in page
    issuing.end(alert.pk, by=sam, seen=2)
    assert "This alert is over." in client.get(f"/alerts/{alert.pk}/").content.decode()
    current.forget_now()
    page = client.get("/alerts/").content.decode()
    assert "No alert holds now." in page and "Snow emergency" in page


def test_the_history_is_paged_by_key(client: Client) -> None:
    for number in range(23):
        issue(f"Alert {number}.")
    Alert.objects.update(ended_at=timezone.now())
    first = client.get("/alerts/")
    following = first.context["next"]
    second = client.get("/alerts/", {"after": following})
    seen = [one.said.headline for page in (first, second) for one in page.context["earlier"]]
    assert seen == [f"Alert {number}." for number in reversed(range(23))]
    assert client.get("/alerts/", {"after": "nonsense"}).status_code == 200


def test_the_feeds_have_their_types_and_lead_to_cap(client: Client) -> None:
    issue()
    for ending, kind in (
        ("atom", "application/atom+xml"),
        ("rss", "application/rss+xml"),
        ("json", "application/feed+json"),
    ):
        answer = client.get(f"/alerts/feed.{ending}")
        assert answer["Content-Type"].startswith(kind) and "Snow emergency" in answer.content.decode()
        assert client.get(f"/alerts/feed.{ending}", headers={"If-None-Match": answer["ETag"]}).status_code == 304
    assert client.get("/alerts/feed.exe").status_code == 404
    answer = client.get("/alerts/cap.atom")
    assert answer["Content-Type"].startswith("application/atom+xml")
    entry = ElementTree.fromstring(answer.content).find("{http://www.w3.org/2005/Atom}entry")
    assert entry is not None
    link = next(
        one for one in entry.iter("{http://www.w3.org/2005/Atom}link") if one.get("type") == "application/cap+xml"
    )
    message = client.get(f"/alerts/cap/{AlertEdition.objects.get().pk}.xml")
    assert (link.get("href") or "").endswith(message.request["PATH_INFO"])
    assert message["Content-Type"] == "application/cap+xml"
    assert message.content.startswith(b'<?xml version="1.0" encoding="UTF-8"?>')


def test_an_exercise_is_for_nobody_outside(client: Client) -> None:
    alert = issue("Imagined snow", drill=True)
    for address in ("/", "/alerts/", "/alerts/feed.atom", "/alerts/cap.atom"):
        assert "Imagined snow" not in client.get(address).content.decode()
    page = client.get(f"/alerts/{alert.pk}/")
    assert "This is an exercise." in page.content.decode() and page["X-Robots-Tag"] == "noindex"
