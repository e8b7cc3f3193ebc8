"""Signs that a text is about another city: then its streets are not ours."""

from __future__ import annotations

import re

from openline.geography.claims import Claim
from openline.geography.gazetteer import Gazetteer
from openline.geography.named import longest_name
from openline.geography.text import Words, name_keys

DOUBT = 0.6
"""By this much the confidence of a place sinks in a text that names another city and not ours."""

_CITIES = frozenset(
    "nyc manhattan brooklyn bklyn bronx queens boston chicago baltimore houston"
    " phoenix dallas austin seattle denver detroit"
    " memphis portland atlanta miami tampa orlando oakland cleveland pittsburgh cincinnati milwaukee minneapolis tulsa"
    " sacramento nashville louisville gainesville toronto montreal vancouver london paris mumbai delhi bangalore"
    " bengaluru chennai sydney melbourne dublin".split()
)
_LONG_CITIES = frozenset(
    {
        ("new", "york"),
        ("staten", "island"),
        ("los", "angeles"),
        ("san", "francisco"),
        ("san", "diego"),
        ("las", "vegas"),
        ("new", "orleans"),
        ("long", "island"),
        ("st", "louis"),
    }
)
_FIRST = _CITIES | {keys[0] for keys in _LONG_CITIES}
_STATE = (
    r"(A[LKZR]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]"
    r"|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY])"
)
_STATES = re.compile(rf",\s*{_STATE}\b|\b{_STATE}\s+\d{{5}}\b")
"""A state behind a comma or before a ZIP code: in "5th St NE" it is a direction."""


def is_elsewhere(gazetteer: Gazetteer, words: Words, claims: list[Claim]) -> bool:
    """Whether the text names another city outside its streets, and ours nowhere."""
    neighbours = gazetteer.names.elsewhere
    if _FIRST.isdisjoint(words.keys) and neighbours.keys().isdisjoint(words.keys):
        return False
    hints = [i for i, key in enumerate(words.keys) if key in _FIRST or key in neighbours]
    named = [i for i in hints if _names_city(gazetteer, words, i)]
    if not named:
        return False
    taken = {i for claim in claims for i in range(claim.start, claim.end)}
    if any(i not in taken and key in gazetteer.names.home for i, key in enumerate(words.keys)):
        return False
    return not taken.issuperset(named)


def _names_city(gazetteer: Gazetteer, words: Words, i: int) -> bool:
    key = words.keys[i]
    if i and words.keys[i - 1] == "on" and key in gazetteer.names.streets:
        return False  # "the school on Baltimore"
    if key in _CITIES or tuple(words.keys[i : i + 2]) in _LONG_CITIES:
        return True
    trie = gazetteer.names.elsewhere
    return key in trie and words.capital(i) and longest_name(trie, words, i)[0] > 0


def in_other_state(gazetteer: Gazetteer, text: str, end: int) -> bool:
    """Whether the place that ends at character `end` is followed by another state: "..., Camden, NJ 08103"."""
    if not gazetteer.names.home:
        return False
    match = _STATES.search(text, end, end + 40)
    return bool(match) and name_keys(match[1] or match[2])[0] not in gazetteer.names.home if match else False
