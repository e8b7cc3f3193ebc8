"""`openline drill`: replay a written day or storm of resident posts in the sandbox."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from openline.sandbox.drill import DRILLS, read, replay


class Command(BaseCommand):
    """Replay a drill on the running sandbox."""

    help = "Replay a day of resident posts on the sandbox (which must run: make demo) at a chosen speed."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which drill, how fast."""
        parser.add_argument("drill", nargs="?", default="day", help="day, storm, or a CSV file")
        parser.add_argument("--speed", type=float, default=600.0, help="times real time (600: a day in 144 seconds)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Replay, a line for each post."""
        if options["speed"] <= 0:
            raise CommandError("--speed must be more than 0.")
        path = DRILLS.get(options["drill"]) or Path(options["drill"])
        try:
            lines = read(path)
        except (OSError, ValueError) as error:
            raise CommandError(f"{path} cannot be read: {error}") from None
        for line in replay(lines, options["speed"]):
            self.stdout.write(f"{line.network} {line.resident}: {line.text}")
