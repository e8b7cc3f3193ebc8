"""`openline serve`: the web server for pages and API, and beside it the one for live events."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandParser, call_command
from django.db import connection

from openline.operations.common import ready


class Command(BaseCommand):
    """Serve pages, API and live events."""

    help = "Run the web server (PORT, default 8311) and the live events (the port above)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to listen, and with how many processes."""
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--workers", type=int, default=1)

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare, start the live events beside, and become the web server."""
        ready()
        call_command("collectstatic", interactive=False, verbosity=0)
        live = [sys.executable, "-m", "openline.operations.live", options["host"], str(settings.EVENTS_PORT)]
        subprocess.Popen(live)  # ends with this process
        connection.close()
        command = granian(
            "openline.wsgi:application",
            "wsgi",
            options["host"],
            settings.PORT,
            options["workers"],
            "--blocking-threads",
            "4",
        )
        sys.stdout.flush()
        # The server takes this process's place, so that nothing but the servers stays in memory.
        os.execv(command[0], command)  # noqa: S606


def granian(target: str, interface: str, host: str, port: int, workers: int, *more: str) -> list[str]:
    """The command that runs one granian server."""
    return [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        interface,
        "--host",
        host,
        "--port",
        str(port),
        "--workers",
        str(workers),
        "--no-ws",
        "--log-level",
        "warning",
        *more,
        target,
    ]
