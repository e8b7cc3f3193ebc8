"""Alerts that are over, newest first, paged by key. Exercises are not shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db.models import Prefetch, Q
from django.utils import timezone

from openline.foundation.keyset import after
from openline.publishing.alerts.current import Shown, in_language
from openline.publishing.models import Alert, AlertEdition

PAGE = 20


@dataclass(frozen=True, slots=True)
class Past:
    """An alert that is over, with the words that it began with."""

    began_at: datetime
    ended_at: datetime
    said: Shown


def is_over(alert: Alert) -> bool:
    """True once it was ended or its time is over."""
    return alert.ended_at is not None or alert.expires_at <= timezone.now()


def earlier(key: str, language: str) -> tuple[list[Past], str]:
    """A page of alerts after `key` ("" for the first), and the key of the next page ("" if there is none)."""
    over = Q(ended_at__isnull=False) | Q(expires_at__lte=timezone.now())
    found = Alert.objects.filter(over, drill=False).order_by("-began_at", "-id")
    if read := _read(key):
        found = found.filter(after(("began_at", "id"), read))
    first = Prefetch("editions", AlertEdition.objects.filter(number=1), to_attr="first")
    alerts = list(found.prefetch_related(first)[: PAGE + 1])
    past = [_past(alert, language) for alert in alerts[:PAGE] if alert.first]
    return past, _key(alerts[PAGE - 1]) if len(alerts) > PAGE else ""


def _past(alert: Alert, language: str) -> Past:
    said = in_language(alert.first[0], language)  # type: ignore[attr-defined]
    return Past(alert.began_at, alert.ended_at or alert.expires_at, said)


def _key(alert: Alert) -> str:
    return f"{int(alert.began_at.timestamp() * 1_000_000)}.{alert.pk.hex}"


def _read(text: str) -> tuple[datetime, UUID] | None:
    try:
        moment, pk = text.split(".")
        return datetime.fromtimestamp(int(moment) / 1_000_000, UTC), UUID(pk)
    except (ValueError, OverflowError, OSError):
        return None
