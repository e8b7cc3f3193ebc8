"""Landmarks and areas whose names are misspelled: "Markwerd Playground", "Dorothy Emanual Rec", "in Fishtwon"."""

from __future__ import annotations

from collections.abc import Iterator

from openline.geography.claims import Claim, Reading
from openline.geography.gazetteer import Gazetteer
from openline.geography.lines import far_apart
from openline.geography.names import KIND_WORDS, Keys, Names, Trie
from openline.geography.text import Words

_NEAR = 5
"""Words between a misspelled one and what kind of place it is: "Emanual Memorial Rec Center"."""
_AROUND = 4
"""Words of a name before the misspelled one."""
_SURE = 0.78
_TOO_WIDE = 0.7
_AREA_SURE = 0.4
_LONG = 8
"""Letters of a misspelled area that may open a text: "bustelton trash missed"."""
_BEFORE_AREAS = frozenset("in to of from at near around for across through throughout over en".split())
_APART_M = 300.0
_SURE_KINDS = frozenset("park playground recreation square library elementary".split())
"""Kinds that make a name of a misspelled word also without a word before that says that a place follows."""


def misspelled(gazetteer: Gazetteer, reading: Reading) -> Iterator[Claim]:
    """Names with one word that is no word of any name but nearly one, near what kind of place it is.

    Only where one place can be meant, and something says that a place is.
    """
    keys, slips = _plain(reading.words), gazetteer.names.landmark_slips
    if KIND_WORDS.isdisjoint(keys):
        return
    for i, key in enumerate(keys):
        meant = slips[key]
        if meant and not KIND_WORDS.isdisjoint(keys[max(0, i - 1) : i + _NEAR + 1]):
            found = {match for name in meant for match in _through(reading.words, keys, i, name, gazetteer.names)}
            if claim := _one_place(gazetteer, reading, found):
                yield claim


def misspelled_areas(gazetteer: Gazetteer, reading: Reading) -> Iterator[Claim]:
    """Areas whose first word has one letter wrong, behind a word that says that a place follows."""
    names, keys = gazetteer.names, reading.words.keys
    for i, key in enumerate(keys):
        told = keys[i - 1] in _BEFORE_AREAS if i else len(key) >= _LONG
        if not told or len(names.area_slips[key]) != 1:
            continue
        meant = [*keys]
        meant[i] = names.area_slips[keys[i]][0]
        end, indexes = _walk(names.areas, meant, i)
        if end and not any(reading.words.broken(j, j + 1) for j in range(i, end - 1)):
            name, lon, lat, reach = gazetteer.area(indexes[0], tuple(meant[i:end]))
            yield reading.claim("area", name, (lon, lat, reach), i, end, _AREA_SURE)


def _plain(words: Words) -> list[str]:
    """The words as compared, without the "'s" of "Vernon Park's benches"."""
    if "'" not in words.text and "’" not in words.text:
        return words.keys
    return [key[:-1] if word.endswith("'s") else key for key, word in zip(words.keys, words.lower, strict=True)]


def _through(
    words: Words, keys: list[str], i: int, meant: str, names: Names
) -> Iterator[tuple[int, int, tuple[int, ...]]]:
    """The longest name of two or more words that takes word `i`, read as `meant`: its beginning, end and places."""
    keys = [*keys[:i], meant, *keys[i + 1 :]]
    for start in range(max(0, i - _AROUND), i + 1):
        end, indexes = _walk(names.landmarks, keys, start)
        if end > max(i, start + 1) and not any(words.broken(j, j + 1) for j in range(start, end - 1)):
            yield start, end, indexes
            return


def _walk(trie: Trie, keys: list[str], start: int) -> tuple[int, tuple[int, ...]]:
    """Where the longest name that begins at `start` ends, and what it stands for."""
    node, found = trie, (0, ())
    for position in range(start, len(keys)):
        if keys[position] not in node:
            break
        node = node[keys[position]]
        if None in node:
            found = position + 1, node[None]
    return found


def _one_place(gazetteer: Gazetteer, reading: Reading, found: set[tuple[int, int, tuple[int, ...]]]) -> Claim | None:
    """The claim on the one place that the words can mean, if there is a cue or they are written as a name."""
    if not found or len({(start, end) for start, end, _ in found}) > 1:
        return None
    start, end, _ = min(found)
    keys: Keys = tuple(_plain(reading.words)[start:end])
    places = [gazetteer.landmark(index) for _, _, indexes in found for index in indexes]
    points = [(lon, lat, reach) for _, lon, lat, reach in places]
    if any(far_apart((points[0], point), _APART_M) for point in points[1:]):
        return None
    if not (reading.cue(start) or reading.words.capital(start) or len(keys) > 2 or keys[-1] in _SURE_KINDS):
        return None
    sure = _TOO_WIDE if points[0][2] > _APART_M else _SURE
    return reading.claim("landmark", places[0][0], points[0], start, end, sure)
