"""The reader: many posts in, an assessment of each out. Everything that can be done for all at once, is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from openline.triage import follow_up, intent, language, personal_data, sentiment, urgency
from openline.triage.assessment import INTENTS, Assessment, PersonalData, Post, RankedService, Reason
from openline.triage.catalogue import ServiceInfo
from openline.triage.heads import Heads, by_head, shipped
from openline.triage.linear import Floats
from openline.triage.phrases import of_every_post
from openline.triage.scorer import Scorer
from openline.triage.service_model import BEST, ServiceModel
from openline.triage.text import readable, words

if TYPE_CHECKING:
    from openline.geography.gazetteer import Gazetteer
    from openline.geography.place import Place

_HEADS, _SERVICES = 0, 1
"""The models of the scorer, in its order."""
_ASKS_NOTHING, _SURE_OF_INTENT = ("chatter", "spam"), 0.6
_QUIET = [INTENTS.index(intent) for intent in _ASKS_NOTHING]
_REQUEST, _ABUSE = INTENTS.index("request"), INTENTS.index("abuse")
_POINTS = ("address", "block", "intersection", "landmark", "coordinates")


class _Read(NamedTuple):
    """What the models say of one post."""

    text: str
    words: list[str]
    joined: str
    intents: list[float]
    urgencies: list[float]
    services: tuple[RankedService, ...]
    intent_words: list[str]
    service_words: list[str]
    as_a_whole: bool


class _Found(NamedTuple):
    """What the other steps find of one post."""

    language: str
    urgency: urgency.Urgency
    place: Place | None
    further: tuple[Place, ...]
    signs: intent.Signs
    intent: intent.Intent
    personal: tuple[PersonalData, ...]
    feeling: float


class Reader:
    """Reads posts for one city: its services, its places and, if it has history, its service model.

    `public_numbers` are the digits with which telephone numbers begin that the city publishes; `heads` the models of
    intent and urgency, those of the package if none are given.
    Without `service_model` the catalogue's own words are learnt first, which takes some seconds. Raises
    ValueError for an empty catalogue. A reader is never changed after it is made: threads may share it.
    """

    def __init__(
        self,
        services: Sequence[ServiceInfo],
        gazetteer: Gazetteer | None = None,
        service_model: ServiceModel | None = None,
        public_numbers: tuple[str, ...] = (),
        heads: Heads | None = None,
    ) -> None:
        model = (service_model or ServiceModel.from_catalogue(services)).for_catalogue(services)
        self._answering = frozenset(service.code for service in services if service.kind == "question")
        self._gazetteer = gazetteer
        self._public_numbers = public_numbers
        self._scorer = Scorer([(heads or shipped()).linear, *model.models])
        self._services = model.without_weights()
        self._columns = np.array(
            [self._scorer.column(_SERVICES + model, label) for model, label in self._services.sources]
        )

    def assess(self, posts: Sequence[Post]) -> list[Assessment]:
        """What is to be made of each post, in their order.

        Each step is taken for all posts before the next one begins: its words and tables then stay in the
        processor's cache, which makes the whole a fifth faster.
        """
        read = self._read(posts)
        known = [of_every_post().known(one.words) for one in read]
        spoken = [language.detect(one.text, post.lang) for one, post in zip(read, posts, strict=True)]
        urgent = [
            urgency.read(one.text, one.words, words_, lang, one.urgencies, _talk(one.intents))
            for one, words_, lang in zip(read, known, spoken, strict=True)
        ]
        named = self._places(posts, [one.text for one in read])
        places = [found[0] if found else None for found in named]
        signs = list(map(_signs, read, known, urgent, places))
        intents = list(map(_intent, read, known, signs))
        personal = [tuple(personal_data.find(one.text, self._public_numbers)) for one in read]
        feelings = [sentiment.read(one.words, words_)[0] for one, words_ in zip(read, known, strict=True)]
        further = map(_further, named)
        found = map(_Found, spoken, urgent, places, further, signs, intents, personal, feelings)
        return list(map(self._assessment, posts, read, found))

    def _read(self, posts: Sequence[Post]) -> list[_Read]:
        """All that the models say, computed for all posts together."""
        if not posts:
            return []
        texts = [readable(post.text) for post in posts]
        split = [words(text) for text in texts]
        scores = self._scorer.scores(split)
        intents, urgencies = by_head(scores.by(_HEADS))
        by_words = [scores.by(_SERVICES + n) for n in range(len(self._services.models))]
        chances, as_a_whole = self._chances(by_words, texts, intents)
        return [
            _Read(*of_one)
            for of_one in zip(
                texts, split, map(" ".join, split), intents.tolist(), urgencies.tolist(),
                self._services.ranked(chances, BEST + 1),
                scores.deciding(np.argmax(intents, axis=1)),
                scores.deciding(self._columns[np.argmax(chances, axis=1)]),
                as_a_whole,
                strict=True,
            )
        ]  # fmt: skip

    def _chances(self, scores: Sequence[Floats], texts: Sequence[str], intents: Floats) -> tuple[Floats, list[bool]]:
        """The probability of each service, and whether the sentence as a whole chose another one than its words."""
        chances = self._services.combined(scores)
        if not self._services.reads_sentences:
            return chances, [False] * len(texts)
        asks = intents[:, _QUIET].sum(axis=1) < _SURE_OF_INTENT
        judged = self._services.combined(scores, [t if a else "" for t, a in zip(texts, asks.tolist(), strict=True)])
        return judged, (np.argmax(judged, axis=1) != np.argmax(chances, axis=1)).tolist()

    def _assessment(self, post: Post, read: _Read, found: _Found) -> Assessment:
        """All that the steps found of one post, put together."""
        what, how_urgent = found.intent, found.urgency
        if how_urgent.level == "urgent" and what.name in _ASKS_NOTHING and what.confidence >= _SURE_OF_INTENT:
            how_urgent = urgency.Urgency("routine", "")  # news of a storm is no call for a crew
        services = () if what.reason == intent.NO_WORDS else self._fitting(read.services, what.name)
        return Assessment(
            id=post.id,
            intent=what.name,
            intent_confidence=what.confidence,
            urgency=how_urgent.level,
            services=services,
            place=found.place,
            language=found.language,
            personal_data=found.personal,
            reasons=tuple(_reasons(read, what, how_urgent, services, found.place)),
            further_places=found.further,
            not_fixed=found.signs.not_fixed,
            status_question=found.signs.asks_about_status,
            sentiment=found.feeling,
        )

    def _fitting(self, services: tuple[RankedService, ...], wanted: str) -> tuple[RankedService, ...]:
        """The best services; who asks for something to be done does not mean those that only answer questions."""
        if wanted != "request":
            return services[:BEST]
        kept = [service for service in services if service.code not in self._answering]
        if len(kept) == len(services):
            return services[:BEST]
        left = max(1e-4, 1 - sum(service.confidence for service in services if service.code in self._answering))
        return tuple(RankedService(s.code, s.name, round(min(1.0, s.confidence / left), 4)) for s in kept[:BEST])

    def _places(self, posts: Sequence[Post], texts: Sequence[str]) -> list[list[Place]]:
        """The places of each post, best first: those in its words, and before vague ones its geotag."""
        if self._gazetteer is None:
            return [[] for _ in posts]
        from openline.geography.finder import find_all

        return list(map(self._with_geotag, posts, find_all(self._gazetteer, texts)))

    def _with_geotag(self, post: Post, named: list[Place]) -> list[Place]:
        """The places that the words of a post name, behind its geotag if they name a point only vaguely."""
        if post.lat is None or post.lon is None or not _on_earth(post.lat, post.lon) or self._gazetteer is None:
            return named
        if named and named[0].kind in _POINTS and named[0].confidence >= 0.5:
            return named
        tagged = self._gazetteer.describe(post.lat, post.lon)
        return [tagged, *named] if tagged else named


def _further(named: list[Place]) -> tuple[Place, ...]:
    """Of the places that a post names those that it speaks of besides the first."""
    if len(named) < 2:
        return ()
    from openline.geography.rivals import further_places

    return further_places(named)


def _signs(read: _Read, known: set[str], how_urgent: urgency.Urgency, place: Place | None) -> intent.Signs:
    """What the other steps found that bears on the intent."""
    return intent.Signs(
        danger=how_urgent.level == "emergency",
        placed=place is not None and place.span[1] > 0 and place.confidence >= 0.5,
        service=read.services[0].confidence,
        asks_about_status=follow_up.status_question(read.joined, known),
        not_fixed=follow_up.not_fixed(read.joined, known),
    )


def _intent(read: _Read, known: set[str], signs: intent.Signs) -> intent.Intent:
    return intent.read(read.words, known, read.joined, read.intents, signs)


def _talk(intents: Sequence[float]) -> float:
    """The model's chance that a post neither asks for something to be done nor threatens."""
    return 1 - intents[_REQUEST] - intents[_ABUSE]


def _on_earth(lat: float, lon: float) -> bool:
    """Whether a geotag can be true (not a number compares false with everything)."""
    return abs(lat) <= 90 and abs(lon) <= 180


def _reasons(
    read: _Read,
    what: intent.Intent,
    how_urgent: urgency.Urgency,
    services: Sequence[RankedService],
    place: Place | None,
) -> list[Reason]:
    """Why each step decided as it did, for staff."""
    told = what.reason
    if read.intent_words and (not told or what.name == INTENTS[read.intents.index(max(read.intents))]):
        told = ": ".join(filter(None, [told, ", ".join(f"“{word}”" for word in read.intent_words)]))
    reasons = [Reason("intent", told or "nothing else fits")]
    if how_urgent.reason:
        reasons.append(Reason("urgency", how_urgent.reason))
    if services and services[0].code == read.services[0].code and (read.service_words or read.as_a_whole):
        said = ["the sentence as a whole"] * read.as_a_whole + [f"“{word}”" for word in read.service_words]
        reasons.append(Reason("service", f"{services[0].name}: {', '.join(said)}"))
    if place:
        reasons.append(Reason("place", f"{place.kind} {place.name}"))
    return reasons
