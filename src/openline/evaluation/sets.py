"""The labelled sets: development data beside the repository, lines of our own in the package, a city's own files."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

REPORTS = "resident_text/gainesville_dev_split.csv"
"""Real reports of another city, with the service that they belong to in the sample city."""
OTHER_CITIES = (
    ("resident_text/nyc_street_tweets_2022.csv", "tweet"),
    ("resident_text/mumbai_civic_tweets_2019.csv", "tweet"),
    ("resident_text/boston_311_text_sample.csv", "description"),
    (REPORTS, "description"),
)
_FOLDERS = ("resident_text", "triage_crisis", "abuse_spam", "outbound")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text with what is known of it; "" or None where nothing is."""

    text: str
    intent: str = ""
    ticket: bool | None = None
    urgency: str = ""
    service: str = ""
    language: str = ""
    lat: float | None = None
    lon: float | None = None
    source: str = ""


def rows_of(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV or tab-separated file; none if it is not there."""
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t" if path.suffix == ".tsv" else ","))


def reports(data: Path) -> list[Labelled]:
    """Real reports with their service; none without the development data."""
    return [
        Labelled(row["description"], service=row["philly_service"].removeprefix("REFER: "), source=REPORTS)
        for row in rows_of(data / REPORTS)
        if row["philly_service"] and row["description"].strip()
    ]


def labelled_posts(data: Path, labels: Path) -> list[Labelled]:
    """Posts labelled by hand: `labels` names a data set and a row of it, so that no resident's word is copied."""
    texts: dict[str, list[dict[str, str]]] = {}
    found = []
    for row in rows_of(labels):
        name = row["file"]
        if name not in texts:
            texts[name] = rows_of(_path(data, name))
        number = int(row["row"])
        if number < len(texts[name]):
            text = _text_of(texts[name][number])
            ticket = row["ticket"] == "1"
            found.append(Labelled(text, row["intent"], ticket, row["urgency"], language=row["language"], source=name))
    return found


def _path(data: Path, name: str) -> Path:
    """Where a data set lies; labels may leave out its folder."""
    named = [data / name, *(data / folder / name for folder in _FOLDERS)]
    named += [path.with_suffix(suffix) for path in named for suffix in (".csv", ".tsv")]
    return next((path for path in named if path.is_file()), data / name)


def _text_of(row: dict[str, str]) -> str:
    names = ("description", "tweet", "text", "utterance", "v2", "summary", "tweet_text")
    return next((row[name] or "" for name in names if name in row), max(map(str, row.values()), key=len))


def shipped(name: str) -> list[dict[str, str]]:
    """The rows of a file of our own, which comes with the package."""
    text = (files("openline.evaluation") / "data" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def own(path: Path) -> tuple[list[Labelled], list[str]]:
    """A city's own labelled file, CSV or JSON Lines, and which rows of it could not be used."""
    found, problems = [], []
    for number, row in enumerate(_own_rows(path), 1):
        text = row.get("text") if isinstance(row, dict) else None
        if not isinstance(text, str) or not text.strip():
            problems.append(f"{path.name}, row {number}: there is no text")
            continue
        try:
            found.append(_own(row, text))
        except (TypeError, ValueError):
            problems.append(f"{path.name}, row {number}: lat and lon must be numbers")
    return found, problems


def _own(row: dict[str, object], text: str) -> Labelled:
    said = {name: str(row.get(name) or "") for name in ("intent", "urgency", "service", "language")}
    ticket = said["intent"] == "request" if said["intent"] else None
    lat, lon = (float(str(row[name])) if row.get(name) not in (None, "") else None for name in ("lat", "lon"))
    return Labelled(text, ticket=ticket, lat=lat, lon=lon, source="own", **said)


def _own_rows(path: Path) -> Iterator[dict[str, object]]:
    """Raises OSError for a file that is not there, ValueError for a line that is not JSON."""
    if path.suffix == ".csv":
        path.stat()
        yield from rows_of(path)  # type: ignore[misc]
        return
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip():
            try:
                yield json.loads(line)
            except ValueError as error:
                raise ValueError(f"{path.name}, line {number}: this is not JSON") from error
