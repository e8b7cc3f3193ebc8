"""The form on other sites: which may frame it, what oEmbed says, and a real browser on another origin."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from django.test import Client
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from openline.foundation.origins import is_origin
from openline.inbox.models import Heard
from openline.knowledge.models import Article
from openline.portal.contact import door, guard
from openline.service_requests.models import Service
from openline.service_requests.opening import NewRequest, open_request
from tests.console.conftest import _quick as _quick
from tests.console.conftest import login as login
from tests.console.conftest import staff as staff
from tests.console.test_browser import FAULTS
from tests.console.test_browser import chromium as chromium
from tests.files import samples
from tests.open311.test_georeport import new
from tests.portal.test_contact import STAMP, write

pytestmark = [pytest.mark.usefixtures("philadelphia"), pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("OPENLINE_PICTURES", "")


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "NOT_BEFORE", timedelta(0))


def choose(**chosen: str) -> None:
    account = door.account()
    account.settings = chosen
    account.save()


def policy(path: str) -> dict[str, str]:
    answer = Client().get(path)
    parts = (part.strip().partition(" ") for part in answer["Content-Security-Policy"].split(";"))
    return {name: value for name, _space, value in parts}


def test_the_framed_pages_and_no_others_may_be_framed_by_who_the_city_named() -> None:
    sent = Client().post("/contact/embed/", {"stamp": STAMP.search(Client().get("/contact/embed/").content.decode())[1],  # type: ignore[index]
                         "about": "report", "text": "a hole", "language": "en"})["Location"]  # fmt: skip
    for path in ("/contact/embed/", sent):
        assert policy(path)["frame-ancestors"] == "*" and "X-Frame-Options" not in Client().get(path)
    choose(embed_origins="https://library.example https://*.schools.example junk;script-src")
    for path in ("/contact/embed/", sent):
        assert policy(path)["frame-ancestors"] == "https://library.example https://*.schools.example"
        assert policy(path)["default-src"] == "'none'" and policy(path)["script-src"] == "'self'"
    choose(embed_origins="")
    assert policy("/contact/embed/")["frame-ancestors"] == "'none'"
    for path in ("/contact/", "/", sent.replace("contact/embed/sent", "talk")):
        assert policy(path)["frame-ancestors"] == "'none'" and Client().get(path)["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    ("text", "good"),
    [("https://a.example", True), ("http://127.0.0.1:8000", True), ("https://*.a.example", True), ("*", False),
     ("https://a.example/", False), ("https://a.example;x", False), ("javascript:x", False), ("https://", False),
     ("https://a.example:99999", False), ("https://u@a.example", False), ("https://a.example x", False),
     ('https://a.example"', False), ("https://*", False), ("", False)],
)  # fmt: skip
def test_what_is_an_origin(text: str, good: bool) -> None:
    assert is_origin(text) is good


def test_the_frame_takes_what_is_written_and_shows_the_way_to_its_page() -> None:
    path = "/contact/embed/?language=es&theme=dark&parent=https%3A%2F%2Flibrary.example&about=question"
    html = Client().get(path).content.decode()
    assert 'lang="es"' in html and 'data-theme="dark"' in html and 'data-parent="https://library.example"' in html
    assert "Escriba a" in html and "<script" in html and "sessionid" not in str(Client().get(path).cookies)
    stamp = STAMP.search(html)
    assert stamp
    answer = write("hay un bache", stamp=stamp[1], path=path)
    assert answer.status_code == 302 and "theme=dark" in answer["Location"]
    shown = Client().get(answer["Location"]).content.decode()
    assert "/talk/" in shown and 'rel="noopener noreferrer"' in shown and 'lang="es"' in shown
    assert Heard.objects.count() == 1


def test_nothing_of_a_strangers_address_gets_into_the_page() -> None:
    html = Client().get('/contact/embed/?parent="><script>&theme=x"y&language=<b>&about=z').content.decode()
    assert "data-parent" not in html and "data-theme" not in html and "<b>" not in html


def test_arabic_runs_from_right_to_left() -> None:
    html = Client().get("/contact/embed/?language=ar").content.decode()
    assert 'dir="rtl"' in html and 'lang="ar"' in html and "Your message" not in html and "Send<" not in html


def test_the_script_has_one_address_and_is_small() -> None:
    answer = Client().get("/widget.js")
    assert answer["Content-Type"].startswith("text/javascript") and len(answer.content) < 2500
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_staff_find_what_to_copy(login: Callable[[str], Client], settings: Settings) -> None:
    settings.PUBLIC_URL = "https://311.city.example"
    html = login("administrator").get("/console/form-on-other-sites/").content.decode()
    assert "&lt;script src=&quot;https://311.city.example/widget.js&quot;" in html
    assert "wp_oembed_add_provider(&#x27;https" in html or "wp_oembed_add_provider('https" in html
    assert login("agent").get("/console/form-on-other-sites/").status_code == 403


# oEmbed


def ask(path: str, **more: str) -> Any:
    from django.conf import settings

    return Client().get("/oembed/", {"url": settings.PUBLIC_URL + path, **more})


def test_oembed_gives_the_form_as_a_frame_in_json_and_xml() -> None:
    found = ask("/contact/?about=question&x=1").json()
    assert found["version"] == "1.0" and found["type"] == "rich" and found["provider_name"] == "Philadelphia"
    assert (
        "/contact/embed/?about=question&quot;" not in found["html"]
        and "/contact/embed/?about=question" in found["html"]
    )
    xml = ElementTree.fromstring(ask("/contact/?about=question&x=1", format="xml").content)
    assert xml.tag == "oembed" and {one.tag: one.text for one in xml} == {k: str(v) for k, v in found.items()}
    small = ask("/contact/", maxwidth="300", maxheight="400").json()
    assert (small["width"], small["height"]) == (300, 400) and 'width="300" height="400"' in small["html"]


def test_oembed_gives_public_pages_as_links_and_keeps_private_ones() -> None:
    request, article = new(), Article.objects.first()
    assert article
    found = ask(f"/requests/{request.number}/").json()
    assert found["type"] == "link" and request.number in found["title"]
    assert ask(f"/articles/{article.slug}/").json()["title"] == article.title
    hidden = open_request(NewRequest(Service.objects.create(code="HID", name="Hidden", public=False), "x", "", "web"))
    assert ask(f"/requests/{hidden.number}/").status_code == 401


@pytest.mark.parametrize("path", ["/", "/requests/99-1/", "/talk/x/", "/articles/none/", "x", "@evil.example/contact/"])
def test_oembed_knows_no_other_address(path: str) -> None:
    assert ask(path).status_code == 404
    assert Client().get("/oembed/", {"url": f"https://evil.example{path}"}).status_code == 404
    assert ask("/contact/", format="yaml").status_code == 501


def test_pages_lead_to_their_oembed_answers() -> None:
    html = Client().get("/contact/").content.decode()
    address = html.split('type="application/json+oembed" href="')[1].split('"')[0].replace("&amp;", "&")
    parts = urlsplit(address)
    assert Client().get(f"{parts.path}?{parts.query}").json()["type"] == "rich"
    assert 'type="text/xml+oembed"' in html


# In a browser, on another origin


class _Site(BaseHTTPRequestHandler):
    page: str

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(self.page.encode())

    def log_message(self, *args: Any) -> None:
        """Nothing."""


@pytest.fixture
def site() -> Iterator[Callable[[str], str]]:
    """Serves a page on an origin that is not ours (another host name and port)."""
    servers = []

    def serve(page: str) -> str:
        handler = type("Site", (_Site,), {"page": f"<!doctype html><html lang=en><title>Library</title><body>{page}"})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/"

    yield serve
    for server in servers:
        server.shutdown()


def picture(page: Any, name: str) -> None:
    if PICTURES:
        Path(PICTURES).mkdir(exist_ok=True)
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


@pytest.mark.browser
@pytest.mark.parametrize("look", ["theme=light", "theme=dark&language=ar"])
@pytest.mark.parametrize("width", [360, 768, 1440])
def test_the_widget_is_as_high_as_the_form_and_can_be_filled_in_by_keys_alone(
    chromium: Any, live_server: LiveServer, settings: Settings, site: Callable[[str], str], width: int, look: str,
    tmp_path: Path,
) -> None:  # fmt: skip
    settings.PUBLIC_URL = live_server.url
    data = " ".join(f"data-{part}" for part in look.split("&"))
    address = site(f'<h1>Library</h1><script src="{live_server.url}/widget.js" {data}></script><p id=after>after')
    context = chromium.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda one: faults.append(one.text) if one.type == "error" else None)
    page.goto(address)
    frame = page.frame_locator("iframe")
    frame.locator("form").wait_for()
    page.wait_for_function("document.querySelector('iframe').style.height != '1150px'")
    inside = frame.locator("body").evaluate("e => [document.documentElement.scrollWidth <= innerWidth, "
                                            "document.documentElement.scrollHeight <= innerHeight + 1]")  # fmt: skip
    assert inside == [True, True], "nothing has to be scrolled inside the frame"
    picture(page, f"widget-{width}-{look.replace('&', '-')}")
    if not faults:
        assert frame.locator("body").evaluate(FAULTS) == []
    frame.locator("textarea").focus()
    page.keyboard.type("A hole in the road")
    page.keyboard.press("Tab")
    page.keyboard.type("13th and Market St")
    frame.locator("input[type=file]").set_input_files(_photo(tmp_path))
    frame.locator("button[type=submit]").focus()
    page.keyboard.press("Enter")
    frame.locator("#address").wait_for()
    assert "/talk/" in frame.locator("#address").input_value()
    picture(page, f"widget-sent-{width}-{look.replace('&', '-')}")
    assert Heard.objects.count() == 1 and b"A hole in the road" in bytes(Heard.objects.get().raw)
    assert not faults, faults
    assert context.cookies() == [], "no cookie is set"
    context.close()


def _photo(folder: Path) -> str:
    path = folder / "hole.jpg"
    path.write_bytes(samples.photo(5))
    return str(path)


@pytest.mark.browser
def test_another_frame_cannot_say_how_high_the_form_is(
    chromium: Any, live_server: LiveServer, site: Callable[[str], str]
) -> None:
    hostile = '<iframe srcdoc=\'<script>parent.postMessage({from: "openline", height: 7}, "*")</script>\'></iframe>'
    page = chromium.new_page()
    page.goto(site(f'<script src="{live_server.url}/widget.js"></script>{hostile}'))
    page.wait_for_function("document.querySelector('iframe').style.height != '1150px'")
    page.evaluate("postMessage({from: 'openline', height: 8}, '*')")
    page.wait_for_timeout(200)
    assert page.locator("iframe").first.evaluate("e => parseInt(e.style.height)") > 500
    page.close()


@pytest.mark.browser
def test_a_site_that_the_city_did_not_name_shows_no_form(
    chromium: Any, live_server: LiveServer, site: Callable[[str], str]
) -> None:
    choose(embed_origins="https://library.example")
    page = chromium.new_page()
    refused: list[str] = []
    page.on("console", lambda one: refused.append(one.text))
    page.goto(site(f'<script src="{live_server.url}/widget.js"></script>'))
    page.wait_for_timeout(500)
    assert any("frame-ancestors" in one for one in refused)
    assert page.frames[1].url.startswith("chrome-error:")
    page.close()


@pytest.mark.browser
def test_without_scripts_a_plain_frame_works(
    chromium: Any, live_server: LiveServer, settings: Settings, site: Callable[[str], str]
) -> None:
    settings.PUBLIC_URL = live_server.url
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site(f'<iframe src="{live_server.url}/contact/embed/" width=600 height=1150></iframe>'))
    frame = page.frame_locator("iframe")
    frame.locator("textarea").fill("A hole in the road")
    frame.get_by_role("button", name="Send").click()
    frame.locator("#address").wait_for()
    assert Heard.objects.count() == 1
    context.close()
