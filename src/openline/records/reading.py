"""Reading records, page by page."""

from __future__ import annotations

from django.db.models import QuerySet

from openline.records.models import Record


def page(found: QuerySet[Record], before: int | None, size: int) -> tuple[list[Record], int | None]:
    """At most `size` of `found`, newest first, from before the record `before`; and where the next page begins."""
    rows = list((found.filter(pk__lt=before) if before else found).order_by("-id")[: size + 1])
    return rows[:size], rows[size - 1].pk if len(rows) > size else None
