"""Processes that may die in a test: forked from one that has loaded Django and the rooms, so that each costs little."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from multiprocessing import forkserver
from unittest import mock

from django.db import connection
from psycopg.conninfo import make_conninfo

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.outbox.crashing_worker", "tests.care.crashing_reader"])


def database_url() -> str:
    """The address of the test database, for other processes."""
    settings = connection.settings_dict
    return make_conninfo(
        dbname=settings["NAME"],
        user=settings["USER"],
        host=settings["HOST"],
        port=settings["PORT"] or None,
        password=settings["PASSWORD"] or None,
    )


def run(function: Callable[[str], None], word: str) -> int:
    """Call the function in a process of its own on the test database; its exit status, negative after a signal."""
    with mock.patch.dict(os.environ, {"DATABASE_URL": database_url()}):
        forkserver.ensure_running()  # with this environment, once
    process = _context.Process(target=function, args=(word,))
    process.start()
    process.join()
    assert process.exitcode is not None
    return process.exitcode
