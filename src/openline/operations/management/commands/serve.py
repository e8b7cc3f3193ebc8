"""`openline serve`: the web server for pages and API, and beside it the one for live events."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandParser, call_command

from openline.operations.common import ready


class Command(BaseCommand):
    """Serve pages, API and live events."""

    help = "Run the web server (PORT, default 8311) and the live events (the port above)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to listen, and with how many processes."""
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--workers", type=int, default=1)

    def handle(self, *args: Any, **options: Any) -> None:
        """Start both servers; they end together."""
        ready()
        call_command("collectstatic", interactive=False, verbosity=0)
        commands = [
            granian("openline.wsgi:application", "wsgi", options["host"], settings.PORT, options["workers"],
                    "--blocking-threads", "4", "--static-path-mount", str(settings.STATIC_ROOT)),
            granian("openline.events_server:application", "asgi", options["host"], settings.EVENTS_PORT, 1),
        ]
        processes = [subprocess.Popen(command) for command in commands]
        try:
            processes[0].wait()
        except KeyboardInterrupt:
            pass
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                process.wait(10)


def granian(target: str, interface: str, host: str, port: int, workers: int, *more: str) -> list[str]:
    """The command that runs one granian server."""
    return [sys.executable, "-m", "granian", "--interface", interface, "--host", host, "--port", str(port), "--workers",
            str(workers), "--no-ws", "--log-level", "warning", *more, target]
