"""`openline bench`: the benchmarks."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from django.core.management import BaseCommand, CommandParser

from openline.operations import throwaway
from openline.operations.common import ready
from openline.operations.figures import Figure


class Command(BaseCommand):
    """Measure this machine, on a database of its own."""

    help = "Measure this machine; every figure with its ratio to a reference in the same run. Leaves nothing behind."

    def add_arguments(self, parser: CommandParser) -> None:
        """How many posts."""
        parser.add_argument("--posts", type=int, default=5000)
        parser.add_argument("--requests", type=int, metavar="N", help="instead: what requests cost with N of them")
        parser.add_argument("--faults", type=int, metavar="N", help="instead: N messages through a storm of faults")
        parser.add_argument("--firehose", type=int, metavar="N", help="instead: N events of all posts of a network")
        parser.add_argument("--calendar", type=int, metavar="N", help="instead: the calendar with N posts in a month")
        parser.add_argument("--due", type=int, metavar="N", help="instead: N scheduled posts, all due at once")
        parser.add_argument("--start", action="store_true", help="instead: start and memory of web and worker")
        parser.add_argument("--inside", action="store_true", help="internal: run on the present database")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print each figure."""
        from openline.operations import (
            bench_calendar,
            bench_firehose,
            bench_processes,
            bench_publishing,
            bench_requests,
            made_up,
        )
        from openline.operations.bench import database, measure

        count = options["requests"]
        if not options["inside"]:
            what = ("--requests", str(max(1000, count))) if count else ("--posts", str(max(200, options["posts"])))
            for name in ("faults", "firehose", "due", "calendar"):
                what = (f"--{name}", str(options[name])) if options[name] else what
            sys.exit(throwaway.run("bench", "--inside", *(("--start",) if options["start"] else what)))
        ready()
        self.stdout.write(database())
        if options["faults"]:
            return self._storm(options["faults"])
        if options["calendar"]:
            return self._tell(bench_calendar.measure(options["calendar"]))
        if options["start"]:
            return self._tell(bench_processes.measure(made_up.account()))
        if options["firehose"]:
            return self._tell(bench_firehose.measure(options["firehose"]))
        if options["due"]:
            return self._tell(bench_publishing.measure(options["due"]))
        self._tell(bench_requests.measure(count) if count else measure(options["posts"]))
        if count:
            self.stdout.write("\n".join(bench_requests.PEERS))

    def _tell(self, figures: Iterator[Figure]) -> None:
        for figure in figures:
            self.stdout.write(figure.line())
            self.stdout.flush()

    def _storm(self, messages: int) -> None:
        """Exits with 1 if anything was lost, doubled or out of order."""
        from openline.operations.storm.run import storm

        outcome = storm(messages)
        self.stdout.write("\n".join(outcome.lines()))
        sys.exit(not outcome.good)
