"""Learning how sure an answer is: the weights of `knowledge/confidence.py`, and the threshold for sending by itself.

Every figure that a threshold is chosen by comes from a model that has not seen the question nor another one of its
intent (cross-validation by groups).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from openline.evaluation.question_sets import Labelled
from openline.knowledge import meaning
from openline.knowledge.confidence import Example, Weights, correction, honest, learn, none_row
from openline.knowledge.library import library
from openline.knowledge.matching import Asked, Row

FOLDS = 5
MOST_WRONG = 0.01
_WITHOUT = 4
"""Every so many-th question is also learnt from as if its articles were not there: then none answers."""
_LEAST_SENT = 40
"""A threshold is chosen where so many answers went out at least; fewer prove nothing."""


@dataclass(frozen=True, slots=True)
class Read:
    """A question with the figures of its candidates."""

    row: Labelled
    asked: Asked
    rows: dict[int, Row]
    slugs: dict[int, str]


@dataclass(frozen=True, slots=True)
class Judged:
    """What was said to a question: the best article, its chance, and where the right one stands (0: nowhere)."""

    row: Labelled
    chance: float
    slug: str
    rank: int
    safe: bool

    @property
    def right(self) -> bool:
        """Whether the first article answers."""
        return self.rank == 1


def read(rows: Sequence[Labelled], with_meaning: bool) -> list[Read]:
    """The figures of all candidates of all questions, in the language of each."""
    books = library()
    encoder = meaning.encoder() if with_meaning else None
    found = []
    for start in range(0, len(rows), 100):
        part = rows[start : start + 100]
        ranks = books.ranks.of([(row.text, [row.language]) for row in part])
        for row, rank in zip(part, ranks, strict=True):
            matcher = books.matchers.get(row.language)
            if matcher is None:
                continue
            near = books.meanings.near(encoder.vectors([row.text])[0]) if encoder and books.meanings else {}
            asked = matcher.read(row.text)
            figures = matcher.rows(asked, rank, near)
            found.append(Read(row, asked, figures, {key: books.articles[key].slug for key in figures}))
    return found


def examples(questions: Sequence[Read]) -> list[Example]:
    """What is learnt from: each question, and some of them again without their articles."""
    found = [_example(one, ()) for one in questions]
    found += [_example(one, one.row.slugs) for one in questions if one.row.slugs and _fold(one.row.text, _WITHOUT) == 0]
    return [example for example in found if example is not None]


def _example(one: Read, without: Sequence[str] | frozenset[str]) -> Example | None:
    keys = [key for key in one.rows if one.slugs[key] not in without]
    if not keys:
        return None
    table = np.array([one.rows[key] for key in keys])
    right = tuple(n for n, key in enumerate(keys) if one.slugs[key] in one.row.slugs)
    if one.row.slugs and not right and not without:
        return None  # the right one is not among the candidates: "none" would be a lie
    return Example(table, none_row(one.asked, table), right)


def judge(weights: Weights, questions: Sequence[Read]) -> list[Judged]:
    """What `weights` say to each question."""
    safe = {article.slug for article in library().articles.values() if article.safe}
    found = []
    for one in questions:
        chances = weights.chances(one.asked, one.rows)
        order = sorted(chances, key=lambda key: (-chances[key], one.slugs[key]))
        rank = next((n for n, key in enumerate(order, 1) if one.slugs[key] in one.row.slugs), 0)
        best = one.slugs[order[0]] if order else ""
        found.append(Judged(one.row, chances[order[0]] if order else 0.0, best, rank, best in safe))
    return found


def cross_validated(questions: Sequence[Read]) -> list[Judged]:
    """Each question judged by weights, and a correction, that have seen nothing of its group."""
    return _honest(_crossed(questions))


def _crossed(questions: Sequence[Read]) -> list[Judged]:
    found: list[Judged] = []
    for fold in range(FOLDS):
        others = [one for one in questions if _fold(one.row.group) != fold]
        mine = [one for one in questions if _fold(one.row.group) == fold]
        if mine and others:
            found += judge(learn(examples(others), rounds=250), mine)
    return found


def whole(questions: Sequence[Read]) -> tuple[Weights, list[Judged]]:
    """The weights learnt from all questions, corrected; and what cross-validation says of them."""
    raw = _crossed(questions)
    weights = learn(examples(questions))
    if raw:
        scale, shift = correction(chances(raw), np.array([one.right for one in raw]))
        weights = replace(weights, scale=round(scale, 4), shift=round(shift, 4))
    return weights, _honest(raw)


def _honest(judged: list[Judged]) -> list[Judged]:
    """The chances corrected, each by what the other folds say."""
    fold = np.array([_fold(one.row.group) for one in judged])
    chance, right = chances(judged), np.array([one.right for one in judged])
    corrected = chance.copy()
    for number in set(fold.tolist()):
        mine = fold == number
        if not mine.all():
            corrected[mine] = honest(chance[mine], *correction(chance[~mine], right[~mine]))
    return [replace(one, chance=float(said)) for one, said in zip(judged, corrected, strict=True)]


def _fold(group: str, folds: int = FOLDS) -> int:
    return int(hashlib.sha256(group.encode()).hexdigest(), 16) % folds


def threshold(judged: Sequence[Judged], most_wrong: float = MOST_WRONG) -> float:
    """The lowest confidence from which on at most `most_wrong` of what is sent is wrong, even with one more wrong.

    1.01 (nothing is sent) if there is none.
    """
    sent = sorted((one for one in judged if one.safe), key=lambda one: -one.chance)
    wrong = np.cumsum([not one.right for one in sent])
    good = [n for n in range(_LEAST_SENT, len(sent) + 1) if wrong[n - 1] + 1 <= most_wrong * n]
    return round(sent[good[-1] - 1].chance, 4) if good else 1.01


def chances(judged: Sequence[Judged]) -> NDArray[np.float64]:
    """The confidence of each."""
    return np.array([one.chance for one in judged])
