"""`openline sandbox`: the networks on this machine, until stopped."""

from __future__ import annotations

import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError

from openline.sandbox import emulators
from openline.sandbox.servers import EMULATED_FROM, CannotStart, of_this_machine


class Command(BaseCommand):
    """Run the sandbox's servers."""

    help = "Run the sandbox's networks on loopback: a Mastodon server, a Nostr relay, emulated networks."

    def handle(self, *args: Any, **options: Any) -> None:
        """Start, wait, stop."""
        stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        try:
            with of_this_machine() as servers:
                pages = [one.page for one in emulators.shown(settings.PORT + EMULATED_FROM)]
                self.stdout.write("\n".join([servers.mastodon_url, servers.nostr_url, *pages]))
                stopping.wait()
        except CannotStart as error:
            raise CommandError(str(error)) from None
