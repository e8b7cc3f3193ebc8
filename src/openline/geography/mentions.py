"""Street names in a text: which words may stand for which streets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from openline.geography.gazetteer import Gazetteer
from openline.geography.words import COMMON_WORDS, DIRECTIONS, SUFFIXES, Token, ordinal


@dataclass(frozen=True, slots=True)
class Mention:
    """Words `start` to `end` that name one of `streets`. The flags say what was written beside the name."""

    start: int
    end: int
    streets: tuple[int, ...]
    suffix: bool
    direction: bool
    common: bool
    numbered: bool
    fuzzy: bool = False
    bare_number: bool = False

    @property
    def sure(self) -> bool:
        """Certainly meant as a street: a suffix, a direction, an ordinal, or a name that is no other word."""
        return self.suffix or self.direction or self.numbered or not self.common


def mention_at(gazetteer: Gazetteer, words: Sequence[Token], i: int, *, loose: bool = False,
               fuzzy: bool = False) -> Mention | None:
    """The street named from word `i` on, or None. `loose` reads a bare "13" as 13th; `fuzzy` allows one slip."""
    if i >= len(words) or not (fuzzy or _may_begin(gazetteer, words, i)):
        return None
    plain = _named(gazetteer, words, i, i, "", loose=loose, fuzzy=fuzzy)
    direction = DIRECTIONS.get(words[i].lower)
    if direction and i + 1 < len(words):
        directed = _named(gazetteer, words, i, i + 1, direction, loose=loose, fuzzy=fuzzy)
        if directed and (plain is None or directed.end > plain.end):
            return directed
    return plain


def _may_begin(gazetteer: Gazetteer, words: Sequence[Token], i: int) -> bool:
    """A quick look: could a street's name begin at word `i`?"""
    word = words[i]
    return word.key in gazetteer.names or word.lower.isdigit() or word.lower in DIRECTIONS


def _named(gazetteer: Gazetteer, words: Sequence[Token], start: int, i: int, direction: str, *, loose: bool,
           fuzzy: bool) -> Mention | None:
    """A name at word `i`, with what follows it: suffix, trailing direction."""
    if i >= len(words):
        return None
    found = _name(gazetteer, words, i, loose=loose, fuzzy=fuzzy)
    if found is None:
        return None
    end, streets, bare, slip = found
    name_words = words[i:end]
    end, streets, suffix = _suffix(gazetteer, words, end, streets)
    if direction:
        directed = [s for s in streets if gazetteer.streets[s].pre == direction]
        # "E Passyunk" is written even where the city's list has no such direction for the street.
        streets = directed or [s for s in streets if not gazetteer.streets[s].pre]
        if not streets:
            return None
    elif not suffix and end < len(words) and (trailing := DIRECTIONS.get(words[end].lower)) in ("N", "S", "E", "W"):
        directed = [s for s in streets if gazetteer.streets[s].pre == trailing]
        goes_on = end + 1 < len(words) and _may_begin(gazetteer, words, end + 1)  # "broad n snyder" is a corner
        if directed and len(streets) > 1 and not goes_on and words[end].lower not in ("no", "so"):
            streets, end, direction = directed, end + 1, trailing or ""
    numbered = name_words[0].key[0].isdigit() and not bare
    common = len(name_words) == 1 and (name_words[0].lower in COMMON_WORDS or len(name_words[0].lower) < 3)
    return Mention(start, end, tuple(streets), suffix, bool(direction), common or bare, numbered, slip, bare)


def _name(gazetteer: Gazetteer, words: Sequence[Token], i: int, *, loose: bool,
          fuzzy: bool) -> tuple[int, list[int], bool, bool] | None:
    """The longest street name at word `i`: where it ends, its streets, whether a bare number or a slip."""
    first = words[i]
    for keys, streets in gazetteer.names.get(first.key, ()):
        if len(keys) == 1 or tuple(w.key for w in words[i:i + len(keys)]) == keys:
            return i + len(keys), streets, False, False
    number = first.number
    if loose and number is not None and 1 <= number <= 90:
        for keys, streets in gazetteer.names.get(ordinal(number), ()):
            if len(keys) == 1:
                return i + 1, streets, True, False
    corrected = _one_slip(gazetteer, first.key) if fuzzy and len(first.lower) >= 5 and first.key.isalpha() else None
    if corrected:
        streets = next(s for keys, s in gazetteer.names[corrected] if len(keys) == 1)
        return i + 1, streets, False, True
    return None


def _one_slip(gazetteer: Gazetteer, word: str) -> str | None:
    """The only street name that is one letter away from `word` (left out, added, changed, swapped)."""
    found: set[str] = set(gazetteer.near.get(word, ()))
    for i in range(len(word)):
        found |= gazetteer.near.get(word[:i] + word[i + 1:], set())
    found = {name for name in found if abs(len(name) - len(word)) <= 1 and name[0] == word[0]}
    return found.pop() if len(found) == 1 else None


def _suffix(gazetteer: Gazetteer, words: Sequence[Token], end: int,
            streets: list[int]) -> tuple[int, list[int], bool]:
    """Take a suffix after the name: one that fits narrows the streets, a wrong one is a slip of the writer."""
    if end >= len(words):
        return end, streets, False
    standard = SUFFIXES.get(words[end].lower)
    if standard is None:
        return end, streets, False
    fitting = [s for s in streets if gazetteer.streets[s].suffix == standard]
    if fitting:
        return end + 1, fitting, True
    written = words[end].lower
    if written in ("st", "street", "ave", "av", "avenue", "rd", "road", "blvd", "sts"):
        return end + 1, streets, True
    return end, streets, False
