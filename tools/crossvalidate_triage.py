"""How intent and urgency of lessons are read by heads that have not seen them (docs/triage.md has the figures).

    python tools/crossvalidate_triage.py            # five parts, cut by a hash of the text
    python tools/crossvalidate_triage.py --kinds    # one kind of danger left out at a time, and read by the model alone
    python tools/crossvalidate_triage.py --points   # what other thresholds of urgency.py would make of lessons

The phrases were written with the lessons in view: what the model makes of them alone says more of unseen words.
"""

from __future__ import annotations

import argparse
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from evaluate_triage import catalogue
from openline.triage import urgency
from openline.triage.assessment import INTENTS, URGENCIES, Assessment, Post
from openline.triage.features import Rows
from openline.triage.heads import Heads
from openline.triage.phrases import load
from openline.triage.reader import Reader
from openline.triage.service_model import ServiceModel
from openline.triage.text import words
from train_triage import DATA, LESSONS, further_lessons, rows_of

PARTS = 5
POINTS = {
    "MODEL_ALONE": (0.3, 0.4, 0.5, 0.6, 0.7),
    "MODEL_ALONE_UNNAMED": (0.7, 0.8, 0.9, 0.95),
    "MODEL_DENIES": (0.003, 0.01, 0.03),
    "MODEL_URGENT": (0.4, 0.5, 0.6),
}
"""Thresholds of openline/triage/urgency.py, with values to try."""
KINDS = {
    "carbon monoxide": "gas", "chemical": "gas", "wires": "electric wires", "sinkhole": "collapse",
    "building": "collapse",
    "trapped": "trapped or in the water", "drowning": "trapped or in the water", "medical": "hurt or ill person",
    "cold": "hurt or ill person", "violence": "violence or weapons", "dog": "violence or weapons",
    "explosion": "violence or weapons", "child": "missing or endangered child or elder",
    "elder": "missing or endangered child or elder",
}  # fmt: skip
"""The kinds of perils.csv under the names that the phrases give to dangers."""


class Lesson(NamedTuple):
    """One lesson as it stands in its file."""

    file: str
    text: str
    intent: str
    urgency: str
    kind: str


def lessons() -> list[Lesson]:
    """All lessons that say how urgent they are, with the kind of danger that their file or the phrases name."""
    rows = [(name, row) for name in LESSONS for row in rows_of(DATA / f"{name}.csv")]
    return [
        Lesson(name, row["text"], row.get("intent", ""), row.get("urgency", ""), _kind(row))
        for name, row in rows
        if row.get("urgency") in URGENCIES
    ]


def _kind(row: dict[str, str]) -> str:
    named = row.get("kind", "")
    if not named and row["urgency"] == "emergency":
        read = words(row["text"])
        named = urgency.find_danger(row["text"], read, set(read)).partition(" (")[0]
    return KINDS.get(named, named)


def learnt(some: Sequence[Lesson]) -> Heads:
    """Heads that know these lessons, and what is in no lesson file."""
    intents, urgencies = further_lessons()
    read = [(words(lesson.text), lesson) for lesson in some]
    return Heads.learn(
        intents + [(text, lesson.intent) for text, lesson in read if lesson.intent in INTENTS],
        urgencies + [(text, lesson.urgency) for text, lesson in read],
    )


def share(values: Sequence[bool]) -> str:
    """The share of true values, for print."""
    return f"{sum(values) / len(values):.3f}" if values else "  -  "


def figures(title: str, pairs: Sequence[tuple[Lesson, str]]) -> None:
    """Print how urgent lessons were read."""
    emergency = [said == "emergency" for lesson, said in pairs if lesson.urgency == "emergency"]
    rightly = [lesson.urgency == "emergency" for lesson, said in pairs if said == "emergency"]
    urgent = [said != "routine" for lesson, said in pairs if lesson.urgency != "routine"]
    alarms = [said != "routine" for lesson, said in pairs if lesson.urgency == "routine"]
    print(
        f"{title:38} {len(pairs):5}  emergencies found {share(emergency)}, rightly so called {share(rightly)}; "
        f"urgent or worse {share(urgent)}; false alarms {share(alarms)}"
    )


def tickets(pairs: Sequence[tuple[Lesson, Assessment]]) -> None:
    """Print how well requests were told from the rest."""
    known = [(lesson.intent == "request", found.intent == "request") for lesson, found in pairs if lesson.intent]
    said, wanted = [w for w, s in known if s], [s for w, s in known if w]
    print(f"{'request or not':38} {len(known):5}  precision {share(said)}, recall {share(wanted)}")


def by_model(heads: Heads, some: Sequence[Lesson]) -> list[tuple[Lesson, str]]:
    """What the model alone makes of lessons, without any phrase."""
    vocabulary = heads.linear.vocabulary
    _, chances = heads.read(Rows([vocabulary.encode(words(lesson.text)) for lesson in some]))
    return [(lesson, _level(row)) for lesson, row in zip(some, chances.tolist(), strict=True)]


def _level(chances: Sequence[float]) -> str:
    if chances[2] >= urgency.MODEL_ALONE:
        return "emergency"
    return "urgent" if chances[1] + chances[2] >= urgency.MODEL_URGENT else "routine"


def parts(known: Sequence[Lesson]) -> Iterator[tuple[list[Lesson], Heads, Reader]]:
    """Five parts of the lessons, each with heads that know the other four and a reader with these heads."""
    services = catalogue()
    model = ServiceModel.from_catalogue(services)
    for part in range(PARTS):
        aside = [lesson for lesson in known if _part(lesson) == part]
        heads = learnt([lesson for lesson in known if _part(lesson) != part])
        yield aside, heads, Reader(services, None, model, heads=heads)


def assessed(reader: Reader, some: Sequence[Lesson]) -> list[tuple[Lesson, Assessment]]:
    """Lessons with what a reader makes of them."""
    return list(zip(some, reader.assess([Post(str(n), one.text) for n, one in enumerate(some)]), strict=True))


def at_points(known: Sequence[Lesson]) -> None:
    """All lessons, by heads that have not seen them, with one threshold moved at a time."""
    all_parts = [(aside, reader) for aside, _, reader in parts(known)]
    for name, points in POINTS.items():
        chosen = getattr(urgency, name)
        for point in points:
            setattr(urgency, name, point)
            found = [pair for aside, reader in all_parts for pair in assessed(reader, aside)]
            figures(f"{name} {point}", [(lesson, read.urgency) for lesson, read in found])
        setattr(urgency, name, chosen)


def in_parts(known: Sequence[Lesson]) -> None:
    """Five parts: each is read by heads that know the other four."""
    whole: list[tuple[Lesson, Assessment]] = []
    alone: list[tuple[Lesson, str]] = []
    for aside, heads, reader in parts(known):
        whole += assessed(reader, aside)
        alone += by_model(heads, aside)
    tickets(whole)
    read = [(lesson, found.urgency) for lesson, found in whole]
    for title, some in (("all", _every), *((name, _in_file(name)) for name in LESSONS)):
        figures(title, [pair for pair in read if some(pair[0])])
    figures("all, by the model alone", alone)


def _part(lesson: Lesson) -> int:
    return zlib.crc32(lesson.text.lower().encode()) % PARTS


def _every(lesson: Lesson) -> bool:
    return True


def _in_file(name: str) -> Callable[[Lesson], bool]:
    return lambda lesson: lesson.file == name


def in_kinds(known: Sequence[Lesson]) -> None:
    """Each kind of danger read by the model alone that has not learnt it: what carries over from other dangers."""
    for kind in load("emergencies_en.txt").sections:
        aside = [lesson for lesson in known if lesson.kind == kind and lesson.urgency != "routine"]
        figures(kind, by_model(learnt([lesson for lesson in known if lesson.kind != kind]), aside))


def main() -> None:
    """Print the figures."""
    options = argparse.ArgumentParser(description="Cross-validate the reading of intent and urgency on the lessons.")
    options.add_argument("--kinds", action="store_true", help="leave out one kind of danger at a time")
    options.add_argument("--points", action="store_true", help="move one threshold at a time")
    chosen = options.parse_args()
    (in_kinds if chosen.kinds else at_points if chosen.points else in_parts)(lessons())


if __name__ == "__main__":
    main()
