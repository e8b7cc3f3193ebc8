"""A round visits every stop once, never longer than it needs to be for a person to call it good."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from openline.geography.rounds import length_of, visiting_order

POINT = st.tuples(st.floats(-75.3, -74.9), st.floats(39.8, 40.2))


def test_stops_on_a_street_are_visited_one_after_another() -> None:
    street = [(-75.10 - 0.01 * n, 39.95) for n in (3, 0, 4, 1, 2)]
    assert visiting_order(street, start=(-75.09, 39.95)) == [1, 3, 4, 0, 2]
    assert visiting_order(street, start=(-75.2, 39.95)) == [2, 0, 4, 3, 1]


def test_a_way_that_crosses_itself_is_turned_around() -> None:
    corners = [(-75.0, 40.0), (-75.01, 40.0), (-75.0, 40.01), (-75.01, 40.01), (-75.005, 40.03)]
    order = visiting_order(corners)
    legs = [(corners[a], corners[b]) for a, b in zip(order, order[1:], strict=False)]
    assert not any(_cross(*one, *other) for one in legs for other in legs)


def test_nothing_to_visit_is_no_round() -> None:
    assert visiting_order([]) == [] and length_of([]) == 0
    assert visiting_order([(-75.0, 40.0)]) == visiting_order([(-75.0, 40.0)], (-75.1, 40.1)) == [0]


@given(st.lists(POINT, min_size=1, max_size=12), st.none() | POINT)
def test_every_stop_is_visited_once_and_the_other_way_around_is_never_shorter(
    points: list[tuple[float, float]], start: tuple[float, float] | None
) -> None:
    order = visiting_order(points, start)
    assert sorted(order) == list(range(len(points)))
    assert start is not None or order[0] == 0
    begin = [] if start is None else [start]
    way = length_of([*begin, *(points[at] for at in order)])
    turned = [*order[:1], *reversed(order[1:])] if start is None else [*reversed(order)]
    assert way <= length_of([*begin, *(points[at] for at in turned)]) + 1


def _cross(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float], d: tuple[float, float]) -> bool:
    """Whether the legs a-b and c-d cross between their ends."""

    def side(p: tuple[float, float], q: tuple[float, float], r: tuple[float, float]) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    return side(a, b, c) * side(a, b, d) < -1e-12 and side(c, d, a) * side(c, d, b) < -1e-12
