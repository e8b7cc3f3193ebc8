"""A routing rule in words, with the names of what it names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from openline.console.routing_form import URGENCIES, WEEKDAYS
from openline.geography.models import Area
from openline.service_requests.models import Service, Team
from openline.service_requests.routing import Route, Rules
from openline.service_requests.rules import Rule


@dataclass(frozen=True, slots=True)
class Told:
    """One rule for the list: its conditions in words, where it sends, and what is wrong with it."""

    id: str
    name: str
    conditions: list[str]
    owner: str
    warnings: list[str]


class Names:
    """The names of services, areas and teams, read once for a page."""

    def __init__(self) -> None:
        self.services = dict(Service.objects.values_list("code", "name"))
        self.areas = dict(Area.objects.values_list("code", "name"))
        self.teams = dict(Team.objects.values_list("pk", "name"))

    def told(self, rules: Rules) -> list[Told]:
        """All rules in their order."""
        return [
            Told(
                rule.id,
                rule.name,
                self._conditions(rule),
                self.owner(route, rule.person if route.person_id else ""),
                list(rules.warnings.get(rule.id, [])),
            )  # fmt: skip
            for rule, route in rules.rules
        ]

    def owner(self, route: Route, person: str = "") -> str:
        """Department, team and person of a route."""
        team = self.teams.get(route.team_id or 0, "")
        return ", ".join(part for part in (route.department.name, team, person) if part)

    def _conditions(self, rule: Rule) -> list[str]:
        words = [*_words(_("Service"), rule.services, self.services), *_words(_("Group"), rule.groups, {}),
                 *_words(_("Area"), rule.areas, self.areas)]  # fmt: skip
        words += [f"{code}: {_any(values, {})}" for code, values in sorted(rule.answers.items())]
        words += _words(_("Urgency"), rule.urgency, {key: str(name) for key, name in URGENCIES})
        words += _words(_("Reported by"), rule.sources, {})
        if rule.weekdays:
            words.append(", ".join(str(name) for day, name in WEEKDAYS if day in rule.weekdays))
        if rule.hours:
            words.append(_("from %(start)s until %(end)s") % {"start": f"{rule.hours[0]:%H:%M}",
                                                              "end": f"{rule.hours[1]:%H:%M}"})  # fmt: skip
        return words or [_("Every request")]


def _words(label: str, codes: Iterable[str], names: Mapping[str, str]) -> list[str]:
    return [f"{label}: {_any(codes, names)}"] if codes else []


def _any(codes: Iterable[str], names: Mapping[str, str]) -> str:
    return _(" or ").join(sorted(names.get(code, code) for code in codes))
