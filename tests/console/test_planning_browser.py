"""The calendar and the approval page in a real browser: by hand, by keys, without JavaScript, on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from openline.publishing import rules, scheduling, writing
from openline.publishing.content import Content, Form, Words
from openline.publishing.models import Post
from openline.publishing.states import PostState
from openline.service_requests.jurisdiction import local
from tests.console import world
from tests.console.test_browser import chromium, sign_in
from tests.world import city_account

__all__ = ["chromium"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def people(db: None) -> dict[str, User]:
    """Staff of every role."""
    return world.staff()


@pytest.fixture
def post(people: dict[str, User], tmp_path: Path) -> Post:
    """A post in the middle of next month at 9."""
    content = Content(texts={"en": Words("Concert on Sunday.")}, forms=(Form(str(city_account(tmp_path / "news").pk)),))
    made = writing.create(content, by=people["communications"])
    month = local(timezone.now()).replace(day=1, hour=9, minute=0, second=0, microsecond=0) + timedelta(days=32)
    scheduling.hand_in(made.pk, month.replace(day=15).astimezone(UTC), by=people["communications"])
    return Post.objects.get()


def _open(chromium: Any, live_server: LiveServer, role: str, width: int = 1440, **more: Any) -> Any:
    context = chromium.new_context(viewport={"width": width, "height": 800}, base_url=live_server.url, **more)
    page = context.new_page()
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("console", lambda said: page.faults.append(said.text) if "Content Security" in said.text else None)
    sign_in(page, role)
    return page


@pytest.fixture
def calendar(chromium: Any, live_server: LiveServer, post: Post) -> Iterator[Any]:
    """The month of the post, before who writes."""
    page = _open(chromium, live_server, "communications")
    page.goto(f"/console/calendar-of-posts/?day={_day(post)}")
    yield page
    assert page.faults == []
    page.context.close()


def _day(post: Post) -> date:
    at = Post.objects.get(pk=post.pk).leave_at
    assert at
    return local(at).date()


def test_a_post_is_dragged_to_another_day_and_back(calendar: Any, post: Post) -> None:
    before: datetime | None = post.leave_at
    target = _day(post) + timedelta(days=1)
    calendar.drag_and_drop(f"#post-{post.pk}", f"td[data-day='{target}']", source_position={"x": 20, "y": 8})
    calendar.wait_for_selector(".notice.good")
    assert _day(post) == target
    calendar.click("text=Undo")
    calendar.wait_for_selector("text=Moved back.")
    assert Post.objects.get().leave_at == before


def test_a_post_is_moved_by_keys_and_it_is_said(calendar: Any, post: Post) -> None:
    day = _day(post)
    calendar.focus(f"#post-{post.pk} .grip")
    calendar.keyboard.press("Enter")
    assert "Grabbed: Concert on Sunday." in calendar.inner_text("#cal-said")
    calendar.keyboard.press("ArrowRight")
    calendar.keyboard.press("ArrowDown")
    over = day + timedelta(days=8)
    assert f"{over:%B} {over.day}" in calendar.inner_text("#cal-said")
    calendar.keyboard.press("Escape")
    assert "Left where it was." in calendar.inner_text("#cal-said")
    assert _day(post) == day
    calendar.keyboard.press("Enter")
    calendar.keyboard.press("ArrowLeft")
    calendar.keyboard.press("Enter")
    calendar.wait_for_selector(".notice.good")
    assert _day(post) == day - timedelta(days=1)


def test_without_javascript_a_form_moves_it(chromium: Any, live_server: LiveServer, post: Post) -> None:
    page = _open(chromium, live_server, "communications", java_script_enabled=False)
    page.goto(f"/console/calendar-of-posts/?day={_day(post)}")
    target = _day(post) + timedelta(days=3)
    page.click(f"#post-{post.pk} .grip")
    page.fill("#at", f"{target}T18:30")
    page.click("button.primary:has-text('Move')")
    page.wait_for_selector(".notice.good")
    assert _day(post) == target
    page.context.close()


@pytest.mark.parametrize("width", [360, 768])
def test_nothing_is_wider_than_the_screen(chromium: Any, live_server: LiveServer, post: Post, width: int) -> None:
    page = _open(chromium, live_server, "administrator", width)
    calendars = ["", "?view=week", "series/new/", f"move/{post.pk}/"]
    approvals = ["", "rules/", f"{post.pk}/"]
    for address in [f"calendar-of-posts/{one}" for one in calendars] + [f"approvals/{one}" for one in approvals]:
        page.goto(f"/console/{address}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
    page.context.close()


def test_an_official_approves_on_a_phone(
    chromium: Any, live_server: LiveServer, people: dict[str, User], post: Post
) -> None:
    rules.set_rule(None, "", "one", by=people["administrator"])
    writing.put_back(post.pk, by=people["communications"])
    scheduling.hand_in(post.pk, timezone.now() + timedelta(days=1), by=people["communications"])
    page = _open(chromium, live_server, "official", 360, has_touch=True)
    page.goto("/console/approvals/")
    page.tap("text=Concert on Sunday.")
    button = page.locator("button:has-text('Approve')")
    box = button.bounding_box()
    assert box and box["height"] >= 34 and box["y"] + box["height"] <= 800
    button.tap()
    page.wait_for_selector(".notice.good")
    assert Post.objects.get().state == PostState.SCHEDULED
    assert page.faults == []
    page.context.close()
