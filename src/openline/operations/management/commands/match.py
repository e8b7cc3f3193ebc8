"""`openline match FILE`: are two reports about the same problem? JSON Lines in, JSON Lines out."""

from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand, CommandParser

from openline.operations.common import lines_of, write
from openline.triage.pairs import match_lines


class Command(BaseCommand):
    """Score pairs of reports."""

    help = "Score pairs of reports: JSON Lines with id, a, b (each text, service, lat, lon, requested_at). -: stdin."

    def add_arguments(self, parser: CommandParser) -> None:
        """The file."""
        parser.add_argument("file")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, score, write."""
        with lines_of(options["file"]) as lines:
            write(match_lines(lines))
