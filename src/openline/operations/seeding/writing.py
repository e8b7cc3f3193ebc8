"""Writing made-up requests: day by day, by COPY, with indexes made afterwards and foreign keys not asked again."""

from __future__ import annotations

import random
from bisect import bisect
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import accumulate

from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from openline.foundation.bulk import query
from openline.inbox.models import Message
from openline.operations.seeding.city import Kind, Spot, days_until, kinds, spots
from openline.operations.seeding.life import ASSIGNMENT, REQUEST, UPDATE, Made, live
from openline.records import log
from openline.records.models import Kind as RecordKind
from openline.service_requests.jurisdiction import city_zone, local
from openline.service_requests.models import ServiceRequest

YEARS = 3.0
_BLOCK = 20_000
_HOURS = (1, 1, 1, 1, 1, 2, 5, 12, 22, 27, 28, 26, 24, 24, 23, 22, 20, 18, 14, 11, 9, 7, 4, 2)
_WEEKDAYS = (1.18, 1.12, 1.08, 1.05, 1.0, 0.62, 0.55)
_TABLES = ("service_requests_servicerequest", "service_requests_update", "service_requests_assignment")
_INDEXES = """
SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
WHERE i.indrelid = ANY(%s::regclass[]) AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
"""


def holds_real_data() -> bool:
    """Whether anybody wrote or reported anything in this database."""
    return ServiceRequest.objects.exists() or Message.objects.exists()


@transaction.atomic
def seed(count: int, seed: int, *, now: datetime | None = None, tell: Callable[[int], object] = lambda n: None) -> None:
    """Write `count` requests of the last three years, the same for the same `seed`, `now` and city; all or none.

    `tell` hears how many are written. Raises LookupError before a city with streets is loaded.
    """
    now = now or timezone.now()
    dice = random.Random(seed)
    found, (places, weights) = kinds(), spots(dice)
    made = _requests(dice, count, found, places, weights, now)
    _without_checks()
    indexes = _drop_indexes()
    written = 0
    while block := list(_up_to(made, _BLOCK)):
        _copy(block)
        written += len(block)
        tell(written)
    with connection.cursor() as cursor:
        for statement in indexes:
            cursor.execute(statement)
        cursor.execute(f"ANALYZE {', '.join(_TABLES)}")
    body = {"what": "seeded", "requests": count, "seed": seed}
    log.write([log.Entry(RecordKind.ADMINISTERED, "openline", body=body)])


def _requests(dice: random.Random, count: int, found: Sequence[Kind], places: Sequence[Spot],
              weights: Sequence[float], now: datetime) -> Iterator[Made]:  # fmt: skip
    numbers = _numbers(count)
    for day, share in _shares(days_until(local(now).date(), YEARS), count):
        sums = list(accumulate(kind.share * kind.months[day.month - 1] for kind in found))
        for at in sorted(_moment(dice, day, now) for _ in range(share)):
            kind = found[bisect(sums, dice.random() * sums[-1])]
            spot = places[bisect(weights, dice.random() * weights[-1])]
            yield live(dice, kind, spot, at, f"{day:%y}-{next(numbers):06d}", now)


def _shares(days: Sequence[date], count: int) -> Iterator[tuple[date, int]]:
    """How many requests come on each day: more on Mondays, `count` in all."""
    sums = list(accumulate(_WEEKDAYS[day.weekday()] for day in days))
    before = 0
    for day, total in zip(days, sums, strict=True):
        until = round(count * total / sums[-1])
        yield day, until - before
        before = until


def _moment(dice: random.Random, day: date, now: datetime) -> datetime:
    """A time of the day in the city, mostly in the morning, never in the future."""
    hour = dice.choices(range(24), _HOURS)[0]
    at = datetime(day.year, day.month, day.day, hour, tzinfo=city_zone()) + timedelta(seconds=3600 * dice.random())
    return min(at.astimezone(now.tzinfo), now - timedelta(seconds=dice.random() * 60))


def _numbers(count: int) -> Iterator[int]:
    """So many numbers in a row, taken from the city's own sequence."""
    [(first,)] = query("SELECT nextval('service_request_number')")
    query("SELECT setval('service_request_number', %s)", [first + count])
    return iter(range(first, first + count + 1))


def _up_to(made: Iterator[Made], most: int) -> Iterator[Made]:
    for _n, one in zip(range(most), made, strict=False):
        yield one


def _copy(block: Sequence[Made]) -> None:
    columns = (REQUEST, UPDATE, ASSIGNMENT)
    lines = ([one.request for one in block], [one.updates for one in block], [one.assignment for one in block])
    with connection.cursor() as cursor:
        for table, names, rows in zip(_TABLES, columns, lines, strict=True):
            with cursor.copy(f"COPY {table} ({', '.join(names)}) FROM STDIN") as copy:
                copy.write(b"".join(rows))


def _without_checks() -> None:
    """Ask no foreign key of rows that we made from the tables themselves; where we may not, each is asked."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
        try:
            with transaction.atomic():
                cursor.execute("SET LOCAL session_replication_role = replica")
        except DatabaseError:
            pass


def _drop_indexes() -> list[str]:
    """Drop what can be made again in one go, much faster; the statements that make them."""
    found = query(_INDEXES, [list(_TABLES)])
    with connection.cursor() as cursor:
        for name, _statement in found:
            cursor.execute(f"DROP INDEX {name}")
    return [statement for _name, statement in found]
