"""Feeds: what is public, in three formats, by service and area; and a real hub that passes their news on."""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit
from xml.etree import ElementTree

import httpx
import orjson
import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from openline.accounts.models import Account
from openline.foundation.fetching import FetchFailed
from openline.portal.contact import door
from openline.portal.feeds import content, telling
from openline.portal.models import Hub
from openline.service_requests import actions
from openline.service_requests.models import Service, ServiceRequest
from openline.service_requests.opening import NewRequest, open_request
from tests.open311.test_georeport import new
from tests.servers import websub

pytestmark = pytest.mark.usefixtures("philadelphia")
ATOM = "{http://www.w3.org/2005/Atom}"
POINT = "{http://www.georss.org/georss}point"


def get(path: str, status: int = 200, **headers: str) -> HttpResponse:
    answer = Client().get(path, headers=headers)
    assert answer.status_code == status, answer.content
    return answer


@pytest.fixture
def hubs() -> Account:
    account = door.account()
    account.settings = {"hubs": "https://hub.example/ https://other.example/hub"}
    account.save()
    return account


@pytest.fixture
def moved(django_user_model: Any) -> ServiceRequest:
    """A request with words for the public, a note, and words of its resident."""
    request = new()
    by = django_user_model.objects.create_user("ana")
    actions.move(
        request.pk, "in_progress", by=by, public_text="A crew is on its way <soon> & fast.", note="gate code 99"
    )
    return request


def test_three_formats_say_the_same(moved: ServiceRequest, hubs: Account) -> None:
    atom = ElementTree.fromstring(get("/feeds/requests.atom").content)
    rss = ElementTree.fromstring(get("/feeds/requests.rss").content)
    feed = orjson.loads(get("/feeds/requests.json").content)
    [entry], [item], [one] = atom.findall(f"{ATOM}entry"), rss.findall("channel/item"), feed["items"]
    title = entry.findtext(f"{ATOM}title")
    assert title == item.findtext("title") == one["title"] and moved.number in str(title)
    where = f"/requests/{moved.number}/"
    assert str(entry.findtext(f"{ATOM}id")).endswith(where) and str(item.findtext("guid")).endswith(where)
    assert one["url"].endswith(where) and one["tags"] == ["Street Defect"] == [item.findtext("category")]
    assert entry.findtext(POINT) == item.findtext(POINT) == f"{moved.latitude} {moved.longitude}"
    assert feed["version"] == "https://jsonfeed.org/version/1.1" and feed["language"] == "en"
    links = {(link.get("rel"), link.get("href")) for link in atom.findall(f"{ATOM}link")}
    assert {("hub", "https://hub.example/"), ("hub", "https://other.example/hub")} <= links
    assert {link.get("rel") for link in rss.findall(f"channel/{ATOM}link")} == {"self", "hub"}
    assert [hub["url"] for hub in feed["hubs"]] == ["https://hub.example/", "https://other.example/hub"]


def test_news_are_public_words_and_nothing_else(moved: ServiceRequest) -> None:
    for ending in content.ENDINGS:
        text = get(f"/feeds/updates.{ending}").content.decode()
        assert "A crew is on its way" in text and "In progress" in text
        for hidden in ("gate code", "ana", "secret words"):
            assert hidden not in text.replace("Canada", ""), ending
    entries = ElementTree.fromstring(get("/feeds/updates.atom").content).findall(f"{ATOM}entry")
    link = urlsplit(str(entries[0].find(f"{ATOM}link").get("href")))  # type: ignore[union-attr]
    assert f'id="{link.fragment}"' in get(link.path).content.decode(), "the link leads to the very news"
    times = [entry.findtext(f"{ATOM}updated") for entry in entries]
    assert times == sorted(times, reverse=True) and len({entry.findtext(f"{ATOM}id") for entry in entries}) == len(
        times
    )


def test_a_request_that_is_not_public_is_in_no_feed() -> None:
    service = Service.objects.create(code="HID", name="Hidden thing", public=False)
    open_request(NewRequest(service, "private words", "", "nostr"))
    for kind in content.KINDS:
        for ending in content.ENDINGS:
            assert b"Hidden" not in get(f"/feeds/{kind}.{ending}").content
    get("/feeds/requests.atom?service=HID", 404)


def test_a_feed_of_a_service_or_an_area_has_its_own_address(moved: ServiceRequest) -> None:
    area = moved.areas[0]
    here = f"/feeds/requests.json?area={quote(area)}&service={moved.service.code}"
    assert len(orjson.loads(get(here).content)["items"]) == 1
    other = Service.objects.filter(public=True).exclude(pk=moved.service_id)[0].code
    assert orjson.loads(get(f"/feeds/requests.json?service={other}").content)["items"] == []
    turned = get(f"/feeds/requests.json?service={moved.service.code}&area={quote(area)}&x=1")
    assert orjson.loads(turned.content)["feed_url"].endswith(here.replace("%20", "+")), "one topic has one address"
    page = get(f"/requests/?service={moved.service.code}").content.decode()
    assert f"/feeds/requests.atom?service={moved.service.code}" in page


@pytest.mark.parametrize("path", ["x.atom", "requests.x", "requests.atom?service=x", "requests.atom?area=%00x"])
def test_what_is_no_feed_is_not_found(path: str) -> None:
    get(f"/feeds/{path}", 404)


def test_a_feed_without_change_is_not_sent_again(moved: ServiceRequest, hubs: Account) -> None:
    first = get("/feeds/updates.rss")
    assert get("/feeds/updates.rss").content == first.content
    assert not get("/feeds/updates.rss", 304, **{"If-None-Match": first["ETag"]}).content
    assert 'rel="hub"' in first["Link"] and '/feeds/updates.rss>; rel="self"' in first["Link"]
    assert first["Last-Modified"] and first["Access-Control-Allow-Origin"] == "*"
    empty = get(
        "/feeds/requests.rss?service=" + Service.objects.filter(public=True).exclude(pk=moved.service_id)[0].code
    )
    assert "Last-Modified" not in empty and b"1970" in empty.content, "a feed without entries has no time of its own"


def test_words_that_xml_cannot_hold_break_no_feed(moved: ServiceRequest) -> None:
    ServiceRequest.objects.filter(pk=moved.pk).update(place_name="5th \x0b & \ufffe <Main>\x1b")
    for ending in ("atom", "rss"):
        ElementTree.fromstring(get(f"/feeds/requests.{ending}").content)


def test_feeds_cost_the_same_queries_whatever_they_hold() -> None:
    for _number in range(8):
        new()
    for kind, most in (("requests", 5), ("updates", 6)):
        with CaptureQueriesContext(connection) as captured:
            get(f"/feeds/{kind}.atom")
        assert len(captured) <= most, [q["sql"][:90] for q in captured]


# Telling hubs


def test_a_hub_is_told_of_every_feed_that_changed_and_of_no_other(moved: ServiceRequest) -> None:
    now = timezone.now()
    topics, until = telling.changed(now - timedelta(hours=1), now)
    assert until == now and len(topics) == len(set(topics))
    assert content.address("updates", "atom") in topics
    assert content.address("requests", "json", moved.service.code, moved.areas[0]) in topics
    assert not any("service=" in one and moved.service.code not in one for one in topics)
    assert telling.changed(now, now + timedelta(hours=1)) == ([], now + timedelta(hours=1))


def test_a_hub_that_is_away_is_told_later_and_misses_nothing(
    hubs: Account, moved: ServiceRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, str]] = []

    def publish(hub: str, topic: str) -> None:
        if hub.startswith("https://hub") and not told:
            raise FetchFailed("The hub answered 503.")
        told.append((hub, topic))

    monkeypatch.setattr(telling, "publish", publish)
    monkeypatch.setattr(telling, "SETTLE", timedelta(0))
    assert telling.tell_all() == 0 and Hub.objects.count() == 2, "a new hub is told of what comes from now on"
    Hub.objects.update(told_at=timezone.now() - timedelta(hours=1))
    assert telling.tell_all() > 0 and {hub for hub, _topic in told} == {"https://other.example/hub"}
    away = Hub.objects.get(address="https://hub.example/")
    assert away.tries == 1 and "503" in away.error and away.next_try_at > timezone.now()
    assert telling.tell_all() == 0, "not before its time"
    Hub.objects.update(next_try_at=timezone.now())
    assert telling.tell_all() > 0 and any(hub.startswith("https://hub") for hub, _topic in told)
    assert Hub.objects.get(address="https://hub.example/").error == ""


class _Subscriber(BaseHTTPRequestHandler):
    """Confirms every subscription (section 5.3) and keeps what it is given (section 7)."""

    given: list[tuple[dict[str, str], bytes]]

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(parse_qs(urlsplit(self.path).query)["hub.challenge"][0].encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.given.append((dict(self.headers), body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Nothing."""


@pytest.fixture
def subscriber() -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    handler = type("Subscriber", (_Subscriber,), {"given": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", handler.given  # type: ignore[attr-defined]
    server.shutdown()


@pytest.mark.django_db(transaction=True)
def test_a_real_hub_passes_the_news_on_to_who_has_subscribed(
    live_server: LiveServer,
    tmp_path: Path,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    subscriber: tuple[str, list[tuple[dict[str, str], bytes]]],
) -> None:
    settings.PUBLIC_URL, settings.FETCH_OWN_SERVERS = live_server.url, True
    monkeypatch.setattr(telling, "SETTLE", timedelta(0))
    callback, given = subscriber
    with websub.hub(tmp_path) as hub:
        account = door.account()
        account.settings = {"hubs": hub}
        account.save()
        found = httpx.get(f"{live_server.url}/feeds/requests.atom")
        links = {one.split(";")[1].strip(): one.split(";")[0].strip(" <>") for one in found.headers["Link"].split(",")}
        topic = links['rel="self"']
        assert links['rel="hub"'] == hub
        asked = {"hub.mode": "subscribe", "hub.topic": topic, "hub.callback": callback, "hub.secret": "between us"}
        assert httpx.post(hub, data=asked, timeout=20).status_code == 202
        telling.tell_all()
        request = new()
        assert telling.tell_all() > 3
    assert len(given) == 1, "one subscription, one change"
    headers, body = given[0]
    assert request.number in body.decode()
    algorithm, _equals, signature = headers["X-Hub-Signature"].partition("=")
    assert hmac.compare_digest(signature, hmac.new(b"between us", body, getattr(hashlib, algorithm)).hexdigest())
    with pytest.raises(FetchFailed, match="reached"):
        telling.publish(hub, topic)
