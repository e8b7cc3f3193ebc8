"""Landmarks in hashtags: "#ClarkPark", "#dilworthpark". Read only where the words themselves name no sure place."""

from __future__ import annotations

import re
from collections.abc import Iterator

from openline.geography.gazetteer import Gazetteer
from openline.geography.lines import far_apart
from openline.geography.names import GENERIC, KIND_WORDS, Trie
from openline.geography.place import Place
from openline.geography.words import key_of

_TAG = re.compile(r"(?<![\w&])#([A-Za-z0-9]{6,40})\b")
_WORD = re.compile(r"[a-z]+|\d+(?:st|nd|rd|th)?")
_MOST = 8
"""Hashtags of a text that are looked at."""
_SURE, _UNSURE = 0.78, 0.6
_SPOT_M = 300.0


def tagged(gazetteer: Gazetteer, text: str) -> Iterator[Place]:
    """The landmarks whose whole name, of two words or more, is a hashtag."""
    for match in list(_TAG.finditer(text))[:_MOST]:
        for keys, indexes in _readings(gazetteer.names.landmarks, match[1].lower(), 0):
            name, lon, lat, reach = gazetteer.landmark(indexes[0])
            alone = not far_apart([gazetteer.landmark(index)[1:3] for index in indexes], _SPOT_M)
            own = not GENERIC.issuperset(keys) and not KIND_WORDS.isdisjoint(keys)
            sure = _SURE if own and alone and reach <= _SPOT_M else _UNSURE
            yield Place("landmark", name, lat, lon, sure, match.span(), round(reach))
            break


def _readings(trie: Trie, letters: str, words: int) -> Iterator[tuple[tuple[str, ...], tuple[int, ...]]]:
    """The names of two words or more that `letters` are, as one word follows another."""
    if not letters and words > 1 and None in trie:
        yield (), trie[None]
    for end in range(1, len(letters) + 1):
        key = key_of(letters[:end]) if _WORD.fullmatch(letters, 0, end) else ""
        if key in trie:
            for keys, indexes in _readings(trie[key], letters[end:], words + 1):
                yield (key, *keys), indexes
