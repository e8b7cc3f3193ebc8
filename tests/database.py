"""The tests' database between tests that commit: only tables with rows are emptied, and the sample city comes back.

Django's own flush truncates a hundred tables and makes all permissions again, and loading a city takes seconds; here
both take some hundredths of a second.
"""

from __future__ import annotations

from django.db import connection, transaction
from psycopg import sql

KEPT = {"django_content_type", "auth_permission"}
"""What Django makes of the models by itself."""
_city: dict[str, bytes] = {}


def empty(_test: object = None) -> None:
    """Delete every row of every model, once nobody else is at work on them."""
    with transaction.atomic(), connection.cursor() as cursor:
        names = sql.SQL(", ").join(map(sql.Identifier, _tables()))
        cursor.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(names))
        filled = _filled()
        cursor.execute("SET LOCAL session_replication_role = replica")  # no triggers: the records refuse deletion
        for name in filled:
            cursor.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)))
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def remember_city() -> None:
    """Remember the rows of the city that is loaded, with all that stands beside it."""
    with transaction.atomic(), connection.cursor() as cursor:
        for name in _filled():
            with cursor.copy(sql.SQL("COPY {} TO STDOUT (FORMAT binary)").format(sql.Identifier(name))) as rows:
                _city[name] = b"".join(map(bytes, rows))


def bring_city_back() -> None:
    """Put the remembered rows into tables that were emptied."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # in any order
        for name, rows in _city.items():
            with cursor.copy(sql.SQL("COPY {} FROM STDIN (FORMAT binary)").format(sql.Identifier(name))) as copy:
                copy.write(rows)
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def _tables() -> list[str]:
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return sorted(set(names) - KEPT)


def _filled() -> list[str]:
    """The tables with rows."""
    one = "SELECT {} WHERE EXISTS (SELECT FROM {})"
    parts = [sql.SQL(one).format(sql.Literal(name), sql.Identifier(name)) for name in _tables()]
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(" UNION ALL ").join(parts))
        return [name for (name,) in cursor.fetchall()]
