"""Writing and reading many rows in one statement: the hot path's way to the database.

Measured: rows by COPY or `unnest` cost 10 to 28 times less than saved objects. Identifiers are
made by the client (`uuid7`), so that linked tables are written without asking back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connection


def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Append `rows` to `table` by COPY. A conflicting row fails the whole transaction."""
    with connection.cursor() as cursor:
        statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
        with cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)


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
    with connection.cursor() as cursor:
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


_AS_WRITTEN = "SET LOCAL join_collapse_limit = 1"


def by_index() -> None:
    """Have every row of this transaction found by an index.

    For batches that look up a few hundred keys. What the planner knows lags behind a storm: it would rather read whole
    tables, which it takes for small, and sort the dead entries of a queue, batch after batch. Tables are joined in the
    order in which a statement names them: thinking of other orders costs more than most of these statements do.
    """
    settings = ("seqscan", "bitmapscan", "hashjoin", "mergejoin", "sort")
    with connection.cursor() as cursor:
        cursor.execute("; ".join([*(f"SET LOCAL enable_{name} = off" for name in settings), _AS_WRITTEN]))


def query(statement: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[tuple[Any, ...]]:
    """All rows of one SELECT."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


def notify(channel: str, payload: str = "") -> None:
    """Wake those who LISTEN on `channel`, when the transaction commits."""
    notify_all(channel, [payload])


def notify_all(channel: str, payloads: Sequence[str]) -> None:
    """Tell those who LISTEN on `channel` each of `payloads`, when the transaction commits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, payload) FROM unnest(%s::text[]) AS payload", [channel, array(payloads)])
