"""How well personal data is found: posts of our own in which it is marked, and such as only look as if they had it."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from openline.evaluation.findings import Part, Table
from openline.triage.assessment import PersonalData
from openline.triage.personal_data import find

_MARK = re.compile(r"\[\[(\w+):(.*?)\]\]")


def marked(written: str) -> tuple[str, list[PersonalData]]:
    """A text in which personal data is marked, "[[phone:215-555-0142]]", without the marks, and where it stands."""
    parts: list[str] = []
    spans, last, length = [], 0, 0
    for match in _MARK.finditer(written):
        parts += [written[last : match.start()], match[2]]
        length += match.start() - last
        spans.append(PersonalData(match[1], length, length + len(match[2])))
        length += len(match[2])
        last = match.end()
    return "".join([*parts, written[last:]]), spans


def personal(rows: Sequence[str]) -> Part:
    """Of the marked stretches those that are found, and of the found ones those that are marked, by kind."""
    part = Part("personal", "Personal data in posts of our own")
    wanted, found, hits = [], [], []
    for written in rows:
        text, right = marked(written)
        said = find(text)
        wanted += [(one.kind, any(_overlap(one, other) for other in said)) for one in right]
        found += [(one.kind, any(_overlap(one, other) for other in right)) for one in said]
        hits += [(text, one) for one in right if not any(_overlap(one, other) for other in said)]
        part.examples += [
            (f"“{text[one.start : one.end]}” in “{text}”", f"taken for: {one.kind}")
            for one in said
            if not any(_overlap(one, other) for other in right)
        ]
    part.examples += [(f"“{text[one.start : one.end]}” in “{text}”", f"missed: {one.kind}") for text, one in hits]
    recall, precision = np.array([hit for _, hit in wanted]), np.array([hit for _, hit in found])
    part.measure("found", len(recall), lambda at: float(recall[at].mean()))
    part.measure("rightly found", len(precision), lambda at: float(precision[at].mean()))
    part.tables.append(
        Table(
            "By kind",
            ("kind", "marked", "found", "taken for it wrongly"),
            [
                (kind, len(mine), f"{100 * sum(mine) / len(mine):.0f} %", sum(not hit for k, hit in found if k == kind))
                for kind in sorted({kind for kind, _ in wanted})
                if (mine := [hit for k, hit in wanted if k == kind])
            ],
        )
    )
    return part


def _overlap(one: PersonalData, two: PersonalData) -> bool:
    return one.start < two.end and two.start < one.end
