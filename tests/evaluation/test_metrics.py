"""Measures, checked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from openline.evaluation.metrics import (
    accuracy_at,
    area_under_roc,
    f1,
    interval,
    per_class,
    recall_at_precision,
    risk_coverage,
    share,
)  # fmt: skip

RIGHT = np.array([True, True, False, False])


def test_classes() -> None:
    rows = per_class(["a", "a", "b", "c"], ["a", "b", "b", "b"])
    assert [(row.name, row.rows) for row in rows] == [("a", 2), ("b", 1), ("c", 1)]
    a, b, c = rows
    assert (a.precision, a.recall, a.f1) == (1, 0.5, pytest.approx(2 / 3))
    assert (b.precision, b.recall, b.f1) == (pytest.approx(1 / 3), 1, 0.5)
    assert c.f1 == 0


def test_shares() -> None:
    assert f1(RIGHT, np.array([True, False, True, False])) == 0.5
    assert share(np.array([True, False, True, True]), RIGHT) == 0.5
    assert share(RIGHT, ~RIGHT & RIGHT) == 0


def test_ranking() -> None:
    assert area_under_roc(np.array([0.9, 0.8, 0.7, 0.1]), RIGHT) == 1
    assert area_under_roc(np.array([0.9, 0.1, 0.5, 0.5]), RIGHT) == 0.5
    assert area_under_roc(np.array([0.5, 0.5, 0.5, 0.5]), RIGHT) == 0.5
    assert recall_at_precision(np.array([0.9, 0.6, 0.7, 0.1]), RIGHT, 0.95) == 0.5
    assert recall_at_precision(np.array([0.1, 0.2, 0.7, 0.8]), RIGHT, 0.95) == 0


def test_risk_and_coverage() -> None:
    sure, hit = np.array([0.2, 0.9, 0.8, 0.4]), np.array([False, True, True, False])
    shares, accuracy = risk_coverage(sure, hit)
    assert shares.tolist() == [0.25, 0.5, 0.75, 1]
    assert accuracy.tolist() == [1, 1, pytest.approx(2 / 3), 0.5]
    assert accuracy_at(0.5, sure, hit) == 1
    assert accuracy_at(1.0, sure, hit) == 0.5


def test_an_interval_holds_the_figure_and_is_the_same_each_time() -> None:
    hit = np.arange(200) % 4 > 0
    low, high = interval(lambda at: float(hit[at].mean()), len(hit))
    assert low < 0.75 < high
    assert high - low == pytest.approx(4 * np.sqrt(0.75 * 0.25 / 200), rel=0.2)
    assert (low, high) == interval(lambda at: float(hit[at].mean()), len(hit))
