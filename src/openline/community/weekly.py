"""The week of a neighborhood, by mail to its liaisons who want mails: how much of each list there is."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from openline.community import liaisons, living, room, telling
from openline.community.models import Liaison
from openline.service_requests.jurisdiction import today


def send() -> int:
    """Tell each liaison once a week, for each of their areas; how many mails there are."""
    day = today()
    year, week, _day = day.isocalendar()
    return sum(_tell(one, f"{year}-{week}") for one in _wanted())


def _wanted() -> Iterable[Liaison]:
    return liaisons.in_force(today()).filter(member__digest=True).select_related("member").order_by("area", "pk")


def _tell(one: Liaison, week: str) -> int:
    counted = room.counts(one.area)
    if not any(counted.values()):
        return 0
    return telling.tell([one.member], f"week:{week}:{one.area}", lambda: _words(one, counted))


def _words(one: Liaison, counted: dict[str, int]) -> tuple[str, list[str]]:
    facts = {
        "area": living.name_of(one.area) or one.area,
        "link": telling.address(f"/liaison/?area={one.area}"),
    }
    lines = [f"{view.label}: {counted[view.key]}" for view in room.VIEWS if counted[view.key]]
    return _("%(area)s this week") % facts, ["\n".join(lines), _("All of it is in your room: %(link)s") % facts]
