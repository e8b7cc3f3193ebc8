"""What `openline` commands share: a migrated database with a city, and files or standard input."""

from __future__ import annotations

import pkgutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any, BinaryIO

from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from openline.cities import sample
from openline.foundation.connections import own_connection

_LOCK = 7_215_046_314
"""Of the advisory lock under which one process brings the database up to date; `serve` and `work` start together."""


def ready() -> None:
    """Bring the database up to date and load the sample city at the first use; others that start meanwhile wait."""
    if _is_behind() or sample.needed():
        with own_connection() as lock:
            lock.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
            if _is_behind():
                call_command("migrate", verbosity=0)
            if sample.needed():
                _load_sample()


def _is_behind() -> bool:
    return not migrations() <= MigrationRecorder(connection).applied_migrations().keys()


def _load_sample() -> None:
    from openline.cities.loading import NotLoaded, ensure_city

    try:
        ensure_city()
    except NotLoaded as error:
        raise CommandError("\n".join(map(str, error.refused))) from None


def migrations() -> set[tuple[str, str]]:
    """App and name of every migration, from the names of the files: importing them all takes memory and time."""
    found = set()
    for app in apps.get_app_configs():
        module, _explicit = MigrationLoader.migrations_module(app.label)
        spec = find_spec(module) if module else None
        folders = (spec and spec.submodule_search_locations) or []
        found |= {(app.label, one.name) for one in pkgutil.iter_modules(folders) if one.name[0] not in "_~"}
    return found


@contextmanager
def lines_of(path: str) -> Iterator[Iterator[bytes]]:
    """The lines of the file `path` ("-": standard input), with progress on a terminal."""
    try:
        file: BinaryIO = sys.stdin.buffer if path == "-" else open(path, "rb")  # noqa: SIM115
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from None
    try:
        yield _counted(file)
    finally:
        if path != "-":
            file.close()


def _counted(file: BinaryIO) -> Iterator[bytes]:
    terminal = sys.stderr.isatty()
    number = 0
    for number, line in enumerate(file, 1):
        if terminal and number % 1000 == 0:
            sys.stderr.write(f"\r{number:,} lines")
        yield line
    if terminal and number >= 1000:
        sys.stderr.write(f"\r{number:,} lines\n")


def write(lines: Any) -> None:
    """Write byte lines to standard output; a reader that goes away ends us quietly."""
    out = sys.stdout.buffer
    try:
        for line in lines:
            out.write(line.rstrip(b"\n") + b"\n")
        out.flush()
    except BrokenPipeError:
        sys.stderr.close()
