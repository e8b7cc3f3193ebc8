"""`openline city load DIR`: load a city's catalogue, departments, areas and gazetteer from open formats."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser, call_command

from openline.cities.loading import SAMPLE, NotLoaded, load_city


class Command(BaseCommand):
    """Load a city, all or nothing."""

    help = "Load a city from a folder of CSV and GeoJSON files (docs/city.md)."

    def add_arguments(self, parser: CommandParser) -> None:
        """`load DIR`."""
        parser.add_argument("action", choices=["load"])
        parser.add_argument("folder", nargs="?", default=str(SAMPLE), help="the city's folder (default: the sample)")
        parser.add_argument("--skip-refused", action="store_true", help="load the good rows, leave out the others")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load and report."""
        call_command("migrate", verbosity=0)
        try:
            files = load_city(Path(options["folder"]), skip_refused=options["skip_refused"])
        except NotLoaded as error:
            self.stderr.write("\n".join(map(str, error.refused)))
            count = len(error.refused)
            raise CommandError(f"{count} row(s) refused. Nothing was loaded: put them right.") from None
        for refused in files.refused:
            self.stderr.write(f"skipped {refused}")
        streets = len(files.gazetteer.streets) if files.gazetteer else 0
        self.stdout.write(
            f"{files.city['name']}: {len(files.services)} services, {len(files.departments)} departments,"
            f" {len(files.areas)} areas, {streets} streets, {len(files.articles)} articles, {len(files.holidays)}"
            f" holidays; {len(files.refused)} row(s) refused."
        )
