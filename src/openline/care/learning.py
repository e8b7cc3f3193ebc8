"""Learning from history and from staff's corrections: a challenger is trained, and used only if it is better.

What was ever given to `openline train` is kept, without personal data, so that a later training forgets nothing; of
staff's corrections of a message the latest counts. Every training leaves its report, also one that changed nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from openline.care import sentences
from openline.care.understanding import catalogue, load_service_model
from openline.records import log
from openline.records.models import Kind
from openline.triage.models import Correction, ServiceModelFile, TrainingRow
from openline.triage.personal_data import find, redact
from openline.triage.report import TrainingReport
from openline.triage.service_model import ServiceModel
from openline.triage.training import Row, train

MANY = 50
"""So many new corrections start a training at once; fewer wait for the next day."""
PROBLEM = "problem"
"""In a training's figures: why it came to nothing."""
_DAY = timedelta(days=1)
_CORRECTED = ("message", "message__text", "after")


def learn(given: Iterable[Row] = (), *, dry_run: bool = False, by: str = "openline") -> TrainingReport:
    """Train on the rows given now, all earlier ones and the corrections; use the new model if it is better.

    `dry_run` only reports. `by`: who started it. Raises ValueError if there is too little to learn from.
    """
    rows = [(_bare(text), service) if text is not None else (None, service) for text, service in given]
    encoder = sentences.encoder()
    model, report = train([*rows, *_known(rows)], catalogue(), champion=load_service_model(), encoder=encoder)
    if dry_run:
        return report
    _remember(rows)
    data = model.to_bytes() if report.better else b""
    figures = report.figures() | _sources() | {"by": by}
    ServiceModelFile.objects.create(data=data, report=report.to_text(), active=report.better, figures=figures)
    return report


def _sources() -> dict[str, int]:
    """How many rows come from the city's history, and how many messages were corrected by staff."""
    corrected = Correction.objects.filter(field="service").values("message").distinct().count()
    return {"history": TrainingRow.objects.count(), "corrections": corrected}


def _known(given: Iterable[Row]) -> list[Row]:
    """The rows of earlier trainings and the corrections, without those that are given."""
    seen = {_digest(text, service) for text, service in given if text is not None}
    remembered = TrainingRow.objects.order_by("pk").values_list("text", "service")
    corrected = Correction.objects.filter(field="service").order_by("at", "pk")
    latest = {message: (_bare(text), after) for message, text, after in corrected.values_list(*_CORRECTED)}
    new = {_digest(text, service): (text, service) for text, service in (*remembered, *latest.values())}
    return [row for digest, row in new.items() if digest not in seen]


def learn_now(by: str) -> bool:
    """Train because a person asked for it; a training that comes to nothing leaves the reason. Whether it ran."""
    try:
        learn(by=by)
    except ValueError as error:
        ServiceModelFile.objects.create(data=b"", active=False, figures={PROBLEM: str(error), "by": by})
        return False
    return True


def last_training() -> datetime | None:
    """When the last training was that came to something."""
    done = ServiceModelFile.objects.exclude(figures__has_key=PROBLEM)
    return done.order_by("-pk").values_list("created_at", flat=True).first()


def waiting() -> QuerySet[Correction]:
    """Corrections of services since the last training."""
    last = last_training()
    return Correction.objects.filter(field="service", **({"at__gt": last} if last else {}))


def learn_if_due() -> bool:
    """Train if corrections have come since the last training: many, or any after a day. Whether a training ran."""
    last, new = last_training(), waiting().count()
    if new < MANY and not (new and last and timezone.now() - last > _DAY):
        return False
    try:
        learn()
    except ValueError:
        return False  # too few rows yet; they stay, and more will come
    return True


@transaction.atomic
def switch_back(expected: int | None = None, by: str = "openline") -> ServiceModelFile | None:
    """Put the model in use aside and use the one before it again; None, with nothing changed, if there is none.

    `expected` is the id of the model that is to be put aside, so that two people do not put two aside.
    """
    models = list(ServiceModelFile.objects.select_for_update().filter(active=True).order_by("-pk")[:2])
    if len(models) < 2 or expected not in (None, models[0].pk):
        return None
    ServiceModelFile.objects.filter(pk=models[0].pk).update(active=False)
    body = {"what": "service model", "put aside": models[0].pk, "in use": models[1].pk}
    log.write([log.Entry(Kind.ADMINISTERED, by, body=body)])
    return models[1]


def learn_sentences() -> TrainingReport | None:
    """Teach this city's services to the sentence model of this machine: from what is known, as ever only if that is
    better; None where too little is known, so that the catalogue alone was learnt.

    Raises SentenceModelError if there is no usable sentence model.
    """
    encoder = sentences.load()
    try:
        return learn()
    except ValueError:
        model = ServiceModel.from_catalogue(catalogue(), encoder)
        ServiceModelFile.objects.create(data=model.to_bytes(), report="The catalogue alone, with the sentence model.")
        return None


def _remember(rows: Iterable[Row]) -> None:
    """Keep rows for later trainings, each once."""
    new = {_digest(text, service): (text, service) for text, service in rows if text}
    TrainingRow.objects.bulk_create(
        [TrainingRow(digest=digest, text=text, service=service) for digest, (text, service) in new.items()],
        ignore_conflicts=True,
        batch_size=1000,
    )


def _bare(text: str) -> str:
    return redact(text, find(text))


def _digest(text: str, service: str) -> str:
    return hashlib.sha256(f"{service}\n{text}".encode("utf-8", "replace")).hexdigest()
