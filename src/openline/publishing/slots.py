"""Good times to post: the city's own best hours, less what is planned already, in no quiet hour and on no holiday.

Where the city has no history yet, hours that are usual on a network count (`USUAL`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from openline.accounts.models import Account
from openline.publishing import results
from openline.publishing.models import Variant
from openline.publishing.states import VariantState
from openline.service_requests.calendars import calendars
from openline.service_requests.jurisdiction import city_zone

QUIET_FROM, QUIET_TO = time(21), time(7)
"""Nothing but alerts is proposed from 9 pm to 7 am."""
DISTANCE = timedelta(hours=2)
"""Two posts of one account are at least so far apart."""
AHEAD = timedelta(days=14)
STEP = timedelta(minutes=30)
Hours = Mapping[tuple[int, int], float]
"""How good an hour is, from 0 to 1, by weekday (0 is Monday) and hour of the city's clock."""

_WORKDAYS = range(5)
USUAL: dict[str, tuple[range, tuple[int, ...]]] = {
    # Published studies (Sprout Social, Hootsuite and Buffer, "Best times to post", each year) agree on working days,
    # the morning and noon; none knows this city's residents, so its own history counts as soon as there is some.
    "bluesky": (_WORKDAYS, (9, 10, 8, 12)),
    "mastodon": (_WORKDAYS, (9, 12, 17, 10)),
    "nostr": (_WORKDAYS, (9, 12, 18)),
    "wordpress": (_WORKDAYS, (9, 10, 11)),
    "": (_WORKDAYS, (9, 12, 10, 17)),
}
"""Where nothing is known of an account: weekdays, and hours of the city's clock, the best first."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A free time, how good it is (0 to 1), and why in words."""

    at: datetime
    score: float
    why: str


def best(account: Account, count: int = 5, after: datetime | None = None) -> list[Slot]:
    """The best free times of `account` within two weeks, the best first."""
    found = sorted(_free([account], after), key=lambda slot: (-slot.score, slot.at))
    chosen: list[Slot] = []
    for slot in found:
        if all(abs(slot.at - other.at) >= DISTANCE for other in chosen):
            chosen.append(slot)
        if len(chosen) == count:
            break
    return chosen


def next_free(accounts: Sequence[Account], after: datetime | None = None) -> datetime | None:
    """The next good time that is free on all of `accounts`, on the city's clock; None if there is none for two weeks.

    A good time is at least half as good as the best one.
    """
    found = list(_free(accounts, after))
    good = max((slot.score for slot in found), default=0) / 2
    return next((slot.at for slot in found if slot.score >= good), None)


def _free(accounts: Sequence[Account], after: datetime | None) -> Iterator[Slot]:
    """All free times, in order."""
    after = max(after or timezone.now(), timezone.now())
    hours = {account.pk: _hours(account) for account in accounts}
    planned = _planned([account.pk for account in accounts], after)
    for at in _times(after):
        here = at.astimezone(city_zone())
        key = (here.weekday(), here.hour)
        score = min((hours[pk][0].get(key, 0.0) for pk in hours), default=0.0)
        if score > 0 and all(abs(at - other) >= DISTANCE for other in planned):
            own = all(known for _hours_of, known in hours.values())
            yield Slot(at, score, _("Your residents answer most at this hour.") if own else _("A usual hour."))


def _times(after: datetime) -> Iterator[datetime]:
    """Half hours that are not quiet, on days that are no holidays; counted in UTC, so that each comes once."""
    calendar, zone = calendars().standard, city_zone()
    at = datetime.fromtimestamp((after.timestamp() // 1800 + 1) * 1800, UTC)
    while at < after + AHEAD:
        here = at.astimezone(zone)
        if QUIET_TO <= here.time() < QUIET_FROM and not calendar.is_holiday(here.date()):
            yield at
        at += STEP


def _hours(account: Account) -> tuple[Hours, bool]:
    """How good each hour is, and whether that is the account's own history."""
    own = own_hours(account)
    return (own, True) if own else (usual(account.network), False)


def own_hours(account: Account) -> Hours:
    """What came of the city's posts by the hour at which they went out: the account's, drawn towards its network's and
    the city's; empty as long as the city has hardly any."""
    return results.best_hours(account)


def usual(network: str) -> dict[tuple[int, int], float]:
    """What is usual on a network: the best hour counts 1, each following one less."""
    days, hours = USUAL.get(network, USUAL[""])
    return {(day, hour): 1 - 0.15 * rank for day in days for rank, hour in enumerate(hours)}


def _planned(accounts: Sequence[UUID], after: datetime) -> list[datetime]:
    """When these accounts say something already, or hope to: what is planned, held, on its way, or under review."""
    span = (after - DISTANCE, after + AHEAD + DISTANCE)
    states = [VariantState.DRAFT, VariantState.PLANNED, VariantState.HELD, VariantState.QUEUED, VariantState.SENT]
    found = Variant.objects.filter(account__in=accounts, state__in=states)
    rows = found.filter(post__leave_at__range=span) | found.filter(leave_at__range=span)
    pairs = rows.values_list("leave_at", "own_time", "post__leave_at")
    return sorted({at for leave_at, own, whole in pairs if (at := leave_at or own or whole)})
