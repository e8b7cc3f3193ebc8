"""A database connection of one's own, beside Django's: for locks that prove a life, and for listening."""

from __future__ import annotations

import psycopg
from django.db import connection


def own_connection() -> psycopg.Connection[tuple[object, ...]]:
    """A new plain connection to Django's database, in autocommit. The caller closes it."""
    parameters = {k: v for k, v in connection.get_connection_params().items() if k not in ("cursor_factory", "context")}
    return psycopg.connect(**parameters, autocommit=True)
