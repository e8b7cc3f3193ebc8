"""The comparison with a language model: the same posts, both readers, what it costs, and what is said without one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings as Django

from openline.evaluation.evaluate import City, Sets
from openline.evaluation.language_model import compare
from openline.evaluation.report import as_html
from openline.evaluation.sets import Labelled
from openline.language_model.models import Call
from openline.language_model.settings import Settings
from openline.triage.reader import Reader
from tests.language_model.standin import Request, Said, StandIn, completion, error, reading, running
from tests.triage.conftest import CATALOGUE

VAGUE = [
    Labelled(f"please fix the {thing} by the shop, call 215-555-0143", "request", True, urgency, service)
    for thing, urgency, service in [
        ("zibble", "routine", "Street Defect"), ("grommet", "urgent", "ST1"), ("flarn", "routine", "Graffiti Removal"),
        ("wobble", "routine", "Street Light Outage"), ("gribbet", "emergency", ""), ("snark", "routine", ""),
    ]
]  # fmt: skip
SURE = [Labelled("there is a huge pothole on our street", "request", True, "routine", "Street Defect")]


@pytest.fixture(scope="module")
def city() -> City:
    """A small city without streets."""
    return City(Reader(CATALOGUE), CATALOGUE, None)


@pytest.fixture
def standin() -> Iterator[StandIn]:
    """A language model that knows every zibble and grommet, but calls a flarn by a name that nobody has."""
    with running() as here:
        here.says = _knows
        yield here


def _knows(request: Request) -> Said:
    text = request.post["post"]
    if "flarn" in text:
        return completion(reading(service="FLARN"))
    urgency = "emergency" if "gribbet" in text else "routine"
    return completion(reading(service="SL1" if "wobble" in text else "ST1", urgency=urgency))


@pytest.fixture
def model(standin: StandIn) -> Settings:
    """Settings that lead there."""
    return Settings(standin.url, "stand-in", price_in=1.0)


@pytest.mark.django_db
def test_both_readers_are_measured_on_the_posts_on_which_the_local_one_abstains(
    city: City, standin: StandIn, model: Settings, tmp_path: Path
) -> None:
    part = compare(city, Sets(tmp_path, tmp_path / "none.csv", [*VAGUE, *SURE]), model, 50)
    found = {figure.name: figure.value for figure in part.figures}
    assert found["posts asked about"] == len(standin.heard) == len(VAGUE)
    assert found["valid answers"] == pytest.approx(5 / 6)
    assert found["service right, language model"] == pytest.approx(3 / 4)
    assert 0 <= found["service right, local reader"] <= 1
    assert found["right intent, language model"] == pytest.approx(5 / 6)
    assert found["urgent posts and emergencies found, language model"] == pytest.approx(1 / 2)
    assert found["false alarms among routine posts, language model"] == 0
    assert found["cost of 1,000 posts"] == pytest.approx(1200)
    assert found["tokens a post"] == 1240 and found["time of a call, median"] > 0
    [outcomes] = part.tables
    assert ("off_schema", "The answer names an unknown service.", 1) in outcomes.rows
    assert not any(b"0143" in request.raw for request in standin.heard)
    assert Call.objects.filter(message=None).count() == len(VAGUE)
    assert "stand-in" in as_html([part], [])


@pytest.mark.django_db
def test_only_as_many_as_wanted_are_asked_about_and_always_the_same(
    city: City, standin: StandIn, model: Settings, tmp_path: Path
) -> None:
    sets = Sets(tmp_path, tmp_path / "none.csv", VAGUE)
    compare(city, sets, model, 4)
    first = [request.post for request in standin.heard]
    assert len(first) == 4
    compare(city, replace(sets, own=VAGUE[::-1]), model, 4)
    assert [request.post for request in standin.heard[4:]] == first


@pytest.mark.django_db
def test_the_budget_ends_it_and_what_was_asked_is_reported(
    city: City, standin: StandIn, model: Settings, tmp_path: Path
) -> None:
    sets = Sets(tmp_path, tmp_path / "none.csv", VAGUE)
    part = compare(city, sets, replace(model, calls_a_day=3), 50)
    assert "3 calls" in part.note and part.figures[0].value == 3
    part = compare(city, sets, replace(model, calls_a_day=3), 50)
    assert "3 calls" in part.skipped and not part.figures


@pytest.mark.django_db
def test_a_server_in_trouble_is_left_alone_after_a_few_posts(
    city: City, standin: StandIn, model: Settings, tmp_path: Path
) -> None:
    standin.says = lambda request: error(503, "loading")
    part = compare(city, Sets(tmp_path, tmp_path / "none.csv", VAGUE), model, 50)
    assert "left alone" in part.note and len(standin.heard) == 5
    assert {figure.name: figure.value for figure in part.figures}["valid answers"] == 0


@pytest.mark.django_db
def test_without_unsure_posts_nothing_is_asked(city: City, standin: StandIn, model: Settings, tmp_path: Path) -> None:
    part = compare(city, Sets(tmp_path, tmp_path / "none.csv", SURE), model, 50)
    assert part.skipped and standin.heard == []


@pytest.mark.parametrize("how", [["--language-model"], ["--part", "language_model"]])
def test_without_a_language_model_the_command_says_what_to_do(how: list[str], tmp_path: Path, settings: Django) -> None:
    assert settings.LANGUAGE_MODEL is None
    with pytest.raises(CommandError, match="OPENLINE_LANGUAGE_MODEL_URL"):
        call_command("evaluate", *how, "--out", str(tmp_path))


@pytest.mark.django_db
def test_it_is_a_part_of_the_report(
    standin: StandIn, model: Settings, settings: Django, tmp_path: Path, philadelphia: None
) -> None:
    settings.LANGUAGE_MODEL = model
    rows = tmp_path / "own.jsonl"
    rows.write_text("\n".join(json.dumps({"text": row.text, "intent": row.intent}) for row in VAGUE))
    standin.says = lambda request: completion(reading(service="SR-ST01"))
    call_command("evaluate", str(rows), "--part", "intent", "--language-model", "--out", str(tmp_path))
    parts = json.loads((tmp_path / "evaluation.json").read_text())["parts"]
    assert list(parts) == ["intent", "language_model"]
    assert parts["language_model"]["figures"][0]["value"] > 0
    assert 'id="language_model"' in (tmp_path / "evaluation.html").read_text()
