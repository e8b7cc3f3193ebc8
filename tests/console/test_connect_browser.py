"""Connecting an account by a network's own login, in a real browser: there, consent, and back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import override_settings
from pytest_django.live_server_helper import LiveServer

from openline.accounts.models import Account
from openline.channels.emulation.serving import serving
from openline.channels.facebook.emulator import APP, PAGES, SECRET, Emulator
from tests.conftest import need
from tests.console import world
from tests.console.test_browser import ARGUMENTS, CHROMIUM

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("philadelphia"),
]


@pytest.fixture
def page(live_server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A signed-in administrator."""
    need(bool(CHROMIUM), "Chromium")
    # Playwright keeps an event loop in this thread, for which Django would refuse the database.
    monkeypatch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    from playwright.sync_api import sync_playwright

    User.objects.create_superuser("boss", "boss@city.example", world.PASSWORD)
    url = live_server.url.replace("localhost", "127.0.0.1")
    with override_settings(PUBLIC_URL=url), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        found = browser.new_context(base_url=url, viewport={"width": 360, "height": 800}).new_page()
        found.goto("/accounts/login/?next=/console/accounts/")
        found.fill("[name=login]", "boss")
        found.fill("[name=password]", world.PASSWORD)
        found.click("main button[type=submit]")
        found.wait_for_url("**/console/accounts/")
        yield found
        browser.close()


def test_the_login_leads_to_the_network_and_back(page: Any) -> None:
    """A browser holds the redirect after our form against our own Content-Security-Policy."""
    with serving(emulator := Emulator()):
        page.goto("/console/accounts/connect/facebook/")
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        page.fill("[name=app_id]", APP)
        page.fill("[name=app_secret]", SECRET)
        page.fill("[name=page]", PAGES[0].name)
        page.click("details:has([name=server]) > summary")
        page.fill("[name=server]", emulator.url)
        page.click("button[value=login]")
        page.click("button[value=yes]")
        page.wait_for_selector(".notice.good")
    account = Account.objects.get(network="facebook")
    assert account.network_user_id == PAGES[0].id and str(account.pk) in page.url
    assert SECRET not in page.content()
