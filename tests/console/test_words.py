"""How the console says times and promises, in the city's zone."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from openline.console.templatetags import console
from openline.service_requests import languages
from openline.service_requests.models import ServiceRequest
from openline.service_requests.states import Status

CITY = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=CITY)  # a Monday


@pytest.fixture(autouse=True)
def _noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    for module in (console, languages):
        monkeypatch.setattr(module, "local", lambda moment: moment.astimezone(CITY))


def plain(html: str) -> str:
    """The text of a piece of HTML."""
    return re.sub(r"<[^>]+>", "", html)


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=30), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=12), "12 minutes ago"),
        (timedelta(hours=1), "1 hour ago"),
        (timedelta(hours=23), "23 hours ago"),
        (timedelta(days=2), "2 days ago"),
        (timedelta(days=20), "Nov 3"),
        (timedelta(days=400), "Oct 19, 2025"),
        (timedelta(minutes=-3), "just now"),
    ],
)
def test_ages(passed: timedelta, words: str) -> None:
    assert plain(console.ago(NOW - passed)) == words


def test_the_exact_time_is_on_hover() -> None:
    assert 'datetime="2026-11-23T11:48:00-05:00"' in console.ago(NOW - timedelta(minutes=12))
    assert 'title="Monday, November 23, 2026, 11:48"' in console.ago(NOW - timedelta(minutes=12))


def due(days: float, **more: object) -> str:
    """The words for a request that is due in so many days."""
    return plain(console.due(ServiceRequest(due_at=NOW + timedelta(days=days, hours=5), **more)))


def test_promises() -> None:
    assert due(3) == "due Thursday 5 pm"
    assert due(46) == "due Jan 8, 2027 5 pm"
    assert due(-3) == "overdue since Friday"
    assert due(-30) == "overdue since Oct 24"
    assert due(-3, status=Status.CLOSED, closed_at=NOW - timedelta(hours=2)) == "closed 2 hours ago"
    assert plain(console.due(ServiceRequest())) == "no promised date"
    half = ServiceRequest(due_at=NOW + timedelta(days=1, hours=5, minutes=30))
    assert plain(console.due(half)) == "due Tuesday 5:30 pm"


def test_days_are_said_in_the_readers_language() -> None:
    with translation.override("es"):
        assert "jueves" in due(3)


def test_confidence_and_addresses() -> None:
    assert (console.percent(0.725), console.percent(None), console.percent("x")) == ("72%", "", "")
    assert [console.web(a) for a in ("https://a.example", "javascript:alert(1)", None, " http://x")] == [
        True,
        False,
        False,
        False,
    ]
