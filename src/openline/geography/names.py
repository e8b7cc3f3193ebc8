"""All names of the gazetteer by their words: streets, landmarks, areas."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from openline.foundation.memo import Memo
from openline.geography import roles
from openline.geography.common_words import COMMON_WORDS
from openline.geography.slips import Slips, one_letter_away
from openline.geography.streets import Street
from openline.geography.text import name_keys
from openline.geography.words import STRONG_SUFFIXES, key_of

Keys = tuple[str, ...]
Heads = dict[str, list[tuple[Keys, tuple[int, ...]]]]
"""Under the first word of a name: the names that begin so, longest first, with what they stand for."""
Trie = dict[str | None, Any]
"""Names word by word; under None what the words up to there stand for."""

KIND_WORDS = frozenset(
    "park playground school library station recreation center square pool field hall market museum university hospital"
    " cemetery stadium zoo terminal bridge circle plaza high elementary garden pier theater airport landing mall"
    " academy college church synagogue mosque temple middle health district firehouse engine ladder arena rink"
    " apartments towers homes houses gardens village casino court branch trail dam reservoir lot playlot biblioteca"
    " escuela parque estacion iglesia puente museo universidad piscina rec statue sculpture monument".split()
)
"""Words that say what kind of place a name is."""

_SPANISH = {
    "library": "biblioteca", "school": "escuela", "elementary": "escuela", "park": "parque", "playground": "parque",
    "station": "estacion", "hospital": "hospital", "church": "iglesia", "square": "plaza", "bridge": "puente",
    "museum": "museo", "university": "universidad", "pool": "piscina",
}  # fmt: skip
"""What kind of place a name is, as it stands before the name in Spanish."""

GENERIC = KIND_WORDS | frozenset(
    "the a of and at in for parking garage fire police house point main entrance building city bank masonic boulevard"
    " tennis courts street st avenue road drive hill river creek woods new old north south east west upper lower play"
    " ground ice office annex headquarters unit department chapel shopping hotel home medical community learning child"
    " care day senior adult services service social memorial public charter international national american"
    " philadelphia philly baptist catholic christian methodist lutheran presbyterian episcopal apostolic holy saint"
    " little big children childrens youth club center training early childhood family life art arts music central"
    " convention municipal tower place transportation historic society building".split()
)
"""Words that many places share: a name of nothing else is no name of one place."""

OFTEN = 20
"""A word in so many names of landmarks is generic too."""

_LONG_ENOUGH = 6
"""Letters of a word that may be misspelled: shorter ones are near to too many others (Bronx Park, Brown Park)."""

_REMEMBERED = 15_000
"""Words of texts whose roles are remembered."""


class Names:
    """Names by their first words, and how distinctive each landmark's name is."""

    def __init__(self, streets: Sequence[Street], data: dict[str, Any]) -> None:
        self.streets = _street_heads(streets, data["aliases"])
        self.followers = {first: _followers(names) for first, names in self.streets.items()}
        self.first_keys = [name_keys(street.name)[:1] and name_keys(street.name)[0] for street in streets]
        self.landmarks: Trie = {}
        self.areas: Trie = {}
        self.elsewhere: Trie = {}
        for keys, index in _area_names(data["areas"]):
            _plant(self.areas, keys, index)
        for name in data["elsewhere"]:
            _plant(self.elsewhere, name_keys(name), 0)
        self.home = {key for name in data["home"] for key in name_keys(name)}
        self.slips = Slips(self.streets)
        used: set[tuple[str, int]] = set()
        for keys, index in _landmark_names(data["landmarks"]):
            if not self._is_street(keys):
                _plant(self.landmarks, keys, index)
                used.update((key, index) for key in keys)
        _share_leaves(self.landmarks, {})
        self._words = {key for key, _ in used if len(key) >= _LONG_ENOUGH and key.isalpha()}
        self.landmark_slips = Memo(self._meant, _REMEMBERED)
        self._area_words = {key for key in self.areas if key and len(key) >= _LONG_ENOUGH and key.isalpha()}
        self.area_slips = Memo(self._area_meant, _REMEMBERED)
        counts = Counter(key for key, _ in used)
        self._generic = GENERIC | {key for key, count in counts.items() if count >= OFTEN}
        self.roles = Memo(self._role, _REMEMBERED)

    def _role(self, lower: str) -> int:
        """What a word of a text, in small letters, may be: the bits of `roles`."""
        key = key_of(lower)
        return (
            roles.role_of(lower)
            | (roles.STREET if key in self.streets else 0)
            | (roles.LANDMARK if key in self.landmarks else 0)
            | (roles.AREA if key in self.areas else 0)
            | (roles.COMMON if is_common((key,)) else 0)
        )

    def _meant(self, key: str) -> tuple[str, ...]:
        """The words of landmarks' names that `key`, which is no word of any name, is one letter away from."""
        known = key in self._words or key in self.streets or key in self.areas or key in COMMON_WORDS
        if known or len(key) < _LONG_ENOUGH - 1 or not key.isalpha():
            return ()
        return tuple(sorted(self._words & one_letter_away(key)))

    def _area_meant(self, key: str) -> tuple[str, ...]:
        """The first words of areas' names that `key`, which begins no name, is one letter away from."""
        known = key in self.areas or key in self.landmarks or key in self.streets or key in COMMON_WORDS
        if known or len(key) < _LONG_ENOUGH - 1 or not key.isalpha():
            return ()
        return tuple(sorted(self._area_words & one_letter_away(key)))

    def _is_street(self, keys: Keys) -> bool:
        """Whether a landmark's name is a street's, suffix and all: "5th Street" stays a street."""
        suffixed = len(keys) > 1 and keys[-1] in STRONG_SUFFIXES
        return suffixed and any(name == keys[:-1] for name, _ in self.streets.get(keys[0], ()))

    def distinctive(self, keys: Keys) -> bool:
        """Whether a landmark's name holds a word of its own."""
        return not self._generic.issuperset(keys)


def _plant(trie: Trie, keys: Keys, index: int) -> None:
    """Add a name to a trie."""
    if not keys:
        return
    for key in keys:
        trie = trie.setdefault(key, {})
    known = trie.get(None, ())
    if index not in known:
        trie[None] = (*known, index)


def _share_leaves(trie: Trie, leaves: dict[tuple[int, ...], Trie]) -> None:
    """Keep one leaf for all names of a landmark: most have several, and 20,000 leaves take megabytes."""
    for key, node in trie.items():
        if key is None:
            continue
        if len(node) == 1 and None in node:
            trie[key] = leaves.setdefault(node[None], node)
        else:
            _share_leaves(node, leaves)


def _heads(names: Iterable[tuple[Keys, int]]) -> Heads:
    table: dict[Keys, list[int]] = defaultdict(list)
    for keys, index in names:
        if keys and index not in table[keys]:
            table[keys].append(index)
    heads: Heads = defaultdict(list)
    for keys, indexes in sorted(table.items(), key=lambda entry: -len(entry[0])):
        heads[keys[0]].append((keys, tuple(indexes)))
    return dict(heads)


def _followers(names: Sequence[tuple[Keys, tuple[int, ...]]]) -> tuple[bool, frozenset[str]]:
    """Whether the first word of these names alone is one of them, and the words that can follow it."""
    return any(len(keys) == 1 for keys, _ in names), frozenset(keys[1] for keys, _ in names if len(keys) > 1)


def _street_heads(streets: Sequence[Street], aliases: Sequence[tuple[str, list[int]]]) -> Heads:
    names = [(form, index) for index, street in enumerate(streets) for form in _street_forms(street.name)]
    own = {keys for keys, _ in names}
    for alias, indexes in aliases:
        keys = name_keys(alias)
        # "5th" stays 5th St first of all; where it has no such number, the mall that runs in its place.
        names += [(keys, index) for index in indexes if keys not in own or keys[0][0].isdigit() or len(indexes) < 5]
    return _heads(names)


def _street_forms(name: str) -> set[Keys]:
    """The name as people write it: also without initials and "Jr", and two words as one."""
    keys = name_keys(name)
    forms = {keys, tuple(k for k in keys if k not in ("jr", "sr"))}
    if len(keys) >= 3:
        forms.add(tuple(k for k in keys if len(k) > 1 and k not in ("jr", "sr")))
    if len(keys) == 2 and len(keys[0]) + len(keys[1]) >= 8 and keys[0].isalpha():
        forms.add((keys[0] + keys[1],))
    return {form for form in forms if form}


def _landmark_names(landmarks: Sequence[Sequence[Any]]) -> Iterable[tuple[Keys, int]]:
    for index, (name, _kind, aliases) in enumerate(landmarks):
        for spelled in (name, *aliases):
            keys = name_keys(spelled)
            if len(keys) > 2 and keys[0] == "the":
                keys = keys[1:]
            yield keys, index
            if len(keys) > 1 and keys[-1] in _SPANISH:
                yield (_SPANISH[keys[-1]], *keys[:-1]), index  # "biblioteca Lovett", "parque Clark"
            centre = keys[-2:] == ("recreation", "center")
            if centre or keys[-1:] == ("recreation",):
                yield ("centro", "recreativo", *keys[: -2 if centre else -1]), index


def _area_names(areas: Sequence[Sequence[Any]]) -> Iterable[tuple[Keys, int]]:
    for index, (_code, name, kind, aliases) in enumerate(areas):
        for spelled in (name, *aliases):
            yield (name_keys(spelled) if kind != "zip" else (spelled,)), index


def is_common(keys: Keys) -> bool:
    """Whether a street's name is an everyday word, so that alone it says nothing."""
    return len(keys) == 1 and (keys[0] in COMMON_WORDS or len(keys[0]) < 3)
