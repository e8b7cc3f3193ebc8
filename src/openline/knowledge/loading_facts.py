"""Loading what a lookup says in each area from CSV: all of a file or nothing of it."""

from __future__ import annotations

import csv
import io

from django.db import transaction
from django.utils.translation import gettext as _

from openline.foundation.text import clean
from openline.geography.models import Area
from openline.knowledge.models import Fact, Lookup

_MOST_ROWS = 50_000
_MOST_BAD = 5


class BadFacts(Exception):
    """The file cannot be loaded; the message says which rows are wrong and how."""


def load(text: str, lookup: str = "") -> int:
    """Load the facts of a CSV `text` (area, value, and lookup where none is given); returns how many.

    The facts of every lookup that the file names are replaced. Raises BadFacts, and then nothing is changed.
    """
    rows = list(csv.DictReader(io.StringIO(text)))
    wanted = {"area", "value"} | (set() if lookup else {"lookup"})
    if not rows or not wanted <= {(name or "").strip() for name in rows[0]}:
        raise BadFacts(_("The first line must name the columns %(names)s.") % {"names": ", ".join(sorted(wanted))})
    if len(rows) > _MOST_ROWS:
        raise BadFacts(_("The file has too many rows."))
    facts = [_fact(row, lookup) for row in rows]
    _check(facts)
    with transaction.atomic():
        Fact.objects.filter(lookup_id__in={fact.lookup_id for fact in facts}).delete()
        Fact.objects.bulk_create(facts)
    return len(facts)


def _fact(row: dict[str, str | None], lookup: str) -> Fact:
    of = {name: clean(row.get(name) or "", 500).strip() for name in ("lookup", "area", "value")}
    return Fact(lookup_id=lookup or of["lookup"], area=of["area"][:100], value=of["value"])


def _check(facts: list[Fact]) -> None:
    """Raise BadFacts if a lookup or an area is not known, a value is missing or an area comes twice."""
    lookups = set(Lookup.objects.values_list("code", flat=True))
    areas = set(Area.objects.values_list("code", flat=True))
    bad, seen = [], set()
    for number, fact in enumerate(facts, 2):
        key = (fact.lookup_id, fact.area)
        if fact.lookup_id not in lookups:
            bad.append(_("row %(row)d: there is no lookup “%(name)s”") % {"row": number, "name": fact.lookup_id})
        elif fact.area not in areas:
            bad.append(_("row %(row)d: there is no area “%(name)s”") % {"row": number, "name": fact.area})
        elif not fact.value:
            bad.append(_("row %(row)d: the value is missing") % {"row": number})
        elif key in seen:
            bad.append(_("row %(row)d: the area “%(name)s” comes twice") % {"row": number, "name": fact.area})
        seen.add(key)
    if bad:
        raise BadFacts("; ".join(bad[:_MOST_BAD]) + ".")
