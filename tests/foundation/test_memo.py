"""A dictionary that works out what it does not know."""

from __future__ import annotations

from openline.foundation.memo import LONGEST, Memo


def test_each_key_is_worked_out_once() -> None:
    asked: list[str] = []

    def double(key: str) -> str:
        asked.append(key)
        return key * 2

    memo = Memo(double, most=10)
    assert list(map(memo.__getitem__, ["a", "b", "a"])) == ["aa", "bb", "aa"]
    assert asked == ["a", "b"]


def test_it_never_holds_more_than_it_may_nor_long_keys() -> None:
    memo = Memo(len, most=3)
    for number in range(10):
        assert memo[str(number)] == 1
        assert len(memo) <= 3
    assert memo["x" * (LONGEST + 1)] == LONGEST + 1
    assert "x" * (LONGEST + 1) not in memo
