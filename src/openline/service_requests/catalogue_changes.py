"""Changing the catalogue: what a change does (the dry run), saving it as a version, and bringing one back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, Max
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.foundation.bulk import query
from openline.records import log
from openline.records.models import Kind
from openline.service_requests import catalogue
from openline.service_requests.catalogue import FIELDS, Content, Plain
from openline.service_requests.catalogue_checks import problems
from openline.service_requests.errors import Conflict, NotPossible
from openline.service_requests.models import (
    CatalogueVersion,
    Department,
    RoutingVersion,
    Service,
    ServiceAttribute,
    ServiceRequest,
)

_LOCK = 3_110_012
"""The advisory lock under which the catalogue is saved."""
_HEARD = {"name", "description", "keywords", "examples", "kind", "active", "emergency_phone"}
"""What the reader of posts knows of a service."""


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one service: "added", "changed", "retired" or "returned", and each field before and after."""

    code: str
    name: str
    what: str
    fields: list[dict[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Effects:
    """What a change would do. `open_requests` by code; `rules` name a service that would be retired."""

    changes: Sequence[Change]
    open_requests: Mapping[str, int]
    owners: Sequence[tuple[str, str, str]]
    rules: Sequence[str]
    heard: bool

    @property
    def concerned(self) -> list[tuple[Change, int]]:
        """Each change with the number of open requests of its service."""
        return [(change, self.open_requests.get(change.code, 0)) for change in self.changes]


class Invalid(NotPossible):
    """Services that cannot be saved: `problems` by code and field."""

    def __init__(self, found: Mapping[str, Mapping[str, str]]) -> None:
        code, wrong = next(iter(found.items()))
        name, text = next(iter(wrong.items()))
        super().__init__(f"{code}, {name}: {text}")
        self.problems = found


def differences(before: Content, after: Content) -> list[Change]:
    """What changes from one content to another; a service that `after` leaves out stays as it is."""
    return [change for code in after if (change := _change(before.get(code), after[code]))]


def _change(old: Plain | None, new: Plain) -> Change | None:
    if old is None:
        return Change(new["code"], new["name"], "added")
    fields = [
        {"field": name, "before": in_words(old[name]), "after": in_words(new[name])}
        for name in FIELDS
        if old[name] != new[name]
    ]
    fields += _questions(old["attributes"], new["attributes"])
    if not fields:
        return None
    what = "changed" if old["active"] == new["active"] else "returned" if new["active"] else "retired"
    return Change(new["code"], new["name"], what, fields)


def _questions(old: list[Plain], new: list[Plain]) -> list[dict[str, str]]:
    before, after = ({question["code"]: question for question in questions} for questions in (old, new))
    codes = list(dict.fromkeys([*before, *after]))
    return [
        {"field": f"question {code}", "before": _question(before.get(code)), "after": _question(after.get(code))}
        for code in codes
        if before.get(code) != after.get(code)
    ]


def _question(question: Plain | None) -> str:
    """A question in one line, with all that is not as usual."""
    if question is None:
        return ""
    usual = catalogue.QUESTION_FIELDS
    rest = [f"{k}: {in_words(v)}" for k, v in question.items() if k not in ("code", "question") and v != usual[k]]
    return f"{question['question']} ({'; '.join(rest)})"


def in_words(value: Any) -> str:
    """A value as the list of differences shows it."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(_value(item) if isinstance(item, dict) else str(item) for item in value)
    return "" if value is None else str(value)


def _value(item: dict[str, Any]) -> str:
    return f"{item.get('key')} = {item.get('name')}" + (f" [{item['stop']}]" if item.get("stop") else "")


def effects(after: Content, before: Content | None = None) -> Effects:
    """The dry run: what saving `after` would do. Changes nothing."""
    old = catalogue.content() if before is None else before
    changes = differences(old, after)
    codes = [change.code for change in changes]
    counted = ServiceRequest.objects.filter(service__code__in=codes, closed_at=None).values_list("service__code")
    retired = {change.code for change in changes if change.what == "retired"}
    return Effects(
        changes,
        dict(counted.annotate(Count("id")).order_by()),
        [(c.name, f["before"], f["after"]) for c in changes for f in c.fields if f["field"] == "department"],
        _rules_about(retired) if retired else [],
        any(c.what == "added" or any(f["field"] in _HEARD for f in c.fields) for c in changes),
    )


def _rules_about(codes: set[str]) -> list[str]:
    """The routing rules in use that name one of these services."""
    live = RoutingVersion.objects.filter(state="live").first()
    return [rule["name"] for rule in (live.rules if live else []) if codes & set(rule.get("services", []))]


@transaction.atomic
def save(
    after: Content, *, by: User | None, why: str, seen: Mapping[str, str] | None = None
) -> CatalogueVersion | None:
    """Save the services in `after` and keep the whole as a version; None if nothing changes.

    `seen`: the stamp of each service that a person saw before; Conflict if one is another now. Raises Invalid.
    """
    query("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    before = catalogue.content()
    for code, stamp in (seen or {}).items():
        if catalogue.stamp(before.get(code)) != stamp:
            raise Conflict(_("Somebody else changed this service meanwhile. Look at the change, then try again."))
    changes = differences(before, after)
    if not changes:
        return None
    departments = {department.code: department for department in Department.objects.all()}
    wrong = {c.code: found for c in changes if c.what != "retired" and (found := problems(after[c.code], departments))}
    if wrong:
        raise Invalid(wrong)
    if before and not CatalogueVersion.objects.exists():
        _keep(before, [], None, _("As it was before the first change"))
    for change in changes:
        _write(after[change.code], departments)
    return _keep(catalogue.content(), changes, by, why)


def _write(service: Plain, departments: Mapping[str, Department]) -> None:
    facts = {name: service[name] for name in FIELDS if name not in ("code", "department")}
    facts["department"] = departments.get(service["department"])
    row, _made = Service.objects.update_or_create(code=service["code"], defaults=facts)
    row.attributes.exclude(code__in=[question["code"] for question in service["attributes"]]).delete()
    for question in service["attributes"]:
        facts = {name: question[name] for name in catalogue.QUESTION_FIELDS if name != "code"}
        ServiceAttribute.objects.update_or_create(service=row, code=question["code"], defaults=facts)


def _keep(whole: Content, changes: Sequence[Change], by: User | None, why: str) -> CatalogueVersion:
    number = (CatalogueVersion.objects.aggregate(Max("number"))["number__max"] or 0) + 1
    version = CatalogueVersion.objects.create(
        number=number,
        at=timezone.now(),
        by=by,
        why=why[:300],
        content=list(whole.values()),
        changes=[asdict(change) for change in changes],
    )
    body = {"what": "catalogue saved", "version": number, "why": why, "changed": [change.code for change in changes]}
    log.write([log.Entry(Kind.ADMINISTERED, by.get_username() if by else "openline", body=body)])
    return version


def retiring(after: Content, before: Content) -> Content:
    """`after`, and every other service of `before` as retired: nothing that has requests is ever deleted."""
    rest = {code: service | {"active": False} for code, service in before.items() if code not in after}
    return {**after, **rest}


def as_in(version: CatalogueVersion, before: Content) -> Content:
    """What bringing `version` back would save: its services as they were, all newer ones retired."""
    after = {service["code"]: catalogue.whole(service) for service in version.content}
    return retiring(after, before)


def renamed(before: Content, group: str, name: str) -> Content:
    """What renaming a group would save."""
    if not name.strip():
        raise NotPossible(_("Give the group a name."))
    return {code: s | {"group": name.strip()} for code, s in before.items() if s["group"] == group}
