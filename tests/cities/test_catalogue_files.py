"""The catalogue as CSV and as GeoReport JSON: read, written, and the rows that are refused."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from openline.cities import catalogue_files as files
from openline.cities import georeport_files as georeport
from openline.cities.loading import SAMPLE
from openline.cities.reading import read_city
from openline.cities.tables import Refused
from openline.service_requests.catalogue import Content, whole

HEAD = "service_code,code,question,datatype,values,stops,depends_on,depends_values,minimum\n"


@pytest.fixture(scope="module")
def sample() -> Content:
    city = read_city(SAMPLE)
    assert city.refused == []
    return {service["code"]: service for service in city.services}


def departments(content: Content) -> set[str]:
    return {service["department"] for service in content.values()}


def test_what_is_written_is_read_back_whole(sample: Content) -> None:
    services = list(sample.values())
    texts = {
        files.SERVICES: files.services_csv(services),
        files.QUESTIONS: files.attributes_csv(services),
        files.EXAMPLES: files.examples_csv(services),
    }
    refused: list[Refused] = []
    assert files.read_catalogue(texts, departments(sample), refused) == sample and refused == []


def test_the_sample_city_asks_questions_of_twelve_services_and_stops_where_others_help(sample: Content) -> None:
    asking = [s for s in sample.values() if any(q["variable"] for q in s["attributes"])]
    assert len(asking) >= 12
    stops = [v["stop"] for s in asking for q in s["attributes"] for v in q["values"] if v.get("stop")]
    assert any("911" in stop for stop in stops) and any("PGW" in stop for stop in stops)
    assert sample["SR-ST18"]["season_start"] == "11-15"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("GONE,q,Why?,string,,,,,", "no service"),
        ("SR-ST01,a b,Why?,string,,,,,", "code of a question"),
        ("SR-ST01,q,Why?,wish,,,,,", "write one of"),
        ("SR-ST01,q,Why?,singlevaluelist,,,,,", "needs values"),
        ("SR-ST01,q,Why?,singlevaluelist,a=A,b=Stop,,,", "no key of the values"),
        ("SR-ST01,q,Why?,string,,,later,x,", "no question before"),
        ("SR-ST01,q,Why?,number,,,,,many", "write a number"),
    ],
)
def test_a_bad_question_is_refused_with_its_line(sample: Content, row: str, reason: str) -> None:
    refused: list[Refused] = []
    good = "SR-ST01,ok,Fine?,string,,,,,\n"
    found = files.read_catalogue({files.QUESTIONS: HEAD + good + row + "\n"}, set(), refused, sample)
    assert [(r.file, r.line) for r in refused] == [(files.QUESTIONS, 3)] and reason in refused[0].reason
    assert [q["code"] for q in found["SR-ST01"]["attributes"]] == ["ok"]


def test_columns_that_a_file_lacks_stay_as_they_are(sample: Content) -> None:
    text = "code,name,promise_days\nSR-ST01,Holes,3\n"
    found = files.read_catalogue({files.SERVICES: text}, departments(sample), [], sample)
    assert found == {"SR-ST01": whole(sample["SR-ST01"] | {"name": "Holes", "promise_days": 3})}


def test_our_json_is_read_back_and_keeps_what_georeport_cannot_say(sample: Content) -> None:
    refused: list[Refused] = []
    text = json.dumps(georeport.written(sample.values()))
    found = georeport.read_georeport(text, departments(sample), refused, sample)
    assert refused == [] and all(service == sample[code] for code, service in found.items()) and len(found) > 40


def test_our_json_is_what_the_standard_says(sample: Content, shared: Path) -> None:
    contracts = shared / "contracts" / "open311"
    document = georeport.written(sample.values())
    one = json.loads((contracts / "service.schema.json").read_text())
    for service in document["services"]:
        jsonschema.validate(service, one)
    schema = json.loads((contracts / "service-definition.schema.json").read_text())
    for definition in document["service_definitions"]:
        jsonschema.validate(definition, schema)


def test_other_cities_lists_are_read(shared: Path) -> None:
    san_francisco = "data/other_cities_311/sf_service_list_2012.json"
    for path, least in (("contracts/open311/samples/service_list.json", 3), (san_francisco, 38)):
        refused: list[Refused] = []
        found = georeport.read_georeport((shared / path).read_text(), set(), refused, {})
        assert len(found) >= least and all("twice" in str(r) for r in refused), path
        assert all(service["name"] and service["group"] for service in found.values())


@pytest.mark.parametrize("text", ["", "[", "3", "{}", '[{"service_name": "x"}]', "[1]", '{"services": [null]}'])
def test_what_is_no_list_of_services_is_refused_in_words(text: str) -> None:
    refused: list[Refused] = []
    assert georeport.read_georeport(text, set(), refused, {}) == {} and refused
