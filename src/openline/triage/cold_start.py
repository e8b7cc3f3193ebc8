"""What a city without history learns from: its catalogue's names, descriptions, keywords and examples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from openline.triage.catalogue import ServiceInfo
from openline.triage.learning import fit
from openline.triage.linear import Floats, LinearModel
from openline.triage.sentences.encoder import Encoder
from openline.triage.sentences.head import SentenceHead, fit_head, weighed
from openline.triage.text import words

_NAME_WEIGHT, _DESCRIPTION_WEIGHT, _KEYWORD_WEIGHT, _EXAMPLE_WEIGHT = 2.0, 1.5, 1.0, 1.0
_TEMPERATURE, _DOUBT = 0.7, 0.15
"""Measured on the reports of another city (`openline evaluate`); what a catalogue alone teaches is less sure."""
_SOFTER, _SENTENCE_DOUBT = 1.5, 0.1
"""Likewise, for words and sentences together: so much less sure than on the catalogue's own, tidier, phrases."""
_FEW = 5.0
"""So few lessons per service make concepts count half as much again as words."""
_FOLDS = 3

Lesson = tuple[str, str, float]
"""A text, the code of its service, and how much it counts."""


def catalogue_lessons(services: Iterable[ServiceInfo]) -> Iterable[Lesson]:
    """What a catalogue teaches."""
    for service in services:
        yield service.name, service.code, _NAME_WEIGHT
        if service.description:
            yield service.description, service.code, _DESCRIPTION_WEIGHT
        for keyword in service.keywords:
            yield keyword, service.code, _KEYWORD_WEIGHT
        for example in service.examples:
            yield example, service.code, _EXAMPLE_WEIGHT


def learn_words(lessons: Sequence[Lesson]) -> LinearModel:
    """The words of a catalogue."""
    texts, codes, weights = zip(*lessons, strict=True)
    concepts = 1 + _FEW / (_FEW + len(texts) / len(set(codes)))
    read = [words(text) for text in texts]
    linear = fit(read, codes, weights=weights, strength=30, balance=0.5, concepts=concepts)
    return replace(linear, temperature=_TEMPERATURE, doubt=_DOUBT)


def learn_sentences(lessons: Sequence[Lesson], encoder: Encoder) -> SentenceHead | None:
    """The sentences of a catalogue; how much they count beside its words is found by hiding a third, part by part.

    None if the services have too few lessons for that.
    """
    part = _parts(lessons)
    scores: list[Floats] = []
    own: list[Floats] = []
    right: list[str] = []
    for number in range(_FOLDS):
        kept = [lesson for lesson, of in zip(lessons, part, strict=True) if of != number]
        hidden = [lesson for lesson, of in zip(lessons, part, strict=True) if of == number]
        if not hidden:
            return None
        scores.append(learn_words(kept).raw([words(text) for text, _, _ in hidden]))
        own += _head(kept, encoder).scores(encoder.vectors([text for text, _, _ in hidden]))
        right += [code for _, code, _ in hidden]
    head = weighed(_head(lessons, encoder), np.vstack(scores), [np.vstack(own)], right)
    return replace(head, temperature=head.temperature * _SOFTER, doubt=_SENTENCE_DOUBT)


def _parts(lessons: Sequence[Lesson]) -> list[int]:
    """In which part each lesson is hidden: in turn, service by service; a service's only one in none (-1)."""
    many, seen = Counter(code for _, code, _ in lessons), Counter[str]()
    part = []
    for _, code, _ in lessons:
        part.append(seen[code] % _FOLDS if many[code] > 1 else -1)
        seen[code] += 1
    return part


def _head(lessons: Sequence[Lesson], encoder: Encoder) -> SentenceHead:
    texts, codes, weights = zip(*lessons, strict=True)
    return fit_head(encoder.checksum, encoder.vectors(texts), codes, weights)
