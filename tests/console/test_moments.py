"""Times that people type, on the days on which the clocks are changed (here 8 March and 1 November 2026)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from openline.console.moments import moment
from openline.console.templatetags.console import exact
from openline.publishing.errors import NotPossible

pytestmark = pytest.mark.usefixtures("philadelphia")


def test_an_hour_that_does_not_exist_is_refused_with_what_to_choose() -> None:
    with pytest.raises(NotPossible, match=r"no 02:30.*03:30") as refused:
        moment("2026-03-08T02:30", "until")
    assert refused.value.field == "until"
    assert moment("2026-03-08T01:59") == datetime(2026, 3, 8, 6, 59, tzinfo=UTC)
    assert moment("2026-03-08T03:00") == datetime(2026, 3, 8, 7, 0, tzinfo=UTC)


def test_an_hour_that_comes_twice_is_the_first_and_says_so() -> None:
    at = moment("2026-11-01T01:30")
    assert at and at.astimezone(UTC) == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert "01:30 EDT" in exact(at)
    assert "01:30 EST" in exact(datetime(2026, 11, 1, 6, 30, tzinfo=UTC))
    assert "EDT" not in exact(datetime(2026, 11, 1, 4, 30, tzinfo=UTC))


def test_a_time_with_a_zone_is_taken_as_it_is() -> None:
    assert moment("2026-11-01T01:30-05:00") == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
