"""The article that may answer a question: what the rules of `decide` know of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Offer:
    """The best article for a question. `by_itself`: everything but the message itself allows to send it so.

    `lacks_place`: the answer depends on a place, and none is known; then it asks for the address.
    """

    article_id: int
    title: str
    confidence: float
    by_itself: bool = False
    text: str = ""
    lacks_place: bool = False
