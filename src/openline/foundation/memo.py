"""A dictionary that works out what it does not know, and remembers it: a word that comes again costs one look-up."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")

LONGEST = 64
"""Longer keys, in characters, are not remembered: few come again, and strangers choose how long they are."""


class Memo(dict[str, Value]):
    """What `make` makes of each key that was asked for; forgets everything before it holds more than `most`.

    `memo[key]` and `map(memo.__getitem__, keys)` always find something. Threads may share a memo: at worst two of them
    work out the same value.
    """

    def __init__(self, make: Callable[[str], Value], most: int) -> None:
        super().__init__()
        self._make, self._most = make, most

    def __missing__(self, key: str) -> Value:
        value = self._make(key)
        if len(key) <= LONGEST:
            if len(self) >= self._most:
                self.clear()
            self[key] = value
        return value
