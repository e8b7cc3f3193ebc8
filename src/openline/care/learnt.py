"""What Openline has learnt about the city's services, for a page: the model in use, its figures, what staff correct."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from procrastinate import exceptions
from procrastinate.contrib.django.models import ProcrastinateJob

from openline.care import learning
from openline.care.tasks import TRAIN, train_now
from openline.care.understanding import catalogue
from openline.service_requests.models import Service
from openline.triage.models import Correction, ServiceModelFile, TrainingRow
from openline.triage.training import Codes

FEW = 10
"""A service with fewer examples than this is known from the catalogue's words more than from history."""
_NEWEST, _PAIRS, _READ = 20, 15, 5_000


@dataclass(frozen=True, slots=True)
class Training:
    """One training as its page shows it. `state`: in_use, earlier, put_aside, not_better, problem."""

    id: int
    at: datetime
    state: str
    figures: dict[str, Any]
    report: str


@dataclass(frozen=True, slots=True)
class Confused:
    """Reports that were read as one service and put right to another, so many times."""

    read_as: str
    put_right: str
    times: int


def trainings() -> list[Training]:
    """The newest trainings, newest first."""
    rows = ServiceModelFile.objects.annotate(empty=Q(data=b"")).defer("data").order_by("-pk")[:_NEWEST]
    newest = ServiceModelFile.objects.filter(active=True).order_by("-pk").values_list("pk", flat=True).first()
    return [Training(row.pk, row.created_at, _state(row, newest), row.figures, row.report) for row in rows]


def in_use() -> Training | None:
    """The training of the model in use; None if the catalogue's words alone are."""
    row = ServiceModelFile.objects.filter(active=True).defer("data").order_by("-pk").first()
    return Training(row.pk, row.created_at, "in_use", row.figures, row.report) if row else None


def _state(row: Any, newest: int | None) -> str:
    if row.pk == newest:
        return "in_use"
    if row.active:
        return "earlier"
    if learning.PROBLEM in row.figures:
        return "problem"
    return "not_better" if row.empty else "put_aside"


def can_go_back() -> bool:
    """Whether there is a model before the one in use."""
    return ServiceModelFile.objects.filter(active=True).count() > 1


def confused() -> list[Confused]:
    """The pairs of services that staff most often put right, of the newest corrections."""
    names = dict(Service.objects.values_list("code", "name"))
    counts = Counter((read_as, after) for read_as, after in _corrections() if read_as and read_as != after)
    return [Confused(names.get(a, a), names.get(b, b), times) for (a, b), times in counts.most_common(_PAIRS)]


def _corrections() -> Iterator[tuple[str, str]]:
    """Of each corrected message what it was read as, and what staff made of it in the end."""
    rows = Correction.objects.filter(field="service").order_by("-at", "-pk")
    seen = set()
    for message, before, after, services in rows.values_list(
        "message", "before", "after", "message__assessment__services"
    )[:_READ]:
        if message not in seen:
            seen.add(message)
            yield (services[0]["code"] if services else before), after


def few_examples() -> list[tuple[str, int]]:
    """The active services of which history and corrections tell least, with how many examples, fewest first."""
    services = catalogue()
    codes, known = Codes(services), Counter[str]()
    for named, rows in TrainingRow.objects.values_list("service").annotate(rows=Count("pk")):
        known[codes.of(named) or ""] += rows
    known.update(after for _read_as, after in _corrections())
    few = [(service.name, known[service.code]) for service in services if known[service.code] < FEW]
    return sorted(few, key=lambda pair: (pair[1], pair[0]))


def train_later(by: str) -> bool:
    """Put a training on the queue; False if one waits there already."""
    try:
        train_now.defer(by=by)
    except exceptions.AlreadyEnqueued:
        return False
    return True


def training_waits() -> bool:
    """Whether a training waits or runs."""
    return ProcrastinateJob.objects.filter(task_name=TRAIN, status__in=("todo", "doing")).exists()
