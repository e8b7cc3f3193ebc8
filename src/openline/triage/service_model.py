"""Which service a text is about: learnt from the catalogue's own words, and better from labelled history."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from zipfile import BadZipFile

import numpy as np

from openline.triage.assessment import RankedService
from openline.triage.catalogue import ServiceInfo
from openline.triage.features import Rows
from openline.triage.learning import fit
from openline.triage.linear import Floats, LinearModel
from openline.triage.text import readable, words

BEST = 3
_NAME_WEIGHT, _DESCRIPTION_WEIGHT, _KEYWORD_WEIGHT, _EXAMPLE_WEIGHT = 2.0, 1.5, 1.0, 1.0
_COLD_TEMPERATURE = 0.9
_FEW = 5.0
"""So few lessons per service make concepts count half as much again as words."""


@dataclass(frozen=True, slots=True)
class ServiceModel:
    """A linear model whose labels are service codes, with the services' names."""

    linear: LinearModel
    names: dict[str, str]

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
        return cls(replace(linear, temperature=_COLD_TEMPERATURE), {s.code: s.name for s in services})

    def rank(self, texts: Sequence[str]) -> list[tuple[RankedService, ...]]:
        """The three likeliest services of each text, best first."""
        return self.ranked(self.linear.read([words(readable(text)) for text in texts]))

    def ranked(self, chances: Floats, most: int = BEST) -> list[tuple[RankedService, ...]]:
        """The likeliest services for each row of probabilities, at most so many."""
        if not len(chances):
            return []
        best = np.argsort(-chances, axis=1, kind="stable")[:, :most]
        values = np.take_along_axis(chances, best, axis=1).astype(float).round(4).tolist()
        services = [(code, self.names.get(code, code)) for code in self.linear.labels]
        return [
            tuple(
                RankedService(code=services[column][0], name=services[column][1], confidence=value)
                for column, value in zip(columns, of_row, strict=True)
            )
            for columns, of_row in zip(best.tolist(), values, strict=True)
        ]

    def encode(self, texts: Sequence[Sequence[str]]) -> Rows:
        """Texts, given as words, as this model's rows."""
        return Rows([self.linear.vocabulary.encode(text) for text in texts])

    def for_catalogue(self, services: Sequence[ServiceInfo]) -> ServiceModel:
        """This model with today's names, and without the services that the catalogue no longer has.

        Raises ValueError if nothing is left.
        """
        today = {service.code: service.name for service in services}
        kept = [number for number, code in enumerate(self.linear.labels) if code in today]
        if not kept:
            raise ValueError("The service model knows none of the catalogue's services.")
        labels = tuple(self.linear.labels[number] for number in kept)
        weights = np.ascontiguousarray(self.linear.weights[:, kept])
        return ServiceModel(replace(self.linear, labels=labels, weights=weights), today)

    def to_bytes(self) -> bytes:
        """The model as one compressed file; the names stay in the catalogue."""
        return self.linear.to_bytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> ServiceModel:
        """The model that `to_bytes` made; names are codes until `for_catalogue`. Raises ValueError if it is none."""
        try:
            linear = LinearModel.from_bytes(data)
        except (KeyError, ValueError, OSError, EOFError, BadZipFile) as error:
            raise ValueError("This is not a service model.") from error
        return cls(linear, {code: code for code in linear.labels})


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
