"""`openline export`: public requests as a file, or tonight's snapshot of open data at once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from openline.exports import parquet, snapshot
from openline.exports.reading import read, records
from openline.exports.writing import FORMATS
from openline.operations.common import ready


class Command(BaseCommand):
    """Write an export."""

    help = "Write all public requests, or those of some days, a service or an area, to a file."

    def add_arguments(self, parser: CommandParser) -> None:
        """The format, the file, and what is wanted."""
        parser.add_argument("--format", choices=[*FORMATS, "parquet"], default="csv")
        parser.add_argument("--out", type=Path, metavar="FILE")
        parser.add_argument("--snapshot", action="store_true", help="write the snapshot of open data now")
        for name, what in (("start", "from this day on"), ("end", "until this day"), ("service", "code of a service"),
                           ("area", "code of an area")):  # fmt: skip
            parser.add_argument(f"--{name}", default="", help=what)

    def handle(self, *args: Any, **options: Any) -> None:
        """Write to a file beside, then put it in its place: a half-written one is never seen."""
        ready()
        if options["snapshot"]:
            self.stdout.write(str(snapshot.make()))
            return
        out: Path | None = options["out"]
        if out is None:
            raise CommandError("Say where to: --out FILE.")
        beside = out.with_name(f".{out.name}.{os.getpid()}")
        try:
            wanted = records(read({name: options[name] for name in ("start", "end", "service", "area")}))
            if options["format"] == "parquet":
                parquet.write(wanted, beside)
            else:
                with beside.open("wb") as file:
                    for piece in FORMATS[options["format"]][1](wanted):
                        file.write(piece)
            beside.replace(out)
        except (ValueError, parquet.NotInstalled) as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(f"{out} cannot be written: {error.strerror}.") from None
        finally:
            beside.unlink(missing_ok=True)
        self.stdout.write(f"{out}: {out.stat().st_size:,} bytes")
