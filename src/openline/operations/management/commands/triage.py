"""`openline triage FILE`: assess posts, JSON Lines in, JSON Lines out."""

from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand, CommandParser

from openline.care.understanding import understanding
from openline.operations.common import lines_of, ready, write
from openline.triage.lines import assess_lines


class Command(BaseCommand):
    """Assess posts."""

    help = "Assess posts: JSON Lines with id, text and optionally lang, lat, lon, network. - reads standard input."

    def add_arguments(self, parser: CommandParser) -> None:
        """The file."""
        parser.add_argument("file")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, assess, write."""
        ready()
        with lines_of(options["file"]) as lines:
            write(assess_lines(understanding().reader, lines))
