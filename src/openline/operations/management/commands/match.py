"""`openline match FILE`: whether pairs of reports are of the same problem; JSON Lines in, JSON Lines out."""

from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand, CommandParser

from openline.operations.common import lines_of, write
from openline.triage.lines import match_lines


class Command(BaseCommand):
    """Compare pairs of reports."""

    help = (
        "Compare pairs of reports: JSON Lines with id, a and b, each with text and optionally service, lat, lon,"
        " requested_at. - reads standard input."
    )
    requires_system_checks: list[str] = []  # needs no database

    def add_arguments(self, parser: CommandParser) -> None:
        """The file."""
        parser.add_argument("file")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, compare, write."""
        with lines_of(options["file"]) as lines:
            write(match_lines(lines))
