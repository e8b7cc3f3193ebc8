"""Reading the tables and documents of a city's folder: text, CSV and JSON, with every refused row named."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_BYTES_LIMIT = 200_000_000
_CELL_LIMIT = 10_000_000
"""Characters of one cell: the line of a long street or river is longer than the csv module expects."""

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that was not taken: where it stands (line 0: the file as a whole), and what to do about it."""

    file: str
    line: int
    reason: str
    column: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}, column “{self.column}”: {self.reason}" if self.column else f"{place}: {self.reason}"


class Bad(Exception):
    """Why a row is refused, and the column that is to blame ("" if it is the row as a whole)."""

    def __init__(self, reason: str, column: str = "") -> None:
        super().__init__(reason)
        self.column = column


def read_text(path: Path, refused: list[Refused], name: str = "") -> str | None:
    """The file's text; None, with the reason noted, if it is missing, too large, unreadable or not UTF-8."""
    name = name or path.name
    if not path.is_file():
        return None
    try:
        if path.stat().st_size > _BYTES_LIMIT:
            refused.append(Refused(name, 0, "The file is larger than 200 MB."))
            return None
        content = path.read_bytes()
    except OSError as error:
        refused.append(Refused(name, 0, f"The file cannot be read: {error.strerror}."))
        return None
    try:
        return content.decode("utf-8-sig").replace("\x00", "")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        refused.append(Refused(name, line, "The file is not UTF-8 from here on: save it as UTF-8."))
        return None


def read_json(folder: Path, name: str, refused: list[Refused]) -> Any:
    """The content of a JSON file; None, with the reason noted, if it cannot be read."""
    text = read_text(folder / name, refused)
    if text is None:
        return None
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        refused.append(Refused(name, getattr(error, "lineno", 0), f"Not readable as JSON: {error}."))
        return None


def read_table(
    folder: Path,
    name: str,
    required: tuple[str, ...],
    read: Callable[[Row], Any],
    refused: list[Refused],
    key: str = "",
) -> list[Any]:
    """All rows of a CSV file through `read`; what that refuses, or what names its `key` twice, is noted."""
    text = read_text(folder / name, refused)
    return [] if text is None else table(text, name, required, read, refused, key)


def table(
    text: str,
    name: str,
    required: tuple[str, ...],
    read: Callable[[Row], Any],
    refused: list[Refused],
    key: str = "",
) -> list[Any]:
    """All rows of a CSV text through `read`; `name` is what the refused rows call it."""
    taken, seen = [], set()
    for line, row in _rows(text, name, required, refused):
        try:
            for column in required:
                if not row.get(column):
                    raise Bad(f"“{column}” is empty.", column)
            if key and row[key] in seen:
                raise Bad(f"“{row[key]}” stands here twice.", key)
            taken.append(read(row))
            seen.add(row.get(key, ""))
        except Bad as error:
            refused.append(Refused(name, line, str(error), error.column))
    return taken


def _rows(text: str, name: str, required: tuple[str, ...], refused: list[Refused]) -> Iterator[tuple[int, Row]]:
    """Rows of a CSV text with the line on which each ends; commas or semicolons, header in any case and order."""
    first = text.split("\n", 1)[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    csv.field_size_limit(_CELL_LIMIT)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        header = [column.strip().lower() for column in next(reader, [])]
        missing = [column for column in required if column not in header]
        if missing:
            refused.append(Refused(name, 1, f"The header lacks the column(s) {', '.join(missing)}.", missing[0]))
            return
        for row in reader:
            if not any(cell.strip() for cell in row):
                continue
            if len(row) > len(header):
                refused.append(Refused(name, reader.line_num, f"{len(row)} columns, but the header has {len(header)}."))
                continue
            yield reader.line_num, dict(zip(header, [cell.strip() for cell in row], strict=False))
    except csv.Error as error:
        refused.append(Refused(name, reader.line_num, f"Not readable as CSV: {error}."))


def listed(row: Row, column: str) -> list[str]:
    """The parts of a cell that holds several, parted by semicolons."""
    return [part.strip() for part in row.get(column, "").split(";") if part.strip()]


def whole_number(row: Row, column: str, limit: int, advice: str) -> int | None:
    """A number of at most `limit`; None if the cell is empty. Raises Bad with `advice`."""
    value = row.get(column, "")
    if not value:
        return None
    if not (value.isascii() and value.isdigit() and len(value) < 10 and int(value) <= limit):
        raise Bad(f"“{column}” is “{value}”; {advice}", column)
    return int(value)


def decimal(row: Row, column: str) -> float | None:
    """A number, perhaps with a decimal point; None if the cell is empty."""
    value = row.get(column, "")
    if not value:
        return None
    if not re.fullmatch(r"[+-]?[0-9]{1,15}(\.[0-9]{1,9})?", value):
        raise Bad(f"“{column}” is “{value}”; write a number such as 12 or 12.5.", column)
    return float(value)


def yes_or_no(row: Row, column: str, default: bool) -> bool:
    """A cell that says yes or no; `default` if it is empty."""
    value = row.get(column, "").lower()
    if value in ("", "yes", "true", "1", "no", "false", "0"):
        return value in ("yes", "true", "1") if value else default
    raise Bad(f"“{column}” is “{value}”; write yes or no.", column)


def one_of(row: Row, column: str, allowed: tuple[str, ...]) -> str:
    """A cell with one of the `allowed` words; the first of these if it is empty."""
    value = row.get(column, "").lower() or allowed[0]
    if value not in allowed:
        raise Bad(f"“{column}” is “{value}”; write one of {', '.join(allowed)}.", column)
    return value
