"""Changing the rules: a draft that everybody works on, going live, and the versions before. One function for each.

What is in use is never edited: the first change makes a draft of it. Whoever changes the draft says which state of it
they saw (`stamp`), so that two people who work on it at once notice each other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

import orjson
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.foundation.bulk import query
from openline.records import log
from openline.records.models import Kind
from openline.service_requests.errors import Conflict, NotPossible
from openline.service_requests.models import RoutingVersion
from openline.service_requests.models.routing import RoutingState
from openline.service_requests.routing import Rules, compiled
from openline.service_requests.rules import Rule

MOST_RULES = 500
_LOCK = 3_110_013
"""The advisory lock under which versions are made and go live."""


def in_use() -> RoutingVersion | None:
    """The version that decides now; None before the first."""
    return RoutingVersion.objects.filter(state=RoutingState.LIVE).select_related("by").first()


def draft() -> RoutingVersion | None:
    """The draft on which the city works; None if nothing is being changed."""
    return RoutingVersion.objects.filter(state=RoutingState.DRAFT).select_related("by").first()


def stamp(version: RoutingVersion | None) -> str:
    """What the rules of a version are, in short: changes when they do."""
    if version is None:
        return ""
    content = orjson.dumps([version.number, version.rules], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(content).hexdigest()[:16]


@transaction.atomic
def begin(by: User) -> RoutingVersion:
    """The draft; made from what is in use if there is none."""
    _one_at_a_time()
    live = in_use()
    return draft() or _new(live.rules if live else [], by)


@transaction.atomic
def put(rule: Mapping[str, Any], by: User, seen: str) -> Rule:
    """Save a new or changed rule (known by its "id") in the draft; a new one comes last. Raises BadRule."""
    version, checked = _locked(seen), Rule.read(rule)
    if any(kept["name"] == checked.name and kept["id"] != checked.id for kept in version.rules):
        raise NotPossible(_("Another rule has this name. Requests name their rule, so choose another name."))
    plain = checked.plain()
    if checked.id:
        version.rules[_index(version, checked.id)] = plain
    elif len(version.rules) >= MOST_RULES:
        raise NotPossible(_("There are %(most)d rules already. Join some of them first.") % {"most": MOST_RULES})
    else:
        version.rules.append(plain | {"id": uuid4().hex[:8]})
    _save(version, by)
    return checked


@transaction.atomic
def move(rule_id: str, steps: int, by: User, seen: str) -> None:
    """Move a rule of the draft up (negative) or down."""
    version = _locked(seen)
    before = _index(version, rule_id)
    after = max(0, min(len(version.rules) - 1, before + steps))
    version.rules.insert(after, version.rules.pop(before))
    _save(version, by)


@transaction.atomic
def remove(rule_id: str, by: User, seen: str) -> None:
    """Take a rule out of the draft."""
    version = _locked(seen)
    version.rules.pop(_index(version, rule_id))
    _save(version, by)


@transaction.atomic
def discard(by: User, seen: str) -> None:
    """Throw the draft away: nothing changes."""
    version = _locked(seen)
    _record(by, "routing draft discarded", version)
    version.delete()


@transaction.atomic
def go_live(by: User, note: str, seen: str) -> RoutingVersion:
    """Put the draft in use, with a word why. Refused while a rule names a department that is not there."""
    _one_at_a_time()
    version = _locked(seen)
    if not note.strip():
        raise NotPossible(_("Say in a few words what changes and why."))
    return _live(version, by, note.strip()[:300])


@transaction.atomic
def bring_back(number: int, by: User) -> RoutingVersion:
    """Put an earlier version in use again, as a new one: history stays as it was. A draft stays a draft."""
    _one_at_a_time()
    old = RoutingVersion.objects.filter(number=number).exclude(state=RoutingState.DRAFT).first()
    if old is None:
        raise NotPossible(_("There is no such version."))
    if old.state == RoutingState.LIVE:
        raise NotPossible(_("This version is in use."))
    return _live(_new(old.rules, by), by, _("Version %(number)d again") % {"number": number})


def read(version: RoutingVersion | None) -> Rules:
    """The version compiled: its rules with where they send, and warnings."""
    return compiled(version.rules, version.number) if version else compiled([])


def _live(version: RoutingVersion, by: User, note: str) -> RoutingVersion:
    rules = read(version)
    known = {department.code for department in rules.staff.departments.values()}
    gone: Sequence[str] = sorted({rule.name for rule, _route in rules.rules if rule.department not in known})
    if gone or len(rules.rules) < len(version.rules):
        raise NotPossible(
            _("These rules name no department of the city: %(rules)s. Put them right first.")
            % {"rules": ", ".join(gone) or "?"}
        )
    RoutingVersion.objects.filter(state=RoutingState.LIVE).update(state=RoutingState.RETIRED)
    version.state, version.live_at, version.note, version.by = RoutingState.LIVE, timezone.now(), note, by
    version.save()
    _record(by, "routing live", version)
    return version


def _new(rules: list[Any], by: User) -> RoutingVersion:
    newest = RoutingVersion.objects.aggregate(Max("number"))["number__max"] or 0
    return RoutingVersion.objects.create(number=newest + 1, rules=rules, by=by, made_at=timezone.now())


def _locked(seen: str) -> RoutingVersion:
    """The draft, locked; Conflict if it is not what was `seen`."""
    version = RoutingVersion.objects.select_for_update().filter(state=RoutingState.DRAFT).first()
    if version is None or stamp(version) != seen:
        raise Conflict(_("Somebody else changed the draft meanwhile. Look at it as it is now, then try again."))
    return version


def _index(version: RoutingVersion, rule_id: str) -> int:
    found = [index for index, rule in enumerate(version.rules) if rule["id"] == rule_id]
    if not found:
        raise NotPossible(_("This rule is not in the draft any more."))
    return found[0]


def _save(version: RoutingVersion, by: User) -> None:
    version.by = by
    version.save(update_fields=["rules", "by"])
    _record(by, "routing draft changed", version)


def _one_at_a_time() -> None:
    query("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _record(by: User, what: str, version: RoutingVersion) -> None:
    body = {"what": what, "version": version.number, "note": version.note, "rules": len(version.rules)}
    log.write([log.Entry(Kind.ADMINISTERED, by.get_username(), body=body)])
