"""Articles as one CSV file, read and written."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from openline.cities.articles.columns import COLUMNS, Known, day, row_of, values_of
from openline.cities.articles.found import Found
from openline.cities.tables import Refused, Row, table
from openline.knowledge.models import Article


def read_csv(text: str, name: str, city: Known, refused: list[Refused]) -> list[Found]:
    """The articles of a CSV text; rows that cannot be taken are named in `refused`."""
    return table(text, name, ("title", "body"), lambda row: found_in(row, name, city), refused)


def found_in(row: Row, name: str, city: Known) -> Found:
    """One row. Raises Bad."""
    reviewed = day(row, "reviewed")
    where = f"{name}: {row['title'][:80]}"
    return Found(values_of(row, city), where, translation_of=row.get("translation_of", ""), reviewed_on=reviewed)


def write_csv(articles: Iterable[Article]) -> str:
    """All of the articles but their pictures and films."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    writer.writerows(row_of(article) for article in articles)
    return out.getvalue()
