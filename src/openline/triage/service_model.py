"""Which service a text is about: learnt from the catalogue's own words, and better from labelled history."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
from zipfile import BadZipFile

import numpy as np

from openline.triage.assessment import RankedService
from openline.triage.catalogue import ServiceInfo
from openline.triage.learning import fit
from openline.triage.linear import Floats, LinearModel, pack, unpack
from openline.triage.text import readable, words

BEST = 3
_NAME_WEIGHT, _DESCRIPTION_WEIGHT, _KEYWORD_WEIGHT, _EXAMPLE_WEIGHT = 2.0, 1.5, 1.0, 1.0
_COLD_TEMPERATURE, _COLD_DOUBT = 0.7, 0.15
"""Measured on the reports of another city (`openline evaluate`); what a catalogue alone teaches is less sure."""
_TWIN = "twin"
_FEW = 5.0
"""So few lessons per service make concepts count half as much again as words."""


@dataclass(frozen=True, slots=True)
class ServiceModel:
    """A linear model whose labels are service codes, with the services' names.

    `twin` is the same model without the rows that were held back when it was trained: a later model is compared with
    it. `newcomers` is the model of the catalogue alone, where the catalogue has services that this model never learnt.
    """

    linear: LinearModel
    names: dict[str, str]
    twin: LinearModel | None = None
    newcomers: LinearModel | None = None

    @classmethod
    def from_catalogue(cls, services: Sequence[ServiceInfo]) -> ServiceModel:
        """The model of a city without history: its names, descriptions, keywords and examples are the lesson.

        Raises ValueError if there are no services.
        """
        lessons = list(catalogue_lessons(services))
        if not lessons:
            raise ValueError("A catalogue needs at least one service.")
        texts, codes, weights = zip(*lessons, strict=True)
        concepts = 1 + _FEW / (_FEW + len(texts) / len(services))
        read = [words(text) for text in texts]
        linear = fit(read, codes, weights=weights, strength=30, balance=0.5, concepts=concepts)
        linear = replace(linear, temperature=_COLD_TEMPERATURE, doubt=_COLD_DOUBT)
        return cls(linear, {s.code: s.name for s in services})

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
        return replace(self, linear=self.twin, twin=None) if self.twin else self

    def _new(self) -> tuple[str, ...]:
        known = set(self.linear.labels)
        return tuple(code for code in self.newcomers.labels if code not in known) if self.newcomers else ()

    def combined(self, scores: Sequence[Floats]) -> Floats:
        """The probability of each service for each text, from the scores of each of `models`.

        A service that history does not know has the probability that the catalogue alone gives it; the others share
        the rest as history says.
        """
        chances = self.linear.calibrated(scores[0])
        if self.newcomers is None:
            return chances
        cold = self.newcomers.calibrated(scores[1])
        new = cold[:, [number for model, number in self.sources if model]]
        return np.hstack([chances * (1 - new.sum(axis=1, keepdims=True)), new])

    def chances(self, texts: Sequence[Sequence[str]]) -> Floats:
        """The probability of each service for each text, given as words."""
        return self.combined([model.raw(texts) for model in self.models])

    def rank(self, texts: Sequence[str]) -> list[tuple[RankedService, ...]]:
        """The three likeliest services of each text, best first."""
        return self.ranked(self.chances([words(readable(text)) for text in texts]))

    def ranked(self, chances: Floats, most: int = BEST) -> list[tuple[RankedService, ...]]:
        """The likeliest services for each row of probabilities, at most so many."""
        if not len(chances):
            return []
        best = np.argsort(-chances, axis=1, kind="stable")[:, :most]
        values = np.take_along_axis(chances, best, axis=1).astype(float).round(4).tolist()
        services = [(code, self.names.get(code, code)) for code in self.labels]
        return [
            tuple(
                [
                    RankedService(services[column][0], services[column][1], value)
                    for column, value in zip(columns, of_row, strict=True)
                ]
            )
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
        twin = _only(self.twin, today) if self.twin else None
        new = today.keys() - set(linear.labels)
        return ServiceModel(linear, today, twin, self.from_catalogue(services).linear if new else None)

    def to_bytes(self) -> bytes:
        """The model as one compressed file; the names stay in the catalogue."""
        return pack({"": self.linear, _TWIN: self.twin} if self.twin else {"": self.linear})

    @classmethod
    def from_bytes(cls, data: bytes) -> ServiceModel:
        """The model that `to_bytes` made; names are codes until `for_catalogue`. Raises ValueError if it is none."""
        try:
            parts = unpack(data)
            linear = parts[""]
        except (KeyError, ValueError, OSError, EOFError, BadZipFile) as error:
            raise ValueError("This is not a service model.") from error
        return cls(linear, {code: code for code in linear.labels}, parts.get(_TWIN))


def _only(model: LinearModel, codes: Container[str]) -> LinearModel:
    """The model without the labels that are not among `codes`."""
    kept = [number for number, code in enumerate(model.labels) if code in codes]
    labels = tuple(model.labels[number] for number in kept)
    return replace(model, labels=labels, weights=np.ascontiguousarray(model.weights[:, kept]))


def catalogue_lessons(services: Iterable[ServiceInfo]) -> Iterable[tuple[str, str, float]]:
    """What a catalogue teaches: text, service code, weight."""
    for service in services:
        yield service.name, service.code, _NAME_WEIGHT
        if service.description:
            yield service.description, service.code, _DESCRIPTION_WEIGHT
        for keyword in service.keywords:
            yield keyword, service.code, _KEYWORD_WEIGHT
        for example in service.examples:
            yield example, service.code, _EXAMPLE_WEIGHT
