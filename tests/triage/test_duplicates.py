"""Are two reports of the same problem?"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from openline.triage.duplicates import Report, compare, metres
from openline.triage.lines import match_lines

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
ONE = Report("Huge pothole at 5th and Lehigh, bent my rim", "SR-ST01", 39.99110, -75.14110, NOW)


def at(report: Report, north_m: float, text: str = "", hours: float = 2) -> Report:
    """Another report so far north of `report`, later."""
    assert report.lat is not None
    later = NOW + timedelta(hours=hours)
    return replace(report, lat=report.lat + north_m / 111_320, text=text or report.text, at=later)


def test_the_nearer_the_likelier() -> None:
    text = "There is a pothole here that damaged my wheel"
    scores = [compare(ONE, at(ONE, away, text)).score for away in (0, 10, 40, 90, 300)]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > 0.9
    assert scores[-1] < 0.2
    same_words = [compare(ONE, at(ONE, away)) for away in (3, 300)]
    assert [found.same for found in same_words] == [True, False]


def test_the_same_words_a_few_steps_away_are_the_same() -> None:
    found = compare(ONE, at(ONE, 8))
    assert found.same
    assert "8 m apart" in found.reasons
    assert "the same words" in found.reasons
    assert "the same service" in found.reasons


def test_another_service_and_other_words_at_the_same_corner_are_less_likely_the_same() -> None:
    other = replace(at(ONE, 5, "Dead raccoon by the bus stop"), service="SR-ST02")
    assert compare(ONE, other).score <= 0.5
    assert not compare(ONE, other).same


def test_another_matter_across_the_street_is_not() -> None:
    assert not compare(ONE, at(ONE, 60, "Streetlight flickers all night, pole 4411")).same


def test_what_is_missing_makes_it_less_sure() -> None:
    nowhere = replace(ONE, lat=None, lon=None, at=None)
    found = compare(nowhere, replace(nowhere, text="bent rim, pothole at Lehigh & 5th is huge"))
    assert not found.same
    assert 0.05 < found.score < 0.95
    assert compare(Report(""), Report("")).score < 0.95


@pytest.mark.parametrize("other", [at(ONE, 20, "pothole again"), Report("pothole"), Report("", lat=39.0, lon=-75.0)])
def test_the_order_of_the_two_does_not_matter(other: Report) -> None:
    assert compare(ONE, other).score == compare(other, ONE).score


def test_distance_is_in_metres() -> None:
    assert metres(ONE, at(ONE, 100)) == pytest.approx(100, rel=0.01)
    assert metres(ONE, Report("")) is None


def test_pairs_by_the_line() -> None:
    side = {"text": ONE.text, "service": ONE.service, "lat": ONE.lat, "lon": ONE.lon}
    side |= {"requested_at": "2026-05-01T12:00"}
    good = {"id": 7, "a": side, "b": side | {"requested_at": "2026-05-01T13:00:00Z"}}
    bad = [{"id": "x", "a": side}, {"id": "y", "a": side, "b": side | {"lat": 100}}, []]
    bad += [{"id": "z", "a": side | {"requested_at": "yesterday"}, "b": side}, {"id": "n", "a": {}, "b": {}}]
    found = [json.loads(line) for line in match_lines(json.dumps(row) for row in [good, *bad])]
    assert found[0]["id"] == 7
    assert found[0]["same"] is True
    assert [row.get("id") for row in found] == [7, "x", "y", None, "z", "n"]
    assert '"b" must be a report' in found[1]["error"]
    assert '"lat"' in found[2]["error"]
    assert "requested_at" in found[4]["error"]
    assert found[5]["same"] is False
