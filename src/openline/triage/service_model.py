"""Which service a text is about: learnt from the catalogue's own words, and better from labelled history."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from openline.triage.assessment import RankedService
from openline.triage.catalogue import ServiceInfo
from openline.triage.cold_start import catalogue_lessons, learn_sentences, learn_words
from openline.triage.linear import Arrays, Floats, LinearModel, pack, softmax, unpack
from openline.triage.sentences.encoder import Encoder
from openline.triage.sentences.head import SentenceHead
from openline.triage.text import readable, words

BEST = 3
_TWIN, _SENTENCES = "twin", "sentences"
_SURE = 0.99
"""Where the words alone are so sure (before doubt), the whole sentence is not read: it would change next to nothing.
From 0.95 on, of the surer half 0.8 % fewer would be right."""
Model = TypeVar("Model", LinearModel, SentenceHead)


@dataclass(frozen=True, slots=True)
class ServiceModel:
    """A linear model whose labels are service codes, with the services' names.

    `twin` is the same model without the rows that were held back when it was trained: a later model is compared with
    it. `newcomers` is the model of the catalogue alone, where the catalogue has services that this model never learnt.
    `head` (and the twin's, `twin_head`) judges whole sentences by their vectors, made by the `encoder` that it learnt
    with; without that one the words alone decide, with their own calibration.
    """

    linear: LinearModel
    names: dict[str, str]
    twin: LinearModel | None = None
    newcomers: LinearModel | None = None
    head: SentenceHead | None = None
    twin_head: SentenceHead | None = None
    encoder: Encoder | None = None

    @classmethod
    def from_catalogue(cls, services: Sequence[ServiceInfo], encoder: Encoder | None = None) -> ServiceModel:
        """The model of a city without history: its names, descriptions, keywords and examples are the lesson.

        Raises ValueError if there are no services.
        """
        lessons = list(catalogue_lessons(services))
        if not lessons:
            raise ValueError("A catalogue needs at least one service.")
        head = learn_sentences(lessons, encoder) if encoder else None
        return cls(learn_words(lessons), {s.code: s.name for s in services}, head=head, encoder=encoder)

    @property
    def models(self) -> tuple[LinearModel, ...]:
        """The linear models of which `combined` takes the scores."""
        return (self.linear, self.newcomers) if self.newcomers else (self.linear,)

    @property
    def labels(self) -> tuple[str, ...]:
        """The codes of the services, in the order of the columns of `combined`."""
        return self.linear.labels + self._new()

    @property
    def sources(self) -> list[tuple[int, int]]:
        """For each of `labels` which of `models` knows it, and the number of its label there."""
        new = [(1, self.newcomers.labels.index(code)) for code in self._new()] if self.newcomers else []
        return [(0, number) for number in range(len(self.linear.labels))] + new

    @property
    def measured(self) -> ServiceModel:
        """The model by which this one is measured: its twin, if it has one."""
        return replace(self, linear=self.twin, head=self.twin_head, twin=None, twin_head=None) if self.twin else self

    @property
    def wants(self) -> str:
        """The checksum of the sentence model that this one has learnt with; "" if with none."""
        return self.head.model if self.head else ""

    @property
    def reads_sentences(self) -> bool:
        """Whether whole sentences are judged, not only words."""
        return self.encoder is not None and self.encoder.checksum == self.wants

    def _new(self) -> tuple[str, ...]:
        known = set(self.linear.labels)
        return tuple(code for code in self.newcomers.labels if code not in known) if self.newcomers else ()

    def combined(self, scores: Sequence[Floats], texts: Sequence[str] = ()) -> Floats:
        """The probability of each service for each text, from the scores of each of `models`.

        `texts`, where whole sentences are to be judged: as they were written, or "" where the words are to decide
        alone. A service that history does not know has the probability that the catalogue alone gives it; the others
        share the rest as history says.
        """
        chances = self.linear.calibrated(scores[0])
        if texts and self.head and self.reads_sentences:
            self._judge_sentences(chances, scores[0], texts, self.head)
        if self.newcomers is None:
            return chances
        cold = self.newcomers.calibrated(scores[1])
        new = cold[:, [number for model, number in self.sources if model]]
        return np.hstack([chances * (1 - new.sum(axis=1, keepdims=True)), new])

    def _judge_sentences(self, chances: Floats, scores: Floats, texts: Sequence[str], head: SentenceHead) -> None:
        """Better `chances` where the words are not sure."""
        assert self.encoder is not None
        rows = [row for row in unsure(self.linear, scores).tolist() if texts[row]]
        if rows:
            vectors = self.encoder.vectors([texts[row] for row in rows])
            chances[rows] = head.calibrated(head.together(scores[rows], head.scores(vectors)))

    def chances(self, read: Sequence[Sequence[str]], texts: Sequence[str] = ()) -> Floats:
        """The probability of each service for each text, given as words and, for whole sentences, as written."""
        return self.combined([model.raw(read) for model in self.models], texts)

    def rank(self, texts: Sequence[str]) -> list[tuple[RankedService, ...]]:
        """The three likeliest services of each text, best first."""
        written = [readable(text) for text in texts]
        return self.ranked(self.chances([words(text) for text in written], written))

    def ranked(self, chances: Floats, most: int = BEST) -> list[tuple[RankedService, ...]]:
        """The likeliest services for each row of probabilities, at most so many."""
        if not len(chances):
            return []
        codes = self.labels
        names = [self.names.get(code, code) for code in codes]
        best = _largest(chances, min(most, len(codes)))
        values = np.take_along_axis(chances, best, axis=1).astype(float).round(4).tolist()
        return [
            tuple([RankedService(codes[at], names[at], value) for at, value in zip(columns, of_row, strict=True)])
            for columns, of_row in zip(best.tolist(), values, strict=True)
        ]

    def for_catalogue(self, services: Sequence[ServiceInfo]) -> ServiceModel:
        """This model for today's catalogue: today's names, nothing that it no longer has, and what is new in it.

        Raises ValueError if nothing is left.
        """
        today = {service.code: service.name for service in services}
        if not today.keys() & set(self.linear.labels):
            raise ValueError("The service model knows none of the catalogue's services.")
        linear = _only(self.linear, today)
        new = today.keys() - set(linear.labels)
        return replace(
            self,
            linear=linear,
            names=today,
            twin=_only(self.twin, today) if self.twin else None,
            newcomers=self.from_catalogue(services).linear if new else None,
            head=_only(self.head, today) if self.head else None,
            twin_head=_only(self.twin_head, today) if self.twin_head else None,
        )

    def without_weights(self) -> ServiceModel:
        """What judges the scores that a `Scorer` makes; it can no more be kept, nor compared with another."""
        newcomers = self.newcomers.without_weights() if self.newcomers else None
        return replace(self, linear=self.linear.without_weights(), newcomers=newcomers, twin=None, twin_head=None)

    def to_bytes(self) -> bytes:
        """The model as one compressed file; the names stay in the catalogue."""
        parts = {"": self.linear, _TWIN: self.twin, _SENTENCES: self.head, _TWIN + _SENTENCES: self.twin_head}
        return pack({name: part.to_arrays() for name, part in parts.items() if part})

    @classmethod
    def from_bytes(cls, data: bytes) -> ServiceModel:
        """The model that `to_bytes` made; names are codes until `for_catalogue`. Raises ValueError if it is none."""
        try:
            parts = unpack(data)
            linear = LinearModel.from_arrays(parts[""])
            twin = LinearModel.from_arrays(parts[_TWIN]) if _TWIN in parts else None
            head = _head(parts.get(_SENTENCES), linear)
            twin_head = _head(parts.get(_TWIN + _SENTENCES), twin)
        except (KeyError, ValueError, TypeError, OSError, EOFError, BadZipFile) as error:
            raise ValueError("This is not a service model.") from error
        return cls(linear, {code: code for code in linear.labels}, twin, head=head, twin_head=twin_head)


def _largest(chances: Floats, most: int) -> NDArray[np.int64]:
    """For each row the columns of its largest values, best first; of equal ones the first."""
    left, rows = chances.copy(), np.arange(len(chances))
    columns = []
    for _ in range(most):
        columns.append(np.argmax(left, axis=1))
        left[rows, columns[-1]] = -1
    return np.stack(columns, axis=1)


def unsure(linear: LinearModel, scores: Floats) -> NDArray[np.int64]:
    """The rows of which the words alone are not sure: here the whole sentence is worth its time."""
    return np.flatnonzero(softmax(scores / np.float32(linear.temperature)).max(axis=1) < _SURE)


def _head(arrays: Arrays | None, linear: LinearModel | None) -> SentenceHead | None:
    return SentenceHead.from_arrays(arrays, linear.labels) if arrays and linear else None


def _only(model: Model, codes: Container[str]) -> Model:
    """The model without the labels that are not among `codes`."""
    kept = [number for number, code in enumerate(model.labels) if code in codes]
    return model.only(kept, tuple(model.labels[number] for number in kept))
