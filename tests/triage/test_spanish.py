"""Spanish posts of our own (data/README.md) are read about as well as when they were last measured."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from openline.triage.assessment import INTENTS, URGENCIES, Assessment, Post
from openline.triage.catalogue import ServiceInfo
from openline.triage.reader import Reader

DATA = Path(__file__).parent / "data"
FILES = ("spanish_posts", "spanish_posts2", "spanish_posts3")
CITY = Path(str(files("openline"))) / "cities" / "philadelphia"
Read = tuple[dict[str, str], Assessment]


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def services() -> Iterator[ServiceInfo]:
    """The sample city's services with their examples."""
    examples: dict[str, list[str]] = {}
    for row in rows_of(CITY / "examples.csv"):
        examples.setdefault(row["service_code"], []).append(row["text"])
    for row in rows_of(CITY / "services.csv"):
        keywords = tuple(row["keywords"].split(";"))
        said = tuple(examples.get(row["code"], ()))
        yield ServiceInfo(row["code"], row["name"], row["description"], keywords, said, row["kind"])


@pytest.fixture(scope="module")
def city_reader() -> Reader:
    return Reader(list(services()))


@pytest.fixture(scope="module")
def read(city_reader: Reader) -> list[Read]:
    rows = [row for name in FILES for row in rows_of(DATA / f"{name}.csv")]
    return list(zip(rows, city_reader.assess([Post("1", row["text"]) for row in rows]), strict=True))


def test_labels_are_well_formed() -> None:
    names = {service.name for service in services()}
    rows = [row for name in FILES for row in rows_of(DATA / f"{name}.csv")]
    assert len(rows) == len({row["text"] for row in rows}) == 279
    assert {row["intent"] for row in rows} == set(INTENTS)
    assert {row["urgency"] for row in rows} == set(URGENCIES)
    assert all(row["place"] in ("0", "1") and row["service"] in names | {""} for row in rows)


def test_no_post_is_a_lesson() -> None:
    lessons = {row["text"] for row in rows_of(Path(str(files("openline"))) / "triage" / "data" / "more_spanish.csv")}
    lessons |= {row["text"] for row in rows_of(CITY / "examples.csv")}
    assert not lessons & {row["text"] for name in FILES for row in rows_of(DATA / f"{name}.csv")}


def test_intents(read: list[Read]) -> None:
    right = sum(row["intent"] == found.intent for row, found in read)
    both = sum(row["intent"] == found.intent == "request" for row, found in read)
    said = sum(found.intent == "request" for _, found in read) + sum(row["intent"] == "request" for row, _ in read)
    assert right / len(read) > 0.85
    assert 2 * both / said > 0.9


def test_services(read: list[Read]) -> None:
    named = [(row["service"], [service.name for service in found.services]) for row, found in read if row["service"]]
    assert sum(wanted == best[0] for wanted, best in named) / len(named) > 0.85
    assert sum(wanted in best for wanted, best in named) / len(named) > 0.93


def test_urgency(read: list[Read]) -> None:
    routine = [found.urgency == "routine" for row, found in read if row["urgency"] == "routine"]
    hurried = [found.urgency != "routine" for row, found in read if row["urgency"] != "routine"]
    assert all(found.urgency == "emergency" for row, found in read if row["urgency"] == "emergency")
    assert sum(hurried) / len(hurried) > 0.85
    assert sum(routine) / len(routine) > 0.93


@pytest.mark.parametrize(
    "text",
    [
        "un gato atropellado en mi calle, recójanlo",
        "alguien más escuchó la explosión? eran cohetes",
        "estamos enterrados en la nieve",
        "según Telemundo detuvieron a uno por el tiroteo",
        "el incendio de anoche dejó dos heridos, según los bomberos",
        "arreglen eso antes q alguien se caiga y quede herido",
    ],
)
def test_what_only_sounds_like_danger(city_reader: Reader, text: str) -> None:
    assert city_reader.assess([Post("1", text)])[0].urgency != "emergency"


@pytest.mark.parametrize(
    "text",
    [
        "se cayó un alambre y está chisporroteando",
        "toda la casa huele a huevo podrido",
        "atropellaron a mi hermano",
        "hay un señor enterrado debajo de la pared",
    ],
)
def test_what_is_danger(city_reader: Reader, text: str) -> None:
    assert city_reader.assess([Post("1", text)])[0].urgency == "emergency"


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("hay un bache enorme en mi calle, lo podrían arreglar? muchas gracias", "request"),
        ("gracias por responder, y a qué hora abren?", "question"),
        ("muchas gracias por limpiar el parque", "feedback"),
    ],
)
def test_thanks_at_the_end_are_manners(city_reader: Reader, text: str, intent: str) -> None:
    assert city_reader.assess([Post("1", text)])[0].intent == intent
