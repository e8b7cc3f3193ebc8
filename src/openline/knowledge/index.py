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

import numpy as np

from openline.foundation.memo import Memo
from openline.knowledge.postings import Floats, Postings
from openline.triage.features import pair_features, word_features
from openline.triage.text import words

_FIELDS = {"title": 3.0, "keywords": 3.0, "body": 1.0}
_SATURATION = 1.5
_CONCEPT, _BEGINNING, _PAIR = 0.85, 0.45, 0.6
"""How much a meeting is worth that is not of the word itself: by concept, by its first letters, by a pair of words."""
_REMEMBERED = 1_000
"""Words remembered with what they tell of every article: some 3 MB with two hundred articles."""
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
    """All articles, ready to be asked.

    What a word tells of every article is worked out when it is first asked for, and remembered: a question is a sum.
    """

    def __init__(self, texts: Sequence[Text]) -> None:
        self._keys = [text.key for text in texts]
        weights = [_weigh(text) for text in texts]
        found = Counter(feature for of_one in weights for feature in of_one)
        self._rarity = {feature: math.log1p(len(texts) / count) for feature, count in found.items()}
        self._rarest = math.log1p(len(texts))
        self._exact = self._postings(weights)
        self._meeting = Memo(self._meet, _REMEMBERED)

    def _postings(self, weights: Sequence[Mapping[str, float]]) -> Postings:
        """For each feature the articles that have it, by number, and what the very feature tells of them."""
        having: dict[str, list[tuple[int, float]]] = {}
        for number, of_one in enumerate(weights):
            for feature, weight in of_one.items():
                exact = self._rarity[feature] * weight / (weight + _SATURATION)
                having.setdefault(feature, []).append((number, exact))
        return Postings(having)

    def scores(self, question: str) -> dict[int, float]:
        """How well each article that shares anything with `question` fits it: 0 to about 1, by key."""
        asked = [word for word in dict.fromkeys(words(question)) if word not in STOP]
        total = sum(self._rarity.get(word, _UNKNOWN * self._rarest) for word in asked)
        if not total:
            return {}
        met, shares = sum(map(self._meeting.__getitem__, asked), np.zeros((2, len(self._keys))))
        found = np.where(shares, met + _PAIR * self._paired(asked), 0.0) / total
        return {key: score for key, score in zip(self._keys, found.tolist(), strict=True) if score > 0}

    def _meet(self, word: str) -> Floats:
        """Of every article: the best way in which `word` meets it, and whether they share a feature at all."""
        met = np.zeros((2, len(self._keys)))
        for feature in word_features(word):
            if found := self._exact.get(feature):
                numbers, exact = found
                met[0, numbers] = np.maximum(met[0, numbers], _worth(feature) * exact)
                met[1, numbers] = 1.0
        return met

    def _paired(self, asked: Sequence[str]) -> Floats:
        """What the pairs of words in a row tell of every article."""
        told = np.zeros(len(self._keys))
        for pair in zip(asked, asked[1:], strict=False):
            for feature in pair_features(" ".join(pair)):
                if found := self._exact.get(feature):
                    numbers, exact = found
                    told[numbers] += exact
        return told


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
