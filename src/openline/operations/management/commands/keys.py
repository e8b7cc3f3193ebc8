"""`openline keys`: change the key under which secrets are encrypted, while everything runs."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser

from openline.foundation import keys, sealing
from openline.foundation.keys import installation_keys
from openline.operations.common import ready

_BY_HAND = (
    "The keys of this installation stand in its environment, so the new one is put there by hand: OPENLINE_SECRET_KEY"
    " gets a new key (“openline keys new” makes one), OPENLINE_SECRET_KEY_OLD the present one. Restart “serve” and"
    " “work”, then run this again. Nothing was changed."
)


class Command(BaseCommand):
    """See which keys there are and what they close; change to a new one; forget the old."""

    help = "Change the installation's key: encrypt all secrets anew while everything runs, then forget the old key."

    def add_arguments(self, parser: CommandParser) -> None:
        """`list`, `new`, `rotate`, `forget`."""
        parser.add_argument("action", choices=["list", "new", "rotate", "forget"])

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say what was done."""
        if options["action"] == "new":
            self.stdout.write(keys.new_key())
            return
        ready()
        {"list": self.list_keys, "rotate": self.rotate, "forget": self.forget}[options["action"]]()

    def list_keys(self) -> None:
        """A line for each key, with how much hangs on it."""
        found = installation_keys(settings.VAR)
        closed = Counter(one.key for one in sealing.everything(found))
        for place in range(len(found)):
            name = "the key in use" if not place else f"older key {place}"
            self.stdout.write(f"{name}: {closed[place]} secret(s)")
        if closed[None]:
            self.stdout.write(f"none of them: {closed[None]} secret(s); connect those again (“openline doctor”)")

    def rotate(self) -> None:
        """Encrypt all anew. A change that was begun and not ended goes on; else it begins with a new key."""
        found = installation_keys(settings.VAR)
        if not any(one.key for one in sealing.everything(found)):
            found = self._begun(found)
        changed = sealing.rotate(found)
        lost = sum(one.key is None for one in sealing.everything(found))
        self.stdout.write(f"{changed} secret(s) are under the new key now.")
        if lost:
            self.stderr.write(f"{lost} secret(s) are under a key that is not known here: see “openline doctor”.")
        self.stdout.write(
            "The old key still opens what running processes write, sessions, and links in mails. Restart “serve” and"
            " “work” when it suits; when those links may end (at once, if the key is known to others):"
            + (" take it out of OPENLINE_SECRET_KEY_OLD." if keys.in_environment() else " “openline keys forget”.")
        )

    def forget(self) -> None:
        """Drop the older keys, once nothing hangs on them."""
        found = installation_keys(settings.VAR)
        if left := sum(bool(one.key) for one in sealing.everything(found)):
            raise CommandError(f"{left} secret(s) are still under an older key: run “openline keys rotate” first.")
        try:
            count = keys.forget(settings.VAR)
        except keys.NotHere:
            raise CommandError("Take them out of OPENLINE_SECRET_KEY_OLD by hand: nothing hangs on them.") from None
        self.stdout.write(f"{count} older key(s) forgotten. Restart “serve” and “work”.")

    def _begun(self, found: list[str]) -> list[str]:
        if not keys.in_environment():
            return keys.begin(settings.VAR)
        if len(found) == 1:
            raise CommandError(_BY_HAND)
        return found
