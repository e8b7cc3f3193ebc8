"""Spelling of the few hundred words that matter most here: dialect, text-message and mistyped forms are read alike.

Of words of four letters only two that are swapped are put right ("raod"): too many others are a letter away.

data/spellings.txt lists forms that everybody writes ("dey: they"), the words worth mending, and real words that are
one letter from those and stay as they are ("parting" is no "parking").
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import NamedTuple

_SHORTEST = 5


class _Spellings(NamedTuple):
    forms: dict[str, tuple[str, ...]]
    words: frozenset[str]
    real: frozenset[str]
    of_rest: dict[str, tuple[str, ...]]


def mended(word: str) -> tuple[str, ...]:
    """`word`, or what it is a form of or one slip away from: a letter more, less, other, or two swapped."""
    known = _spellings()
    form = known.forms.get(word)
    if form:
        return form
    if len(word) < _SHORTEST - 1 or word in known.words or word in known.real or not word.isascii():
        return (word,)
    for meant in _near(word, known):
        swapped = len(meant) == len(word) and sorted(meant) == sorted(word)
        if meant[0] == word[0] and (swapped or len(meant) >= _SHORTEST) and _one_slip(word, meant):
            return (meant,)
    return (word,)


def _near(word: str, known: _Spellings) -> Iterator[str]:
    """Words worth mending that share with `word` what is left when each loses at most a letter."""
    for rest in (word, *_rests(word)):
        yield from known.of_rest.get(rest, ())


def _rests(word: str) -> Iterator[str]:
    return (word[:at] + word[at + 1 :] for at in range(len(word)))


def _one_slip(word: str, meant: str) -> bool:
    """Whether `word`, which shares a rest with `meant`, differs by one letter or by two that are swapped."""
    if len(word) != len(meant):
        return True
    places = [at for at, (one, other) in enumerate(zip(word, meant, strict=True)) if one != other]
    if len(places) == 1:
        return True
    first, last = places[0], places[-1]
    return last == first + 1 and word[first] == meant[last] and word[last] == meant[first]


@cache
def _spellings() -> _Spellings:
    """The file, read once."""
    text = (files("openline.triage") / "data" / "spellings.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    split = {name: lines.index(f"[{name}]") for name in ("forms", "words", "real")}
    forms: dict[str, tuple[str, ...]] = {}
    for line in lines[split["forms"] + 1 : split["words"]]:
        written, _, meant = line.partition(": ")
        forms.update(dict.fromkeys(written.split(), tuple(meant.split())))
    words = frozenset(" ".join(lines[split["words"] + 1 : split["real"]]).split())
    real = frozenset(" ".join(lines[split["real"] + 1 :]).split())
    of_rest: dict[str, tuple[str, ...]] = {}
    for word in sorted(word for word in words if len(word) >= _SHORTEST - 1):
        for rest in {word, *_rests(word)}:
            of_rest[rest] = (*of_rest.get(rest, ()), word)
    return _Spellings(forms, words, real, of_rest)
