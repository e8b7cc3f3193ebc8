"""The residents' pages in a real browser: axe-core, three widths, light and dark, and the two languages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from openline.service_requests import actions, map_cells
from openline.service_requests.models import ServiceRequest
from tests.console.test_browser import chromium  # noqa: F401
from tests.console.test_publish_browser import faults
from tests.open311.test_georeport import new

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("philadelphia"),
]
MISSING = "/nothing-here/"
PLACES = ("/", "/?number=none", "/requests/", "/contact/", "/articles/", "/about/", "/open-data/", "/open311/",
          "/accounts-of-the-city/", "/alerts/", "/figures/", MISSING,
          "/neighborhoods/", "/neighborhoods/nb-bridesburg/")  # fmt: skip
HIDDEN_BEHIND_THEIR_LABELS = ("usa-radio__input", "usa-checkbox__input")
"""USWDS draws the label of a radio button or a box as the target; the input itself lies off the screen."""


def _more(request: ServiceRequest) -> tuple[str, ...]:
    """The map from afar and near by and the form for who follows."""
    map_cells.refresh()
    spot = f"lat={request.latitude}&lon={request.longitude}"
    follow = f"/requests/{request.number}/follow/"
    return "/requests/map/", f"/requests/map/?{spot}&zoom=15", f"/requests/map/?{spot}&zoom=17", follow


def faults_of(
    chromium: Any,  # noqa: F811
    server: LiveServer,
    paths: Iterable[str],
    width: int,
    scheme: str,
    language: str,
    cookies: Sequence[dict[str, str]] = (),
) -> tuple[dict[str, list[str]], list[str]]:
    """What is wrong with each of the pages, with those alone that have a fault; and the errors of their scripts."""
    context = chromium.new_context(
        viewport={"width": width, "height": 800},
        base_url=server.url,
        color_scheme=scheme,
        extra_http_headers={"Accept-Language": language},
    )
    context.add_cookies([*cookies])
    page, found, broken = context.new_page(), {}, list[str]()
    page.on("pageerror", lambda error: broken.append(str(error)))
    for path in paths:
        answer = page.goto(path)
        assert answer.status == (404 if path == MISSING else 200), path
        found[path] = [one for one in faults(page) if not any(map(one.__contains__, HIDDEN_BEHIND_THEIR_LABELS))]
    context.close()
    return {path: what for path, what in found.items() if what}, broken


@pytest.mark.parametrize(
    ("width", "scheme", "language"),
    [(360, "dark", "ar"), (360, "light", "en"), (768, "light", "ar"), (1440, "dark", "en")],
)
def test_every_public_page_can_be_used_by_all(
    chromium: Any,  # noqa: F811
    live_server: LiveServer,
    width: int,
    scheme: str,
    language: str,
) -> None:
    open_one, closed = new(), new()
    actions.move(closed.pk, "in_progress", by=None)
    actions.move(closed.pk, "closed", by=None, outcome="done", public_text="The hole is filled.")
    paths = (*PLACES, f"/requests/{open_one.number}/", f"/requests/{closed.number}/", *_more(open_one))
    assert faults_of(chromium, live_server, paths, width, scheme, language) == ({}, [])
