"""`openline bench`: the benchmarks."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management import BaseCommand, CommandParser

from openline.operations import throwaway
from openline.operations.common import ready


class Command(BaseCommand):
    """Measure this machine, on a database of its own."""

    help = "Measure this machine; every figure with its ratio to a reference in the same run. Leaves nothing behind."

    def add_arguments(self, parser: CommandParser) -> None:
        """How many posts."""
        parser.add_argument("--posts", type=int, default=5000)
        parser.add_argument("--requests", type=int, metavar="N", help="instead: what requests cost with N of them")
        parser.add_argument("--inside", action="store_true", help="internal: run on the present database")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print each figure."""
        from openline.operations import bench_requests
        from openline.operations.bench import database, measure

        count = options["requests"]
        if not options["inside"]:
            what = ("--requests", str(max(1000, count))) if count else ("--posts", str(max(200, options["posts"])))
            sys.exit(throwaway.run("bench", "--inside", *what))
        ready()
        self.stdout.write(database())
        for figure in bench_requests.measure(count) if count else measure(options["posts"]):
            self.stdout.write(figure.line())
            self.stdout.flush()
        if count:
            self.stdout.write("\n".join(bench_requests.PEERS))
