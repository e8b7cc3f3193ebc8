"""What `openline` commands share: a migrated database with a city, and files or standard input."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from openline.cities.loading import NotLoaded, ensure_city


def ready() -> None:
    """Bring the database up to date and load the sample city at the first use."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0)
    try:
        ensure_city()
    except NotLoaded as error:
        raise CommandError("\n".join(map(str, error.refused))) from None


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
