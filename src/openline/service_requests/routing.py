"""Who gets a request, and why: the rules in use in their order, else the service's department, else the fallback tray.

`in_use()` asks the database once whether anything changed since; `Rules.route` then asks nothing any more, however many
requests there are. A rule whose team or person is gone sends to its department, and says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

import structlog
from django.contrib.auth.models import User
from django.utils import timezone

from openline.foundation.bulk import query
from openline.service_requests.jurisdiction import city_zone
from openline.service_requests.models import Department, RoutingVersion, Service, ServiceRequest, Team
from openline.service_requests.models.routing import RoutingState
from openline.service_requests.rules import BadRule, Case, Rule

FALLBACK_CODE = "FALLBACK"
logger = structlog.get_logger("openline.service_requests")

# What compiled rules depend on: the version, all departments and teams, and the persons that the rules name.
_STAMP = """
SELECT v.id, v.number, v.live_at,
  (SELECT string_agg(concat_ws(':', id, code, name, fallback), ',' ORDER BY id) FROM service_requests_department),
  (SELECT string_agg(concat_ws(':', id, code, name, department_id), ',' ORDER BY id) FROM service_requests_team),
  (SELECT string_agg(concat_ws(':', id, username), ',' ORDER BY id) FROM auth_user WHERE is_active
     AND username IN (SELECT rule->>'person' FROM jsonb_array_elements(v.rules) AS rule))
FROM (SELECT 1) AS one LEFT JOIN service_requests_routingversion v ON v.state = 'live'
"""


@dataclass(frozen=True, slots=True)
class Route:
    """The owner of a request, the reason in words, and the rule that decided ("" if none did).

    `version` is that of the rules (0 before there are any); None if a person chose the owner.
    """

    department: Department
    reason: str
    team_id: int | None = None
    person_id: int | None = None
    rule: str = ""
    version: int | None = None

    @property
    def owner(self) -> tuple[int, int | None, int | None]:
        """Department, team and person, to be compared."""
        return self.department.pk, self.team_id, self.person_id


@dataclass(frozen=True, slots=True)
class Staff:
    """Departments by id, teams and persons to whom rules can send."""

    departments: Mapping[int, Department]
    teams: Mapping[str, Team]
    people: Mapping[str, int]
    fallback: Department

    @classmethod
    def load(cls, rules: Iterable[Rule]) -> Staff:
        """All departments and teams, and those persons of `rules` who are still there."""
        tray = fallback()
        people = User.objects.filter(is_active=True, username__in={rule.person for rule in rules if rule.person})
        return cls(
            Department.objects.in_bulk(),
            {team.code: team for team in Team.objects.all()},
            dict(people.values_list("username", "pk")),
            tray,
        )


@dataclass(frozen=True, slots=True)
class Rules:
    """Compiled rules: each with the route that it gives, and what is wrong with it in words."""

    rules: Sequence[tuple[Rule, Route]]
    warnings: Mapping[str, Sequence[str]]
    staff: Staff
    zone: tzinfo
    number: int = 0

    def route(self, service: Service, case: Case) -> Route:
        """Who gets the request `case`, which is about `service`. Asks nothing of the database."""
        for rule, route in self.rules:
            if rule.holds(case):
                return route
        owner = self.staff.departments.get(service.department_id or 0)
        if owner:
            return Route(owner, f"{owner.name} owns {service.name}.", version=self.number)
        reason = f"No department owns {service.name}: it waits in the fallback tray."
        return Route(self.staff.fallback, reason, version=self.number)

    def case(self, service: Service, moment: datetime | None = None, **facts: Any) -> Case:
        """The facts of a request about `service`, reported at `moment` (now, if not given)."""
        return Case(service.code, service.group, (moment or timezone.now()).astimezone(self.zone), **facts)

    def case_of(self, request: ServiceRequest) -> Case:
        """The facts of `request` as it is now."""
        return self.case(
            request.service,
            request.requested_at,
            areas=request.areas,
            answers=request.answers,
            urgency=request.urgency,
            source=request.source,
        )


def compiled(plain: Iterable[Mapping[str, Any]], number: int = 0) -> Rules:
    """The rules of a version with their targets found; a rule that cannot be read is left out with a warning."""
    read: list[Rule] = []
    warnings: dict[str, list[str]] = {}
    for raw in plain:
        try:
            read.append(Rule.read(raw))
        except BadRule as error:
            warnings.setdefault(str(raw.get("id", "")), []).append(str(error))
            logger.error("routing_rule_unreadable", rule=str(raw.get("id", "")), version=number)
    staff = Staff.load(read)
    routes = []
    for rule in read:
        route, wrong = _target(rule, staff, number)
        routes.append((rule, route))
        if wrong:
            warnings.setdefault(rule.id, []).extend(wrong)
    return Rules(routes, warnings, staff, city_zone(), number)


def _target(rule: Rule, staff: Staff, number: int) -> tuple[Route, list[str]]:
    """Where `rule` sends to, and what it names that is not there."""
    wrong = []
    department = next((d for d in staff.departments.values() if d.code == rule.department), None)
    if department is None:
        wrong.append(f"There is no department “{rule.department}”: requests wait in the fallback tray.")
    team = staff.teams.get(rule.team)
    if rule.team and (team is None or department is None or team.department_id != department.pk):
        wrong.append(f"The department has no team “{rule.team}”: requests go to the department.")
        team = None
    person = staff.people.get(rule.person)
    if rule.person and person is None:
        wrong.append(f"“{rule.person}” works here no more: requests go to the {'team' if team else 'department'}.")
    owner = department or staff.fallback
    named = owner.name + (f", {team.name}" if team else "") + (f", {rule.person}" if person else "")
    reason = " ".join([f"Rule “{rule.name}” (routing {number}): {named}.", *wrong])
    route = Route(owner, reason[:300], team.pk if team else None, person, rule.name, number)
    return route, wrong


_known: tuple[object, Rules] | None = None


def in_use() -> Rules:
    """The rules in use; compiled anew in this process when they, a department, a team or a named person changed."""
    global _known
    stamp = (city_zone(), *query(_STAMP))
    if _known and _known[0] == stamp:
        return _known[1]
    fallback()  # made now, if it is missing, so that the stamp below knows it
    stamp = (city_zone(), *query(_STAMP))
    live = RoutingVersion.objects.filter(state=RoutingState.LIVE).first()
    rules = compiled(live.rules, live.number) if live else compiled([])
    _known = (stamp, rules)
    return rules


def route(service: Service, moment: datetime | None = None, **facts: Any) -> Route:
    """Who gets one request about `service`; `facts` are those of a `Case`. For many, use `in_use()` once."""
    rules = in_use()
    return rules.route(service, rules.case(service, moment, **facts))


def fallback() -> Department:
    """The department that takes what nobody owns; made if the city's files name none."""
    found = Department.objects.filter(fallback=True).first()
    if found:
        return found
    return Department.objects.get_or_create(code=FALLBACK_CODE, defaults={"name": "Contact centre", "fallback": True})[
        0
    ]
