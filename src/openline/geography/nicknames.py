"""How people shorten the names of places, by rule: "No Libs rec", "Ford PAL", "Smedley Charter", "the Seaport Museum".

Made once, when a gazetteer is compiled. A short name is kept only where one place can be meant by it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from openline.geography.common_words import COMMON_WORDS
from openline.geography.lines import metres
from openline.geography.names import GENERIC
from openline.geography.records import AreaShape, Landmark
from openline.geography.shortening import ANYWHERE, KINDS, NO_NAMES, STAGES, Keys, acronym, short_forms
from openline.geography.text import name_keys

_SAME_PLACE_M = 300.0
"""Places nearer than this that share a short name are one: a church and its school."""
_FEW = 3
"""So many places may share a short name: then the street or the area that is also named decides, or the resident."""
_SHORTEST_ALONE = 6
_LONGEST_AREA = 3


def with_nicknames(
    marks: Sequence[Landmark], areas: Sequence[AreaShape], streets: Iterable[Keys] = ()
) -> list[Landmark]:
    """The landmarks with the short forms of their names among the aliases, none that is a street's or an area's."""
    taken = {*streets, *_all_names(areas), *_all_names(marks)}
    called = _area_nicknames(areas)
    bearers: dict[Keys, list[int]] = defaultdict(list)
    for index, mark in enumerate(marks):
        for short in _nicknames(mark, called) - taken:
            bearers[short].append(index)
    found: dict[int, list[str]] = defaultdict(list)
    for short, indexes in sorted(bearers.items()):
        meant = indexes[:1] if _one_place([marks[index] for index in indexes]) else indexes
        for index in meant if len(meant) <= _FEW and (len(short) > 1 or len(meant) == 1) else ():
            found[index].append(" ".join(short))
    return [replace(mark, aliases=(*mark.aliases, *found[i])) if i in found else mark for i, mark in enumerate(marks)]


def _all_names(places: Iterable[AreaShape | Landmark]) -> Iterator[Keys]:
    for place in places:
        yield from map(name_keys, (place.name, *place.aliases))


def _one_place(marks: Sequence[Landmark]) -> bool:
    first = marks[0]
    return all(metres((first.lon, first.lat), (mark.lon, mark.lat)) < _SAME_PLACE_M for mark in marks[1:])


def _area_nicknames(areas: Iterable[AreaShape]) -> dict[Keys, set[Keys]]:
    """For the names of neighbourhoods and sections the others that sound alike: No Libs, not a neighbour's name."""
    found: dict[Keys, set[Keys]] = defaultdict(set)
    for area in areas:
        if area.kind not in ("neighborhood", "section"):
            continue
        names = {keys for name in (area.name, *area.aliases) if (keys := name_keys(name))}
        for name in names:
            alike = {o for o in names if o[0][0] == name[0][0] and len(o) <= _LONGEST_AREA}
            found[name] |= {other for other in alike if other[: len(name)] != name}
    return found


def _nicknames(mark: Landmark, areas: Mapping[Keys, set[Keys]]) -> set[Keys]:
    """All short forms of a landmark's names that say enough."""
    letters = acronym(name_keys(mark.name))
    found: set[Keys] = {(letters,)} if letters.isalpha() and letters not in COMMON_WORDS else set()
    for keys in map(name_keys, (mark.name, *mark.aliases)):
        shorter = short_forms(keys) if len(keys) > 1 else set()
        called = {named for short in shorter for named in _with_area_called(short, areas)}
        found |= {short for short in shorter | called if _says_enough(short)}
    return found


def _with_area_called(keys: Keys, areas: Mapping[Keys, set[Keys]]) -> Iterator[Keys]:
    """The name with the other names of the area at its beginning: "No Libs Rec" of Northern Liberties."""
    for length in range(1, min(_LONGEST_AREA + 1, len(keys))):
        for other in areas.get(keys[:length], ()):
            yield (*other, *keys[length:])


def _says_enough(keys: Keys) -> bool:
    """Whether a short form is a name: a word of its own, with another that tells its kind or is its own too."""
    if len(keys) == 1:
        return len(keys[0]) >= _SHORTEST_ALONE and keys[0] not in GENERIC | COMMON_WORDS | NO_NAMES | ANYWHERE
    own = [key for key in keys if key not in GENERIC | KINDS | NO_NAMES and len(key) > 2]
    few = keys[-1] in STAGES or keys[-1] == "pal"
    return bool(own) and (len(own) > 1 or few or own[0] not in COMMON_WORDS)
