"""`openline train FILE`: learn the services of this city from labelled posts."""

from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from openline.care.understanding import catalogue, load_service_model
from openline.operations.common import lines_of, ready
from openline.triage.lines import training_rows
from openline.triage.models import Correction, ServiceModelFile
from openline.triage.training import train


class Command(BaseCommand):
    """Train, compare, and use the new model only if it is better."""

    help = "Learn from JSON Lines with text and service (code or name). The new model is used only if it is better."

    def add_arguments(self, parser: CommandParser) -> None:
        """The file, and --dry-run."""
        parser.add_argument("file")
        parser.add_argument("--dry-run", action="store_true", help="only report; keep the model in use")

    def handle(self, *args: Any, **options: Any) -> None:
        """Train and report; staff's corrections take part."""
        ready()
        with lines_of(options["file"]) as lines:
            rows = list(training_rows(lines))
        rows += list(Correction.objects.filter(field="service").values_list("message__text", "after"))
        if not rows:
            raise CommandError("There is nothing to learn from: each line needs a text and a service.")
        try:
            model, report = train(rows, catalogue(), champion=load_service_model())
        except ValueError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(report.to_text())
        if options["dry_run"]:
            self.stdout.write("Dry run: the model in use stays.")
        elif report.better:
            ServiceModelFile.objects.create(data=model.to_bytes(), report=report.to_text())
            self.stdout.write("The new model is better on held-back rows and is now in use.")
        else:
            self.stdout.write("The new model is not better on held-back rows: the model in use stays.")
