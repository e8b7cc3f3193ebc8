"""Street names in a text: which words may stand for which streets, and how sure that is."""

from __future__ import annotations

from typing import Literal, NamedTuple

from openline.geography.gazetteer import Gazetteer
from openline.geography.names import is_common
from openline.geography.roles import BETWEEN, STREET, Roles
from openline.geography.text import Words
from openline.geography.words import ABBREVIATED, DIRECTIONS, PLURAL_SUFFIXES, STRONG_SUFFIXES, SUFFIXES, ordinal

Fit = Literal[-1, 0, 1]
"""How a suffix or a direction fits the streets: 1 as written, 0 not written, -1 written but no street has it."""


class Mention(NamedTuple):
    """The words from `start` to before `end` that name one of `streets`; the name itself begins at `name`.

    `own` are the streets that bear the name, not as an alias. `slip` is the confidence that a misspelling costs.
    """

    start: int
    name: int
    end: int
    streets: tuple[int, ...]
    own: frozenset[int] = frozenset()
    suffix: Fit = 0
    direction: Fit = 0
    common: bool = False
    numbered: bool = False
    slip: float = 0.0
    bare_number: bool = False

    @property
    def doubt(self) -> float:
        """How much confidence a slip of the pen or a wrong suffix costs."""
        return self.slip + 0.1 * (self.suffix < 0)

    @property
    def strength(self) -> int:
        """2: certainly a street; 1: a name that is no other word; 0: may be any word; -1: does not fit the city."""
        if self.direction < 0 or (self.suffix < 0 and self.numbered):
            return -1
        if self.bare_number:
            return 1 if self.suffix > 0 else 0
        if self.suffix > 0 or (self.direction > 0 and not self.common):
            return 2
        return 0 if self.common and not self.direction else 1


def mentions_in(gazetteer: Gazetteer, words: Words, roles: Roles, asked: bool = False) -> list[Mention]:
    """All streets that the text may name, in its order; of two that overlap, the better fitting stays.

    `asked`: the text answers our question "where is it?".
    """
    followers, keys, last = gazetteer.names.followers, words.keys, len(words.keys) - 1
    all_tell = asked or not last or bool(roles.having(BETWEEN))
    found: list[Mention] = []
    for i in roles.having(STREET):
        alone, seconds = followers[keys[i]]
        if i == last or keys[i + 1] not in seconds:
            clear = not found or found[-1].end <= i
            if not alone or (clear and not all_tell and roles.idle(i)):
                continue
        mention = mention_at(gazetteer, words, i)
        if mention is None:
            continue
        while found and found[-1].end > mention.start and _better(mention, found[-1]):
            found.pop()
        if not found or found[-1].end <= mention.start:
            found.append(mention)
    return found


def _better(new: Mention, old: Mention) -> bool:
    """Whether `new` reads the words that both want better: it takes more of them, or fits where the old does not."""
    if new.name < old.end and new.start >= old.start and new.end <= old.end:
        return False
    return (new.strength, new.end - new.start) > (old.strength, old.end - old.start) or new.start <= old.start


def mention_at(gazetteer: Gazetteer, words: Words, i: int) -> Mention | None:
    """The street whose name begins at word `i`, with its direction before and its suffix behind; None if none."""
    best: Mention | None = None
    for keys, streets in gazetteer.names.streets.get(words.keys[i], ()):
        end = i + len(keys)
        if len(keys) > 1 and (tuple(words.keys[i:end]) != keys or not _together(words, i, end)):
            continue
        mention = _completed(gazetteer, words, i, end, streets, common=is_common(keys))
        if mention and (best is None or (mention.suffix, mention.end) > (best.suffix, best.end)):
            best = mention
    return best


def slip_at(gazetteer: Gazetteer, words: Words, i: int) -> Mention | None:
    """A misspelled street name at word `i`: all streets that can be meant; None if there are none, or many.

    Of a name of several words only the first may be misspelled: "Chesnut Hill Ave".
    """
    names, cost = gazetteer.names.slips.meant(words.keys[i])
    if not names:
        return None
    meant = [
        entry
        for first in names
        for entry in gazetteer.names.streets[first]
        if tuple(words.keys[i + 1 : i + len(entry[0])]) == entry[0][1:]
    ]
    longest = max((len(keys) for keys, _ in meant), default=0)
    streets = tuple(street for keys, named in meant if len(keys) == longest for street in named)
    return _completed(gazetteer, words, i, i + longest, streets, common=False, slip=cost) if streets else None


def number_at(gazetteer: Gazetteer, words: Words, i: int) -> Mention | None:
    """A bare "13" read as 13th, where the rule that asks has reason to."""
    number = words.number(i) if 0 <= i < len(words) else None
    if number is None or not 1 <= number <= 99:
        return None
    for keys, streets in gazetteer.names.streets.get(ordinal(number), ()):
        if len(keys) == 1:
            found = _completed(gazetteer, words, i, i + 1, streets, common=True, bare_number=True)
            return found if found and found.suffix >= 0 else None
    return None


def bare_at(gazetteer: Gazetteer, words: Words, i: int) -> Mention | None:
    """A bare number as with `number_at`, or a small letter ("b and westmoreland"), where a corner gives reason to."""
    word = words.lower[i] if 0 <= i < len(words) else ""
    if len(word) != 1 or not word.isalpha() or word in "aieoyusnw" or words.capital(i):
        return number_at(gazetteer, words, i)
    found = (streets for keys, streets in gazetteer.names.streets.get(word, ()) if len(keys) == 1)
    streets = next(found, ())
    return Mention(i, i, i + 1, streets, frozenset(streets), common=True, bare_number=True) if streets else None


def _together(words: Words, start: int, end: int) -> bool:
    """Whether no comma or bracket parts the words of a name (a hyphen may)."""
    return all(words.gap(i) in ("", "-", "/") for i in range(start, end - 1))


def _completed(
    gazetteer: Gazetteer,
    words: Words,
    name: int,
    end: int,
    streets: tuple[int, ...],
    *,
    common: bool,
    slip: float = 0.0,
    bare_number: bool = False,
) -> Mention | None:
    """A name with what is written beside it: suffix, direction before, direction behind."""
    end, streets, suffix = _suffix(gazetteer, words, name, end, streets)
    start, streets, direction = _direction_before(gazetteer, words, name, streets)
    if not direction and not bare_number:
        end, streets, direction = _direction_behind(gazetteer, words, end, streets, suffix)
    if common and len(words.keys[name]) == 1 and suffix <= 0 and not words.capital(name):
        return None  # "a", "i" and "e" in small letters are words, not streets
    own = frozenset(s for s in streets if gazetteer.names.first_keys[s] == words.keys[name]) or frozenset(streets)
    numbered = words.keys[name][0].isdigit()
    return Mention(start, name, end, streets, own, suffix, direction, common, numbered, slip, bare_number)


def _suffix(
    gazetteer: Gazetteer, words: Words, name: int, end: int, streets: tuple[int, ...]
) -> tuple[int, tuple[int, ...], Fit]:
    """A suffix behind the name: one that fits narrows the streets; a wrong one is noted if it is surely meant."""
    written = words.lower[end] if end < len(words) else ""
    standard = SUFFIXES.get(written)
    if standard is None or not words.close(end - 1):
        return end, streets, 0
    fitting = tuple(s for s in streets if gazetteer.streets[s].suffix == standard)
    if fitting:
        # "5th St" is also the mall in its place, whatever the suffix of that.
        other = tuple(s for s in streets if gazetteer.names.first_keys[s] != words.keys[name])
        return end + 1, tuple(dict.fromkeys(fitting + other)), 1
    if written in PLURAL_SUFFIXES:
        return end + 1, streets, 0  # "Broad and Snyder Sts": of both together
    meant = written in STRONG_SUFFIXES or written in ABBREVIATED or words.capital(end)
    if meant and not (written in ("st", "la") and _names_a_saint(gazetteer, words, end)):
        return end + 1, streets, -1
    return end, streets, 0


def _names_a_saint(gazetteer: Gazetteer, words: Words, i: int) -> bool:
    """Whether "St" at word `i` begins a street's name: "Broad & St James"."""
    return any(
        len(keys) > 1 and tuple(words.keys[i : i + len(keys)]) == keys
        for keys, _ in gazetteer.names.streets.get("st", ())
    )


def _direction_before(
    gazetteer: Gazetteer, words: Words, name: int, streets: tuple[int, ...]
) -> tuple[int, tuple[int, ...], Fit]:
    """A direction in front of the name narrows the streets; one that no such street has is noted."""
    if name == 0 or words.lower[name - 1] not in DIRECTIONS or not words.close(name - 1):
        return name, streets, 0
    written = words.lower[name - 1]
    joining = written in ("n", "e") and name > 1 and not words.capital(name - 1)
    if joining and words.keys[name - 2] in gazetteer.names.streets:
        return name, streets, 0  # "12th n 13th": an "and"
    if written in ("no", "so") and "." not in words.text[words.ends[name - 1] : words.starts[name]]:
        return name, streets, 0
    direction = DIRECTIONS[written]
    directed = tuple(s for s in streets if gazetteer.streets[s].pre == direction)
    if directed:
        return name - 1, directed, 1
    if joining and (words.number(name - 2) or 0) < 100:
        return name, streets, 0  # "broad n snyder": no northern Snyder, so "n" is an "and"; "118 n bread" has a house
    plain = tuple(s for s in streets if not gazetteer.streets[s].pre)
    if plain and gazetteer.has_direction(direction):
        return name - 1, plain, 0
    return name - 1, streets, -1


def _direction_behind(
    gazetteer: Gazetteer, words: Words, end: int, streets: tuple[int, ...], suffix: Fit
) -> tuple[int, tuple[int, ...], Fit]:
    """A direction behind the name ("5th St N"), unless it belongs to what follows ("broad n snyder")."""
    direction = DIRECTIONS.get(words.lower[end], "") if end < len(words) else ""
    if not direction or not suffix or len(streets) < 2 or not words.close(end - 1):
        return end, streets, 0
    directed = tuple(s for s in streets if gazetteer.streets[s].pre == direction)
    following = words.keys[end + 1] if end + 1 < len(words) else ""
    if not directed or following in gazetteer.names.streets or following in ("of", "side"):
        return end, streets, 0
    return end + 1, directed, 1
