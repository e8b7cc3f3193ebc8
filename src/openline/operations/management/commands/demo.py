"""`openline demo`: everything on this machine, with a sample city; or `--once`: the main job, proved."""

from __future__ import annotations

import signal
import sys
import time
from typing import Any

import orjson
from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser

from openline.operations import throwaway
from openline.operations.common import ready
from openline.sandbox.servers import CannotStart, of_this_machine

PASSWORD = "open the line"  # noqa: S105 - of the demo's users, printed on the terminal
ROLES = ("agent", "supervisor", "crew", "communications", "official", "records", "administrator")


class Command(BaseCommand):
    """Run the demo."""

    help = "Run everything on this machine: sample city, sandbox networks, web and worker. --once proves the main job."
    requires_system_checks = ()  # they look at the code, which no start changes

    def add_arguments(self, parser: CommandParser) -> None:
        """`--once`, `--json`."""
        parser.add_argument("--once", action="store_true", help="drive the main job once and exit")
        parser.add_argument("--json", action="store_true", help="with --once: a JSON object a line for each step")
        parser.add_argument("--inside", action="store_true", help="internal: run on the present database")

    def handle(self, *args: Any, **options: Any) -> None:
        """The demo, or one run of the main job."""
        if not options["once"]:
            return self.demo()
        if not options["inside"]:
            sys.exit(throwaway.run("demo", "--once", "--inside", *(["--json"] if options["json"] else [])))
        sys.exit(0 if self.once(options["json"]) else 1)

    def once(self, as_json: bool) -> bool:
        """Drive the main job and print each step. True if every step happened."""
        from openline.operations.once import Missed, Story, stage

        def tell(conversation: str, name: str, ok: bool, facts: dict[str, Any]) -> None:
            line = {"conversation": conversation, "step": name, "ok": ok, **facts}
            words = f"{'ok ' if ok else 'NOT'} {conversation}: {name} {facts or ''}"
            self.stdout.write(orjson.dumps(line).decode() if as_json else words)
            self.stdout.flush()

        ready()
        try:
            with stage():
                return Story(tell).run()
        except (CannotStart, Missed) as error:
            tell("start", f"the servers did not start: {error}", False, {})
            return False

    def demo(self) -> None:
        """Start everything, print the address and the logins, and wait for Ctrl-C."""
        from openline.console.permissions import create_demo_users
        from openline.operations.processes import Processes, wait_for
        from openline.operations.story import tell
        from openline.sandbox.setup import connect_accounts

        signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever stops us, the children stop too
        ready()
        create_demo_users(PASSWORD)
        environment = {"OPENLINE_SANDBOX": "1"}
        try:
            with (
                of_this_machine() as servers,
                Processes(environment) as processes,
            ):
                connect_accounts(servers)
                processes.start("worker", "work")
                processes.start("web", "serve")
                if not wait_for(settings.PUBLIC_URL + "/healthz", 60, lambda: bool(processes.ended())):
                    raise CommandError(f"The {processes.ended() or 'web'} server did not start: see above.")
                tell()
                self.stdout.write(_welcome())
                self.stdout.flush()
                _wait(processes)
        except CannotStart as error:
            raise CommandError(str(error)) from None
        except KeyboardInterrupt:
            self.stdout.write("\nStopping.")


def _wait(processes: Any) -> None:
    while not (name := processes.ended()):
        time.sleep(0.5)
    raise CommandError(f"The {name} process ended: see its lines above.")


def _welcome() -> str:
    url = settings.PUBLIC_URL
    logins = "\n".join(f"    {role:<15} {PASSWORD}" for role in ROLES)
    return (
        f"\nOpenline runs.\n  What residents see   {url}/\n  Post as a resident   {url}/sandbox/\n"
        f"  The staff's console  {url}/console/\n  Open311              {url}/open311/v2/requests.json\n"
        f"  Logins (name, password):\n{logins}\nCtrl-C stops all.\n"
    )
