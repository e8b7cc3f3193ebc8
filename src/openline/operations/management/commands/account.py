"""`openline account`: connect the city's accounts on the networks, and see how they are."""

from __future__ import annotations

import getpass
import sys
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from openline.accounts.models import Account, Mandate
from openline.channels.base import AccountRef, ChannelError
from openline.channels.registry import channel_for, channels
from openline.operations.common import ready
from openline.records import log
from openline.records.models import Kind


class Command(BaseCommand):
    """List, add, switch off and on."""

    help = (
        "List the city's accounts, or add one. The secret is asked for, or read from standard input; never an argument."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """`list`, `add NETWORK HANDLE SERVER`, `off` and `on NETWORK HANDLE`."""
        parser.add_argument("action", choices=["list", "add", "on", "off"])
        parser.add_argument("network", nargs="?", default="")
        parser.add_argument("handle", nargs="?", default="")
        parser.add_argument("server", nargs="?", default="")
        parser.add_argument("--name", default="")
        parser.add_argument("--owner", default="", help="department or official that it belongs to")
        parser.add_argument("--mandate", choices=Mandate.values, default=Mandate.SERVICE_DESK)

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say what was done."""
        ready()
        if options["action"] == "list":
            return self.list_accounts()
        if not (options["network"] and options["handle"]):
            raise CommandError(
                "Name the network and the handle, such as: openline account add mastodon @city https://..."
            )
        if options["action"] == "add":
            return self.add(options)
        enabled = options["action"] == "on"
        if not Account.objects.filter(network=options["network"], handle=options["handle"]).update(enabled=enabled):
            raise CommandError("There is no such account; see “openline account list”.")
        self.stdout.write(f"{options['handle']} is {options['action']}.")

    def list_accounts(self) -> None:
        """A line for each account."""
        for account in Account.objects.order_by("network", "handle"):
            state = "on" if account.enabled else "off"
            self.stdout.write(
                f"{account.network:<10} {account.handle:<30} {account.server}  {state}, "
                f"{account.get_mandate_display()};"
                f" hears: {account.get_hearing_display()}; speaks: {account.get_speaking_display()}"
            )

    def add(self, options: dict[str, Any]) -> None:
        """Ask the network who the secret belongs to, and keep the account only if it answers."""
        network = options["network"]
        if network not in channels():
            raise CommandError(f"Network {network!r} is not known; there are: {', '.join(sorted(channels()))}.")
        if not options["server"].startswith(("https://", "wss://", "http://127.0.0.1", "ws://127.0.0.1")):
            raise CommandError("Name the server by its https:// (Nostr: wss://) address.")
        credentials = {name: _secret(name) for name in channel_for(network).secrets}
        ref = AccountRef("new", options["handle"], options["server"], credentials)
        try:
            who = channel_for(network).check(ref)
        except ChannelError as error:
            raise CommandError(f"The network refuses: {error.reason} Nothing was kept.") from None
        account = Account.objects.filter(
            network=network, handle=options["handle"], server=options["server"]
        ).first() or Account(network=network, handle=options["handle"], server=options["server"])
        account.name, account.owner, account.mandate = options["name"] or who.name, options["owner"], options["mandate"]
        account.credentials, account.enabled = credentials, True
        account.save()
        log.write([log.Entry(Kind.ADMINISTERED, getpass.getuser(), account.pk, body={"what": "account connected"})])
        self.stdout.write(
            f"Connected: {who.handle} on {channel_for(network).label}. The worker hears it within seconds."
        )


def _secret(name: str) -> str:
    """The secret from a prompt without echo, or from standard input where there is no terminal."""
    secret = getpass.getpass(f"{name}: ") if sys.stdin.isatty() else sys.stdin.readline()
    if not secret.strip():
        raise CommandError("No secret was given.")
    return secret.strip()
