"""Writing and reading many rows in one statement: the hot path's way to the database.

Measured: rows by COPY or `unnest` cost 10 to 28 times less than saved objects. Identifiers are
made by the client (`uuid7`), so that linked tables are written without asking back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.utils import CursorWrapper

_FEW = 20
"""So many rows an INSERT takes that is planned already: a COPY asks the server four times for each table."""


def append_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Append `rows` to `table`, many by COPY. A conflicting row fails the whole transaction."""
    rows = list(rows)
    if len(rows) <= _FEW:
        insert_rows(table, _types(table, tuple(columns)), rows)
        return
    with _cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


@cache
def _types(table: str, columns: tuple[str, ...]) -> dict[str, str]:
    """The types of `columns`, without their lengths: a cast to varchar(40) would cut what must fail."""
    statement = "SELECT attname, atttypid::regtype::text FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
    types = dict(query(statement, [table]))
    return {column: types[column] for column in columns}


def insert_rows(
    table: str, columns: dict[str, str], rows: Sequence[Sequence[Any]], *, conflict: str = "", returning: str = ""
) -> list[tuple[Any, ...]]:
    """Insert `rows` in one statement through `unnest`.

    `columns` maps column names to PostgreSQL types; `conflict` is the text of the ON CONFLICT clause;
    the RETURNING columns of the rows really written come back.
    """
    if not rows:
        return []
    arrays = ", ".join(f"%s::{kind}[]" for kind in columns.values())
    statement = f"INSERT INTO {table} ({', '.join(columns)}) SELECT * FROM unnest({arrays})"  # noqa: S608
    if conflict:
        statement += f" ON CONFLICT {conflict}"
    if returning:
        statement += f" RETURNING {returning}"
    with _cursor() as cursor:
        cursor.execute(statement, [array(column) for column in zip(*rows, strict=True)])
        return cursor.fetchall() if returning else []


def array(values: Iterable[object]) -> str:
    """`values` as the text of a PostgreSQL array (section 8.15.2 of its manual), to be cast: "%s::uuid[]".

    Takes None, texts, bytes, numbers, truths, identifiers and times. psycopg's own adaptation of lists, element by
    element, takes six times as long, which on the hot path is a tenth of all work.
    """
    return "{" + ",".join(map(_element, values)) + "}"


def _element(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, UUID):
        return value.hex  # half the work of writing it with its hyphens
    if isinstance(value, str):
        if '"' in value or "\\" in value:
            value = value.replace("\\", "\\\\").replace('"', '\\"')
        return '"' + value + '"'
    if isinstance(value, bytes):
        return f'"\\\\x{value.hex()}"'
    return f'"{value}"'


_PLANNED_ONCE = "; ".join(
    [
        *(f"SET LOCAL enable_{name} = off" for name in ("seqscan", "bitmapscan", "hashjoin", "mergejoin", "sort")),
        "SET LOCAL join_collapse_limit = 1",
        "SET LOCAL plan_cache_mode = force_generic_plan",
    ]
)


@contextmanager
def by_index() -> Iterator[None]:
    """Within a transaction, have every row found by an index, and every statement parsed and planned once a connection.

    For batches that look up a few hundred keys. What the planner knows lags behind a storm: it would rather read whole
    tables, which it takes for small, and sort the dead entries of a queue, batch after batch. Tables are joined in the
    order in which a statement names them: thinking of other orders costs more than most of these statements do. A plan
    that must use indexes is the same for one key and for two hundred, so it is kept (psycopg prepares what comes again;
    Django's own cursors, which put values into the text of a statement, cannot).
    """
    with connection.cursor() as cursor:
        cursor.execute(_PLANNED_ONCE)
    driver = connection.connection
    before, driver.cursor_factory = driver.cursor_factory, ServerBindingCursor
    with connection.cursor() as cursor:
        outside = _open.set(cursor)
        try:
            yield
        finally:
            _open.reset(outside)
            driver.cursor_factory = before


_open: ContextVar[CursorWrapper | None] = ContextVar("open", default=None)


@contextmanager
def _cursor() -> Iterator[CursorWrapper]:
    """The one cursor of a batch that is read `by_index`, else a new one."""
    if cursor := _open.get():
        yield cursor
        return
    with connection.cursor() as cursor:
        yield cursor


def query(statement: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[tuple[Any, ...]]:
    """All rows of one SELECT."""
    with _cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


def notify(channel: str, payload: str = "") -> None:
    """Wake those who LISTEN on `channel`, when the transaction commits."""
    notify_all(channel, [payload])


def notify_all(channel: str, payloads: Sequence[str]) -> None:
    """Tell those who LISTEN on `channel` each of `payloads`, when the transaction commits."""
    with _cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, payload) FROM unnest(%s::text[]) AS payload", [channel, array(payloads)])
