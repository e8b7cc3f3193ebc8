"""What the calendar of posts shows, from what its address asks for."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.utils import formats
from django.utils.translation import gettext as _

from openline.accounts.models import Account
from openline.foundation.text import clean
from openline.geography.models import Area
from openline.publishing import listing, planning, speaking
from openline.publishing.planning import Sieve
from openline.publishing.states import Kind, PostState
from openline.service_requests.jurisdiction import today
from openline.service_requests.languages import LOCALES

VIEWS = ("month", "week", "list")
FIELDS = ("account", "kind", "state", "language", "campaign", "area")


def context(asked: QueryDict) -> dict[str, Any]:
    """Everything on the page but the frame."""
    view = asked.get("view", "") if asked.get("view", "") in VIEWS else "month"
    day, sieve, paper = day_of(asked.get("day", "")), sieve_of(asked), bool(asked.get("print"))
    chosen = {name: getattr(sieve, name) for name in FIELDS}
    shown = _listed(day, sieve, asked.get("after", "")) if view == "list" else _grid(view, day, sieve, paper)
    return {
        "view": view,
        "views": [(one, label) for one, label in zip(VIEWS, (_("Month"), _("Week"), _("List")), strict=True)],
        "day": day,
        "today": today(),
        "paper": paper,
        "sieve": sieve,
        "sifted": any(chosen.values()),
        "rest": _query(chosen),
        "filters": _filters(sieve),
        "waiting": [] if paper else planning.without_time(sieve),
        **shown,
    }


def day_of(text: str) -> date:
    """The day that is asked for; today if it is none."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return today()
    return found if 2000 <= found.year < 2200 else today()


def sieve_of(asked: QueryDict) -> Sieve:
    """Which posts are asked for; what makes no sense asks for nothing."""
    given = {name: clean(asked.get(name, ""), 100) for name in FIELDS}
    try:
        given["account"] = str(UUID(given["account"]))
    except ValueError:
        given["account"] = ""
    given["kind"] = given["kind"] if given["kind"] in Kind.values else ""
    given["state"] = given["state"] if given["state"] in PostState.values else ""
    return Sieve(**given)


def _grid(view: str, day: date, sieve: Sieve, paper: bool) -> dict[str, Any]:
    """Weeks of days; the week begins as people of this language are used to."""
    begins = (formats.get_format("FIRST_DAY_OF_WEEK") - 1) % 7
    span = planning.month_of(day, begins) if view == "month" else planning.week_of(day, begins)
    most = planning.ON_PAPER if paper else planning.IN_A_MONTH if view == "month" else planning.IN_A_WEEK
    days = planning.days(*span, sieve, most)
    if view == "month":
        middle = day.replace(day=15)
        sooner, later = middle - timedelta(days=30), middle + timedelta(days=30)
        title = formats.date_format(day, "YEAR_MONTH_FORMAT")
    else:
        sooner, later = day - timedelta(days=7), day + timedelta(days=7)
        title = _("Week of %(day)s") % {"day": formats.date_format(span[0])}
    weeks = [days[n : n + 7] for n in range(0, len(days), 7)]
    return {"weeks": weeks, "weekdays": days[:7], "sooner": sooner, "later": later, "title": title}


def _listed(day: date, sieve: Sieve, after: str) -> dict[str, Any]:
    rows, following = planning.listed(sieve, day, listing.key_of(after))
    title = _("Posts from %(day)s on") % {"day": formats.date_format(day)}
    return {"rows": rows, "following": following, "title": title, "sooner": day - timedelta(days=30),
            "later": day + timedelta(days=30)}  # fmt: skip


def _query(chosen: dict[str, str]) -> str:
    query = QueryDict(mutable=True)
    query.update({name: value for name, value in chosen.items() if value})
    return query.urlencode()


def _filters(sieve: Sieve) -> list[tuple[str, str, list[tuple[str, str]], str]]:
    """Name, label, choices and what is chosen of each filter; long lists only where a city has them."""
    accounts = Account.objects.filter(network__in=speaking.public_networks()).order_by("network", "handle")
    areas = Area.objects.order_by("name").values_list("code", "name")[:300]
    found = [
        ("account", _("Account"), [(str(one.pk), f"{one.network} {one.handle}") for one in accounts]),
        ("kind", _("Kind"), [(value, str(label)) for value, label in Kind.choices]),
        ("state", _("State"), [(value, str(label)) for value, label in PostState.choices]),
        ("language", _("Language"), [(code, code) for code in LOCALES]),
        ("campaign", _("Campaign"), [(name, name) for name in planning.campaigns()]),
        ("area", _("Area"), [(code, name) for code, name in areas]),
    ]
    return [(name, label, choices, getattr(sieve, name)) for name, label, choices in found if choices]
