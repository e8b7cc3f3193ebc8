"""Paging by key: what comes after a row in the order of an index, without counting what was skipped."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import BooleanField, F, Func, Value


def after(columns: Sequence[str], values: Sequence[int | str | datetime | UUID]) -> Func:
    """The condition that a row follows the one with `values`, where all `columns` are in descending order.

    A row comparison (SQL:2016, 8.2), which PostgreSQL answers from an index on the columns.
    """
    ours, theirs = _row([F(column) for column in columns]), _row([Value(value) for value in values])
    return Func(ours, theirs, template="%(expressions)s", arg_joiner=" < ", output_field=BooleanField())


def _row(parts: Sequence[F | Value]) -> Func:
    return Func(*parts, template="ROW(%(expressions)s)", output_field=BooleanField())
