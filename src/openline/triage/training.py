"""Learning the services of a city from its labelled history, honestly measured on a held-back part."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from openline.triage.catalogue import ServiceInfo
from openline.triage.cold_start import catalogue_lessons
from openline.triage.learning import fit
from openline.triage.linear import Floats, LinearModel
from openline.triage.report import Measures, TrainingReport, measure
from openline.triage.sentences.encoder import Encoder, Remembering
from openline.triage.sentences.head import SentenceHead, fit_head, weighed
from openline.triage.service_model import Model, ServiceModel, unsure
from openline.triage.text import readable, words

Row = tuple[str | None, str]
"""A text with the code or name of its service; None with the reason for a row that could not be read."""

HELD_BACK = 5
"""One row in so many is held back for the report; as many of the rest set the temperature."""
FEWEST = 50
"""Fewer usable rows than this teach nothing that could be measured."""
_STRENGTH, _BALANCE = 100.0, 0.6
_PLAIN, _RARITY = 1.75, 1.25
"""Measured by cross-validation (docs/triage.md)."""
_SELDOM = 5.0
"""A service of fewer rows than this is less likely than the catalogue's many phrases for it say."""
_TEMPERATURES, _DOUBTS = np.geomspace(0.2, 5, 41), np.linspace(0, 0.2, 11)
_FOLDS = 3


@dataclass(slots=True)
class _Lessons:
    """Usable rows as words and as written, with service codes."""

    texts: list[list[str]] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)

    def add(self, text: list[str], code: str, written: str) -> None:
        self.texts.append(text)
        self.codes.append(code)
        self.written.append(written)

    def __len__(self) -> int:
        return len(self.codes)


class _Learnt(NamedTuple):
    """What is learnt from lessons: a linear model and, where there is a sentence model, its head."""

    linear: LinearModel
    head: SentenceHead | None = None


def train(
    rows: Iterable[Row],
    services: Sequence[ServiceInfo],
    champion: ServiceModel | None = None,
    encoder: Encoder | None = None,
) -> tuple[ServiceModel, TrainingReport]:
    """Learn from `rows` and the catalogue; the report says whether the result beats the model in use.

    `champion` is that model; without one it is the model of the catalogue alone. What is measured is a twin that has
    not seen the held-back rows; the model that is returned has learnt from all of them. A champion is measured by its
    own twin: a row is held back or not by its text, so its twin has not seen them either. Where the report is not
    `better`, the champion is returned. With an `encoder` whole sentences are learnt as well; a champion that knows
    this encoder is measured with it. Raises ValueError without services or with too few rows.
    """
    memory = Remembering(encoder) if encoder else None
    cold = champion.for_catalogue(services) if champion else ServiceModel.from_catalogue(services, memory)
    usable, problems = _sorted_out(rows, services)
    if len(usable) < FEWEST:
        raise ValueError(f"Only {len(usable)} rows can be used; {FEWEST} are needed." + _first(problems))
    learning, held_back = _split(usable, salt=0)
    twin = _fit_calibrated(learning, services, memory)
    challenger = ServiceModel(twin.linear, cold.names, head=twin.head, encoder=memory)
    report = TrainingReport(
        learnt=len(learning),
        trained=_measured(challenger, held_back),
        champion=_measured(replace(cold.measured, encoder=memory), held_back),
        names=cold.names,
        problems=problems,
        words_alone=_measured(replace(challenger, encoder=None), held_back) if twin.head else None,
    )
    if not report.better:
        return replace(cold, encoder=encoder), report
    full = _like(twin, _fit(usable, services, memory))
    model = ServiceModel(full.linear, cold.names, twin.linear, None, full.head, twin.head, encoder)
    return model, report


def _like(twin: _Learnt, full: _Learnt) -> _Learnt:
    """What was learnt from all rows, with the calibration of its twin: all rows are known to it."""
    linear = replace(full.linear, temperature=twin.linear.temperature, doubt=twin.linear.doubt)
    if not (twin.head and full.head):
        return _Learnt(linear)
    shares, temperature, doubt = twin.head.shares, twin.head.temperature, twin.head.doubt
    return _Learnt(linear, replace(full.head, shares=shares, temperature=temperature, doubt=doubt))


def _sorted_out(rows: Iterable[Row], services: Sequence[ServiceInfo]) -> tuple[_Lessons, list[str]]:
    """The rows that can be used, and why the others cannot."""
    codes = Codes(services)
    usable, problems = _Lessons(), []
    seen: set[tuple[str, str]] = set()
    for number, (text, named) in enumerate(rows, 1):
        code = codes.of(named)
        written = readable(text) if text else ""
        read = words(written)
        problem = named if text is None else _problem(read, named, code, seen)
        if problem:
            problems.append(f"row {number}: {problem}")
        elif code:
            usable.add(read, code, written)
            seen.add((code, " ".join(read)))
    return usable, problems


class Codes:
    """Finds the services that rows of history name, by code or by name."""

    def __init__(self, services: Sequence[ServiceInfo]) -> None:
        self._codes = {_key(service.name): service.code for service in services}
        self._codes |= {_key(service.code): service.code for service in services}

    def of(self, named: str) -> str | None:
        """The code of the service that is `named`; None if there is none."""
        return self._codes.get(_key(named))


def _key(named: str) -> str:
    """A code or name as it is compared: exports spell "REFER: PECO" and "Newsstand/Outdoor Cafe" in many ways."""
    return re.sub(r"\W+", " ", named.casefold().strip()).removeprefix("refer ").strip()


def _problem(read: list[str], named: str, code: str | None, seen: set[tuple[str, str]]) -> str:
    """Why a row cannot be used; "" if it can."""
    if code is None:
        return f"there is no service “{named[:80]}”"
    if not read:
        return "the text is empty"
    return "the same text and service stand in an earlier row" if (code, " ".join(read)) in seen else ""


def _first(problems: Sequence[str]) -> str:
    return f" The first problem is in {problems[0]}." if problems else ""


def _split(lessons: _Lessons, salt: int, part: int = 0, parts: int = HELD_BACK) -> tuple[_Lessons, _Lessons]:
    """Lessons in two, the second one of so many parts: by the text itself, so the same text is never in both."""
    kept, held_back = _Lessons(), _Lessons()
    for text, code, written in zip(lessons.texts, lessons.codes, lessons.written, strict=True):
        here = zlib.crc32(f"{salt} {' '.join(text)}".encode()) % parts == part
        (held_back if here else kept).add(text, code, written)
    return kept, held_back


def _fit_calibrated(lessons: _Lessons, services: Sequence[ServiceInfo], encoder: Encoder | None) -> _Learnt:
    """Train on all lessons; calibrate on what models say that have not seen a third of them, part by part."""
    linear, head = _fit(lessons, services, encoder)
    scores, own, codes = _unseen(lessons, services, encoder)
    linear = calibrate(linear, scores, codes)
    return _Learnt(linear, _blended(linear, head, scores, own, codes) if head else None)


def _blended(
    linear: LinearModel, head: SentenceHead, scores: Floats, own: Sequence[Floats], codes: Sequence[str]
) -> SentenceHead | None:
    """The head with its shares and calibration, on the rows where it will be asked; None if these are too few."""
    asked = unsure(linear, scores)
    if len(asked) < FEWEST:
        return None
    right = [codes[row] for row in asked.tolist()]
    of_asked = [one[asked] for one in own]
    head = weighed(head, scores[asked], of_asked, right)
    return calibrate(head, head.together(scores[asked], of_asked), right)


def _unseen(
    lessons: _Lessons, services: Sequence[ServiceInfo], encoder: Encoder | None
) -> tuple[Floats, list[Floats], list[str]]:
    """Scores of every lesson, of its words and of its sentences, by models that have not seen it; the right codes."""
    scores: list[Floats] = []
    own: list[tuple[Floats, ...]] = []
    codes: list[str] = []
    for part in range(_FOLDS):
        kept, rest = _split(lessons, salt=1, part=part, parts=_FOLDS)
        if len(rest):
            linear, head = _fit(kept, services, encoder)
            scores.append(linear.raw(rest.texts))
            own += [head.scores(encoder.vectors(rest.written))] if head and encoder else []
            codes += rest.codes
    return np.vstack(scores), list(map(np.vstack, zip(*own, strict=True))), codes


def _fit(lessons: _Lessons, services: Sequence[ServiceInfo], encoder: Encoder | None) -> _Learnt:
    """Train on history and catalogue together; the catalogue fades as a service gathers history of its own."""
    known = Counter(lessons.codes)
    texts, codes, weights = list(lessons.texts), list(lessons.codes), [1.0] * len(lessons)
    written = list(lessons.written)
    for text, code, weight in catalogue_lessons(services):
        texts.append(words(text))
        written.append(text)
        codes.append(code)
        weights.append(weight * 10 / (10 + known[code]))
    seldom = {code: _SELDOM / (_SELDOM + known[code]) for code in set(codes)}
    linear = fit(
        texts, codes, weights=weights, strength=_STRENGTH, balance=_BALANCE, at_least=2, plain=_PLAIN, rarity=_RARITY,
        ahead=seldom,
    )  # fmt: skip
    head = fit_head(encoder.checksum, encoder.vectors(written), codes, weights, len(lessons)) if encoder else None
    return _Learnt(linear, head)


def calibrate(model: Model, scores: Floats, codes: Sequence[str]) -> Model:
    """The model with the temperature at which its probabilities best explain the right codes, and with so much doubt
    that confidence meets accuracy. `scores` are of texts that were not learnt from; all services have to be labels."""
    columns = {code: column for column, code in enumerate(model.labels)}
    right = np.array([columns[code] for code in codes])
    every = np.arange(len(right))

    def surprise(temperature: float) -> float:
        chances = replace(model, temperature=temperature).calibrated(scores)
        return -float(np.log(chances[every, right] + 1e-9).mean())

    def mismatch(doubt: float) -> float:
        return measure(model.labels, replace(model, doubt=doubt).calibrated(scores), codes).calibration_error

    model = replace(model, temperature=float(min(_TEMPERATURES, key=surprise)))
    return replace(model, doubt=float(min(_DOUBTS, key=mismatch)))


def _measured(model: ServiceModel, held_back: _Lessons) -> Measures:
    return measure(model.labels, model.chances(held_back.texts, held_back.written), held_back.codes)
