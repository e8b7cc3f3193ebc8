"""The trainer and the classifier."""

from __future__ import annotations

import numpy as np
import pytest

from openline.triage.features import CONCEPT, OTHER, PLAIN, kind
from openline.triage.learning import Matrix, fit, minimise
from openline.triage.linear import Floats, LinearModel

TEXTS = [["red", "apple"], ["red", "cherry"], ["green", "pear"], ["green", "lime"], ["green", "apple"]]
LABELS = ["red", "red", "green", "green", "green"]


def test_minimise_finds_the_lowest_point() -> None:
    def bowl(at: Floats) -> tuple[float, Floats]:
        away = at - np.array([3.0, -2.0], np.float32)
        scale = np.array([1.0, 25.0], np.float32)
        return float((scale * away) @ away), 2 * scale * away

    assert minimise(bowl, np.zeros(2, np.float32), 100) == pytest.approx([3, -2], abs=0.01)


def test_sparse_products_agree_with_dense_ones() -> None:
    chance = np.random.default_rng(1)
    dense = (chance.random((40, 30)) * (chance.random((40, 30)) < 0.2)).astype(np.float32)
    dense[:, 0] = 1  # every row has something, column 7 nothing
    dense[:, 7] = 0
    rows, columns = np.nonzero(dense)
    matrix = Matrix(columns, np.searchsorted(rows, np.arange(40)), dense[rows, columns], 30)
    right, left = chance.random((30, 4)).astype(np.float32), chance.random((40, 4)).astype(np.float32)
    assert matrix.times(right) == pytest.approx(dense @ right, rel=1e-4)
    assert matrix.transposed().times(left) == pytest.approx(dense.T @ left, rel=1e-4, abs=1e-5)


def test_a_model_learns_what_tells_labels_apart_and_says_which_words() -> None:
    model = fit(TEXTS, LABELS)
    chances = model.read([["red", "plum"], ["green", "plum"]])
    assert model.labels == ("green", "red")
    assert chances.sum(axis=1) == pytest.approx([1, 1], abs=1e-5)
    assert chances[0, 1] > 0.7
    assert chances[1, 0] > 0.7


def test_a_model_survives_being_stored() -> None:
    model = fit(TEXTS, LABELS)
    again = LinearModel.from_bytes(model.to_bytes())
    assert again.labels == model.labels
    assert again.read(TEXTS) == pytest.approx(model.read(TEXTS), abs=0.01)


def test_a_balanced_model_does_not_forget_the_rare_label() -> None:
    texts = [["common", "word"]] * 50 + [["rare", "word"]]
    labels = ["often"] * 50 + ["seldom"]
    model = fit(texts, labels, balance=1.0)
    assert model.read([["rare", "word"]])[0, model.labels.index("seldom")] > 0.5


def test_words_can_count_more_than_their_letters_and_rare_features_more_than_common_ones() -> None:
    texts = [["pothole", "here"], ["graffiti", "here"], ["graffiti", "there"]]
    as_they_are = fit(texts, ["a", "b", "b"])
    told = fit(texts, ["a", "b", "b"], plain=2.0, concepts=3.0, rarity=1.5)
    for name, before, after in zip(told.vocabulary.names, as_they_are.idf, told.idf, strict=True):
        factor = {PLAIN: 2.0, CONCEPT: 3.0}.get(kind(name), 1.0)
        assert after == pytest.approx(before**1.5 * factor, rel=1e-5)
    assert {kind(name) for name in told.vocabulary.names} == {PLAIN, CONCEPT, OTHER}
    assert [kind(name) for name in ("*", "poth-", "-hole", "=pothole", "gas leak")] == [
        OTHER, OTHER, OTHER, CONCEPT, PLAIN,
    ]  # fmt: skip


def test_a_label_that_was_ahead_while_learning_is_behind_afterwards() -> None:
    fair, behind = fit(TEXTS, LABELS), fit(TEXTS, LABELS, ahead={"red": 2.0})
    assert fair.labels == ("green", "red")
    gap = behind.raw(TEXTS) - fair.raw(TEXTS)
    assert (gap[:, 1] < gap[:, 0] - 0.5).all()
