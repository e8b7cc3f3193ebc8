"""`openline seed`: a city's worth of made-up requests."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser
from psycopg.errors import UniqueViolation

from openline.operations.common import ready
from openline.operations.seeding import writing


class Command(BaseCommand):
    """Write made-up requests of three years."""

    help = "Write made-up requests of the last three years, for trying Openline at the size of a city."

    def add_arguments(self, parser: CommandParser) -> None:
        """How many, from which seed, and the two ways past the refusals."""
        parser.add_argument("--requests", type=int, default=100_000)
        parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same requests")
        parser.add_argument("--yes", action="store_true", help="although the database holds requests or messages")
        parser.add_argument("--production", action="store_true", help="although this is neither sandbox nor debug")

    def handle(self, *args: Any, **options: Any) -> None:
        """Seed, unless that could mix made-up requests with real ones."""
        if not (settings.SANDBOX or settings.DEBUG or options["production"]):
            raise CommandError("Made-up requests do not belong into a city's own database. Set OPENLINE_SANDBOX=1 on a"
                               " machine for trying out, or say --production.")  # fmt: skip
        if not 1 <= options["requests"] <= 20_000_000:
            raise CommandError("--requests is a number from 1 to 20000000.")
        ready()
        if writing.holds_real_data() and not options["yes"]:
            raise CommandError("This database holds requests or messages already: made-up ones could not be told from"
                               " them. Use an empty database, or say --yes.")  # fmt: skip
        began = time.monotonic()
        try:
            writing.seed(options["requests"], options["seed"], tell=self._tell)
        except LookupError:
            raise CommandError("No city with streets is loaded: openline city load DIR.") from None
        except UniqueViolation:
            raise CommandError("These requests are there already. Choose another --seed.") from None
        self.stdout.write(f"{options['requests']:,} requests in {time.monotonic() - began:.0f} s")

    def _tell(self, written: int) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\r{written:,} requests", ending="")
