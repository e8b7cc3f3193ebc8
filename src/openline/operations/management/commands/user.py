"""`openline user`: give a member of staff a login and roles."""

from __future__ import annotations

import getpass
import sys
from typing import Any

from django.contrib.auth.models import Group, User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import BaseCommand, CommandError, CommandParser

from openline.console.permissions import ROLES, create_roles
from openline.operations.common import ready
from openline.records import log
from openline.records.models import Kind
from openline.service_requests.models import Department


class Command(BaseCommand):
    """Add a user, or change the roles of one."""

    help = "Add a member of staff, or set the roles of one. The password is asked for, or read from standard input."

    def add_arguments(self, parser: CommandParser) -> None:
        """`add NAME --role ROLE [--department CODE]`."""
        parser.add_argument("action", choices=["add"])
        parser.add_argument("name")
        parser.add_argument("--email", default="")
        parser.add_argument("--role", action="append", required=True, choices=sorted(ROLES))
        parser.add_argument("--department", action="append", default=[], help="code of a department (crews)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Add or change; a user who exists keeps the password."""
        ready()
        create_roles()
        departments = list(Department.objects.filter(code__in=options["department"]))
        if unknown := set(options["department"]) - {d.code for d in departments}:
            raise CommandError(f"There is no department {', '.join(sorted(unknown))}.")
        user = User.objects.filter(username=options["name"]).first() or self.new(options)
        user.groups.set(Group.objects.filter(name__in=options["role"]))
        user.departments.set(departments)
        log.write(
            [
                log.Entry(
                    Kind.ADMINISTERED,
                    getpass.getuser(),
                    body={
                        "what": "user",
                        "name": user.username,
                        "roles": options["role"],
                        "departments": options["department"],
                    },
                )
            ]
        )
        self.stdout.write(f"{user.username}: {', '.join(sorted(options['role']))}.")

    def new(self, options: dict[str, Any]) -> User:
        """A new user with a checked password."""
        password = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        try:
            validate_password(password, User(username=options["name"], email=options["email"]))
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        return User.objects.create_user(options["name"], options["email"], password)
