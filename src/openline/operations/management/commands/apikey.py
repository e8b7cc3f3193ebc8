"""`openline apikey`: let other programs send requests over Open311, and stop them."""

from __future__ import annotations

import getpass
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from openline.open311 import keys
from openline.open311.models import ApiKey
from openline.operations.common import ready


class Command(BaseCommand):
    """Create, list and revoke keys."""

    help = "Create a key for another program (it is shown once), list the keys, or revoke one."

    def add_arguments(self, parser: CommandParser) -> None:
        """`create NAME --contact WHOM`, `list`, `revoke NAME`."""
        parser.add_argument("action", choices=["create", "list", "revoke"])
        parser.add_argument("name", nargs="?", default="")
        parser.add_argument("--contact", default="", help="whom to ask if something is wrong")
        parser.add_argument("--per-minute", type=int, default=60, help="requests a minute (default: 60)")
        parser.add_argument("--review", action="store_true", help="a person looks before a request is opened")
        parser.add_argument("--updates", action="store_true", help="may send updates of requests")
        parser.add_argument("--origin", action="append", default=[], help="origin of web pages that may send with it")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say what was done."""
        ready()
        if options["action"] == "list":
            return self.list_keys()
        if not options["name"]:
            raise CommandError("Name the key, such as: openline apikey create “street app” --contact dev@app.example")
        if options["action"] == "create":
            return self.create(options)
        if not keys.revoke(options["name"], by=getpass.getuser()):
            raise CommandError("There is no such active key; see “openline apikey list”.")
        self.stdout.write(f"{options['name']} is revoked.")

    def create(self, options: dict[str, Any]) -> None:
        """Make a key and show it, this once."""
        try:
            _key, text = keys.make(
                options["name"], options["contact"], by=getpass.getuser(), per_minute=options["per_minute"],
                review=options["review"], may_update=options["updates"], origins=options["origin"],
            )  # fmt: skip
        except keys.NotValid as error:
            raise CommandError(str(error)) from None
        self.stdout.write(text)
        self.stderr.write("This key is shown once and kept only as a hash: hand it over safely.")

    def list_keys(self) -> None:
        """A line for each key."""
        for key in ApiKey.objects.all():
            rights = [word for word, has in (("review", key.review), ("updates", key.may_update)) if has]
            state = "active" if key.active else "revoked"
            self.stdout.write(
                f"{key.beginning}… {key.name:<30} {state}, {key.per_minute}/min"
                f"{''.join(', ' + word for word in [*rights, *key.origins])}; {key.contact}"
            )
