"""`openline partner`: how the partners are, whether they answer, and asking them for news now."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from openline.operations.common import ready
from openline.partners import checking, queries
from openline.partners.forwarding import NotSent
from openline.partners.models import Connector, Kind
from openline.partners.open311 import polling
from openline.partners.open311.client import Trouble


class Command(BaseCommand):
    """List, test, poll."""

    help = "List the partners, test one without passing anything on, or ask one for news now."

    def add_arguments(self, parser: CommandParser) -> None:
        """`list`, `test NAME`, `poll NAME`."""
        parser.add_argument("action", choices=["list", "test", "poll"])
        parser.add_argument("name", nargs="?", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say what was found."""
        ready()
        if options["action"] == "list":
            return self.list_partners()
        connector = Connector.objects.filter(name=options["name"]).first()
        if connector is None:
            raise CommandError("There is no such partner; see “openline partner list”.")
        self.test(connector) if options["action"] == "test" else self.poll(connector)

    def list_partners(self) -> None:
        """A line for each partner."""
        for one in queries.lines():
            state = one.connector.get_health_display() if one.connector.enabled else "off"
            error = f"; {one.connector.health_error}" if one.connector.health_error else ""
            self.stdout.write(
                f"{one.connector.name:<30} {one.connector.get_kind_display():<30} {state}; "
                f"confirmed {one.passed}, not confirmed {one.open}{error}"
            )

    def test(self, connector: Connector) -> None:
        """A line for each thing that was looked at; exit 1 if something is to be mended."""
        findings = checking.check(connector)
        for good, words in findings:
            self.stdout.write(f"{'ok   ' if good else 'MEND '} {words}")
        if not all(good for good, _words in findings):
            sys.exit(1)

    def poll(self, connector: Connector) -> None:
        """Ask for news."""
        if connector.kind != Kind.OPEN311:
            raise CommandError("Only a partner that speaks Open311 can be asked.")
        try:
            self.stdout.write(f"{polling.poll(connector)} new.")
        except (Trouble, NotSent) as error:
            raise CommandError(str(error)) from None
