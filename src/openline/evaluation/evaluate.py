"""All parts of an evaluation, one after another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from openline.evaluation import answering, pairs, personal, places, services, speed, understanding
from openline.evaluation.findings import Part
from openline.evaluation.question_sets import Labelled as Question
from openline.evaluation.sets import Labelled, labelled_posts, reports, shipped
from openline.geography.gazetteer import Gazetteer
from openline.triage.catalogue import ServiceInfo
from openline.triage.reader import Reader
from openline.triage.sentences.encoder import Encoder

PARTS = ("intent", "urgency", "service_cold", "service_trained", "geocoding", "false_pins", "places", "duplicates",
         "language", "personal", "fairness", "answers", "speed")  # fmt: skip


@dataclass(frozen=True, slots=True)
class City:
    """What is evaluated: the reader in use, its catalogue, its places and, if there is one, its sentence model.

    `has_articles`: there is a database with the articles that answer questions.
    """

    reader: Reader
    catalogue: Sequence[ServiceInfo]
    gazetteer: Gazetteer | None
    encoder: Encoder | None = None
    has_articles: bool = False


@dataclass(frozen=True, slots=True)
class Sets:
    """What it is evaluated on: the folder of development data, the labels of its posts, a city's own rows."""

    data: Path
    labels: Path
    own: Sequence[Labelled] = ()
    quick: bool = False
    questions: Sequence[Question] = ()
    held: bool = False


def evaluate(city: City, sets: Sets, wanted: Sequence[str] = PARTS) -> Iterator[Part]:
    """The parts that are wanted, each as soon as it is measured."""
    for name in wanted:
        if name == "answers":
            yield from _answers(city, sets)
        else:
            yield _MEASURES[name](city, sets)


def _answers(city: City, sets: Sets) -> list[Part]:
    if not city.has_articles:
        return [Part("answers", "Answers: is the right article first?", skipped="this city has no articles loaded")]
    return answering.answers(sets.data, sets.questions, sets.held)


def _posts(sets: Sets) -> list[Labelled]:
    """A city's own posts; without such, the posts labelled by hand."""
    return list(sets.own) or labelled_posts(sets.data, sets.labels)


def _served(city: City, sets: Sets) -> list[Labelled]:
    """Rows with a service that the catalogue has."""
    names = {service.name for service in city.catalogue} | {service.code for service in city.catalogue}
    known = {service.code: service.name for service in city.catalogue}
    rows = [row for row in sets.own if row.service] or reports(sets.data)
    found = [row for row in rows if row.service in names]
    found = [Labelled(row.text, service=known.get(row.service, row.service), source=row.source) for row in found]
    return found[:: 4 if sets.quick else 1]


def _geocoding(city: City, sets: Sets) -> Part:
    if city.gazetteer is None:
        return Part("geocoding", "Places: lines with a known point", skipped="this city has no streets loaded")
    return places.geocoding(city.gazetteer, sets.data, 70 if sets.quick else 7)


def _false_pins(city: City, sets: Sets) -> Part:
    if city.gazetteer is None:
        return Part("false_pins", "Places: points where there is none", skipped="this city has no streets loaded")
    return places.false_pins(city.gazetteer, sets.data, 300 if sets.quick else 4000)


def _in_posts(city: City, sets: Sets) -> Part:
    if city.gazetteer is None:
        return Part("places", "Places in posts", skipped="this city has no streets loaded")
    return places.in_posts(city.gazetteer, sets.own)


def _languages(city: City, sets: Sets) -> Part:
    rows = [
        Labelled(r["text"], r["intent"], None, r["urgency"], language=r["language"]) for r in shipped("languages.csv")
    ]
    return understanding.languages(city.reader, rows)


def _speed(city: City, sets: Sets) -> Part:
    texts = [row.text for row in (sets.own or reports(sets.data)) if 80 < len(row.text) < 300]
    return speed.speed(city.reader, texts[: 400 if sets.quick else 3000], city.gazetteer)


_MEASURES = {
    "intent": lambda city, sets: understanding.intents(city.reader, _posts(sets)),
    "urgency": lambda city, sets: understanding.urgencies(city.reader, _posts(sets)),
    "service_cold": lambda city, sets: services.cold(city.catalogue, _served(city, sets), city.encoder),
    "service_trained": lambda city, sets: services.trained(
        city.catalogue, _served(city, sets), 1 if sets.quick else 5, city.encoder
    ),
    "geocoding": _geocoding,
    "false_pins": _false_pins,
    "places": _in_posts,
    "duplicates": lambda city, sets: pairs.duplicates(sets.data),
    "language": _languages,
    "personal": lambda city, sets: personal.personal([row["text"] for row in shipped("personal.csv")]),
    "fairness": lambda city, sets: understanding.fairness(city.reader, shipped("pairs.csv")),
    "speed": _speed,
}
