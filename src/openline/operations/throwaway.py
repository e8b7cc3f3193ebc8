"""Running a command on a database and folder of its own, which are gone afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from openline.sandbox.servers import free_port


def run(*arguments: str) -> int:
    """Run `openline ARGUMENTS` on a fresh database, on the same server as ours; returns its exit status."""
    with tempfile.TemporaryDirectory(prefix="openline-") as folder:
        environment = os.environ | {
            "OPENLINE_VAR": folder,
            "PORT": str(free_port()),
            "OPENLINE_EVENTS_PORT": str(free_port()),
            "OPENLINE_SANDBOX": "1",
        }
        environment.pop("OPENLINE_URL", None)
        name = f"openline_throwaway_{os.getpid()}"
        given = os.environ.get("DATABASE_URL")
        if given:
            environment["DATABASE_URL"] = _create(given, name)
        command = [sys.executable, "-m", "openline", *arguments]
        try:
            return subprocess.call(command, env=environment, cwd=Path(folder).parent)
        finally:
            if given:
                _drop(given, name)


def _create(url: str, name: str) -> str:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return make_conninfo(url, dbname=name)


def _drop(url: str, name: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
