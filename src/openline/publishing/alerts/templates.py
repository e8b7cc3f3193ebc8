"""The texts that are ready for events that will come: checked, saved with a record, put away."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from openline.publishing.alerts import texts, words
from openline.publishing.errors import NotPossible
from openline.publishing.models import AlertTemplate
from openline.records import log
from openline.records.models import Kind as RecordKind

_NAME = re.compile(r"[a-z][a-z0-9_]{0,29}")
_PLAIN = ("name", "event", "category", "urgency", "severity", "certainty", "response", "hours")


def checked(value: Mapping[str, Any]) -> dict[str, Any]:
    """`value` as the fields of an AlertTemplate. Raises NotPossible, naming the field."""
    usual = AlertTemplate()
    made = {name: value.get(name, getattr(usual, name)) for name in _PLAIN}
    for name in ("name", "event"):
        made[name] = str(made[name] or "").strip()[:200]
        if not made[name]:
            raise NotPossible(_("Give the template a name, and the event a word."), name)
    for name, known in words.FIELDS.items():
        if made[name] not in known:
            raise NotPossible(_("“%(word)s” is none of the words of CAP.") % {"word": made[name]}, name)
    if not isinstance(made["hours"], int) or not 1 <= made["hours"] <= 720:
        raise NotPossible(_("An alert lasts from 1 to 720 hours."), "hours")
    made["fields"] = [_field(one) for one in value.get("fields") or []]
    made["texts"] = _texts(value.get("texts") or {}, {one["name"] for one in made["fields"]})
    return made


def _field(one: Mapping[str, Any]) -> dict[str, str]:
    name, label = str(one.get("name", "")).strip(), str(one.get("label", "")).strip()[:200]
    if not _NAME.fullmatch(name) or name in texts.BUILT_IN or not label:
        raise NotPossible(
            _("A field has a short name in small letters, such as “reason”, and a label; %(names)s are there already.")
            % {"names": ", ".join(texts.BUILT_IN)},
            "fields",
        )
    return {"name": name, "label": label}


def _texts(given: Mapping[str, Any], fields: set[str]) -> texts.Texts:
    found = {
        str(code): {part: str(one.get(part, "")).strip() for part in texts.PARTS}
        for code, one in given.items()
        if any(str(one.get(part, "")).strip() for part in texts.PARTS)
    }
    if not found or not all(one["headline"] for one in found.values()):
        raise NotPossible(_("Write a headline in each language."), "headline")
    unknown = texts.placeholders(found) - fields - set(texts.BUILT_IN)
    if unknown:
        raise NotPossible(_("No field has the name “%(name)s”.") % {"name": sorted(unknown)[0]}, "headline")
    return found


@transaction.atomic
def save(code: str, value: Mapping[str, Any], *, by: User) -> AlertTemplate:
    """Make or change the template `code`. Raises NotPossible."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,59}", code):
        raise NotPossible(_("The short name has small letters, digits and hyphens only."), "code")
    made = checked(value)
    template, _new = AlertTemplate.objects.update_or_create(code=code, defaults=made)
    body = {"what": "alert template saved", "template": code, "content": made}
    log.write([log.Entry(RecordKind.ADMINISTERED, by.get_username(), body=body)])
    return template
