"""The catalogue: what a change does, versions, conflicts, bringing back, seasons; nothing is deleted."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from openline.care import understanding
from openline.records.models import Record
from openline.service_requests import catalogue, catalogue_changes, seasons
from openline.service_requests.catalogue_changes import Invalid
from openline.service_requests.errors import Conflict, NotPossible
from openline.service_requests.models import CatalogueVersion, Service
from openline.service_requests.opening import NewRequest, open_request

pytestmark = pytest.mark.usefixtures("philadelphia")
CODE = "SR-ST01"


@pytest.fixture
def ana(db: None) -> User:
    return User.objects.create_user("ana")


def changed(**fields: Any) -> catalogue.Content:
    service = catalogue.of_service(CODE)
    assert service
    return {CODE: catalogue.whole(service | fields)}


def test_the_dry_run_says_what_a_change_does_and_does_nothing(ana: User) -> None:
    open_request(NewRequest(Service.objects.get(code=CODE), "", "", "test"))
    before = catalogue.content()
    with CaptureQueriesContext(connection) as captured:
        found = catalogue_changes.effects(changed(department="water", keywords=["hole"]))
    assert catalogue.content() == before and len(captured) < 8
    assert [(c.what, n) for c, n in found.concerned] == [("changed", 1)]
    assert found.owners == [("Street Defect", "streets", "water")] and found.heard
    assert not catalogue_changes.effects(changed(promise_days=3)).heard


def test_every_save_is_a_version_with_its_changes(ana: User) -> None:
    version = catalogue_changes.save(changed(promise_days=3, name="Holes"), by=ana, why="Quicker")
    assert version and version.by == ana and version.why == "Quicker"
    assert version.changes[0]["fields"] == [
        {"field": "name", "before": "Street Defect", "after": "Holes"},
        {"field": "promise_days", "before": "46", "after": "3"},
    ]
    assert Service.objects.get(code=CODE).name == "Holes"
    assert {s["code"] for s in version.content} == set(Service.objects.values_list("code", flat=True))
    assert Record.objects.filter(body__what="catalogue saved", actor="ana").exists()
    assert catalogue_changes.save(changed(), by=ana, why="Nothing") is None


def test_a_question_is_changed_by_code_and_answers_stay(ana: User) -> None:
    questions = [{"code": "depth", "question": "How deep?", "datatype": "number"}]
    version = catalogue_changes.save(changed(attributes=questions), by=ana, why="Depth")
    assert version and {f["field"] for f in version.changes[0]["fields"]} == {
        "question kind",
        "question size",
        "question smell",
        "question lane",
        "question depth",
    }
    assert [q.code for q in Service.objects.get(code=CODE).attributes.all()] == ["depth"]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": " "}, "name"),
        ({"kind": "wish"}, "kind"),
        ({"department": "nobody"}, "department"),
        ({"promise_days": -1}, "promise_days"),
        ({"promise_unit": "moons"}, "promise_unit"),
        ({"season_start": "11-15"}, "season_end"),
        ({"season_start": "11-31", "season_end": "02-29"}, "season_start"),
        ({"attributes": [{"code": "a b", "question": "?"}]}, "question a b"),
        ({"attributes": [{"code": "a", "question": "?", "datatype": "singlevaluelist"}]}, "question a"),
        ({"attributes": [{"code": "a", "question": "?", "depends_on": "b"}]}, "question a"),
        ({"attributes": [{"code": "a", "question": "?", "minimum": 2.0, "maximum": 1.0}]}, "question a"),
        ({"attributes": [{"code": "a", "question": "?"}, {"code": "a", "question": "?"}]}, "question a"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_changes(ana: User, fields: dict[str, Any], field: str) -> None:
    before = catalogue.content()
    with pytest.raises(Invalid) as refused:
        catalogue_changes.save(changed(**fields), by=ana, why="")
    assert list(refused.value.problems[CODE]) == [field] and catalogue.content() == before


def test_two_people_on_one_service_notice_each_other(ana: User) -> None:
    seen = {CODE: catalogue.stamp(catalogue.of_service(CODE))}
    catalogue_changes.save(changed(promise_days=3), by=ana, why="")
    with pytest.raises(Conflict):
        catalogue_changes.save(changed(promise_days=5), by=ana, why="", seen=seen)
    assert Service.objects.get(code=CODE).promise_days == 3


def test_an_earlier_version_comes_back_and_newer_services_are_retired(ana: User) -> None:
    first = catalogue_changes.save(changed(promise_days=3), by=ana, why="")
    new = catalogue.whole({"code": "NEW", "name": "New"})
    catalogue_changes.save({"NEW": new, **changed(promise_days=9)}, by=ana, why="")
    assert first
    back = catalogue_changes.as_in(first, catalogue.content())
    effects = catalogue_changes.effects(back)
    assert {(c.code, c.what) for c in effects.changes} == {(CODE, "changed"), ("NEW", "retired")}
    catalogue_changes.save(back, by=ana, why="Back")
    assert Service.objects.get(code=CODE).promise_days == 3 and not Service.objects.get(code="NEW").active


def test_a_group_is_renamed_for_all_its_services(ana: User) -> None:
    after = catalogue_changes.renamed(catalogue.content(), "Traffic", "Cars and bikes")
    catalogue_changes.save(after, by=ana, why="")
    assert not Service.objects.filter(group="Traffic").exists()
    assert Service.objects.filter(group="Cars and bikes").exists()
    with pytest.raises(NotPossible):
        catalogue_changes.renamed(catalogue.content(), "Cars and bikes", " ")


def test_the_reader_takes_new_words_by_itself(ana: User) -> None:
    before = understanding._version()
    catalogue_changes.save(changed(keywords=["gap in the road"]), by=ana, why="")
    assert understanding._version() != before


def test_the_first_version_keeps_what_was_before(ana: User) -> None:
    CatalogueVersion.objects.all().delete()
    catalogue_changes.save(changed(promise_days=3), by=ana, why="")
    first = CatalogueVersion.objects.order_by("number")[0]
    assert next(s for s in first.content if s["code"] == CODE)["promise_days"] == 46


days = st.dates(date(2024, 1, 1), date(2024, 12, 31))


@given(days, days, days)
def test_the_season_is_the_same_in_python_and_in_the_database(start: date, end: date, day: date) -> None:
    Service.objects.filter(code=CODE).update(season_start=f"{start:%m-%d}", season_end=f"{end:%m-%d}")
    service = Service.objects.get(code=CODE)
    offered = Service.objects.filter(seasons.offered(day), code=CODE).exists()
    assert seasons.in_season(service, day) is offered
    assert seasons.in_season(service, start) and seasons.in_season(service, end)


def test_a_season_is_said_in_words() -> None:
    assert seasons.when(Service(season_start="11-15", season_end="04-01")) == "from November 15 to April 1"
    assert seasons.when(Service()) == "" and seasons.in_season(Service())


def test_the_reader_knows_when_a_season_begins_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    Service.objects.filter(code=CODE).update(season_start="06-01", season_end="06-30")
    versions = []
    for day in (date(2026, 5, 31), date(2026, 6, 1), date(2026, 6, 30), date(2026, 7, 1)):
        monkeypatch.setattr(seasons, "today", lambda day=day: day)
        versions.append(understanding._version())
    assert versions[0] == versions[3] != versions[1] == versions[2]
