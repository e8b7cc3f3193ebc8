"""Which articles fit a question: a small index in memory over the words of all articles.

Scores follow BM25 (Robertson and Zaragoza 2009) with weighted fields, over triage's own words: normalised
alike, and meeting through civic concepts and beginnings of words where the words themselves differ
("picked up" and "pickup", "mattress" and "bulk item"). A city has hundreds of articles, not millions:
reading the index takes well under a millisecond.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from openline.triage.features import pair_features, word_features
from openline.triage.text import words

_FIELDS = {"title": 3.0, "keywords": 3.0, "body": 1.0}
_SATURATION = 1.5
_CONCEPT, _BEGINNING, _PAIR = 0.85, 0.45, 0.6
"""How much a meeting is worth that is not of the word itself: by concept, by its first letters, by a pair of words."""
_UNKNOWN = 0.75
"""A word of the question that no article has counts as this share of the rarest one: it lowers every score."""
STOP = frozenset(
    words(
        "a about all also am an and any anyone are as at be been but by call can could did do does done for from get"
        " give go going got had has have he hello help her hey hi how i if im in info information into is it its just"
        " know like make me much my need next no not now of off on one or our out please question she should so some"
        " somebody someone take tell than thanks that the their them then there these they thing this to today"
        " up us use used want was we what whats when where which who why will with would you your"
        " al alguien como cual cuando cuanto de del donde el ella en es esta este estoy favor gracias hay hola"
        " la las le lo los me mi mis necesito o para pero por porque puedo puede que quien quiero se si sin sobre su"
        " sus tengo tiene un una unos y ya yo"
    )
) | {"?", "!", ".", ";", "_url", "_user", "_num"}


@dataclass(frozen=True, slots=True)
class Text:
    """An article as the index reads it."""

    key: int
    title: str
    keywords: str
    body: str


class Index:
    """All articles, ready to be asked."""

    def __init__(self, texts: Sequence[Text]) -> None:
        self._weights = {text.key: _weigh(text) for text in texts}
        found = Counter(feature for weights in self._weights.values() for feature in weights)
        self._rarity = {feature: math.log1p(len(texts) / count) for feature, count in found.items()}
        self._rarest = math.log1p(len(texts))
        self._having: dict[str, list[int]] = {}
        for key, weights in self._weights.items():
            for feature in weights:
                self._having.setdefault(feature, []).append(key)

    def scores(self, question: str) -> dict[int, float]:
        """How well each article that shares anything with `question` fits it: 0 to about 1, by key."""
        asked = [word for word in dict.fromkeys(words(question)) if word not in STOP]
        pairs = [f"{a} {b}" for a, b in zip(asked, asked[1:], strict=False)]
        total = sum(self._most(word) for word in asked)
        if not total:
            return {}
        found = {
            key: sum(self._meeting(word, weights) for word in asked)
            + _PAIR * sum(self._exact(feature, weights) for pair in pairs for feature in pair_features(pair))
            for key in self._sharing(asked)
            for weights in (self._weights[key],)
        }
        return {key: score / total for key, score in found.items() if score > 0}

    def _sharing(self, asked: Iterable[str]) -> list[int]:
        """The articles that share a feature with one of the words, in the order of the index."""
        found = {key for word in asked for feature in word_features(word) for key in self._having.get(feature, ())}
        return [key for key in self._weights if key in found]

    def _most(self, word: str) -> float:
        """The most that `word` can bring."""
        known = [self._rarity[feature] for feature in word_features(word)[:1] if feature in self._rarity]
        return known[0] if known else _UNKNOWN * self._rarest

    def _meeting(self, word: str, weights: Mapping[str, float]) -> float:
        """The best way in which `word` meets an article."""
        return max(_worth(feature) * self._exact(feature, weights) for feature in word_features(word))

    def _exact(self, feature: str, weights: Mapping[str, float]) -> float:
        weight = weights.get(feature, 0.0)
        return self._rarity.get(feature, 0.0) * weight / (weight + _SATURATION) if weight else 0.0


def _worth(feature: str) -> float:
    """How sure a feature is that the same thing is meant; the last letters of a word say nothing here."""
    if feature.startswith("="):
        return _CONCEPT
    if feature.startswith("-"):
        return 0.0
    return _BEGINNING if feature.endswith("-") else 1.0


def _weigh(text: Text) -> dict[str, float]:
    """Every feature of an article with its weight over the fields."""
    weights: Counter[str] = Counter()
    for field, weight in _FIELDS.items():
        for feature, count in Counter(_features(words(getattr(text, field)))).items():
            weights[feature] += weight * (count if field != "body" else math.log1p(count))  # type: ignore[assignment]
    return dict(weights)


def _features(read: Sequence[str]) -> Iterable[str]:
    """The features of words in a row, without those that carry no topic."""
    kept = [word for word in read if word not in STOP]
    for word in kept:
        yield from word_features(word)
    for pair in zip(kept, kept[1:], strict=False):
        yield from pair_features(" ".join(pair))
