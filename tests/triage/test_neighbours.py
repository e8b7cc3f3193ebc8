"""Lessons that are near in meaning: what they say, how they are kept."""

from __future__ import annotations

import numpy as np
import pytest

from openline.triage.linear import Floats
from openline.triage.sentences import neighbours as module
from openline.triage.sentences.head import SentenceHead, fit_head, weighed
from openline.triage.sentences.neighbours import Neighbours

WANTED = np.array([0, 1, 0, 2, 1, 0])


def vectors(rows: int, seed: int = 0) -> Floats:
    """Vectors of length one, in random directions."""
    found = np.random.RandomState(seed).normal(size=(rows, 12)).astype(np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def kept(reports: int = 6) -> Neighbours:
    return Neighbours.of(vectors(6), WANTED, [1.0] * 6, reports)


def test_the_label_of_the_nearest_lesson_is_the_likeliest() -> None:
    found = kept().scores(vectors(6))
    assert found.shape == (6, 3)
    assert found.argmax(axis=1).tolist() == WANTED.tolist()


def test_scores_are_the_density_of_each_label_as_defined() -> None:
    near, texts = kept(), vectors(4, seed=1)
    weight = dict(zip(map(bytes, near.vectors), near.weights.tolist(), strict=True))
    for row, text in zip(near.scores(texts), texts, strict=True):
        for label in range(3):
            lessons = vectors(6)[label == WANTED]
            density = sum(weight[bytes(one)] * np.exp(20 * (float(text @ one) - 1)) for one in lessons)
            assert row[label] == pytest.approx(np.log(density + 1e-5), abs=1e-3)


def test_a_phrase_of_the_catalogue_counts_less_than_a_report_and_the_lightest_are_not_kept() -> None:
    rows = np.repeat(vectors(1), 3, axis=0)
    near = Neighbours.of(rows, np.array([0, 1, 1]), [1.0, 1.0, 0.01], reports=1)
    assert near.counts.tolist() == [1, 1]
    said = near.scores(vectors(1))[0]
    assert said[0] - said[1] > 1
    only_light = Neighbours.of(rows, np.array([0, 1, 1]), [1.0, 0.01, 0.01], reports=1)
    assert only_light.counts.tolist() == [1, 2]  # no label is left without a lesson


def test_very_many_lessons_are_thinned_out_and_weigh_as_much(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = np.array([0] * 90 + [1] * 10)
    rows = vectors(100)
    whole = Neighbours.of(rows, wanted, [1.0] * 100, 100)
    monkeypatch.setattr(module, "_MOST", 40)
    few = Neighbours.of(rows, wanted, [1.0] * 100, 100)
    assert few.counts[1] == 10
    assert few.counts.sum() <= 40
    assert few.weights[: few.counts[0]].sum() == pytest.approx(whole.weights[:90].sum(), rel=1e-4)


def test_labels_can_be_taken_out() -> None:
    texts = vectors(5, seed=2)
    assert kept().only({0, 2}).scores(texts) == pytest.approx(kept().scores(texts)[:, [0, 2]], abs=1e-5)


def test_kept_lessons_survive_the_file_and_others_are_refused() -> None:
    near, texts = kept(), vectors(5, seed=3)
    arrays = near.to_arrays()
    assert arrays["near"].dtype == np.int8
    again = Neighbours.from_arrays(arrays, 3)
    assert again is not None
    assert again.scores(texts) == pytest.approx(near.scores(texts), abs=0.2)
    assert Neighbours.from_arrays({}, 3) is None
    with pytest.raises(ValueError, match="do not fit"):
        Neighbours.from_arrays(arrays, 4)
    with pytest.raises(ValueError, match="do not fit"):
        Neighbours.from_arrays(arrays | {"near_weights": near.weights[1:]}, 3)


def head_of(reports: int) -> tuple[SentenceHead, Floats, list[str]]:
    labels = [f"S{label}" for label in np.random.RandomState(7).randint(0, 3, 90)]
    centres = vectors(3, seed=8)
    rows = centres[[int(label[1]) for label in labels]] + 0.4 * vectors(90, seed=9)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return fit_head("m", rows[:60], labels[:60], [1.0] * 60, reports), rows[60:], labels[60:]


def test_a_head_with_reports_weighs_both_experts_and_is_stored_with_them() -> None:
    head, rows, labels = head_of(60)
    own = head.scores(rows)
    assert len(own) == 2
    words = np.zeros((30, 3), np.float32)
    head = weighed(head, words, own, labels)
    assert len(head.shares) == 2
    assert max(head.shares) > 0
    chances = head.calibrated(head.together(words, own))
    assert [head.labels[n] for n in chances.argmax(axis=1)] == labels
    again = SentenceHead.from_arrays(head.to_arrays(), head.labels)
    assert again.shares == head.shares
    assert again.calibrated(again.together(words, again.scores(rows))) == pytest.approx(chances, abs=0.02)


def test_a_head_without_reports_has_no_neighbours() -> None:
    head, rows, labels = head_of(0)
    assert head.neighbours is None
    head = weighed(head, np.zeros((30, 3), np.float32), head.scores(rows), labels)
    assert len(head.shares) == 1
    again = SentenceHead.from_arrays(head.to_arrays(), head.labels)
    assert again.neighbours is None
    assert again.shares == head.shares
