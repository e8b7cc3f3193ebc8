"""`openline backup FILE`: everything but the key in one file, while everything runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser

from openline.foundation import postgres
from openline.operations import backup


class Command(BaseCommand):
    """Write a backup."""

    help = "Write the database, and photos and files that lie in a folder, into one file. The key is not in it."
    requires_system_checks = ()  # they look at the code

    def add_arguments(self, parser: CommandParser) -> None:
        """The file."""
        parser.add_argument("file", type=Path, help="a file that is not there yet, such as openline-2026-11-28.tar")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write it, and say what is not in it."""
        to: Path = options["file"].resolve()
        if not to.parent.is_dir():
            raise CommandError(f"There is no folder {to.parent}.")
        try:
            about = backup.save(to, postgres.database_url(settings.VAR), settings.VAR, backup.files_folder())
        except backup.NotPossible as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{to}: {to.stat().st_size / 1e6:,.1f} MB.")
        if not about["files"]:
            self.stdout.write("Photos and files are in a bucket (OPENLINE_FILES) and not in it: back that up too.")
        self.stdout.write("The key is not in it. Keep OPENLINE_SECRET_KEY, or the file secret.key, in another place.")
