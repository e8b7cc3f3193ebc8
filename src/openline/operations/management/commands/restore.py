"""`openline restore FILE`: bring a backup back into an empty database."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser, call_command

from openline.foundation import postgres
from openline.operations import backup
from openline.outbox import restoring
from openline.partners import handlers
from openline.service_requests.opening import skip_numbers


class Command(BaseCommand):
    """Bring a backup back."""

    help = "Bring a backup back into an empty database, and bring it up to date. All of it, or nothing."
    requires_system_checks = ()  # they look at the code

    def add_arguments(self, parser: CommandParser) -> None:
        """The file."""
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Bring it back, and say what is left to do."""
        url = postgres.database_url(settings.VAR)
        try:
            about = backup.bring_back(options["file"], url, settings.VAR, backup.files_folder())
        except backup.NotPossible as error:
            raise CommandError(str(error)) from None
        call_command("migrate", verbosity=0)
        backup_at = datetime.fromisoformat(about["made_at"])
        restoring.begin(backup_at)
        skip_numbers(backup_at)
        handlers.look_first()
        self.stdout.write(f"Brought back: the backup of {about['made_at']} (Openline {about['openline']}).")
        if not about["files"]:
            self.stdout.write("Photos and files were not in it: they are in the bucket that OPENLINE_FILES names.")
        if not about["same_key"]:
            self.stdout.write("It was made under another key: bring that key back, or connect the accounts again.")
        self.stdout.write("What may have been said since the backup is held: see “Unsent” on the console.")
        self.stdout.write("Now run “openline doctor”.")
