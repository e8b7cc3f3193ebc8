"""Make src/openline/triage/data/heads.npz from the lessons in this repository (CSV files written for Openline).

    python tools/train_triage.py

Reproducible: the same lessons give the same file. Run it after changing one of the `LESSONS`, urgency.csv,
concepts.csv, urgent.txt or how text becomes features.
"""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator
from pathlib import Path

from openline.triage.assessment import INTENTS, URGENCIES
from openline.triage.heads import FILE, Heads
from openline.triage.phrases import load
from openline.triage.text import words

SOURCE = Path(__file__).resolve().parents[1] / "src" / "openline"
DATA = SOURCE / "triage" / "data"
LESSONS = (
    "intents", "more_intents", "reports", "talk", "questions", "dangers", "perils", "spanish", "more_spanish",
    "languages",
)  # fmt: skip
Lesson = tuple[list[str], str]


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a CSV file; none if there is no such file."""
    if path.exists():
        with path.open(encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file)


def lessons() -> tuple[list[Lesson], list[Lesson]]:
    """Texts as words with their intent, and texts with their urgency."""
    intents, urgencies = further_lessons()
    for name in LESSONS:
        for row in rows_of(DATA / f"{name}.csv"):
            read = words(row["text"])
            if row.get("intent") in INTENTS:
                intents.append((read, row["intent"]))
            if row.get("urgency") in URGENCIES:
                urgencies.append((read, row["urgency"]))
    return intents, urgencies


def further_lessons() -> tuple[list[Lesson], list[Lesson]]:
    """The same from what is in no lesson file: terms of danger, and the sample city's examples."""
    terms = [row for row in rows_of(DATA / "urgency.csv") if row["level"] in URGENCIES]
    reports = requests_of_the_sample_city()
    hurried = load("urgent.txt")
    calm = [(text, "routine") for text, _ in reports if not hurried.find_all(" ".join(text), set(text))]
    return reports, [(words(row["term"]), row["level"]) for row in terms] + calm


def requests_of_the_sample_city() -> list[Lesson]:
    """Example reports of the sample city's services: each asks for something."""
    city = SOURCE / "cities" / "philadelphia"
    asked = {row["code"] for row in rows_of(city / "services.csv") if row["kind"] in ("request", "referral")}
    return [(words(row["text"]), "request") for row in rows_of(city / "examples.csv") if row["service_code"] in asked]


def main() -> None:
    """Train and write the file."""
    began = time.perf_counter()
    intents, urgencies = lessons()
    data = Heads.learn(intents, urgencies).linear.to_bytes()
    (DATA / FILE).write_bytes(data)
    print(
        f"{len(intents)} texts with intent, {len(urgencies)} with urgency, {len(data) / 1e6:.2f} MB, "
        f"{time.perf_counter() - began:.0f} s"
    )


if __name__ == "__main__":
    main()
