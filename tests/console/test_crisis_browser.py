"""The crisis switch and an alert in a real browser: from any page, and what residents then see and can hide."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from openline.publishing.alerts import current
from openline.publishing.models import Alert, Pause
from tests.conftest import need
from tests.console import world
from tests.console.test_browser import ARGUMENTS, CHROMIUM
from tests.world import city_account

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("philadelphia"),
]


@pytest.fixture
def page(live_server: LiveServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A signed-in supervisor; the city has one account."""
    need(bool(CHROMIUM), "Chromium")
    # Playwright keeps an event loop in this thread, for which Django would refuse the database.
    monkeypatch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    from playwright.sync_api import sync_playwright

    world.staff()
    city_account(tmp_path / "news", "@news")
    current.forget_now()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        found = browser.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 900}).new_page()
        found.goto("/accounts/login/?next=/console/requests/")
        found.fill("[name=login]", "supervisor")
        found.fill("[name=password]", world.PASSWORD)
        found.click("main button[type=submit]")
        found.wait_for_url("**/console/requests/")
        yield found
        browser.close()


def fits(page: Any) -> bool:
    """True if nothing makes the page wider than the screen."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def test_publishing_is_paused_from_any_page_with_the_keyboard(page: Any) -> None:
    for width in (360, 768, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        page.focus(".switch summary")
        page.keyboard.press("Enter")
        box = page.locator(".pause-form").bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= width and fits(page)
        page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.fill("#pause-reason", "A fire at the refinery")
    page.keyboard.press("Enter")
    page.wait_for_selector(".paused")
    assert Pause.objects.get().reason == "A fire at the refinery"
    page.goto("/console/requests/")
    assert "A fire at the refinery" in page.inner_text(".paused")
    page.click(".paused a")
    page.click("text=End the pause")
    page.wait_for_selector(".notice.good")
    assert page.locator(".paused").count() == 0


def test_an_alert_is_drawn_looked_at_issued_and_hidden_by_a_resident(page: Any) -> None:
    page.goto("/console/alerts/new/?template=boil-water")
    page.fill("[name='value-reason:en']", "a main broke")
    page.fill("[name='value-reason:es']", "se rompió una tubería")
    page.click(".alert-map summary")
    page.locator(".alert-map path[data-code=nb-bridesburg]").dispatch_event("click")
    assert page.evaluate("[...document.getElementById('id_areas').selectedOptions].map(o => o.value)") == [
        "nb-bridesburg"
    ]
    page.check("[name=map-mode][value=corners]")
    for x, y in ((100, 100), (160, 100), (160, 150)):
        page.locator(".alert-map svg").click(position={"x": x, "y": y})
    page.fill("[name=named]", "The river bank")
    page.click("text=Preview")
    page.wait_for_selector("#preview")
    assert not Alert.objects.exists()
    page.click("button[name=issue]")
    page.wait_for_url("**/console/alerts/*-*/")
    edition = Alert.objects.get().editions.get()
    assert edition.areas == ["nb-bridesburg"] and len(edition.polygon) == 4
    page.goto("/about/")
    alert = page.locator("[data-alert]")
    assert "Boil your water in The river bank" in alert.inner_text()
    page.set_viewport_size({"width": 360, "height": 800})
    assert fits(page)
    alert.locator("[data-hide]").click()
    page.goto("/requests/")
    assert page.locator("[data-alert]").count() == 0
    names = {cookie["name"] for cookie in page.context.cookies()}
    assert names <= {"sessionid", "csrftoken", "django_language"}  # nothing of it is kept at the server's
