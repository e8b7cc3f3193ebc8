"""Civic concepts: words that mean the same thing, in several languages (data/concepts.csv, written for Openline).

A model that has learnt "pothole" from a catalogue thereby also understands "crater in the road" and "bache".
A line of the file: concept, language, words. Words are parted by semicolons; each is one word, a
beginning with a star ("pothol*") or a pair of words.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

from openline.triage.text import words

_SHORTEST_BEGINNING = 3


class Concepts:
    """Look-up tables from words, beginnings of words and pairs of words to concepts."""

    def __init__(self, rows: list[dict[str, str]]) -> None:
        self.of_word: dict[str, tuple[str, ...]] = {}
        self.of_beginning: dict[str, tuple[str, ...]] = {}
        self.of_pair: dict[str, tuple[str, ...]] = {}
        for row in rows:
            for entry in row["words"].split(";"):
                self._add(row["concept"], entry.strip())

    def _add(self, concept: str, entry: str) -> None:
        parts = words(entry)
        if len(parts) == 1 and entry.endswith("*"):
            table, key = self.of_beginning, parts[0]
        else:
            table, key = (self.of_word if len(parts) == 1 else self.of_pair), " ".join(parts[:2])
        if key and concept not in table.get(key, ()):
            table[key] = (*table.get(key, ()), concept)


@cache
def concepts() -> Concepts:
    """The concepts of the package, read once."""
    text = (files("openline.triage") / "data" / "concepts.csv").read_text(encoding="utf-8")
    return Concepts(list(csv.DictReader(text.splitlines())))


def concepts_of_word(word: str) -> tuple[str, ...]:
    """The concepts that `word`, or a beginning of it, stands for."""
    known = concepts()
    found = known.of_word.get(word, ())
    for length in range(_SHORTEST_BEGINNING, len(word) + 1):
        found += known.of_beginning.get(word[:length], ())
    return found


def concepts_of_pair(pair: str) -> tuple[str, ...]:
    """The concepts that two words in a row stand for."""
    return concepts().of_pair.get(pair, ())


def known_pairs() -> tuple[str, ...]:
    """All pairs of words that stand for a concept."""
    return tuple(concepts().of_pair)
