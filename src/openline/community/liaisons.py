"""Liaisons: appointing them, ending it, and the one rule of whether an appointment is in force.

It ends by itself after its last day: nothing has to run for that, because every right asks `in_force`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.community import living
from openline.community.models import Liaison, Member
from openline.foundation.text import clean
from openline.geography.models import Area
from openline.records import log
from openline.records.models import Kind
from openline.service_requests.errors import NotPossible
from openline.service_requests.jurisdiction import today

REMIND_BEFORE = timedelta(days=30)


def in_force(day: date) -> QuerySet[Liaison]:
    """The appointments that hold on `day`: the only place that decides it."""
    return _lasting(day).filter(since__lte=day)


def _lasting(day: date) -> QuerySet[Liaison]:
    """Those that hold on `day` or will begin after it."""
    lasts = Q(until=None) | Q(until__gte=day)
    return Liaison.objects.filter(lasts, ended_at=None, member__left_at=None)


def areas_of(member: Member | None) -> frozenset[str]:
    """Codes of the areas for which the member is a liaison today; none for nobody."""
    if member is None:
        return frozenset()
    return frozenset(in_force(today()).filter(member=member).values_list("area", flat=True))


def of_area(code: str) -> list[Member]:
    """The liaisons of an area today, by name."""
    return list(Member.objects.filter(appointments__in=in_force(today()).filter(area=code)).order_by("name"))


def appointment(member: Member | None, areas: Iterable[str]) -> Liaison | None:
    """The appointment by which the member may act today in one of `areas`; None if there is none."""
    if member is None:
        return None
    return in_force(today()).filter(member=member, area__in=list(areas)).order_by("since").first()


def needed(member: Member | None, areas: Iterable[str]) -> Liaison:
    """The same; raises NotPossible for who has no right there."""
    found = appointment(member, areas)
    if found is None:
        raise NotPossible(_("Only a liaison of this neighborhood can do that."))
    return found


class Terms(NamedTuple):
    """For what, from when and until when somebody is appointed, and what the training was for."""

    area: str
    since: date
    until: date | None = None
    trained_for: str = ""
    trained_until: date | None = None


@transaction.atomic
def appoint(member: Member, terms: Terms, *, by: User) -> Liaison:
    """Appoint a member. Raises NotPossible, saying what is wrong."""
    member = Member.objects.select_for_update().get(pk=member.pk)
    if member.left_at:
        raise NotPossible(_("This member has left."))
    _check(terms)
    open_ = Liaison.objects.filter(member=member, area=terms.area, ended_at=None).first()
    if open_ and (open_.until is None or open_.until >= today()):
        raise NotPossible(_("%(name)s is appointed there already. Change that appointment.") % {"name": member.name})
    if open_:  # it ended by its last day; the row is closed, so that a new one can begin
        _close(open_, None, _("The last day has passed."))
    liaison = Liaison.objects.create(member=member, appointed_by=by, **terms._asdict())
    _record(liaison, by, "liaison appointed")
    return liaison


@transaction.atomic
def change(pk: UUID, terms: Terms, *, by: User) -> Liaison:
    """Change the days and the training of an appointment that has not ended; who and where stay."""
    liaison = _open(pk)
    _check(terms._replace(area=liaison.area))
    if terms.until != liaison.until:
        liaison.reminded_at = None
    for name in ("since", "until", "trained_for", "trained_until"):
        setattr(liaison, name, getattr(terms, name))
    liaison.save()
    _record(liaison, by, "liaison changed")
    return liaison


@transaction.atomic
def end(pk: UUID, why: str, *, by: User) -> Liaison:
    """End an appointment at once, with the reason."""
    why = clean(why, 300)
    if not why:
        raise NotPossible(_("Say why the appointment ends."))
    liaison = _open(pk)
    _close(liaison, by, why)
    _record(liaison, by, "liaison ended", why=why)
    return liaison


def _open(pk: UUID) -> Liaison:
    liaison = Liaison.objects.select_for_update(of=("self",)).select_related("member").get(pk=pk)
    if liaison.ended_at:
        raise NotPossible(_("This appointment has ended already."))
    return liaison


def _close(liaison: Liaison, by: User | None, why: str) -> None:
    liaison.ended_at, liaison.ended_by, liaison.why_ended = timezone.now(), by, why
    liaison.save(update_fields=["ended_at", "ended_by", "why_ended"])


def _check(terms: Terms) -> None:
    if not Area.objects.filter(code=terms.area, kind=living.KIND).exists():
        raise NotPossible(_("Choose a neighborhood."))
    if terms.until and terms.until < terms.since:
        raise NotPossible(_("The last day lies before the first."))


def _record(liaison: Liaison, by: User, what: str, **more: str) -> None:
    days = {name: str(getattr(liaison, name) or "") for name in ("since", "until", "trained_for", "trained_until")}
    body = {"what": what, "member": liaison.member_id, "area": liaison.area, **days, **more}
    log.write([log.Entry(Kind.ADMINISTERED, by.get_username(), body=body)])


class Row(NamedTuple):
    """An appointment in the list, with what needs attention."""

    liaison: Liaison
    area: str
    begins_later: bool
    ends_soon: bool
    training_over: bool


def listed() -> list[Row]:
    """All appointments that hold or will hold, by area: two queries."""
    day, names = today(), living.names()
    found = _lasting(day).select_related("member", "appointed_by")
    rows = [
        Row(
            one,
            names.get(one.area, one.area),
            one.since > day,
            bool(one.until and one.until - day <= REMIND_BEFORE),
            bool(one.trained_until and one.trained_until < day),
        )
        for one in found
    ]
    return sorted(rows, key=lambda row: (row.area, row.liaison.member.name))


def ended(most: int = 50) -> list[tuple[Liaison, str]]:
    """The appointments that ended last, by hand or by their last day, with the names of their areas."""
    names, over = living.names(), Q(ended_at__isnull=False) | Q(until__lt=today()) | Q(member__left_at__isnull=False)
    found = Liaison.objects.filter(over).select_related("member", "ended_by").order_by("-since", "-id")
    return [(one, names.get(one.area, one.area)) for one in found[:most]]


def without() -> list[str]:
    """The names of the areas for which nobody speaks today."""
    taken = set(in_force(today()).values_list("area", flat=True))
    return [name for code, name in living.names().items() if code not in taken]


def found_by_name(text: str, most: int = 20) -> list[Member]:
    """Members whose public name has `text` in it."""
    text = clean(text, 60)
    found = Member.objects.filter(left_at=None, name__icontains=text).order_by("name", "joined_at")
    return list(found[:most]) if text else []
