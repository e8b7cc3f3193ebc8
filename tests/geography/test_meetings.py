"""Where streets meet: every pair, whichever is named first, with all its points."""

from __future__ import annotations

import numpy as np

from openline.geography.meetings import Meetings

PAIRS = np.array([[0, 2], [1, 2], [0, 1], [0, 2]], np.int32)
POINTS = np.array([[1.0, 10.0], [2.0, 20.0], [3.0, 30.0], [4.0, 40.0]])


def test_two_streets_meet_at_all_their_corners_in_either_order() -> None:
    known = Meetings(PAIRS, POINTS, 4)
    assert known.between(0, 2) == known.between(2, 0) == [(1.0, 10.0), (4.0, 40.0)]
    assert known.between(0, 1) == [(3.0, 30.0)] and known.between(2, 1) == [(2.0, 20.0)]
    assert known.between(0, 3) == known.between(1, 1) == []


def test_a_street_knows_whom_it_meets_each_once() -> None:
    known = Meetings(PAIRS, POINTS, 4)
    assert [known.streets_at(street) for street in range(4)] == [[1, 2], [0, 2], [0, 1], []]


def test_a_city_without_corners_has_none() -> None:
    none = Meetings(np.zeros((0, 2), np.int32), np.zeros((0, 2)), 0)
    assert none.between(0, 1) == [] and none.streets_at(0) == []
