"""What a liaison sees of an area: lists of requests from public fields only, as pages, as a table, and for a walk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from openline.community import looking
from openline.community.models import Look
from openline.foundation.text import clean
from openline.geography import rounds
from openline.service_requests import public
from openline.service_requests.models import ServiceRequest
from openline.service_requests.states import Status

PAGE = 40
MOST_IN_TABLE = 5000
MOST_ON_PAPER = 100
UNLOOKED_FOR = timedelta(days=30)
CLOSED_SINCE = timedelta(days=14)
_MORE = ("paused_at", "scheduled_for", "service__group")


@dataclass(frozen=True, slots=True)
class View:
    """One list of the room: its name, and the column by which it is ordered, upwards unless `newest_first`."""

    key: str
    label: str | Promise
    order: str = "due_at"
    newest_first: bool = False


VIEWS = (
    View("open", _("All open, overdue first")),
    View("overdue", _("Overdue")),
    View("unanswered", _("Nobody has answered yet"), "requested_at"),
    View("waiting", _("The city waits for somebody who knows more"), "requested_at"),
    View("unlooked", _("Not looked at for long"), "requested_at"),
    View("check", _("Closed lately: please check"), "closed_at", newest_first=True),
)


def view_named(key: str) -> View:
    """The view with that key; the first one for an unknown key."""
    return next((one for one in VIEWS if one.key == key), VIEWS[0])


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which requests: those of one area in a view, perhaps of one service."""

    area: str
    view: View
    service: str = ""

    def found(self) -> QuerySet[ServiceRequest]:
        """The requests, in the order of the view."""
        found = public.requests().filter(areas__contains=[self.area])
        if self.service:
            found = found.filter(service__code=self.service)
        column = self.view.order
        return self._narrowed(found).order_by(f"-{column}" if self.view.newest_first else column, "number")

    def _narrowed(self, found: QuerySet[ServiceRequest]) -> QuerySet[ServiceRequest]:
        now, key = timezone.now(), self.view.key
        if key == "check":
            since = now - CLOSED_SINCE
            looked = Look.objects.filter(request=OuterRef("pk"), at__gt=OuterRef("closed_at"))
            done = found.filter(status__in=(Status.RESOLVED, Status.CLOSED), closed_at__gt=since, updated_at__gt=since)
            return done.filter(~Exists(looked))
        found = found.filter(closed_at=None)
        if key == "overdue":
            return found.filter(paused_at=None, due_at__lt=now)
        if key == "unanswered":
            return found.filter(status__in=(Status.RECEIVED, Status.REOPENED))
        if key == "waiting":
            return found.filter(status=Status.WAITING)
        if key == "unlooked":
            since = now - UNLOOKED_FOR
            looked = Look.objects.filter(request=OuterRef("pk"), at__gt=since)
            return found.filter(~Exists(looked), requested_at__lt=since)
        return found


def page(wanted: Wanted, after: str = "") -> tuple[list[dict[str, Any]], str]:
    """One page of public rows with what was seen there last, and the key of the next page ("" if there is none)."""
    found = wanted.found()
    if condition := _following(wanted.view, after):
        found = found.filter(condition)
    rows = _rows(found[: PAGE + 1])
    return rows[:PAGE], _key(rows[PAGE - 1], wanted.view) if len(rows) > PAGE else ""


def _rows(found: QuerySet[ServiceRequest]) -> list[dict[str, Any]]:
    """The public fields, with `late` and `look`: two queries."""
    now, rows = timezone.now(), public.rows(found, *_MORE)
    looks = looking.last_looks(row["id"] for row in rows)
    for row in rows:
        open_ = row["closed_at"] is None and row["paused_at"] is None
        row["late"] = bool(open_ and row["due_at"] and row["due_at"] < now)
        row["look"] = looks.get(row["id"])
        row["state"] = str(Status(row["status"]).label)
    return rows


def _key(row: dict[str, Any], view: View) -> str:
    at = row[view.order]
    return f"{at.isoformat() if at else ''}~{row['number']}"


def _following(view: View, key: str) -> Q | None:
    """The condition for what comes after the row with that key; None for a key that we did not make."""
    when, sign, number = clean(key, 80).replace(" ", "+").partition("~")
    if not sign:
        return None
    try:
        at = datetime.fromisoformat(when) if when else None
    except ValueError:
        return None
    if at is None:  # without a promise: they stand last
        return Q(**{view.order: None}, number__gt=number)
    if at.tzinfo is None:
        return None
    beyond = Q(**{f"{view.order}__{'lt' if view.newest_first else 'gt'}": at})
    return beyond | Q(**{view.order: at}, number__gt=number) | Q(**{view.order: None})


def counts(area: str) -> dict[str, int]:
    """How many each view has, at most 1000 of each."""
    return {view.key: Wanted(area, view).found().order_by()[:1000].count() for view in VIEWS}


HEAD = ("number", "service", "state", "place", "latitude", "longitude", "reported", "promised", "overdue", "last_look",
        "looked_on")  # fmt: skip


def table(wanted: Wanted) -> Iterable[list[Any]]:
    """The list as rows of a table under `HEAD`."""
    for row in _rows(wanted.found()[:MOST_IN_TABLE]):
        look = row["look"]
        yield [
            row["number"], row["service__name"], row["state"], row["place_name"], row["latitude"], row["longitude"],
            row["requested_at"].isoformat(timespec="seconds"),
            row["due_at"].isoformat(timespec="seconds") if row["due_at"] else "", "yes" if row["late"] else "no",
            look.get_found_display() if look else "", look.at.date().isoformat() if look else "",
        ]  # fmt: skip


def for_a_walk(wanted: Wanted) -> list[dict[str, Any]]:
    """The list in an order in which one can walk: from each place to the nearest that is left."""
    rows = _rows(wanted.found()[:MOST_ON_PAPER])
    placed = [row for row in rows if row["latitude"] is not None]
    return _nearest_next(placed) + [row for row in rows if row["latitude"] is None]


def _nearest_next(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Beginning at the southern end."""
    begin = min(rows, key=lambda row: (row["latitude"], row["longitude"]), default=None)
    stops = [row for row in rows if row is begin] + [row for row in rows if row is not begin]
    return [stops[at] for at in rounds.nearest_next([(row["longitude"], row["latitude"]) for row in stops])]
