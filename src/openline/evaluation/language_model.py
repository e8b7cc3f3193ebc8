"""Is a language model worth it? Asked about labelled posts on which the local reader abstains, and compared with it."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from openline.care.advising import unsure
from openline.care.decide import Known, decide
from openline.evaluation.evaluate import City, Sets
from openline.evaluation.findings import Figure, Part, Table
from openline.evaluation.sets import Labelled, labelled_posts, reports
from openline.evaluation.understanding import assess
from openline.language_model.answer import Answer
from openline.language_model.asking import ask
from openline.language_model.budget import NotNow
from openline.language_model.masking import masked
from openline.language_model.models import Call
from openline.language_model.question import Question
from openline.language_model.settings import Settings
from openline.triage.assessment import Assessment

KEY = "language_model"
_EXAMPLES = 40
_SHOWN = 160
_ALARMS = ("urgent", "emergency")


@dataclass(frozen=True, slots=True)
class Compared:
    """A labelled post, what the local reader made of it, and what came of asking. `service` is the name answered."""

    row: Labelled
    local: Assessment
    call: Call
    answer: Answer | None
    service: str


def compare(city: City, sets: Sets, settings: Settings, most: int) -> Part:
    """Ask about at most `most` of the posts on which the local reader abstains; half of them labelled by service."""
    part = Part(KEY, "A language model, where the local reader is not sure")
    rows = _rows(city, sets)
    pairs = _abstained(city, rows)
    if not pairs:
        part.skipped = "no labelled posts on which the local reader abstains"
        return part
    sample = _sample(pairs, most)
    done, stopped = _ask_all(city, settings, sample)
    part.note = (
        f"{settings.model}: the local reader abstains on {len(pairs):,} of {len(rows):,} labelled posts; {len(done):,}"
        f" of these were asked about. A post without a valid answer counts as wrong. {stopped}"
    ).strip()
    if not done:
        part.skipped = stopped
        return part
    _quality(part, done)
    _price(part, done)
    part.examples = _mistakes(done)
    return part


def _rows(city: City, sets: Sets) -> list[Labelled]:
    """All labelled posts, their service by name; "" for a service that the catalogue does not have."""
    names = {service.code: service.name for service in city.catalogue}
    names |= {name: name for name in names.values()}
    rows = list(sets.own) or [*reports(sets.data), *labelled_posts(sets.data, sets.labels)]
    told = [
        Labelled(r.text, r.intent, r.ticket, r.urgency, names.get(r.service, ""), r.language, source=r.source)
        for r in rows
    ]
    return [row for row in told if row.service or row.intent or row.urgency]


def _abstained(city: City, rows: Sequence[Labelled]) -> list[tuple[Labelled, Assessment]]:
    known = Known({service.code: service.kind for service in city.catalogue}, frozenset())
    read = zip(rows, assess(city.reader, rows), strict=True)
    return [(row, found) for row, found in read if unsure(found, decide(found, known, row.text).act)]


def _sample(pairs: list[tuple[Labelled, Assessment]], most: int) -> list[tuple[Labelled, Assessment]]:
    """Half with a service and half without, as far as there are; the same ones every time."""
    pairs = sorted(pairs, key=lambda pair: zlib.crc32(pair[0].text.encode("utf-8", "replace")))
    served = [pair for pair in pairs if pair[0].service]
    others = [pair for pair in pairs if not pair[0].service]
    few = others[: max(most // 2, most - len(served))]
    return [*served[: most - len(few)], *few]


def _ask_all(
    city: City, settings: Settings, sample: Sequence[tuple[Labelled, Assessment]]
) -> tuple[list[Compared], str]:
    """Ask about each post; if the budget ends before, why."""
    names = {service.code: service.name for service in city.catalogue}
    done: list[Compared] = []
    for row, local in sample:
        try:
            asked = ask(settings, Question(masked(row.text), local.language, city.catalogue))
        except NotNow as reason:
            return done, f"It ended early: {reason}"
        service = names.get(asked.answer.service, "") if asked.answer else ""
        done.append(Compared(row, local, asked.call, asked.answer, service))
    return done, ""


def _quality(part: Part, done: Sequence[Compared]) -> None:
    """Both readers on the same posts."""
    part.figures.append(Figure("posts asked about", len(done), unit="posts"))
    _share(part, "valid answers", done, lambda one: one.answer is not None)
    served = [one for one in done if one.row.service]
    _share(part, "service right, local reader", served, lambda one: _local_service(one) == one.row.service)
    _share(part, "service right, language model", served, lambda one: one.service == one.row.service)
    _both(part, "right intent", done, lambda one: bool(one.row.intent), lambda row, intent, _: intent == row.intent)
    alarming = [one for one in done if one.row.urgency in _ALARMS]
    calm = [one for one in done if one.row.urgency == "routine"]
    for name, group in (("urgent posts and emergencies found", alarming), ("false alarms among routine posts", calm)):
        _both(part, name, group, lambda one: True, lambda row, _, urgency: urgency in _ALARMS)


def _local_service(one: Compared) -> str:
    return one.local.services[0].name if one.local.services else ""


def _both(
    part: Part, name: str, done: Sequence[Compared], among: Callable[[Compared], bool],
    right: Callable[[Labelled, str, str], bool],
) -> None:  # fmt: skip
    """The same share for the local reader and for the language model."""
    group = [one for one in done if among(one)]
    _share(part, f"{name}, local reader", group, lambda one: right(one.row, one.local.intent, one.local.urgency))
    _share(
        part, f"{name}, language model", group,
        lambda one: one.answer is not None and right(one.row, one.answer.intent, one.answer.urgency),
    )  # fmt: skip


def _share(part: Part, name: str, done: Sequence[Compared], hit: Callable[[Compared], bool]) -> None:
    hits = np.array([hit(one) for one in done], dtype=bool)
    if len(hits):
        part.measure(name, len(hits), lambda at: float(hits[at].mean()))


def _price(part: Part, done: Sequence[Compared]) -> None:
    """What it costs and how long it takes."""
    ms = np.array([one.call.ms for one in done])
    tokens = [one.call.tokens_in + one.call.tokens_out for one in done]
    part.figures += [
        Figure("time of a call, median", float(np.median(ms)), unit="ms"),
        Figure("time of a call, 95th percentile", float(np.percentile(ms, 95)), unit="ms"),
        Figure("tokens a post", float(np.mean(tokens)), unit="tokens"),
        Figure("cost of 1,000 posts", 1000 * float(np.mean([float(one.call.cost) for one in done]))),
    ]
    outcomes = Counter((one.call.outcome, "" if one.answer else one.call.detail[:80]) for one in done)
    part.tables.append(
        Table(
            "What became of the calls",
            ("outcome", "why", "posts"),
            [(outcome, why, count) for (outcome, why), count in outcomes.most_common()],
        )
    )


def _mistakes(done: Sequence[Compared]) -> list[tuple[str, str]]:
    wrong = [one for one in done if one.answer and one.row.service not in ("", one.service)]
    return [
        (one.row.text[:_SHOWN], f"{one.row.service}, read as {one.service or 'none'} (local: {_local_service(one)})")
        for one in wrong[:_EXAMPLES]
    ]
