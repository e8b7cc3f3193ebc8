"""The report: from files to a page and JSON."""

from __future__ import annotations

import json
import os
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from openline.evaluation.evaluate import PARTS, City, Sets, evaluate
from openline.evaluation.findings import Figure
from openline.evaluation.report import as_html, as_json, as_text
from openline.evaluation.sets import labelled_posts, own, shipped
from openline.triage.assessment import INTENTS, URGENCIES
from openline.triage.reader import Reader
from tests.triage.conftest import CATALOGUE

SHARED = Path(os.environ.get("OPENLINE_SHARED", Path(__file__).resolve().parents[3] / "shared")) / "data"
ROWS = [
    {"text": "huge pothole on my street, <script>alert(1)</script> fix it", "intent": "request", "service": "ST1"},
    {"text": "what day is trash pickup?", "intent": "question", "urgency": "routine"},
    {"text": "i smell gas in the hallway", "intent": "request", "urgency": "emergency", "service": "Gas Company"},
    {"text": "such a lovely sunset", "intent": "abuse", "urgency": "routine"},
]


@pytest.fixture(scope="module")
def city() -> City:
    """A small city without streets."""
    return City(Reader(CATALOGUE), CATALOGUE, None)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Rows of a city's own."""
    path = tmp_path / "own.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in [*ROWS, {"intent": "request"}]))
    return path


def test_a_citys_own_rows_become_one_page_and_one_file(city: City, file: Path, tmp_path: Path) -> None:
    rows, problems = own(file)
    assert len(rows) == 4
    assert problems == ["own.jsonl, row 5: there is no text"]
    parts = list(evaluate(city, Sets(tmp_path, tmp_path / "none.csv", rows, quick=True)))
    assert [part.key for part in parts if part.key != "answers_own"] == list(PARTS)
    by_key = {part.key: part for part in parts}
    assert by_key["intent"].figures[0].name == "ticket or not, F1"
    assert {f.name: f.value for f in by_key["urgency"].figures}["emergencies found"] == 1
    assert by_key["geocoding"].skipped
    assert by_key["service_trained"].skipped.startswith("Only")
    data = json.loads(as_json(parts, problems))
    assert set(data) == {"version", "made_at", "seed", "parts", "problems"}
    assert data["parts"]["intent"]["tables"][0]["head"] == ["class", "rows", "precision", "recall", "F1"]
    page = as_html(parts, problems)
    assert "<script>" not in page
    assert "row 5: there is no text" in page
    _Balanced().feed(page)
    assert "ticket or not" in as_text(parts)


class _Balanced(HTMLParser):
    """Refuses a page whose elements do not end in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in ("meta", "rect", "path", "polyline"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("rect", "path", "polyline"):
            assert self.open.pop() == tag


def test_goals_are_reached_or_not() -> None:
    assert Figure("recall", 0.9, goal=0.88).reached
    assert not Figure("false alarms", 0.2, goal=0.1, at_most=True).reached
    assert Figure("plain", 0.2).reached is None


def test_labels_find_the_words_of_their_row(tmp_path: Path) -> None:
    (tmp_path / "resident_text").mkdir()
    (tmp_path / "resident_text" / "tweets.csv").write_text('tweet\nfirst\n"second, with a comma"\n')
    labels = tmp_path / "labels.csv"
    head = "file,row,intent,ticket,urgency,place,language,doubt\n"
    labels.write_text(
        head
        + "tweets,1,request,1,urgent,0,en,0\ntweets.csv,0,chatter,0,routine,0,en,0\ngone,0,chatter,0,routine,0,en,0"
    )
    found = labelled_posts(tmp_path, labels)
    assert [(row.text, row.ticket) for row in found] == [("second, with a comma", True), ("first", False)]


def test_what_ships_is_labelled_with_known_words() -> None:
    rows, pairs = shipped("languages.csv"), shipped("pairs.csv")
    assert {row["intent"] for row in rows} <= set(INTENTS)
    assert {row["urgency"] for row in rows} <= set(URGENCIES)
    assert len({row["language"] for row in rows}) >= 12
    assert len(pairs) >= 60
    assert all(pair["one"] != pair["other"] for pair in pairs)


@pytest.mark.django_db(transaction=True)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text("{not json")
    with pytest.raises(CommandError, match="bad.jsonl, line 1"):
        call_command("evaluate", str(bad), "--out", str(tmp_path))
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("evaluate", str(tmp_path / "missing.csv"), "--out", str(tmp_path))
    assert not (tmp_path / "evaluation.html").exists()


def test_duplicates_and_services_are_measured_on_real_sets(city: City, tmp_path: Path) -> None:
    if not (SHARED / "dedupe").is_dir():
        pytest.skip("the shared development data is not here")
    part, cold = evaluate(city, Sets(SHARED, tmp_path / "none.csv", quick=True), ["duplicates", "service_cold"])
    figures = {figure.name: figure for figure in part.figures}
    assert figures["all: area under ROC"].value > 0.9
    assert (figures["all: area under ROC"].low or 0) > figures["15 m and more: area under ROC"].value
    assert cold.figures
    assert cold.charts[0].points
