"""Short forms of a place's name, word by word: what people leave out of it, and what they say instead."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

Keys = tuple[str, ...]

_SCHOOLS = frozenset("school elementary high middle academy charter".split())
STAGES = frozenset("museum theater gallery".split())
"""Kinds that people leave out ("Plays and Players"), and that make a name of an everyday word ("Liberty Museum")."""
KINDS = (
    _SCHOOLS
    | STAGES
    | frozenset(
        "playground park recreation center library hospital cemetery market square plaza station memorial garden"
        " gardens field fields rink pool hall house mansion tower university college shopping mall monument pal"
        " campus club".split()
    )
)
"""Words at the end of a name that say what the place is."""
NO_NAMES = frozenset(
    "animal veterinary emergency surgical rehab nursing mental general pet private jewish christian islamic hebrew"
    " natural war police firemens veterans childrens womens girls boys movie dinner opera performing visual fine wax"
    " toy military science history art philadelphia university college national american state federal"
    " county".split()
)
"""Words that with a kind behind them are a kind again: "animal hospital", "art museum"."""
ANYWHERE = frozenset("seaport uptown downtown waterfront".split())
"""Words that alone are a part of any city."""
_LOOSE = frozenset("memorial community charter veterans historical historic cultural lgbt".split())
"""Words within a name that people leave out."""
_LEADING = frozenset("national american universal greater".split())
"""Words that people leave out only at the beginning."""
_KEEP_ALL = ("church", "garden", "god")
"""Kinds of which nothing is left out: "native church" and "organic garden" are no names."""
_FEW = STAGES | {"memorial"}
"""Kinds so few that the last word before them is name enough: "Seaport Museum", "Vietnam Memorial"."""
_FAITHS = ("catholic", "roman", "episcopal", "lutheran")
_ACRONYMS = ("university", "college", "hospital", "medicine")
_SHORTEST_ACRONYM = 4
_SAME_KINDS: dict[Keys, Keys] = {
    ("community", "recreation", "center"): ("community", "center"),
    ("older", "adult", "center"): ("senior", "center"),
    ("senior", "center"): ("older", "adult", "center"),
    ("cemetery",): ("burial", "ground"),
    ("shopping", "center"): ("shopping", "plaza"),
    ("plaza",): ("shopping", "center"),
    ("ice", "rink"): ("skating", "rink"),
}
"""Ends of names that people take for one another."""


def short_forms(keys: Keys) -> set[Keys]:
    """All short forms of a name, also such as say too little to be one."""
    if keys[0][0].isdigit():
        return set(_at_a_corner(keys))
    whole = {keys, *_without_loose(keys)}
    return whole | {short for each in whole for rule in _RULES for short in rule(each)} | {*_alone(keys)}


def acronym(keys: Keys) -> str:
    """ "pcom" of the Philadelphia College of Osteopathic Medicine; "" of most names."""
    letters = "".join(key[0] for key in keys if key not in ("of", "the", "for", "at", "in"))
    return letters if keys[-1:] and keys[-1] in _ACRONYMS and len(letters) >= _SHORTEST_ACRONYM else ""


def _without_loose(keys: Keys) -> Iterator[Keys]:
    """The name without initials, "the" and some of the words that people leave out; the last word stays."""
    last = len(keys) - 1
    kept = tuple(key for i, key in enumerate(keys) if i in (0, last) or (len(key) > 1 and key != "the"))
    loose = [i for i, key in enumerate(kept[:-1]) if key in (_LOOSE if i else _LEADING)]
    for count in range(1 if kept[-1] in _KEEP_ALL else min(len(loose), 3) + 1):
        for left_out in combinations(loose, count):
            yield tuple(key for i, key in enumerate(kept) if i not in left_out)


def _parted(keys: Keys) -> tuple[Keys, Keys]:
    """The name proper, and the words of its kind at the end."""
    end = len(keys)
    while end > 1 and keys[end - 1] in KINDS:
        end -= 1
    return keys[:end], keys[end:]


def _last_name(keys: Keys) -> Iterator[Keys]:
    """ "Seaport Museum" of the Independence Seaport Museum, "Fotterall Square" of Stephen E Fotterall's.

    Of a school named after a person any kind: "Stetson Middle" of John B Stetson Charter School.
    """
    stem, kind = _parted(keys)
    few = len(stem) > 1 and not _FEW.isdisjoint(kind) and stem[-1] not in NO_NAMES
    person = kind and len(stem) == 3 and len(stem[1]) == 1
    if few or person:
        yield (stem[-1], *kind)
    if person and not _SCHOOLS.isdisjoint(kind):
        yield from ((stem[-1], *end) for end in (("school",), ("middle",), ("middle", "school")))


def _at_a_corner(keys: Keys) -> Iterator[Keys]:
    """ "The park at 29th and Passyunk" of 29th and Passyunk Park."""
    if len(keys) == 3 and keys[-1] in ("park", "playground") and keys[1] not in KINDS | {"st", "avenue"}:
        yield (keys[-1], "at", *keys[:-1])


def _first_names(keys: Keys) -> Iterator[Keys]:
    """ "William Way Center" of the William Way LGBT Community Center."""
    stem, kind = _parted(keys)
    if kind[-1:] == ("center",) and len(stem) > 1 and kind[0] not in ("recreation", "shopping"):
        yield (*stem[:2], "center")


def _pal(keys: Keys) -> Iterator[Keys]:
    """ "Ford PAL" of the Ford PAL Recreation Center."""
    if "pal" in keys[1:]:
        yield keys[: keys.index("pal") + 1]


def _school(keys: Keys) -> Iterator[Keys]:
    """ "Maritime Academy" and "Maritime Charter" of the Maritime Academy Charter School."""
    stem, kind = _parted(keys)
    if not _SCHOOLS.isdisjoint(kind):
        yield from ((*stem, *kind[: end + 1]) for end in range(len(kind)))
        yield from ((*stem, word) for word in {*kind, "school"})


def _numbered(keys: Keys) -> Iterator[Keys]:
    """ "MAST II" of MAST Community Charter School II."""
    if keys[-1] in ("ii", "iii", "iv") and not _SCHOOLS.isdisjoint(keys):
        yield (*keys[: min(i for i, key in enumerate(keys) if key in _SCHOOLS | _LOOSE)], keys[-1])


def _network(keys: Keys) -> Iterator[Keys]:
    """ "Mastery Smedley" and "Smedley Charter School" of Mastery Charter School at Smedley."""
    if keys[1:2] != ("charter",):
        return
    site = tuple(key for key in keys[2:] if key not in KINDS | {"at", "of", "for"})
    if len(site) == 1:
        others = ("charter", "school"), ("charter",), ("school",), ("campus",), (keys[0],)
        yield from ((*site, *other) for other in others)
        yield (keys[0], *site)


def _alone(keys: Keys) -> Iterator[Keys]:
    """ "Plays and Players", "the Rosenbach"."""
    if keys[-1] in STAGES:
        yield keys[:-1]


def _same_kind(keys: Keys) -> Iterator[Keys]:
    """A senior center as an older adult center, a cemetery as a burial ground."""
    for end in (keys[-3:], keys[-2:], keys[-1:]):
        if end in _SAME_KINDS and len(end) < len(keys):
            yield (*keys[: -len(end)], *_SAME_KINDS[end])


def _initials(keys: Keys) -> Iterator[Keys]:
    """ "T. M. Pierce School" and "TM Pierce" of Thomas M Pierce."""
    stem, kind = _parted(keys)
    if len(stem) == 3 and len(stem[1]) == 1 and not _SCHOOLS.isdisjoint(kind):
        yield from ((stem[0][0], *stem[1:], *end) for end in (kind, kind[:1], ("school",)))
        yield from ((stem[0][0] + stem[1], stem[2], *end) for end in ((), kind, ("school",), ("elementary",)))


def _saint(keys: Keys) -> Iterator[Keys]:
    """A saint's church or school by the saint alone, where that is a long name: "St Monica" may be a street's end."""
    if keys[0] == "st" and keys[-1] in ("church", "school", "parish", "rectory", "convent"):
        saint = tuple(key for key in keys[:-1] if key not in _FAITHS)
        yield from (saint,) if len(saint) > 2 else ()


_RULES = (_last_name, _first_names, _pal, _school, _numbered, _network, _same_kind, _initials, _saint)
