"""An alert goes out, is updated and ends: each time an edition, a post on every account, and the public pages.

Whoever may issue alerts needs nobody's approval, and no pause holds them. Late, an alert would be wrong: what could not
go out within a quarter of an hour, or before the alert's end, does not go out at all (`states.LATEST`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.publishing.alerts import current, spreading, texts, words
from openline.publishing.alerts.places import Where
from openline.publishing.errors import Conflict, NotPossible
from openline.publishing.models import Alert, AlertEdition, AlertTemplate
from openline.records import log
from openline.records.models import Kind as RecordKind

Target = tuple[UUID, str]
"""An account, and the language in which it says the alert."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person fills in. `texts` may have placeholders, `values` what stands for them."""

    texts: texts.Texts
    where: Where
    expires_at: datetime
    event: str
    category: str = "Safety"
    urgency: str = "Expected"
    severity: str = "Moderate"
    certainty: str = "Likely"
    response: str = "Monitor"
    onset: datetime | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    targets: tuple[Target, ...] = ()
    template: AlertTemplate | None = None
    drill: bool = False
    drill_everywhere: bool = False


def filled(draft: Draft, mark: Mapping[str, str] | None = None) -> texts.Texts:
    """The words as they are said: placeholders filled, exercises and updates marked. Raises NotPossible."""
    now = timezone.now()
    values = {"place": draft.where.words, **draft.values}
    found = texts.fill(draft.texts, values, draft.onset or now, draft.expires_at)
    return texts.marked(found, ([words.EXERCISE] if draft.drill else []) + ([mark] if mark else []))


def check(draft: Draft) -> None:
    """Raises NotPossible, naming the field."""
    for name, known in words.FIELDS.items():
        if getattr(draft, name) not in known:
            raise NotPossible(_("Choose one of the words of the list."), name)
    if not draft.texts:
        raise NotPossible(_("Write the alert in at least one language."), "headline")
    if draft.expires_at <= timezone.now():
        raise NotPossible(_("Choose an end that is still to come."), "expires_at")
    if draft.onset and draft.onset >= draft.expires_at:
        raise NotPossible(_("It has to begin before it ends."), "onset")
    if not draft.event.strip():
        raise NotPossible(_("Say in a word what it is about."), "event")


@transaction.atomic
def issue(draft: Draft, *, by: User) -> Alert:
    """Send an alert to all its accounts and show it on the public pages, at once. Raises NotPossible."""
    check(draft)
    said, now = filled(draft), timezone.now()
    alert = Alert.objects.create(
        template=draft.template, event=draft.event.strip()[:200], category=draft.category, began_at=now, began_by=by,
        expires_at=draft.expires_at, drill=draft.drill,
    )  # fmt: skip
    edition = _edition(alert, draft, said, by, 1, "Alert")
    targets = draft.targets if not draft.drill or draft.drill_everywhere else spreading.rehearsal(draft.targets)
    spreading.first(edition, targets, by=by)
    _record(alert, edition, by, "alert issued", accounts=[str(account) for account, _language in targets])
    return alert


@transaction.atomic
def update(alert_id: UUID, draft: Draft, *, by: User, seen: int) -> AlertEdition:
    """Say something new everywhere: posts are edited where the network can, else answered by a new one."""
    alert, newest = _open(alert_id, seen)
    check(draft)
    edition = _edition(alert, draft, filled(draft, words.UPDATE), by, newest.number + 1, "Update")
    alert.expires_at, alert.event, alert.category = draft.expires_at, draft.event.strip()[:200], draft.category
    alert.save(update_fields=["expires_at", "event", "category"])
    _record(alert, edition, by, "alert updated", **spreading.again(edition, by=by))
    return edition


@transaction.atomic
def end(alert_id: UUID, *, by: User, seen: int, final: Mapping[str, str] | None = None) -> AlertEdition:
    """End an alert by hand: the banner goes, programs get a Cancel, accounts get the `final` words if there are any.

    `final` is a text by language; a language without one gets the first.
    """
    alert, newest = _open(alert_id, seen)
    now, given = timezone.now(), {code: text.strip() for code, text in (final or {}).items() if text.strip()}
    plain = {code: one["headline"] for code, one in texts.unmarked(newest.texts).items()}
    first = next(iter(given.values()), "")
    ended = {code: {"headline": plain[code], "text": given.get(code, first), "instruction": ""} for code in plain}
    marks = ([words.EXERCISE] if alert.drill else []) + [words.ENDED]
    edition = AlertEdition.objects.create(
        alert=alert, number=newest.number + 1, message_type="Cancel", texts=texts.marked(ended, marks),
        urgency="Past", severity=newest.severity, certainty=newest.certainty, response="AllClear", area=newest.area,
        areas=newest.areas, polygon=newest.polygon, onset=newest.onset, expires_at=max(now, newest.expires_at), by=by,
        at=now,
    )  # fmt: skip
    alert.ended_at = now
    alert.save(update_fields=["ended_at"])
    done = spreading.again(edition, by=by) if given else {"withdrawn": spreading.silence(alert)}
    _record(alert, edition, by, "alert ended", **done)
    return edition


@transaction.atomic
def expire() -> int:
    """Note the end of alerts whose time is over; what of them did not go out yet does not any more."""
    over = Alert.objects.select_for_update(skip_locked=True).filter(ended_at=None, expires_at__lte=timezone.now())
    count = 0
    for alert in over:
        alert.ended_at = alert.expires_at
        alert.save(update_fields=["ended_at"])
        withdrawn = spreading.silence(alert)
        body = {"what": "alert expired", "alert": alert.pk, "withdrawn": withdrawn}
        log.write([log.Entry(RecordKind.ADMINISTERED, "openline", body=body)])
        count += 1
    if count:
        current.forget()
    return count


def _open(alert_id: UUID, seen: int) -> tuple[Alert, AlertEdition]:
    alert = Alert.objects.select_for_update(of=("self",)).filter(pk=alert_id).first()
    if alert is None or alert.ended_at or alert.expires_at <= timezone.now():
        raise NotPossible(_("This alert is over: issue a new one."))
    newest = alert.editions.order_by("-number")[0]
    if newest.number != seen:
        raise Conflict(_("Somebody else has changed this alert meanwhile. Load the page again."))
    return alert, newest


def _edition(alert: Alert, draft: Draft, said: texts.Texts, by: User, number: int, kind: str) -> AlertEdition:
    return AlertEdition.objects.create(
        alert=alert, number=number, message_type=kind, texts=said, values=dict(draft.values), urgency=draft.urgency,
        severity=draft.severity, certainty=draft.certainty, response=draft.response, area=draft.where.words,
        areas=list(draft.where.areas), polygon=draft.where.polygon, onset=draft.onset, expires_at=draft.expires_at,
        by=by, at=timezone.now(),
    )  # fmt: skip


def _record(alert: Alert, edition: AlertEdition, by: User, what: str, **facts: object) -> None:
    current.forget()
    body = {"what": what, "alert": alert.pk, "edition": edition.number, "drill": alert.drill, "texts": edition.texts}
    log.write([log.Entry(RecordKind.ADMINISTERED, by.get_username(), body=body | facts)])
