"""`openline knowledge`: articles in and out, and which of them somebody has to look at."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from openline.cities.articles import csv_files, markdown_files, reading, taking
from openline.cities.articles.columns import known
from openline.cities.articles.found import Found
from openline.cities.tables import Refused
from openline.knowledge import queries
from openline.knowledge.errors import NotDone
from openline.knowledge.models import Article
from openline.operations import answers
from openline.operations.common import ready

_ROOT = Path(__file__).resolve().parents[5]


class Command(BaseCommand):
    """Import, export, list what is due."""

    help = (
        "Import articles as drafts (CSV, Markdown, WordPress, a web page), export them, list what is due; load facts of"
        " the place; learn how sure answers are."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """`import SOURCE`, `export TARGET`, `due`, `facts FILE`, `learn [FILE]`."""
        parser.add_argument("action", choices=["import", "export", "due", "facts", "learn"])
        parser.add_argument(
            "place", nargs="?", default="", help="a file, a folder, an address, or - for standard input"
        )
        shared = Path(os.environ.get("OPENLINE_SHARED", _ROOT.parent / "shared")) / "data"
        parser.add_argument("--data", type=Path, default=shared, help="learn: the folder of development data")
        parser.add_argument("--wordpress", action="store_true", help="the address is a WordPress site: take all of it")
        parser.add_argument("--own", action="store_true", help="the address may stand in the city's own network")
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would become of each article, keep nothing"
        )
        parser.add_argument("--skip-refused", action="store_true", help="take the good ones, leave out the others")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say what was done."""
        if options["action"] in ("import", "export") and not options["place"]:
            raise CommandError("Name a file, a folder, an address, or - after “import” and “export”.")
        ready()
        if options["action"] == "import":
            self.take(options)
        elif options["action"] == "export":
            self.export(options["place"])
        elif options["action"] == "facts":
            answers.load_facts([Path(options["place"])] if options["place"] else [], self.stdout.write)
        elif options["action"] == "learn":
            answers.learn([Path(options["place"])] if options["place"] else [], options["data"], self.stdout.write)
        else:
            self.due()

    def take(self, options: dict[str, Any]) -> None:
        """Read, report each article, and keep all of them or none."""
        refused: list[Refused] = []
        planned = taking.plan(self.read(options, refused))
        for one in refused:
            self.stderr.write(f"refused {one}")
        for row in planned:
            notes = "; ".join([*row.found.notes, *([row.why] if row.why else [])])
            self.stdout.write(
                f"{row.what:<8} {row.found.values['title']} ({row.found.where}){': ' if notes else ''}{notes}"
            )
        if refused and not options["skip_refused"]:
            raise CommandError(f"{len(refused)} refused. Nothing was kept: put them right, or add --skip-refused.")
        if options["dry_run"]:
            self.stdout.write("Nothing was kept.")
            return
        try:
            counted = taking.take(planned, by=None, source=f"Imported from {options['place']}")
        except NotDone as error:
            raise CommandError(f"{error} Nothing was kept.") from None
        self.stdout.write(", ".join(f"{count} {what}" for what, count in sorted(counted.items())) or "nothing found")

    def read(self, options: dict[str, Any], refused: list[Refused]) -> list[Found]:
        """What stands at the place."""
        place: str = options["place"]
        if place == "-":
            return reading.read_data(sys.stdin.buffer.read(reading.MOST_BYTES), "standard input", known(), refused)
        if place.startswith(("https://", "http://")):
            own = place if options["own"] else ""
            return reading.read_address(place, refused, wordpress=options["wordpress"], own=own)
        return reading.read_path(Path(place), known(), refused)

    def export(self, place: str) -> None:
        """All articles: CSV (- or a name that ends so), a zip, or a Markdown file each into a folder."""
        articles = list(Article.objects.select_related("translation_of").defer("search").order_by("slug"))
        if place == "-" or place.endswith(".csv"):
            text = csv_files.write_csv(articles)
            self.stdout.write(text, ending="") if place == "-" else Path(place).write_text(text, newline="")
        elif place.endswith(".zip"):
            Path(place).write_bytes(markdown_files.zipped(articles))
        else:
            folder = Path(place)
            folder.mkdir(parents=True, exist_ok=True)
            for name, text in markdown_files.files_of(articles):
                (folder / name).write_text(text)
        self.stderr.write(f"{len(articles)} articles")

    def due(self) -> None:
        """A line for each article that somebody has to look at."""
        for what, articles in queries.due().items():
            for one in articles:
                self.stdout.write(
                    f"{what:<9} {one.slug:<40} {one.owner:<20} review {one.review_on} expires {one.expires_on}"
                )
