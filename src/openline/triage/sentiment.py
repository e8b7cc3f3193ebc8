"""How a post feels towards the city, for insights only: nothing is decided or put in order by it.

The words and their weights are in data/sentiment.csv. A neighbour, the weather or a broken thing is not the city:
without a word for the city or a thank-you, a post is neutral.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

_CITY = frozenset(
    """city 311 crew department dept you your guy mayor council councilmember sanitation worker staff team government
    official agency administration inspector ciudad alcalde municipio ustede gobierno departamento ayuntamiento
    _user""".split()
)
_THANKS = frozenset("thank thankyou thx kudo appreciate bravo gracia agradezco merci obrigado спасибо".split())
_NEGATIONS = frozenset("not no dont doesnt didnt isnt arent wasnt werent cant wont without hardly ni sin".split())
_STRONGER = frozenset("very so really absolutely totally extremely such complete completely muy tan mucha".split())
_REACH = 3
"""So many words before a word of feeling may turn it or make it stronger."""


@cache
def _weights() -> dict[str, float]:
    lines = (files("openline.triage") / "data" / "sentiment.csv").read_text(encoding="utf-8").splitlines()
    return {row["word"]: float(row["weight"]) for row in csv.DictReader(lines)}


def read(words: Sequence[str], known: set[str]) -> tuple[float, tuple[str, ...]]:
    """Feeling towards the city from -1 (angry) to 1 (thankful), and the words that decided.

    Takes the words of a post (`text.words`) in order and as a set. 0 where the post is not about the city.
    """
    weights = _weights()
    felt = known & weights.keys()
    if not felt or (known.isdisjoint(_CITY) and known.isdisjoint(_THANKS)):
        return 0.0, ()
    found = [(word, _weighed(words, at, weights[word])) for at, word in enumerate(words) if word in felt]
    total = sum(weight for _word, weight in found)
    return round(max(-1.0, min(1.0, total)), 2), tuple(word for word, _weight in found)


def _weighed(words: Sequence[str], at: int, weight: float) -> float:
    """The weight of the word at `at`, turned by a negation and raised by an intensifier shortly before it."""
    before = words[max(0, at - _REACH) : at]
    if weight > 0 and not _NEGATIONS.isdisjoint(before):
        return -0.7 * weight if words[at] not in _THANKS else -weight
    if weight < 0 and not _NEGATIONS.isdisjoint(before):
        return 0.0
    return weight * 1.3 if not _STRONGER.isdisjoint(before) else weight
