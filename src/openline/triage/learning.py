"""Training of linear classifiers with NumPy alone (a machine-learning library would triple the installation)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from openline.triage.features import CONCEPT, PLAIN, Rows, Vocabulary, kind
from openline.triage.linear import Floats, LinearModel, softmax

_CHUNK = 8_000
"""So many stored values are multiplied at once: what fits the processor's cache is several times faster."""


class Matrix:
    """A sparse float32 matrix in rows, with its transpose, for products with dense matrices."""

    def __init__(self, numbers: NDArray[np.int64], starts: NDArray[np.int64], values: Floats, columns: int) -> None:
        self.numbers, self.values, self.columns = numbers, values, columns
        self.bounds = np.append(starts, len(numbers))
        self._blocks = list(self._blocked())

    def _blocked(self) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], Floats]]:
        """Rows of about the same length together, filled up with zeros: their numbers, columns and values."""
        lengths = np.diff(self.bounds)
        width = 2 ** np.ceil(np.log2(np.maximum(lengths, 1))).astype(int)
        for wide in np.unique(width):
            rows = np.flatnonzero(width == wide)
            for some in np.array_split(rows, max(1, len(rows) * int(wide) // _CHUNK)):
                at = self.bounds[some, None] + np.arange(wide)
                inside = np.arange(wide) < lengths[some, None]
                at[~inside] = 0
                yield some, self.numbers[at], np.where(inside, self.values[at], np.float32(0))

    def transposed(self) -> Matrix:
        """The transpose."""
        rows = np.repeat(np.arange(len(self.bounds) - 1), np.diff(self.bounds))
        order = np.argsort(self.numbers, kind="stable")
        starts = np.searchsorted(self.numbers[order], np.arange(self.columns))
        return Matrix(rows[order], starts, self.values[order], len(self.bounds) - 1)

    def times(self, dense: Floats) -> Floats:
        """This matrix times a dense one."""
        result = np.empty((len(self.bounds) - 1, dense.shape[1]), np.float32)
        for rows, numbers, values in self._blocks:
            result[rows] = np.matmul(values[:, None, :], dense[numbers])[:, 0]
        return result


def fit(
    texts: Sequence[Sequence[str]],
    labels: Sequence[str],
    *,
    weights: Sequence[float] | None = None,
    strength: float = 10.0,
    balance: float = 0.5,
    at_least: int = 1,
    iterations: int = 60,
    basis: LinearModel | None = None,
    concepts: float = 1.0,
    plain: float = 1.0,
    rarity: float = 1.0,
    ahead: Mapping[str, float] | None = None,
) -> LinearModel:
    """Multinomial logistic regression with L2 penalty 1 / (2 `strength`), on texts given as words.

    `balance` in 0..1: how far rare classes count more (0 as they come, 1 all classes alike). `basis`: a model
    whose vocabulary and idf are to be used, so that both can share one encoding. `concepts`: how much more concepts
    count than words, for lessons so few that most words of a post are new; `plain`: how much more words and pairs
    count than their beginnings and endings, for lessons so many that they are known; `rarity`: the power of the idf.
    `ahead`: so much a label's score is taken for higher while learning, and is therefore lower afterwards (as in the
    logit adjustment of Menon et al. 2021): for labels that are less likely than their share of the lessons.
    With a `basis`, `concepts` and `plain` say how freely their weights may grow, as it has its idf.
    """
    vocabulary = basis.vocabulary if basis else Vocabulary.learn(texts, at_least)
    rows = Rows([vocabulary.encode(text) for text in texts])
    emphasis = _emphasis(vocabulary, concepts, plain)
    idf = basis.idf if basis else inverse_frequencies(rows, vocabulary) ** np.float32(rarity) * emphasis
    names = tuple(sorted(set(labels)))
    wanted = np.searchsorted(np.array(names), np.array(labels))
    weight = row_weights(wanted, weights, balance)
    raised = np.array([(ahead or {}).get(name, 0.0) for name in names], np.float32)
    freedom = emphasis if basis else np.ones_like(idf)
    learnt = _descend(rows, idf, freedom, wanted, weight, raised, strength, iterations)
    return LinearModel(names, vocabulary, idf, learnt * freedom[:, None])


def inverse_frequencies(rows: Rows, vocabulary: Vocabulary) -> Floats:
    """For each feature how rare it is (smoothed idf, as in scikit-learn)."""
    owners = np.repeat(np.arange(len(rows)), rows.ends - rows.starts)
    once = np.unique(owners * len(vocabulary) + rows.numbers) % len(vocabulary)
    counts = np.bincount(once, minlength=len(vocabulary))
    idf = np.log((1 + len(rows)) / (1 + counts)) + 1
    return idf.astype(np.float32)


def _emphasis(vocabulary: Vocabulary, concepts: float, plain: float) -> Floats:
    """How much each feature counts beside the others."""
    by_kind = {CONCEPT: concepts, PLAIN: plain}
    return np.array([by_kind.get(kind(name), 1.0) for name in vocabulary.names], np.float32)


def row_weights(wanted: NDArray[np.int64], given: Sequence[float] | None, balance: float) -> Floats:
    """How much each row counts: as given, and rows of rare classes more (see `fit`); 1 on average."""
    weight = np.ones(len(wanted)) if given is None else np.array(given, float)
    mass = np.bincount(wanted, weights=weight)
    weight *= (weight.sum() / (len(mass) * mass[wanted])) ** balance
    return (weight / weight.mean()).astype(np.float32)


def _descend(
    rows: Rows,
    idf: Floats,
    freedom: Floats,
    wanted: NDArray[np.int64],
    weight: Floats,
    raised: Floats,
    strength: float,
    iterations: int,
) -> Floats:
    values = idf[rows.numbers]
    norms = np.sqrt(np.add.reduceat(values * values, rows.starts))
    values = values / np.repeat(norms, np.diff(np.append(rows.starts, len(values)))) * freedom[rows.numbers]
    matrix = Matrix(rows.numbers, rows.starts, values, len(idf))
    transpose = matrix.transposed()
    shape = (len(idf), int(wanted.max()) + 1)
    every = np.arange(len(wanted))

    def loss(flat: Floats) -> tuple[float, Floats]:
        current = flat.reshape(shape)
        chances = softmax(matrix.times(current) + raised)
        error = -float(np.sum(weight * np.log(chances[every, wanted] + 1e-12), dtype=np.float64))
        chances[every, wanted] -= 1
        gradient = transpose.times(chances * weight[:, None]) + current / strength
        return error + float(flat @ flat) / (2 * strength), gradient.ravel()

    return minimise(loss, np.zeros(shape[0] * shape[1], np.float32), iterations).reshape(shape)


def minimise(
    function: Callable[[Floats], tuple[float, Floats]], start: Floats, iterations: int, memory: int = 8
) -> Floats:
    """The point where `function` (value and gradient) is smallest, by L-BFGS (Nocedal and Wright, algorithm 7.5)."""
    point, (value, gradient) = start, function(start)
    past: deque[tuple[Floats, Floats]] = deque(maxlen=memory)
    for _ in range(iterations):
        direction = -_towards(gradient, past)
        slope, step = float(direction @ gradient), 1.0 if past else 1.0 / float(np.linalg.norm(gradient) + 1e-12)
        for _ in range(20):  # Armijo: halve the step until it pays
            candidate = point + np.float32(step) * direction
            new_value, new_gradient = function(candidate)
            if new_value <= value + 1e-4 * step * slope:
                break
            step /= 2
        else:
            return point
        moved, changed = candidate - point, new_gradient - gradient
        if float(moved @ changed) > 1e-10:
            past.append((moved, changed))
        gained, point, value, gradient = value - new_value, candidate, new_value, new_gradient
        if len(past) > 3 and gained < 1e-4 * max(1.0, abs(value)):
            break
    return point


def _towards(gradient: Floats, past: deque[tuple[Floats, Floats]]) -> Floats:
    """The inverse Hessian, as remembered by `past`, times `gradient` (the two-loop recursion)."""
    result, alphas = gradient.copy(), []
    for moved, changed in reversed(past):
        alpha = float(moved @ result) / float(moved @ changed)
        alphas.append(alpha)
        result -= np.float32(alpha) * changed
    if past:
        moved, changed = past[-1]
        result *= np.float32(float(moved @ changed) / float(changed @ changed))
    for (moved, changed), alpha in zip(past, reversed(alphas), strict=True):
        beta = float(changed @ result) / float(moved @ changed)
        result += np.float32(alpha - beta) * moved
    return result
