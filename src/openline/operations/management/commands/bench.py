"""`openline bench`: the benchmarks."""

from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand, CommandParser

from openline.operations.bench import database, measure
from openline.operations.common import ready


class Command(BaseCommand):
    """Measure this machine."""

    help = "Measure this machine; every figure with its ratio to a reference in the same run. Leaves nothing behind."

    def add_arguments(self, parser: CommandParser) -> None:
        """How many posts."""
        parser.add_argument("--posts", type=int, default=5000)

    def handle(self, *args: Any, **options: Any) -> None:
        """Print each figure."""
        ready()
        self.stdout.write(database())
        for figure in measure(max(200, options["posts"])):
            self.stdout.write(figure.line())
