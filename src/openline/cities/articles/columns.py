"""The columns of an article in CSV, which are also the keys of a Markdown file's head (docs/knowledge.md)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from openline.cities.tables import Bad, Row, listed, yes_or_no
from openline.geography.models import Area
from openline.knowledge.content import FIELDS, Values, cleaned, problems
from openline.knowledge.models import Article
from openline.service_requests.models import Department, Service

COLUMNS = (
    "slug", "title", "language", "translation_of", "service", "owner", "areas", "keywords", "who", "when", "how",
    "cost", "body", "links", "source", "safe", "reviewed", "review", "expires", "state",
)  # fmt: skip
"""All columns, in the order in which they are written. `state` is only told: what is imported is a draft."""
_NAMES = {"service": "service_code", "review": "review_on", "expires": "expires_on"}
_COLUMN_OF = {field: column for column, field in _NAMES.items()}


@dataclass(frozen=True, slots=True)
class Known:
    """The codes that articles may name; `owners` also by name. None: not checked."""

    services: Collection[str] | None = None
    owners: dict[str, str] | None = None
    areas: Collection[str] | None = None


def known() -> Known:
    """What this city has."""
    departments = list(Department.objects.values_list("code", "name"))
    return Known(
        frozenset(Service.objects.values_list("code", flat=True)),
        {name.casefold(): code for code, name in departments} | {code.casefold(): code for code, _name in departments},
        frozenset(Area.objects.values_list("code", flat=True)),
    )


def values_of(row: Row, city: Known) -> Values:
    """The fields of an article in a row; those that the row does not name are left out. Raises Bad."""
    given: dict[str, Any] = {_NAMES.get(name, name): row[name] for name in COLUMNS if name in row}
    if "areas" in row:
        given["areas"] = listed(row, "areas")
    if "links" in row:
        given["links"] = [_link(line) for line in row["links"].splitlines() if line.strip()]
    if "safe" in row:
        given["safe"] = yes_or_no(row, "safe", False)
    if given.get("owner"):
        given["owner"] = _owner(given["owner"], city)
    values = cleaned({name: value for name, value in given.items() if name in FIELDS})
    if not values.get("slug"):
        values.pop("slug", None)
    if not values.get("language"):
        values.pop("language", None)
    _check(values, city)
    return values


def _check(values: Values, city: Known) -> None:
    for field, text in problems(values).items():
        raise Bad(text, _COLUMN_OF.get(field, field))
    code = values.get("service_code")
    if code and city.services is not None and code not in city.services:
        raise Bad(_("There is no service “%(code)s”.") % {"code": code}, "service")
    unknown = [one for one in values.get("areas", ()) if city.areas is not None and one not in city.areas]
    if unknown:
        raise Bad(_("There is no area “%(code)s”.") % {"code": unknown[0]}, "areas")


def _owner(text: str, city: Known) -> str:
    if city.owners is None:
        return text
    if text.casefold() not in city.owners:
        raise Bad(_("There is no department “%(name)s”.") % {"name": text[:100]}, "owner")
    return city.owners[text.casefold()]


def _link(line: str) -> dict[str, str]:
    label, _bar, url = line.rpartition(" | ")
    return {"label": label.strip(), "url": url.strip()}


def day(row: Row, column: str) -> date | None:
    """A cell with a day; None if it is empty. Raises Bad."""
    value = row.get(column, "")
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        raise Bad(_("“%(text)s” is not a date; write it as 2027-03-31.") % {"text": value[:40]}, column) from None


def row_of(article: Article) -> Row:
    """An article as texts by column."""
    values = {name: getattr(article, _NAMES.get(name, name)) for name in COLUMNS if name not in _WRITTEN}
    row = {name: value.isoformat() if isinstance(value, date) else value or "" for name, value in values.items()}
    return {
        **row,
        "translation_of": article.translation_of.slug if article.translation_of else "",
        "areas": "; ".join(article.areas),
        "links": "\n".join(f"{link['label']} | {link['url']}" for link in article.links),
        "safe": "yes" if article.safe else "",
        "reviewed": article.reviewed_on.isoformat() if article.reviewed_on else "",
        "review": article.review_on.isoformat() if article.review_on else "",
        "expires": article.expires_on.isoformat() if article.expires_on else "",
    }


_WRITTEN = frozenset({"translation_of", "areas", "links", "safe", "reviewed", "review", "expires"})
"""Columns that are no plain text of the model."""
