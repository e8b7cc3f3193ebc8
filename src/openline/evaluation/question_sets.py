"""Questions with the article that answers them: the shared set by a mapping of our own, lines of our own, a city's."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from openline.evaluation.sets import rows_of, shipped

CHATBOT = "resident_text/city_chatbot_intents_kit.csv"
"""What a civic team wrote for a city's bot: 1,637 utterances of some 525 intents."""
_HELD = 40
"""Of a hundred utterances so many are held back; never the first one of an intent, which its mapping was made by."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A question and the slugs of the articles that answer it; none if no article does.

    `group` are questions that belong together (an intent): they are never on both sides of a split. `held`: kept for
    the last look.
    """

    text: str
    slugs: frozenset[str]
    language: str = "en"
    group: str = ""
    held: bool = False


def chatbot(data: Path) -> list[Labelled]:
    """The shared set; empty where it is not."""
    found, seen = [], set()
    known = {row["intent"]: frozenset(row["articles"].split()) for row in shipped("city_chatbot_intents.csv")}
    for row in rows_of(data / CHATBOT):
        text, intent = row["utterance"].strip(), row["intent"]
        held = intent in seen and _number(text) < _HELD
        seen.add(intent)
        found.append(Labelled(text, _articles(intent, known), "en", intent, held))
    return found


def _articles(intent: str, known: dict[str, frozenset[str]]) -> frozenset[str]:
    """The articles of the nearest intent above that is named."""
    while intent:
        if intent in known:
            return known[intent]
        intent = intent.rpartition(".")[0]
    return frozenset()


def _number(text: str) -> int:
    """0 to 99, the same for a text on every machine."""
    return int(hashlib.sha256(text.lower().encode()).hexdigest(), 16) % 100


def our_own() -> list[Labelled]:
    """Questions that we wrote as residents of other cities ask, with slips, short forms and in Spanish."""
    rows = shipped("questions.csv")
    return [
        Labelled(r["question"], frozenset(r["articles"].split()), r["language"], f"own {n}") for n, r in enumerate(rows)
    ]


def of_a_city(path: Path) -> list[Labelled]:
    """A city's own file: question, slug (several parted by blanks, none where no article answers), language.

    Raises ValueError for a file without these columns.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    if not rows or not {"question", "slug"} <= rows[0].keys():
        raise ValueError(f"{path.name}: the first line must name the columns question and slug.")
    return [
        Labelled(r["question"], frozenset((r["slug"] or "").split()), r.get("language") or "en", r["question"])
        for r in rows
        if (r["question"] or "").strip()
    ]


def answerable(rows: Iterable[Labelled], slugs: frozenset[str]) -> list[Labelled]:
    """`rows` with only those articles that there are; what had none keeps none, what lost all is left out."""
    kept = []
    for row in rows:
        there = row.slugs & slugs
        if there or not row.slugs:
            kept.append(Labelled(row.text, there, row.language, row.group, row.held))
    return kept
