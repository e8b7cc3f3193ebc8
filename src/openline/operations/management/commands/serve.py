"""`openline serve`: the web server for pages and API, and beside it the one for live events."""

from __future__ import annotations

import gc
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandParser
from django.db import connections
from django.urls import get_resolver
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from openline.foundation import postgres
from openline.operations import static_files
from openline.operations.common import ready

THREADS = 4
"""Requests that one process answers at the same time; most of their time they wait for the database."""


class Command(BaseCommand):
    """Serve pages, API and live events."""

    help = "Run the web server (PORT, default 8311) and the live events (the port above)."
    requires_system_checks = ()  # they look at the code, which no start changes

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to listen, and with how many processes."""
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--workers", type=int, default=1)

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare, start the live events beside, and serve."""
        live = [sys.executable, "-m", "openline.operations.live", options["host"], str(settings.EVENTS_PORT)]
        environment = os.environ | {"DATABASE_URL": postgres.database_url(settings.VAR)}
        subprocess.Popen(live, env=environment)  # ends with this process, so it need not hold the database
        ready()
        static_files.collect()
        serve(options["host"], settings.PORT, options["workers"])


def serve(host: str, port: int, workers: int) -> None:
    """Serve pages and API until SIGTERM or SIGINT.

    All is loaded here, once; the processes that answer are copies of this one and share its memory.
    """
    multiprocessing.set_start_method("fork", force=True)
    server = Granian(
        "openline.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        websockets=False,
        log_level=LogLevels.warning,
    )
    application = _application()
    connections.close_all()
    sys.stdout.flush()
    gc.collect()
    gc.freeze()
    server.serve(target_loader=lambda: application, wrap_loader=False)


def _application() -> Callable[..., Any]:
    """The WSGI application with all its addresses and views."""
    from openline.wsgi import application

    _ = get_resolver().url_patterns
    return application
