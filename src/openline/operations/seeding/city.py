"""What made-up requests are made of: the city's services by their share, their owners and promises, and places."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import accumulate
from pathlib import Path

import orjson

from openline import cities
from openline.care.understanding import gazetteer
from openline.geography.finder import geocode
from openline.service_requests import routing
from openline.service_requests.deadlines import calendar_of, due_at, first_answer_due_at
from openline.service_requests.models import Service
from openline.service_requests.rules import Case

PLACES = 20_000
_MIX = Path(cities.__file__).parent / "philadelphia" / "mix.csv"
_USUAL_DAYS = 12.0
_SEASONS = {
    "Snow and ice": (4, 4, 2, 0.2, 0.01, 0.01, 0.01, 0.01, 0.01, 0.05, 0.5, 3),
    "Trees, parks and recreation": (0.5, 0.5, 0.8, 1.1, 1.4, 1.6, 1.6, 1.5, 1.2, 0.9, 0.6, 0.5),
}
"""How much more or less is reported in each month; everything else is a little more in summer."""
_USUAL_SEASON = (0.85, 0.85, 0.95, 1, 1.08, 1.15, 1.15, 1.12, 1.05, 1, 0.9, 0.8)


@dataclass(slots=True)
class Kind:
    """A service as requests of it are made: owner, words, and promises that are worked out once a day or hour."""

    service: Service
    share: float
    texts: list[str]
    owner: routing.Route
    days: float
    _due: dict[object, datetime | None] = field(default_factory=dict)
    _first: dict[object, datetime | None] = field(default_factory=dict)

    @property
    def months(self) -> tuple[float, ...]:
        """The share of each month, around 1."""
        return _SEASONS.get(self.service.group, _USUAL_SEASON)

    def promised(self, at: datetime) -> tuple[datetime | None, datetime | None]:
        """By when a person answers first, and by when it is fixed, to the hour."""
        hour = at.replace(minute=0, second=0, microsecond=0)
        key: date | datetime = hour if self.service.promise_unit == "hours" else hour.date()
        calendar = calendar_of(self.service)
        return (
            _known(self._first, hour, lambda: first_answer_due_at(self.service, hour, calendar)),
            _known(self._due, key, lambda: due_at(self.service, at, calendar)),
        )


def _known(made: dict[object, datetime | None], key: object, make: Callable[[], datetime | None]) -> datetime | None:
    if key not in made:
        made[key] = make()
    return made[key]


@dataclass(frozen=True, slots=True)
class Spot:
    """A place: name, kind and areas as they are kept."""

    kind: str
    name: str
    lat: float
    lon: float
    precision_m: float
    areas: str


def kinds() -> list[Kind]:
    """All services under which a request can be filed; the share of one that the city's mix does not name is small."""
    with _MIX.open(newline="") as file:
        shares = {row["code"]: float(row["share"]) for row in csv.DictReader(file)}
    rules = routing.in_use()
    least = min(shares.values())
    found = Service.objects.filter(active=True, kind="request").select_related("department").order_by("code")
    return [_kind(one, shares.get(one.code, least), rules) for one in found]


def _kind(service: Service, share: float, rules: routing.Rules) -> Kind:
    owner = rules.route(service, Case(service.code, service.group, datetime(2026, 1, 5, 10)))
    factor = {"hours": 1 / 8, "calendar": 1.0}.get(service.promise_unit, 1.4)
    days = (service.promise_days or 0) * factor * 0.55 or _USUAL_DAYS
    return Kind(service, share, [str(text) for text in service.examples] or [service.name], owner, days)


def spots(dice: random.Random, count: int = PLACES) -> tuple[list[Spot], list[float]]:
    """Places all over the city, four of five addresses, the others corners, with sums of weights to choose by.

    A few places are reported again and again. Raises LookupError before a city with streets is loaded.
    """
    streets = gazetteer()
    if streets is None:
        raise LookupError
    names = streets.table.sample(count * 4 // 5)
    for street in dice.choices(range(len(streets.streets)), k=count):
        if crossing := streets.streets_at(street):
            names.append(f"{streets.streets[street].display} & {streets.streets[dice.choice(crossing)].display}")
    found = []
    for name in names[:count]:
        place = geocode(streets, name)
        if place and place.lat is not None and place.lon is not None and place.kind not in ("street", "area"):
            areas = orjson.dumps(list(place.areas)).decode()
            found.append(Spot(place.kind, place.name, place.lat, place.lon, place.precision_m or 30.0, areas))
    return found, list(accumulate(dice.paretovariate(1.3) for _ in found))


def days_until(last: date, years: float) -> list[date]:
    """The days of so many years, up to `last`."""
    count = round(years * 365)
    return [last - timedelta(days=count - 1 - n) for n in range(count)]
