"""Changing the texts with which requests are closed, and seeing which languages have none."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from openline.records import log
from openline.records.models import Kind
from openline.service_requests import languages, templates
from openline.service_requests.errors import NotPossible
from openline.service_requests.jurisdiction import public_numbers
from openline.service_requests.models import ResponseTemplate, Service
from openline.service_requests.states import CLOSING_OUTCOMES, Outcome


@transaction.atomic
def put(service: Service | None, outcome: str, language: str, text: str, *, by: User) -> ResponseTemplate | None:
    """Keep `text` for closing requests of `service` (all, if None); an empty text takes the template away.

    Raises NotPossible for an outcome or language that there is not, and for a text that `templates.check` refuses.
    """
    if outcome not in CLOSING_OUTCOMES:
        raise NotPossible(_("Choose an outcome."))
    if language not in languages.LOCALES:
        raise NotPossible(_("Choose a language."))
    key: dict[str, Any] = {"service": service, "outcome": outcome, "language": language}
    if not text.strip():
        gone, _what = ResponseTemplate.objects.filter(**key).delete()
        if gone:
            _record(by, "template removed", key)
        return None
    written = templates.check(text, public_numbers())
    kept, _new = ResponseTemplate.objects.update_or_create(**key, defaults={"text": written})
    _record(by, "template saved", key, text=kept.text)
    return kept


def _record(by: User, what: str, key: dict[str, Any], **more: str) -> None:
    service = key["service"]
    body = {
        "what": what,
        "service": service.code if isinstance(service, Service) else "",
        "outcome": str(key["outcome"]),
        "language": str(key["language"]),
        **more,
    }
    log.write([log.Entry(Kind.ADMINISTERED, by.get_username(), body=body)])


@dataclass(frozen=True, slots=True)
class Set:
    """The templates of one outcome for one service, or for all: which languages have a text, and which have none."""

    outcome: str
    service: Service | None
    texts: dict[str, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The outcome in words."""
        return str(Outcome(self.outcome).label)

    @property
    def missing(self) -> list[str]:
        """The languages without a text: their residents are told the one in the city's language."""
        return [language for language in languages.LOCALES if language not in self.texts]


def sets() -> list[Set]:
    """For each outcome the texts for all services, then those of services with their own."""
    found: dict[tuple[str, int | None], Set] = {(str(o), None): Set(str(o), None) for o in CLOSING_OUTCOMES}
    for one in ResponseTemplate.objects.select_related("service").order_by("service__name", "language"):
        key = one.outcome, one.service_id
        found.setdefault(key, Set(one.outcome, one.service)).texts[one.language] = one.text
    order = {str(outcome): position for position, outcome in enumerate(CLOSING_OUTCOMES)}
    return sorted(found.values(), key=lambda s: (order.get(s.outcome, 99), s.service.name if s.service else ""))
