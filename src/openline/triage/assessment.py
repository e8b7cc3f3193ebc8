"""What goes into triage and what comes out: a post, and its assessment with confidence and reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from openline.geography.place import Place

INTENTS = ("request", "question", "feedback", "chatter", "abuse", "spam")
URGENCIES = ("routine", "urgent", "emergency")


class Post(NamedTuple):
    """One thing a resident wrote. `lang` is the network's own language tag, `lat` and `lon` its geotag (degrees)."""

    id: str
    text: str
    lang: str = ""
    lat: float | None = None
    lon: float | None = None
    network: str = ""


class RankedService(NamedTuple):
    """A service with the calibrated probability that it is the right one."""

    code: str
    name: str
    confidence: float


class PersonalData(NamedTuple):
    """A stretch of the text that identifies a private person; `start` and `end` count characters."""

    kind: str
    start: int
    end: int


class Reason(NamedTuple):
    """Why a step decided as it did, in words for staff."""

    step: str
    text: str


class Assessment(NamedTuple):
    """What triage makes of one post.

    `services` are the three best, also for posts that ask for nothing. `not_fixed`: the resident says that
    an earlier report is not done. `status_question`: the resident asks how an existing request stands.
    `further_places` are other places that the post names as surely: it speaks of several.
    `sentiment` towards the city, -1 to 1, is for insights only: nothing is decided by it.
    """

    id: str
    intent: str
    intent_confidence: float
    urgency: str
    services: tuple[RankedService, ...]
    place: Place | None
    language: str
    personal_data: tuple[PersonalData, ...]
    reasons: tuple[Reason, ...]
    further_places: tuple[Place, ...] = ()
    not_fixed: bool = False
    status_question: bool = False
    sentiment: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """The assessment as plain data, in the format of `openline triage`."""
        return {
            "id": self.id,
            "intent": self.intent,
            "urgency": self.urgency,
            "services": [{"code": s.code, "name": s.name, "confidence": s.confidence} for s in self.services],
            "place": place_json(self.place),
            "language": self.language,
            "personal_data": [{"kind": p.kind, "span": [p.start, p.end]} for p in self.personal_data],
            "reasons": [f"{reason.step}: {reason.text}" for reason in self.reasons],
        }


def place_json(place: Place | None) -> dict[str, Any] | None:
    """`place` as plain data; a place that comes from a geotag has no span in the text."""
    if place is None:
        return None
    return {
        "kind": place.kind,
        "name": place.name,
        "lat": place.lat,
        "lon": place.lon,
        "confidence": place.confidence,
        "span": list(place.span) if place.span[1] else None,
    }
