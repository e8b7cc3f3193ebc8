"""The alerts that hold now, for every public page: one query every few seconds in each process."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from openline.publishing.alerts.words import ORDER
from openline.publishing.models import AlertEdition

SECONDS = 5.0
"""A new alert stands on every page at most so much later."""
_cached: tuple[float, list[AlertEdition]] | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """An alert in one language; `lang` is the language that it has."""

    id: UUID
    edition: UUID
    severity: str
    headline: str
    text: str
    instruction: str
    area: str
    lang: str
    expires_at: datetime
    at: datetime


def showing(language: str) -> list[Shown]:
    """The alerts that hold, the most severe first, then the newest. Exercises are not among them."""
    return [in_language(one, language) for one in held()]


def held() -> list[AlertEdition]:
    """The newest edition of each that holds, kept for some seconds."""
    now = timezone.now()
    return [one for one in _editions() if one.expires_at > now]


def in_language(edition: AlertEdition, language: str) -> Shown:
    """What an edition says in `language`, or in its first one."""
    code = language.split("-")[0]
    lang = code if code in edition.texts else next(iter(edition.texts))
    said = edition.texts[lang]
    return Shown(
        edition.alert_id, edition.pk, edition.severity, said["headline"], said.get("text", ""),
        said.get("instruction", ""), edition.area, lang, edition.expires_at, edition.at,
    )  # fmt: skip


def editions() -> list[AlertEdition]:
    """The newest edition of each alert that holds, from the database."""
    open_now = AlertEdition.objects.filter(
        alert__ended_at=None, alert__expires_at__gt=timezone.now(), alert__drill=False
    )
    newest = open_now.select_related("alert").order_by("alert_id", "-number").distinct("alert_id")
    return sorted(newest, key=lambda one: (ORDER[one.severity], -one.at.timestamp()))


def _editions() -> list[AlertEdition]:
    global _cached
    if _cached is None or time.monotonic() - _cached[0] > SECONDS:
        _cached = (time.monotonic(), editions())
    return _cached[1]


def forget() -> None:
    """Read anew at the next use, once the caller's transaction is over."""
    transaction.on_commit(forget_now)


def forget_now() -> None:
    """Read anew at the next use."""
    global _cached
    _cached = None
