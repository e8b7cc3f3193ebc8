"""`openline train FILE`: learn the services of this city from labelled posts."""

from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from openline.care import learning
from openline.operations.common import lines_of, ready
from openline.triage.lines import training_rows
from openline.triage.training import Row


class Command(BaseCommand):
    """Train, compare, and use the new model only if it is better."""

    help = "Learn from JSON Lines with text and service (code or name). The new model is used only if it is better."

    def add_arguments(self, parser: CommandParser) -> None:
        """The file, --dry-run, --back."""
        parser.add_argument("file", nargs="?", help="- reads standard input; without it, from what is already known")
        parser.add_argument("--dry-run", action="store_true", help="only report; keep the model in use")
        parser.add_argument("--back", action="store_true", help="use the model before the present one again")

    def handle(self, *args: Any, **options: Any) -> None:
        """Train and report; earlier history and staff's corrections take part."""
        ready()
        if options["back"]:
            return self._back()
        try:
            report = learning.learn(_rows(options["file"]), dry_run=options["dry_run"])
        except ValueError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(report.to_text())
        if options["dry_run"]:
            self.stdout.write("Dry run: the model in use stays.")
        elif report.better:
            self.stdout.write("The new model is better on held-back rows and is now in use.")
        else:
            self.stdout.write("The new model is not better on held-back rows: the model in use stays.")

    def _back(self) -> None:
        model = learning.switch_back()
        if model is None:
            raise CommandError("There is no earlier model to go back to.")
        self.stdout.write(f"In use again: the {model}.")


def _rows(path: str | None) -> list[Row]:
    if path is None:
        return []
    with lines_of(path) as lines:
        rows = list(training_rows(lines))
    if not rows:
        raise CommandError("There is nothing to learn from: each line needs a text and a service.")
    return rows
