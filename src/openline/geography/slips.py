"""Names written with a slip: one letter left out, added, changed or swapped, or spelled by ear."""

from __future__ import annotations

import re
from collections.abc import Iterable
from string import ascii_lowercase

from openline.foundation.memo import Memo
from openline.geography.common_words import COMMON_WORDS

_SHORTEST = 5
_FEW = 3
_REMEMBERED = 10_000
_ONE_LETTER, _BY_EAR_ONLY = 0.1, 0.15
_SHORTEST_SOUND = 4
_BY_EAR = (
    (re.compile(r"ph"), "f"),
    (re.compile(r"[ckq]+"), "k"),
    (re.compile(r"gh"), "g"),
    (re.compile(r"[sz]+"), "s"),
    (re.compile(r"(?<=.)[aeiouyhw]+"), ""),
    (re.compile(r"(.)\1+"), r"\1"),
)


class Slips:
    """Finds the known names that a misspelled word can mean; built once over all names of one word."""

    def __init__(self, names: Iterable[str | None]) -> None:
        self._deleted: dict[str, str] = {}
        self._by_ear: dict[str, str] = {}
        self._meant = Memo(self._work_out, _REMEMBERED)
        self._names = {name for name in names if name and len(name) >= _SHORTEST and name.isalpha()}
        for name in self._names:
            if name not in COMMON_WORDS and len(sound(name)) >= _SHORTEST_SOUND:
                self._add(self._by_ear, sound(name), name)
            for form in {name[:i] + name[i + 1 :] for i in range(len(name))} | {name}:
                self._add(self._deleted, form, name)

    @staticmethod
    def _add(table: dict[str, str], form: str, name: str) -> None:
        table[form] = f"{table[form]} {name}" if form in table else name

    def meant(self, word: str) -> tuple[list[str], float]:
        """The few names that `word` can mean, and the confidence that the guess costs.

        Names one letter away go before names that only sound alike.
        """
        return self._meant[word]

    def _work_out(self, word: str) -> tuple[list[str], float]:
        if len(word) < _SHORTEST or not word.isalpha() or word in self._names:
            return [], 0.0
        forms = {word[:i] + word[i + 1 :] for i in range(len(word))} | {word}
        found = {name for form in forms for name in self._deleted.get(form, "").split()}
        close = [name for name in found if name[0] == word[0] and abs(len(name) - len(word)) <= 1]
        cost = _ONE_LETTER
        if not close:
            heard = self._by_ear.get(sound(word), "").split()
            close, cost = [name for name in heard if abs(len(name) - len(word)) <= 2], _BY_EAR_ONLY
        return (sorted(close), cost) if len(close) <= _FEW else ([], 0.0)


def one_letter_away(word: str) -> set[str]:
    """All that `word` becomes with one letter behind the first left out, added, changed or swapped."""
    splits = [(word[:i], word[i:]) for i in range(1, len(word) + 1)]
    near = {a + b[1:] for a, b in splits} | {a + b[1] + b[0] + b[2:] for a, b in splits if len(b) > 1}
    return near | {a + letter + rest for a, b in splits for letter in ascii_lowercase for rest in (b, b[1:])}


def sound(word: str) -> str:
    """What is heard of a word: its first letter and its consonants, alike ones as one."""
    for pattern, heard in _BY_EAR:
        word = pattern.sub(heard, word)
    return word
