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
from openline.community.models import Flag, Member
from openline.inbox.models import Message
from openline.service_requests.jurisdiction import today
from tests.community.joined import browser, neighbor, request_here
from tests.community.world import comment, work
from tests.console.test_browser import chromium  # noqa: F401
from tests.portal.test_portal_browser import faults_of

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("philadelphia"),
]


def _pages() -> tuple[Member, tuple[str, ...]]:
    """A liaison, and what they look at: a request, an idea, an event, their room."""
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
    return member, paths


def _cookie(member: Member, server: LiveServer) -> dict[str, str]:
    """The cookie of a browser in which the member is signed in."""
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": browser(member).cookies[name].value, "url": server.url}


@pytest.mark.parametrize(("width", "scheme", "language"), [(360, "light", "ar"), (1440, "dark", "en")])
def test_members_and_liaisons_can_use_their_pages(
    chromium: Any,  # noqa: F811
    live_server: LiveServer,
    width: int,
    scheme: str,
    language: str,
) -> None:
    member, paths = _pages()
    cookies = [_cookie(member, live_server)]
    assert faults_of(chromium, live_server, paths, width, scheme, language, cookies) == ({}, [])


def test_the_forms_of_a_discussion_are_taken_in_a_browser(
    chromium: Any,  # noqa: F811
    live_server: LiveServer,
) -> None:
    """What a browser adds to a form by itself (`Origin`) depends on the form's page; no test client adds it."""
    (request, _area), rosa = request_here(), neighbor()
    other = comment(neighbor("Sam of Kensington", "sam@residents.test"), request, "It is the third time this year.")
    mine = comment(rosa, request, "It is worse today.")
    context = chromium.new_context(base_url=live_server.url)
    context.add_cookies([_cookie(rosa, live_server)])
    page = context.new_page()
    page.goto(f"/discussions/request:{request.number}/say/?to={other.pk}")
    page.fill("textarea[name=text]", "And the fourth last year.")
    page.get_by_role("button", name="Send").click()
    page.wait_for_url("**/requests/**")
    page.goto(f"/comments/{mine.pk}/change/")
    page.fill("textarea[name=text]", "It is worse since Monday.")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/requests/**")
    page.goto(f"/comments/{other.pk}/report/")
    page.locator("label.usa-radio__label").first.click()
    page.get_by_role("button", name="Report").click()
    page.wait_for_url("**/requests/**")
    context.close()
    work()
    assert {"And the fourth last year.", "It is worse since Monday."} <= {
        *Message.objects.values_list("text", flat=True)
    }
    assert Flag.objects.filter(message=other, member=rosa).exists()
