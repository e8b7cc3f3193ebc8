"""`openline geocode FILE`: find places, one a line; JSON Lines out."""

from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from openline.care.understanding import load_gazetteer
from openline.operations.common import lines_of, ready, write
from openline.triage.lines import geocode_lines


class Command(BaseCommand):
    """Find places."""

    help = "Find the place on each line of FILE; - reads standard input."

    def add_arguments(self, parser: CommandParser) -> None:
        """The file."""
        parser.add_argument("file")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, find, write."""
        ready()
        gazetteer = load_gazetteer()
        if gazetteer is None:
            raise CommandError("This city has no streets: load them with “openline city load DIR”.")
        with lines_of(options["file"]) as lines:
            write(geocode_lines(gazetteer, lines))
