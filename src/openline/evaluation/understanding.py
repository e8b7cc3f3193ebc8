"""Intent, urgency and language: what labelled posts say of the reader."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from openline.evaluation.findings import Part, Table
from openline.evaluation.metrics import ClassRow, Truths, f1, per_class, share
from openline.evaluation.sets import Labelled
from openline.triage.assessment import Assessment, Post
from openline.triage.reader import Reader

_EXAMPLES = 40
_SHOWN = 160


def assess(reader: Reader, rows: Sequence[Labelled]) -> list[Assessment]:
    """What the reader makes of each row, without hints from the network."""
    return reader.assess([Post(str(number), row.text) for number, row in enumerate(rows)])


def intents(reader: Reader, rows: Sequence[Labelled]) -> Part:
    """Which posts ask for something to be done, and what the others are."""
    part = Part("intent", "Intent: what a post wants")
    rows = [row for row in rows if row.intent]
    if not rows:
        part.skipped = "no posts labelled with their intent"
        return part
    found = assess(reader, rows)
    right, said = [row.intent for row in rows], [item.intent for item in found]
    ticket = np.array([bool(row.ticket) for row in rows])
    opened = np.array([item.intent == "request" for item in found])
    part.measure("ticket or not, F1", len(rows), lambda at: f1(ticket[at], opened[at]), goal=0.88)
    same = np.array([a == b for a, b in zip(right, said, strict=True)])
    part.measure("right intent", len(rows), lambda at: float(same[at].mean()))
    part.tables += [
        classes("Intents", per_class(right, said)),
        confusion("Intents: real by row, read by column", right, said),
    ]
    part.tables.append(_by("Right intent by set", [row.source for row in rows], same))
    sure = [item.intent_confidence for item in found]
    part.examples = mistakes(rows, right, said, sure)
    return part


def urgencies(reader: Reader, rows: Sequence[Labelled]) -> Part:
    """Danger found, and false alarms."""
    part = Part("urgency", "Urgency: what cannot wait")
    rows = [row for row in rows if row.urgency]
    if not rows:
        part.skipped = "no posts labelled with their urgency"
        return part
    right = [row.urgency for row in rows]
    said = [item.urgency for item in assess(reader, rows)]
    real, read = np.array(right), np.array(said)
    danger, urgent, alarm = real == "emergency", real != "routine", read != "routine"
    many = len(rows)
    for name, of, goal, most in (
        ("emergencies found", _share(read == "emergency", danger), 0.97, False),
        ("urgent posts and emergencies found", _share(alarm, urgent), 0.88, False),
        ("false alarms among routine posts", _share(alarm, ~urgent), 0.10, True),
        ("routine posts read as emergencies", _share(read == "emergency", ~urgent), None, True),
    ):
        part.measure(name, many, of, goal, at_most=most)
    part.tables += [
        classes("Urgency", per_class(right, said)),
        confusion("Urgency: real by row, read by column", right, said),
    ]
    part.examples = mistakes(rows, right, said, [1.0] * many)
    return part


def _mean(hit: Truths) -> Callable[[np.ndarray], float]:
    return lambda at: float(hit[at].mean())


def _share(found: Truths, among: Truths) -> Callable[[np.ndarray], float]:
    return lambda at: share(found[at], among[at])


def languages(reader: Reader, rows: Sequence[Labelled]) -> Part:
    """Short posts of our own in many languages: which language it is, and what is wanted."""
    part = Part("language", "Languages of short posts")
    found = assess(reader, rows)
    right, said = [row.language for row in rows], [item.language for item in found]
    same = np.array([a == b for a, b in zip(right, said, strict=True)])
    wanted = np.array([row.intent == item.intent for row, item in zip(rows, found, strict=True)])
    urgent = np.array([row.urgency == item.urgency for row, item in zip(rows, found, strict=True)])
    part.measure("right language", len(rows), lambda at: float(same[at].mean()), goal=0.95)
    part.measure("right intent, all languages", len(rows), lambda at: float(wanted[at].mean()))
    part.tables.append(
        Table(
            "By language",
            ("language", "posts", "language right", "intent right", "urgency right"),
            [
                (name, int(mine.sum()), _percent(same[mine]), _percent(wanted[mine]), _percent(urgent[mine]))
                for name in sorted(set(right))
                if (mine := np.array([code == name for code in right])).any()
            ],
        )
    )
    real = [f"{row.language} {row.intent}" for row in rows]
    read = [f"{item.language} {item.intent}" for item in found]
    part.examples = mistakes(rows, real, read, [item.intent_confidence for item in found])
    return part


def fairness(reader: Reader, pairs: Sequence[dict[str, str]]) -> Part:
    """The same post in two ways must be read alike: standard and African-American English, with and without slips."""
    part = Part("fairness", "Fairness: the same post in two ways")
    one = assess(reader, [Labelled(pair["one"]) for pair in pairs])
    two = assess(reader, [Labelled(pair["other"]) for pair in pairs])
    for kind in sorted({pair["kind"] for pair in pairs}):
        mine = [n for n, pair in enumerate(pairs) if pair["kind"] == kind]
        alike = np.array([_alike(one[n], two[n]) for n in mine])
        part.measure(f"read alike: {kind}", len(mine), _mean(alike), goal=0.95)
    for n, pair in enumerate(pairs):
        if not _alike(one[n], two[n]):
            part.examples.append((f"{pair['one']} / {pair['other']}", f"{_told(one[n])} / {_told(two[n])}"))
    return part


def _alike(one: Assessment, two: Assessment) -> bool:
    """Whether intent, urgency and, of requests, the best service are the same."""
    if (one.intent, one.urgency) != (two.intent, two.urgency):
        return False
    return one.intent != "request" or [s.code for s in one.services[:1]] == [s.code for s in two.services[:1]]


def _told(found: Assessment) -> str:
    return ", ".join([found.intent, found.urgency, *(service.name for service in found.services[:1])])


def classes(caption: str, rows: Sequence[ClassRow]) -> Table:
    """Precision, recall and F1 of each class."""
    head = ("class", "rows", "precision", "recall", "F1")
    return Table(
        caption, head, [(r.name, r.rows, f"{r.precision:.2f}", f"{r.recall:.2f}", f"{r.f1:.2f}") for r in rows]
    )


def confusion(caption: str, right: Sequence[str], said: Sequence[str]) -> Table:
    """How often each class was read as each."""
    names = sorted(set(right) | set(said))
    pairs = list(zip(right, said, strict=True))
    return Table(caption, ("", *names), [(real, *(pairs.count((real, read)) for read in names)) for real in names])


def mistakes(
    rows: Sequence[Labelled], right: Sequence[str], said: Sequence[str], sure: Sequence[float]
) -> list[tuple[str, str]]:
    """The mistakes of which the reader was surest."""
    wrong = [n for n in range(len(rows)) if right[n] != said[n]]
    wrong.sort(key=lambda n: -sure[n])
    return [(rows[n].text[:_SHOWN], f"{right[n]}, read as {said[n]} ({sure[n]:.2f})") for n in wrong[:_EXAMPLES]]


def _by(caption: str, groups: Sequence[str], hit: Truths) -> Table:
    rows = []
    for name in sorted(set(groups)):
        mine = np.array([group == name for group in groups])
        rows.append((name, int(mine.sum()), _percent(hit[mine])))
    return Table(caption, ("set", "rows", "right"), rows)


def _percent(hit: Truths) -> str:
    return f"{hit.mean():.0%}"
