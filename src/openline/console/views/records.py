"""The record for who answers public-records requests: searched, read, and handed out as a package."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from openline.accounts.models import Account
from openline.console import moments, panes, told
from openline.console.once import number, staff
from openline.console.permissions import needs
from openline.exports import records, records_package
from openline.exports.records import Asked
from openline.foundation.text import clean
from openline.publishing import errors as publishing
from openline.records.models import Record
from openline.service_requests.errors import NotPossible
from openline.service_requests.jurisdiction import city_zone, jurisdiction, today

_USUAL = timedelta(days=30)
_FIELDS = ("since", "until", "account", "group", "who", "number", "words", "private")


@require_GET
@needs("records")
def page(request: HttpRequest) -> HttpResponse:
    """The search and what it finds; the last thirty days until something else is asked for."""
    return _show(request, request.GET)


@require_POST
@needs("records")
def export(request: HttpRequest) -> Any:
    """What the search finds, as one file to hand out."""
    try:
        masked = "as_written" not in request.POST
        city = jurisdiction().name
        made = records_package.make(_asked(request.POST), masked=masked, by=staff(request), city=city)
    except (NotPossible, publishing.NotPossible) as error:
        return _show(request, request.POST, str(error))
    answer = FileResponse(made, as_attachment=True, filename=records_package.file_name())
    answer["Cache-Control"] = "no-store"
    return answer


def _show(request: HttpRequest, typed: QueryDict, problem: str = "") -> HttpResponse:
    asked = Asked()
    rows: list[Record] = []
    following = None
    if not problem:
        try:
            asked = _asked(typed)
            rows, following = records.page(asked, number(typed.get("before", "")))
        except publishing.NotPossible as error:
            problem = str(error)
    names: dict[UUID | None, str] = {
        account.pk: str(account) for account in Account.objects.order_by("network", "handle")
    }
    numbers = records.numbers(rows)
    context = {
        "typed": {name: typed.get(name, "") for name in _FIELDS}
        | ({} if typed else {"since": (today() - _USUAL).isoformat()}),
        "fields": [(name, typed[name]) for name in _FIELDS if typed.get(name)],
        "groups": [(key, str(label)) for key, label in records.GROUPS.items()],
        "accounts": [(str(pk), name) for pk, name in names.items()],
        "rows": [
            (row, told.step(row), names.get(row.account_id, ""), records.words_of(row), numbers.get(row.request_id, ""))
            for row in rows
        ],
        "count": records.count(asked) if rows else 0,
        "most": records.COUNT_LIMIT,
        "following": following,
        "problem": problem,
    }
    return render(request, "console/records.html", panes.frame(request) | context, status=422 if problem else 200)


def _asked(typed: QueryDict) -> Asked:
    """What the form asks for. Raises publishing.NotPossible for a day that is none."""
    group, who, request, words = (clean(typed.get(name, ""), 200) for name in ("group", "who", "number", "words"))
    since, until = _day(typed, "since"), _day(typed, "until")
    following = until and until + timedelta(days=1)
    asked = Asked(since, following, None, group, who, request, words, "private" in typed)
    if since and until and until < since:
        raise publishing.NotPossible(_("The last day lies before the first one."), "until")
    if not typed:
        asked = replace(asked, since=_begin(today() - _USUAL))
    try:
        account = typed.get("account", "")
        return replace(asked, account=UUID(account)) if account else asked
    except ValueError:
        raise publishing.NotPossible(_("Choose an account of the list."), "account") from None


def _day(typed: QueryDict, name: str) -> datetime | None:
    """The beginning of the day in the field `name`, in the city."""
    text = typed.get(name, "")
    return _begin(moments.day(text[:10], name)) if text else None


def _begin(day: date) -> datetime:
    return datetime.combine(day, time.min, city_zone())
