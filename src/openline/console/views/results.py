"""What came of posts: by account, network, kind, language, area and campaign, of one post, and as a file."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import formats, timezone
from django.views.decorators.http import require_GET

from openline.accounts.models import Account
from openline.console import panes, reply_pane, results_form
from openline.console.permissions import needs
from openline.foundation import chart
from openline.publishing import results
from openline.publishing.models import Post
from openline.publishing.results import TOLD, Result
from openline.service_requests.jurisdiction import city_zone

PAGE = 50
_YEAR = timedelta(days=365)
_MOST_BARS = 45


@require_GET
@needs("publish")
def page(request: HttpRequest) -> HttpResponse:
    """The figures of some days, put together by one thing, with the posts that did best."""
    now, by = timezone.now(), results_form.by_of(request.GET)
    scope = results_form.scope_of(request.GET, now)
    found = results.results(scope)
    accounts = {str(one.pk): one for one in Account.objects.order_by("network", "handle")}
    rows = [(results_form.label_of(by, row.key, accounts), row) for row in results.grouped(found, by)]
    usual = results.medians(found)
    best = sorted(found, key=lambda one: (-one.reactions, one.id.int))[:PAGE]
    days = results_form.days_of(request.GET)
    course = _over_time(found, days, now)
    return render(
        request,
        "console/publish/results.html",
        panes.frame(request)
        | {
            "scope": scope,
            "days": days,
            "spans": results_form.SPANS,
            "by": by,
            "dimensions": results_form.LABELS.items(),
            "accounts": accounts.values(),
            "kinds": results_form.Kind.choices,
            "rows": rows,
            "total": results.together(found),
            "best": [(one, results.times(one, usual)) for one in best],
            "bars": chart.bars(course),
            "most": max((n for _label, n in course), default=0),
            "query": request.GET.urlencode(),
            **_shape(),
        },
    )


def _shape() -> dict[str, Any]:
    return {"chart_width": chart.WIDTH, "chart_height": chart.HEIGHT, "told": TOLD}


def _over_time(found: Sequence[Result], days: int, now: Any) -> list[tuple[str, int]]:
    """Reactions by the day, or by the week, on which the posts went out."""
    zone = city_zone()
    step = 1 if days <= _MOST_BARS else 7
    today = now.astimezone(zone).date()
    sums = Counter[int]()
    for one in found:
        sums[(today - one.sent_at.astimezone(zone).date()).days // step] += one.reactions
    count = days // step + 1
    return [
        (formats.date_format(today - timedelta(days=n * step + step - 1 if step > 1 else n), "M j"), sums[n])
        for n in reversed(range(count))
    ]


@require_GET
@needs("publish")
def of_post(request: HttpRequest, post_id: UUID) -> HttpResponse:
    """What came of one post, on each account, over time, and what was said below it."""
    post = get_object_or_404(Post, pk=post_id)
    found = results.of_post(post.pk)
    clicked = _clicks(post)
    words = found[0].words if found else str(post)
    now = timezone.now()
    usual = results.medians(results.results(results.Scope(now - _YEAR, now, kind=post.kind)))
    return render(
        request,
        "console/publish/results_post.html",
        panes.frame(request)
        | {
            "post": post,
            "words": words,
            "post_page": reply_pane.page_of(post.pk),
            "rows": [(one, results.times(one, usual), usual.get((one.network, one.kind))) for one in found],
            "total": results.together(found),
            "curves": [_curve(name, points) for name, points in results.courses(post.pk).items()],
            "clicks": chart.bars(clicked),
            "most_clicks": max((n for _label, n in clicked), default=0),
            **_shape(),
            **reply_pane.frame(request, post),
        },
    )


def _curve(name: str, points: Sequence[tuple[float, int]]) -> dict[str, Any]:
    most, longest = max(value for _at, value in points), max(at for at, _value in points)
    shown = points if len(points) <= _MOST_BARS else [*points[:: len(points) // _MOST_BARS + 1], points[-1]]
    line = chart.curve(points, longest, most)
    return {
        "name": name,
        "label": results_form.NUMBERS[name],
        "line": line,
        "points": shown,
        "most": most,
        "longest": longest,
    }


def _clicks(post: Post) -> list[tuple[str, int]]:
    """Clicks by hour; by day once they are of more than two days."""
    zone = city_zone()
    hours = [(at.astimezone(zone), count) for at, count in results.clicks(post.pk)]
    by_day = bool(hours) and hours[-1][0] - hours[0][0] > timedelta(days=2)
    sums = Counter[str]()
    for at, count in hours:
        sums[formats.date_format(at, "M j" if by_day else "M j, H:00")] += count
    return list(sums.items())[:_MOST_BARS]


@require_GET
@needs("publish")
def export(request: HttpRequest) -> HttpResponse:
    """A row for each publication, with all its figures, for a spreadsheet."""
    found = results.results(results_form.scope_of(request.GET, timezone.now()))
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="results.csv"'
    answer.write("\ufeff")
    out = csv.writer(answer)
    out.writerow([*_HEAD, *TOLD, *_TAIL])
    for one in found:
        out.writerow([_safe(value) for value in _row(one)])
    return answer


_HEAD = ("sent_at", "post", "name", "kind", "network", "account", "language", "campaign", "areas", "url")
_TAIL = (
    "clicks",
    "people_who_replied",
    "messages",
    "open",
    "requests",
    "answered",
    "median_seconds_to_answer",
    "sentiment",
)


def _row(one: Result) -> list[Any]:
    said = one.said
    about = [one.sent_at.isoformat(), one.post, one.words, one.kind, one.network, one.handle, one.language]
    about += [one.campaign, " ".join(one.areas), one.url]
    told = [one.told.get(name, "") for name in TOLD[:-1]] + [one.replies]
    heard = [one.clicks, said.people, said.messages, said.open, said.requests, said.answered]
    wait, feeling = said.wait, said.sentiment
    return [*about, *told, *heard, "" if wait is None else round(wait), "" if feeling is None else f"{feeling:.2f}"]


def _safe(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula is marked as text."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
