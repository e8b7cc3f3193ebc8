"""`openline work`: the worker."""

from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand

from openline.operations.common import ready
from openline.worker.main import work


class Command(BaseCommand):
    """Hear, understand, act and speak until stopped."""

    help = "Run a worker: hears the accounts, opens and answers requests, sends. Start as many as you like."
    requires_system_checks = ()  # they look at the code, which no start changes

    def handle(self, *args: Any, **options: Any) -> None:
        """Work."""
        ready()
        work()
