"""The shipped model of intent and urgency: two classifiers over one vocabulary, made by tools/train_triage.py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

import numpy as np

from openline.triage.assessment import INTENTS, URGENCIES
from openline.triage.features import ALWAYS, Rows, Vocabulary
from openline.triage.learning import fit, inverse_frequencies
from openline.triage.linear import Floats, LinearModel, softmax

FILE = "heads.npz"


@dataclass(frozen=True, slots=True)
class Heads:
    """A linear model whose first columns are the intents and whose last are the urgencies."""

    linear: LinearModel

    @classmethod
    def learn(
        cls, intents: Sequence[tuple[Sequence[str], str]], urgencies: Sequence[tuple[Sequence[str], str]]
    ) -> Heads:
        """Train on texts (as words) with their intent and on texts with their urgency."""
        basis = _basis([text for text, _ in intents])
        intent = fit(*zip(*intents, strict=True), strength=10, balance=0.85, basis=basis)
        telling = [([word for word in text if word not in _MANNER], level) for text, level in urgencies]
        urgency = fit(*zip(*telling, strict=True), strength=1, balance=0.3, concepts=2, plain=2, basis=basis)
        weights = np.hstack([_in_order(intent, INTENTS), _in_order(urgency, URGENCIES)])
        return cls(replace(intent, labels=INTENTS + URGENCIES, weights=weights))

    def read(self, rows: Rows) -> tuple[Floats, Floats]:
        """For each row the probability of each intent, and of each urgency."""
        return by_head(self.linear.scores(rows))


def by_head(scores: Floats) -> tuple[Floats, Floats]:
    """The probability of each intent, and of each urgency, from the scores of the heads."""
    return softmax(scores[:, : len(INTENTS)]), softmax(scores[:, len(INTENTS) :])


# Requests name streets and numbers more often than chatter does, but a street makes no request.
_PLACE_WORDS = frozenset(
    """_num _nth st ave street avenue road rd blvd n s w e north south east west broad and at the on of corner block
    in""".split()
)

# How somebody writes is no sign of danger, though lessons and posts of a kind are written alike.
_MANNER = frozenset(". ! ? please a the this that here".split())


def _basis(texts: Sequence[Sequence[str]]) -> LinearModel:
    """The vocabulary, with idf, of both heads: all that occurs often enough and does not merely name a place."""
    names = Vocabulary.learn(texts, at_least=3).names
    telling = [name for name in names if name == ALWAYS or not _PLACE_WORDS.issuperset(name.strip("-").split())]
    vocabulary = Vocabulary(telling)
    idf = inverse_frequencies(Rows([vocabulary.encode(text) for text in texts]), vocabulary)
    return LinearModel((), vocabulary, idf, np.zeros((len(vocabulary), 0), np.float32))


def _in_order(model: LinearModel, labels: Sequence[str]) -> Floats:
    """The weights with columns as in `labels`; a label without lessons is never chosen. The first row is the bias."""
    columns = np.zeros((len(model.weights), len(labels)), np.float32)
    columns[0] = -50
    for number, label in enumerate(labels):
        if label in model.labels:
            columns[:, number] = model.weights[:, model.labels.index(label)]
    return columns


@cache
def shipped() -> Heads:
    """The heads that come with the package, loaded once."""
    return Heads(LinearModel.from_bytes((files("openline.triage") / "data" / FILE).read_bytes()))
