"""`openline sandbox`: the networks on this machine, until stopped."""

from __future__ import annotations

import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError

from openline.sandbox.servers import CannotStart, SandboxServers


class Command(BaseCommand):
    """Run the sandbox's servers."""

    help = "Run the sandbox's Mastodon server and Nostr relay on loopback."

    def handle(self, *args: Any, **options: Any) -> None:
        """Start, wait, stop."""
        stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        try:
            with SandboxServers(settings.VAR / "sandbox", settings.PORT + 2, settings.PORT + 3) as servers:
                self.stdout.write(f"{servers.mastodon_url}\n{servers.nostr_url}")
                stopping.wait()
        except CannotStart as error:
            raise CommandError(str(error)) from None
