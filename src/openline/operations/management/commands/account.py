"""`openline account`: connect the city's accounts on the networks, and see how they are."""

from __future__ import annotations

import getpass
import sys
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from openline.accounts import connecting
from openline.accounts.models import Account, Mandate
from openline.channels.base import Channel, ChannelError
from openline.channels.registry import channel_for, channels
from openline.operations.common import ready


class Command(BaseCommand):
    """List, add, switch off and on."""

    help = (
        "List the city's accounts, or add one. The secret is asked for, or read from standard input; never an argument."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """`list`, `add NETWORK HANDLE SERVER`, `on`, `off`, `answers-on` and `answers-off NETWORK HANDLE`."""
        parser.add_argument("action", choices=["list", "add", "on", "off", "answers-on", "answers-off"])
        parser.add_argument("network", nargs="?", default="")
        parser.add_argument("handle", nargs="?", default="")
        parser.add_argument("server", nargs="?", default="")
        parser.add_argument(
            "--set", action="append", default=[], metavar="NAME=VALUE", help="what else the network asks for"
        )
        parser.add_argument("--name", default="")
        parser.add_argument("--owner", default="", help="department or official that it belongs to")
        parser.add_argument("--mandate", choices=Mandate.values, default=Mandate.SERVICE_DESK)

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say what was done."""
        ready()
        if options["action"] == "list":
            return self.list_accounts()
        if options["action"] == "add" and options["network"]:
            return self.add(options)
        if not (options["network"] and options["handle"]):
            raise CommandError(
                "Name the network and the handle, such as: openline account add mastodon @city https://..."
            )
        if options["action"].startswith("answers-"):
            return self.let_answer(options)
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

    def let_answer(self, options: dict[str, Any]) -> None:
        """Let safe articles be sent by machine to who asks there, or no more."""
        found = Account.objects.filter(network=options["network"], handle=options["handle"]).first()
        if found is None:
            raise CommandError("There is no such account; see “openline account list”.")
        on = options["action"] == "answers-on"
        connecting.let_answer(found, on, by=getpass.getuser())
        self.stdout.write(f"{found.handle} answers {'safe questions by itself' if on else 'nothing by itself'}.")

    def add(self, options: dict[str, Any]) -> None:
        """Ask the network who the secret belongs to, and keep the account only if it answers."""
        network = options["network"]
        if network not in channels():
            raise CommandError(f"Network {network!r} is not known; there are: {', '.join(sorted(channels()))}.")
        channel = channel_for(network)
        try:
            connected = channel.connect(_values(channel, options))
        except ChannelError as error:
            raise CommandError(f"The network refuses: {error.reason} Nothing was kept.") from None
        about = connecting.About(options["name"], options["owner"], options["mandate"])
        connecting.keep(network, connected, about, by=getpass.getuser())
        self.stdout.write(f"Connected: {connected.handle} on {channel.label}. The worker hears it within seconds.")


def _values(channel: Channel, options: dict[str, Any]) -> dict[str, str]:
    """What the network asks for: named on the command line, and secrets from a prompt or standard input."""
    given = {"handle": options["handle"], "server": options["server"]}
    for pair in options["set"]:
        name, _, value = pair.partition("=")
        given[name] = value
    fields = channel.fields()
    unknown = given.keys() - {field.name for field in fields} - {"handle", "server"}
    if unknown:
        names = ", ".join(field.name for field in fields if field.kind != "secret")
        raise CommandError(f"{channel.label} does not ask for {', '.join(sorted(unknown))}; it asks for: {names}.")
    values = {field.name: given.get(field.name) or field.initial for field in fields}
    asked = [field for field in fields if not field.where[0] or values.get(field.where[0]) == field.where[1]]
    for field in asked:
        if field.kind == "secret":
            values[field.name] = _secret(field.name)
    missing = [field.name for field in asked if field.required and not values[field.name]]
    if missing:
        raise CommandError(f"Still missing: {', '.join(missing)}. Give each as --set NAME=VALUE.")
    return values


def _secret(name: str) -> str:
    """The secret from a prompt without echo, or the next line of standard input where there is no terminal.

    Nothing is an answer too: not every secret is needed by every account.
    """
    return (getpass.getpass(f"{name}: ") if sys.stdin.isatty() else sys.stdin.readline()).strip()
