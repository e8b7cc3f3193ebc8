"""Duplicates: the facts of a pair, the model, and `openline match`."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openline.triage.duplicates import Side, beyond, facts, metres, model, shared_words
from openline.triage.pairs import match_lines

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
LAMP = Side("The streetlight by the bakery is out again", "Street Light Outage", 39.9526, -75.1652, NOON)


def test_close_in_place_time_and_words_is_the_same_and_far_is_not() -> None:
    again = replace(LAMP, text="Bakery streetlight still dark", lat=39.95261, requested_at=NOON + timedelta(hours=5))
    other = replace(LAMP, text="Lamp post leaning over the playground", lat=39.9536, requested_at=NOON - timedelta(6))
    assert model().score(LAMP, again) >= model().threshold > model().score(LAMP, other)


@pytest.mark.parametrize("steps", [(0, 10, 60, 150, 1_000, 10_000)])
def test_the_farther_the_less_likely(steps: tuple[int, ...]) -> None:
    scores = [model().score(LAMP, replace(LAMP, lat=39.9526 + metres_ / 111_195)) for metres_ in steps]
    assert scores == sorted(scores, reverse=True)


def test_which_report_comes_first_does_not_matter() -> None:
    other = Side("Light out at 1200 Elm", "Street Light Outage", 39.9528, -75.1650, NOON + timedelta(days=2))
    assert facts(LAMP, other) == facts(other, LAMP)


def test_the_service_does_not_give_the_answer_away() -> None:
    one, two = replace(LAMP, service=""), replace(LAMP, service="", text="It is dark here")
    assert facts(one, two) == facts(replace(one, service="Graffiti"), replace(two, service="Potholes"))


def test_distance_across_the_date_line_and_unknown() -> None:
    east, west = Side(lat=0, lon=179.9999), Side(lat=0, lon=-179.9999)
    assert metres(east, west) == pytest.approx(22.2, abs=0.1)
    assert metres(LAMP, Side()) is None


def test_words_that_both_say_rarest_first() -> None:
    assert shared_words(LAMP, replace(LAMP, text="streetlights near bakery"))[:1] == ["bakery"]


CAR = Side("White Camry parked here for weeks", "Abandoned Vehicle", 39.9526, -75.1652, NOON)


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("a white car, flat tire, left for weeks", "color_same"),
        ("coche blanco abandonado", "color_same"),
        ("grey car abandoned", "color_differs"),
        ("old Toyota with no plates", "make_same"),
        ("old Fords with no plates", "make_differs"),
    ],
)
def test_what_both_say_of_the_thing_and_what_cannot_be_true_of_one(text: str, fact: str) -> None:
    found = facts(CAR, replace(CAR, text=text))
    told = {name for name, value in found.items() if value and name.endswith(("_same", "_differs"))}
    assert told == {fact}


def test_another_color_and_make_speak_against_and_the_same_ones_for() -> None:
    def score(text: str) -> float:
        return model().score(CAR, replace(CAR, text=text, lat=39.9528))

    assert score("white Toyota on the lawn") > score("old car on the lawn") > score("blue Ford on the lawn")


def test_the_same_photo_speaks_for_the_same_problem() -> None:
    far = replace(LAMP, text="dark", lat=39.9532)
    with_photo = model().score(replace(LAMP, photo=0xFF00), replace(far, photo=0xFF01))
    assert with_photo > model().score(LAMP, far) == model().score(replace(LAMP, photo=0), replace(far, photo=2**64 - 1))


@given(st.text(), st.text(), st.floats(-90, 90), st.floats(-180, 180))
def test_any_two_texts_have_a_probability(one: str, two: str, lat: float, lon: float) -> None:
    assert 0 <= model().score(replace(LAMP, text=one), Side(two, lat=lat, lon=lon)) <= 1


def _matched(*rows: object) -> list[dict[str, object]]:
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    return [json.loads(line) for line in match_lines(lines)]


def test_match_scores_pairs_and_names_what_is_wrong() -> None:
    side = {"text": "Pothole", "service": "Potholes", "lat": 1, "lon": 2, "requested_at": "2026-05-04T09:30:00Z"}
    found = _matched(
        {"id": 1, "a": side, "b": side},
        {"id": "bare", "a": {}, "b": {"text": None, "lat": None}},
        {"id": 3, "a": side},
        {"id": 4, "a": side, "b": side | {"lat": "north"}},
        {"id": 5, "a": side | {"requested_at": "yesterday"}, "b": side},
        {"id": 6, "a": side | {"text": 5}, "b": side},
        {"id": 7, "a": side | {"photo": "xyz"}, "b": side},
        "no json",
        "[]",
        "",
    )
    assert found[0]["same"] is True and found[0]["id"] == 1
    assert found[1]["same"] is False and 0 < float(str(found[1]["score"])) < 1
    wrong = ['"b" must be', '"b.lat"', '"a.requested_at"', '"a.text"', '"a.photo"', "not JSON", "not a JSON object"]
    assert len(found) == 2 + len(wrong)
    for row, words in zip(found[2:], wrong, strict=True):
        assert words in str(row["error"]) and "score" not in row


def test_goals_on_confirmed_duplicates(shared: Path) -> None:
    """Fitted on the training part, judged by cross-validation only: the shipped figures saw these pairs."""
    np = pytest.importorskip("numpy")
    sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
    import train_duplicates as tool

    if not (shared / "data" / "dedupe").is_dir():
        pytest.skip("the shared pairs are not here")
    pairs = list(tool.pairs_of(shared / "data" / "dedupe"))
    groups = np.array([tool.crc32(group.encode()) for group in tool.groups_of(pairs)])
    found = [facts(a, b) for a, b, *_ in pairs]
    x = np.array([list(row.values()) for row in found])
    y = np.array([pair[2] for pair in pairs], float)
    lost = np.array([beyond(a, b) for a, b, *_ in pairs])
    p = tool.cross_validated(x, y, lost, tool.comparable(pairs), groups // 1000 % tool.FOLDS, 3.0)
    assert tool.auc(y, p) >= 0.91 and tool.recall_at(y, p)[0] >= 0.70
    y, p = y[tool.comparable(pairs)], p[tool.comparable(pairs)]
    assert tool.auc(y, p) >= 0.925 and tool.recall_at(y, p)[0] >= 0.72 and tool.calibration_error(y, p) <= 0.05
