"""`openline user`: logins and roles of the staff."""

from __future__ import annotations

import getpass
import sys
from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import BaseCommand, CommandError, CommandParser

from openline.console import people
from openline.console.permissions import ROLES
from openline.operations.common import ready
from openline.service_requests.actions import NotPossible
from openline.service_requests.models import Department


class Command(BaseCommand):
    """Add a user, change roles and password, switch off who left."""

    help = "Members of staff: list, add (or set the roles of one), password, off, on. A password is asked for, or read."

    def add_arguments(self, parser: CommandParser) -> None:
        """`list`, `add NAME --role ROLE [--department CODE]`, `password NAME`, `off NAME`, `on NAME`."""
        parser.add_argument("action", choices=["list", "add", "password", "off", "on"])
        parser.add_argument("name", nargs="?", default="")
        parser.add_argument("--email", default="")
        parser.add_argument("--role", action="append", default=[], choices=sorted(ROLES))
        parser.add_argument("--department", action="append", default=[], help="code of a department (crews)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, as the person who runs the command."""
        ready()
        action, by = options["action"], getpass.getuser()
        if action == "list":
            return self.list()
        if not options["name"]:
            raise CommandError(f"Say whose account: openline user {action} NAME")
        try:
            if action == "add":
                self.add(options, by)
            else:
                self.change(action, options["name"], by)
        except NotPossible as error:
            raise CommandError(str(error)) from None

    def list(self) -> None:
        """A line for each account."""
        for user in people.everybody():
            roles = ", ".join(sorted(group.name for group in user.groups.all())) or "no role"
            own = "".join(f" {one.code}" for one in user.departments.all())
            self.stdout.write(f"{user.username}: {roles}{own}{'' if user.is_active else ' (switched off)'}")

    def add(self, options: dict[str, Any], by: str) -> None:
        """Add or change; a user who exists keeps the password."""
        if not options["role"]:
            raise CommandError(f"Say what they may do: --role {'|'.join(sorted(ROLES))}")
        departments = list(Department.objects.filter(code__in=options["department"]))
        if unknown := set(options["department"]) - {d.code for d in departments}:
            raise CommandError(f"There is no department {', '.join(sorted(unknown))}.")
        user = User.objects.filter(username=options["name"]).first() or self.new(options)
        people.set_roles(user, options["role"], departments, by=by)
        self.stdout.write(f"{user.username}: {', '.join(sorted(options['role']))}.")

    def new(self, options: dict[str, Any]) -> User:
        """A new user with a checked password."""
        return User.objects.create_user(options["name"], options["email"], _password(User(username=options["name"])))

    def change(self, action: str, name: str, by: str) -> None:
        """Another password; off; on."""
        user = User.objects.filter(username=name).first()
        if user is None:
            raise CommandError(f"There is no account {name}: see openline user list.")
        if action == "password":
            people.set_password(user, _password(user), by=by)
        elif action == "off":
            people.switch_off(user, by=by)
        else:
            people.switch_on(user, by=by)
        self.stdout.write(f"{name}: {'a new password' if action == 'password' else action}.")


def _password(user: User) -> str:
    password = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from None
    return password
