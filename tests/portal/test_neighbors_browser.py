"""The pages of members and liaisons in a real browser: axe-core, two widths, light and dark."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from openline.community import liaisons, topics
from openline.community.liaisons import Terms
from openline.service_requests.jurisdiction import today
from tests.community.joined import browser, neighbor, request_here
from tests.community.world import work
from tests.console.test_browser import chromium  # noqa: F401
from tests.console.test_publish_browser import faults
from tests.portal.test_portal_browser import HIDDEN_BEHIND_ITS_LABEL

HIDDEN_BEHIND_THEIR_LABELS = (HIDDEN_BEHIND_ITS_LABEL, "usa-checkbox__input")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("philadelphia"),
]


def _pages() -> tuple[str, tuple[str, ...]]:
    """The session of a liaison, and what they look at: a request, an idea, an event, their room."""
    boss = User.objects.create_user("boss")
    (request, area), member = request_here(), neighbor()
    liaisons.appoint(member, Terms(area, today()), by=boss)
    begins = timezone.now() + timedelta(days=3)
    place = topics.Place("City Hall", 39.9524, -75.1636)
    times = {"starts_at": begins, "ends_at": begins + timedelta(hours=2)}
    event = topics.New("event", "Clean-up", "Bring gloves.", area, place=place, **times)
    made = [topics.begin(one, by=member, form=uuid4()) for one in (event, topics.New("idea", "A bench", "Here.", area))]
    work()
    paths = (
        "/topics/",
        "/topics/events/past/",
        "/topics/new/event/",
        "/topics/new/idea/",
        "/me/",
        "/discussion-rules/",
        "/liaison/",
        "/liaison/walk/",
        "/liaison/paper/",
        f"/liaison/requests/{request.number}/",
        f"/requests/{request.number}/",
        *(f"/topics/{one.pk}/" for one in made),
    )
    return browser(member).cookies[settings.SESSION_COOKIE_NAME].value, paths


@pytest.mark.parametrize(("width", "scheme", "language"), [(360, "light", "ar"), (1440, "dark", "en")])
def test_members_and_liaisons_can_use_their_pages(
    chromium: Any,  # noqa: F811
    live_server: LiveServer,
    width: int,
    scheme: str,
    language: str,
) -> None:
    session, paths = _pages()
    context = chromium.new_context(
        viewport={"width": width, "height": 800},
        base_url=live_server.url,
        color_scheme=scheme,
        extra_http_headers={"Accept-Language": language},
    )
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    page, found, broken = context.new_page(), {}, []
    page.on("pageerror", lambda error: broken.append(str(error)))
    for path in paths:
        answer = page.goto(path)
        assert answer.status == 200, path
        found[path] = [one for one in faults(page) if not any(map(one.__contains__, HIDDEN_BEHIND_THEIR_LABELS))]
    context.close()
    assert {path: what for path, what in found.items() if what} == {} and broken == []
