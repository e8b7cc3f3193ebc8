"""Outside geocoders: what they are asked, what is made of their answers, and what happens when they fail."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from openline.cities.loading import SAMPLE
from openline.geography.gazetteer import Gazetteer
from openline.geography.models import OutsideAnswer
from openline.geography.outside import asking, memory
from openline.geography.outside.settings import PUBLIC, Settings, from_environment
from tests.geography.outside import CHURCH, OUTSIDE, Outside, Said, arcgis, census, nominatim, running

LINE = "St Luke's Church, Germantown"


@pytest.fixture(scope="module")
def city() -> Gazetteer:
    return Gazetteer.from_bytes((SAMPLE / "gazetteer.bin").read_bytes())


@pytest.fixture
def outside(db: None) -> Iterator[Outside]:
    with running() as here:
        yield here


def test_nominatim_is_asked_politely_and_read(city: Gazetteer, outside: Outside) -> None:
    place = asking.geocode(outside.settings(), city, LINE)
    assert place and (place.kind, place.name) == ("landmark", "Saint Luke's Church, 5421 Germantown Avenue")
    assert (place.lat, place.lon) == CHURCH and 20 <= place.precision_m < 100
    assert any(code.startswith("nb-") for code in place.areas)
    assert place.confidence < 0.75, "a person confirms"
    (asked,) = outside.heard
    assert asked.parameters["q"] == "st luke's church, germantown, Philadelphia, PA"
    assert asked.parameters["bounded"] == "1" and asked.parameters["limit"] == "1"
    west, south, east, north = map(float, asked.parameters["viewbox"].split(","))
    assert west < CHURCH[1] < east and south < CHURCH[0] < north
    assert asked.headers["user-agent"] == "Openline tests (web@example.org)" and "key" not in asked.parameters


def test_arcgis_is_asked_and_read(city: Gazetteer, outside: Outside) -> None:
    place = asking.geocode(outside.settings("arcgis", key="secret"), city, LINE)
    assert place and (place.kind, place.name, place.lat) == ("landmark", "Saint Luke's Church", CHURCH[0])
    (asked,) = outside.heard
    assert asked.parameters["token"] == "secret" and asked.parameters["forStorage"] == "true"
    assert len(asked.parameters["searchExtent"].split(",")) == 4
    outside.says = lambda _: Said(arcgis(score=60))
    assert asking.geocode(outside.settings("arcgis"), city, "somewhere else") is None, "too weak a match"
    assert "token" not in outside.heard[-1].parameters


def test_the_census_is_asked_and_read(city: Gazetteer, outside: Outside) -> None:
    place = asking.geocode(outside.settings("census"), city, "5421 Germantown Avenue rear")
    assert place and (place.kind, place.name, place.lat) == ("address", "5421 Germantown Ave", CHURCH[0])
    outside.says = lambda _: Said(census(found=False))
    assert asking.geocode(outside.settings("census"), city, "no such house") is None


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (nominatim("Germantown Avenue", class_="highway", type_="residential", house=""), "street"),
        (nominatim("Germantown", class_="place", type_="suburb", house=""), "area"),
        (nominatim("", class_="building", type_="yes"), "address"),
    ],
)
def test_whole_streets_and_areas_stay_what_they_are(
    city: Gazetteer, outside: Outside, answer: list[dict[str, object]], kind: str
) -> None:
    outside.says = lambda _: Said(answer)
    place = asking.geocode(outside.settings(), city, LINE)
    assert place and place.kind == kind and (place.confidence < 0.5) == (kind != "address")


def test_what_lies_outside_the_city_is_dropped(city: Gazetteer, outside: Outside) -> None:
    outside.says = lambda _: Said(nominatim("Nassau Hall", OUTSIDE))
    assert asking.geocode(outside.settings(), city, "Nassau Hall") is None


def test_nothing_is_asked_twice(city: Gazetteer, outside: Outside) -> None:
    first = asking.geocode(outside.settings(), city, LINE)
    assert first == asking.geocode(outside.settings(), city, f"  {LINE.upper()} ")
    assert first and first == asking.remembered(outside.settings(), city, first.name), "nor under the name found"
    outside.says = lambda _: Said([])
    for _ in range(2):
        assert asking.geocode(outside.settings(), city, "no such place") is None
    assert len(outside.heard) == 2
    OutsideAnswer.objects.update(asked_at=timezone.now() - timedelta(days=2))
    asking.geocode(outside.settings(), city, LINE)
    asking.geocode(outside.settings(), city, "no such place")
    assert len(outside.heard) == 3, "that there was nothing is forgotten sooner"
    OutsideAnswer.objects.update(asked_at=timezone.now() - timedelta(days=31))
    assert memory.forget_old() == 2


FAILURES = [
    Said({"error": "busy"}, 429),
    Said(b"<html>Bad gateway</html>", 502),
    Said(b"<html>not JSON</html>"),
    Said({"unexpected": True}),
    Said([{"lat": "x", "lon": None}]),
    Said([], 302, {"Location": "http://127.0.0.1:9/"}),
    Said(b" " * 300_000),
    Said(nominatim(), drip=0.3),
]


@pytest.mark.parametrize("said", FAILURES, ids=range(len(FAILURES)))
def test_a_failure_is_no_place_and_no_error(city: Gazetteer, outside: Outside, said: Said) -> None:
    settings = outside.settings(seconds=0.8)
    outside.says = lambda _: said
    assert asking.geocode(settings, city, LINE) is None
    assert OutsideAnswer.objects.get().outcome == "failed" and asking.check(settings, city)
    outside.says = outside.usual
    assert asking.check(settings, city) == ""
    assert asking.geocode(settings, city, LINE), "a failure is not remembered as an answer"


def test_a_server_that_is_away_is_left_alone_after_some_failures(city: Gazetteer, db: None) -> None:
    settings = Settings("nominatim", "Philadelphia, PA", "http://127.0.0.1:9", "tests", seconds=1)
    for number in range(memory.FAILURES + 2):
        OutsideAnswer.objects.filter(outcome="failed").update(asked_at=timezone.now() - timedelta(seconds=2))
        assert asking.geocode(settings, city, f"place {number}") is None
    assert OutsideAnswer.objects.count() == memory.FAILURES
    OutsideAnswer.objects.update(asked_at=timezone.now() - memory.PAUSE)
    asking.geocode(settings, city, "one more")
    assert OutsideAnswer.objects.filter(query="one more").exists()


@pytest.mark.django_db(transaction=True)
def test_one_question_a_second_whoever_asks(city: Gazetteer) -> None:
    with running() as outside:

        def ask(number: int) -> None:
            asking.geocode(outside.settings(), city, f"place {number}", wait=5)
            connection.close()

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        times = sorted(asked.at for asked in outside.heard)
        assert len(times) == 3 and all(b - a > 0.7 for a, b in zip(times, times[1:], strict=False))
        assert times[2] - times[0] > 2
        assert asking.geocode(outside.settings(), city, "now", wait=0) is None, "too early, and nobody waits"
        assert len(outside.heard) == 3


def test_settings_are_read_and_mistakes_named() -> None:
    assert from_environment({}) is None and from_environment({"OPENLINE_GEOCODER": " "}) is None
    good = {"OPENLINE_GEOCODER": "census", "OPENLINE_GEOCODER_CITY": "Springfield, IL", "OPENLINE_GEOCODER_KEY": "k"}
    found = from_environment(good)
    assert found and found.url == PUBLIC["census"] and found.seconds == 3 and "'k'" not in repr(found)
    for wrong, word in (
        ({"OPENLINE_GEOCODER": "google"}, "must be one of"),
        ({"OPENLINE_GEOCODER_CITY": ""}, "OPENLINE_GEOCODER_CITY"),
        ({"OPENLINE_GEOCODER": "nominatim"}, "USER_AGENT"),
        ({"OPENLINE_GEOCODER_URL": "ftp://x"}, "OPENLINE_GEOCODER_URL"),
        ({"OPENLINE_GEOCODER_URL": "https://me:pw@x.example"}, "OPENLINE_GEOCODER_KEY"),
        ({"OPENLINE_GEOCODER_SECONDS": "soon"}, "OPENLINE_GEOCODER_SECONDS"),
        ({"OPENLINE_GEOCODER_KEY": "a\nb"}, "OPENLINE_GEOCODER_KEY"),
    ):
        with pytest.raises(ValueError, match=word):
            from_environment(good | wrong)
