"""Counting the figures: everything anew in one transaction, and only the numbers that became others are written.

Nothing is added up from one time to the next, so counting twice changes nothing, and whatever changes late (a request
opened again, joined, moved to another service) is right the next time.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from openline.foundation.bulk import append_rows, query
from openline.insights import periods, statements
from openline.insights.models import Counted
from openline.records.models import Record
from openline.service_requests.calendars import Calendar, calendars
from openline.service_requests.jurisdiction import city_zone, today
from openline.service_requests.models import Department

_LOCK = 7019
_EARLIEST = timedelta(days=30 * 366)
"""Requests that claim to be older have no working days; else one wrong date would cost a calendar of centuries."""


REST = 30
"""Counting rests so many times as long as it took: it costs a large city no more than a thirtieth of one processor."""


def refresh_if_rested() -> bool:
    """The same as `refresh`, unless the last counting took long and is not long ago."""
    known = Counted.objects.first()
    if known and timezone.now() < known.at + timedelta(seconds=REST * known.seconds):
        return False
    return refresh()


@transaction.atomic
def refresh() -> bool:
    """Count anew if anything came upon the record since, or a day passed; False if not, or while somebody counts."""
    if not query("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])[0][0]:
        return False
    newest = Record.objects.order_by("-id").values_list("id", flat=True).first() or 0
    known = Counted.objects.first()
    if known and (known.record, known.today) == (newest, today()):
        return False
    began, day = time.monotonic(), today()
    facts = {"since": count(), "at": timezone.now(), "today": day, "record": newest}
    facts["seconds"] = time.monotonic() - began
    Counted.objects.update_or_create(pk=1, defaults=facts)
    return True


def count() -> date:
    """Count everything, in the caller's transaction; the first day of which there is anything."""
    moment: dict[str, Any] = {"now": timezone.now(), "today": today(), "zone": str(city_zone())}
    since = _since()
    _run("SET LOCAL work_mem = '64MB'", {})
    _run(statements.FRESH, {})
    _write_days(max(since, moment["today"] - _EARLIEST), moment["today"])
    _write_spans(moment["today"], since)
    for statement in (statements.REQUESTS, statements.AGAIN, statements.SAID, statements.ANSWERS):
        _run(statement, moment)
    for by, own in statements.OWN.items():
        for statement in (statements.COUNTS, statements.TOOK, statements.BACKLOG, statements.AFTERWARDS):
            _run(statement.format(by=by, own=own, named=statements.NAMED[by]), moment)
    for statement in (statements.ASKED, statements.OVER_TIME, statements.ANSWERED, statements.HIDDEN, statements.RULES):
        _run(statement, moment)
    _run("ANALYZE insights_fresh", {})
    _run(statements.CHANGE, {})
    _run(statements.DROP, {})
    _run(statements.FORGET, {})
    return since


def _run(statement: str, moment: Mapping[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, moment)


def _since() -> date:
    """The first day of a request or of a message; today if there is nothing."""
    earliest = (
        "SELECT least((SELECT min(requested_at) FROM service_requests_servicerequest),"
        " (SELECT min(opened_at) FROM inbox_conversation))"
    )
    [(moment,)] = query(earliest)
    return moment.astimezone(city_zone()).date() if moment else today()


def _write_days(first: date, last: date) -> None:
    """How many working days there were up to each day, by the standard calendar (0) and those of departments."""
    ids = Department.objects.exclude(calendar=None).values_list("calendar_id", flat=True).distinct()
    for calendar_id in (0, *ids):
        append_rows("insights_day", ("calendar", "day", "number"), _numbered(calendar_id, first, last))


def _numbered(calendar_id: int | None, first: date, last: date) -> list[tuple[int, date, int]]:
    calendar: Calendar = calendars().of(calendar_id)
    rows, number = [], 0
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        number += calendar.is_working_day(day)
        rows.append((calendar_id or 0, day, number))
    return rows


def _write_spans(until: date, since: date) -> None:
    """Which days belong to which periods."""
    found = periods.chosen(until, since)
    found += [periods.before(one) for one in found]
    codes, first, last = zip(*((p.code, p.first, p.last) for p in found), strict=True)
    _run(statements.SPAN, {"codes": list(codes), "first": list(first), "last": list(last)})
