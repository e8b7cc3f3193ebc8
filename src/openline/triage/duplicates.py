"""Whether two reports are of the same problem: a score from distance, time and words, to suggest and never to merge.

A small logistic regression whose figures stand in `data/duplicates.json` (made by tools/train_duplicates.py), none of
which counts against the nearer, the sooner or the more alike. A point or a time that is missing counts as in pairs that
are not the same; without a distance no two reports are said to be the same.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files

from openline.triage.features import is_plain
from openline.triage.text import readable, words

_METRES_PER_DEGREE = 111_320.0
_SCALES_M = (5, 15, 30, 60, 100, 200)
"""Within each of these distances nearer counts for more."""
_FAR_M = 2000.0
_MUCH = 30.0
"""Weight of shared words beyond which more of them add nothing."""


_OTHER_MATTER = 0.5
"""What is left of the score where neither the service nor any word is the same."""


@dataclass(frozen=True, slots=True)
class Report:
    """What is compared of a report; `lat` and `lon` in degrees, None if unknown, like `at`."""

    text: str
    service: str = ""
    lat: float | None = None
    lon: float | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Likeness:
    """How likely two reports are the same (0 to 1), whether that is sure enough to say so, and why in words."""

    score: float
    same: bool
    reasons: tuple[str, ...]


def compare(one: Report, other: Report) -> Likeness:
    """How alike two reports are; the order of the two does not matter."""
    distance, hours, shared = metres(one, other), _hours(one, other), _Shared(one.text, other.text)
    score = _score(_features(distance, hours, shared))
    if one.service and other.service and one.service != other.service and not shared.words:
        score *= _OTHER_MATTER
    same = score >= _model()["same"] and distance is not None
    return Likeness(round(score, 4), same, tuple(_reasons(distance, hours, shared, one, other)))


def features(one: Report, other: Report) -> dict[str, float | None]:
    """What the score is made of, by name; None where a point or a time is missing. For training."""
    return _features(metres(one, other), _hours(one, other), _Shared(one.text, other.text))


def metres(one: Report, other: Report) -> float | None:
    """The distance between two reports; None if either has no point. Good for a city, not for a continent."""
    if one.lat is None or one.lon is None or other.lat is None or other.lon is None:
        return None
    east = (one.lon - other.lon) * math.cos(math.radians((one.lat + other.lat) / 2))
    return math.hypot(east, one.lat - other.lat) * _METRES_PER_DEGREE


def _hours(one: Report, other: Report) -> float | None:
    return abs((one.at - other.at).total_seconds()) / 3600 if one.at and other.at else None


class _Shared:
    """What the words of two texts have in common."""

    def __init__(self, one: str, other: str) -> None:
        first, second = _told(one), _told(other)
        self.words = sorted(first & second, key=_weight, reverse=True)
        common, every = sum(map(_weight, self.words)), sum(map(_weight, first | second))
        fewer = min(sum(map(_weight, first)), sum(map(_weight, second)))
        self.share = common / every if every else 0.0
        self.contained = common / fewer if fewer else 0.0
        self.amount = min(common, _MUCH) / _MUCH
        self.identical = float(bool(first) and readable(one).split() == readable(other).split())


def _told(text: str) -> set[str]:
    return {word for word in words(readable(text)) if is_plain(word) and (len(word) > 1 or word.isdigit())}


def _weight(word: str) -> float:
    """How much a word tells: long ones are rare, numbers name one thing. Counted rarity told no more on real pairs."""
    return 2.0 if word[:1].isdigit() else min(len(word), 8) / 4


def _features(distance: float | None, hours: float | None, shared: _Shared) -> dict[str, float | None]:
    """All features; those of distance and time are None where these are unknown."""
    found: dict[str, float | None] = {
        "share": shared.share,
        "contained": shared.contained,
        "amount": shared.amount,
        "identical": None if distance is None else shared.identical * max(0.0, 1 - distance / _SCALES_M[-1]),
    }
    away = None if distance is None else math.log1p(min(distance, _FAR_M))
    found |= {f"within_{m}_m": None if distance is None else max(0.0, 1 - distance / m) for m in _SCALES_M}
    found |= {
        "near": None if away is None else math.log1p(_FAR_M) - away,
        "same_point": None if distance is None else float(distance < 1),
    }
    found |= {f"within_{h}_hours": None if hours is None else float(hours < h) for h in (1, 12, 24)}
    return found


@cache
def _model() -> Mapping[str, float]:
    """The figures by name: a weight per feature, "constant", and "same", the score from which two reports are one."""
    text = (files("openline.triage") / "data" / "duplicates.json").read_text(encoding="utf-8")
    figures: dict[str, float] = json.loads(text)
    return figures


def _score(found: Mapping[str, float | None]) -> float:
    figures = _model()
    total = figures["constant"] + sum(
        figures[name] * (figures[f"{name}: unknown"] if value is None else value) for name, value in found.items()
    )
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def _reasons(
    distance: float | None, hours: float | None, shared: _Shared, one: Report, other: Report
) -> Iterable[str]:
    """What staff see beside the score."""
    if distance is not None:
        yield f"{distance:.0f} m apart"
    if hours is not None:
        yield f"{hours:.0f} hours apart" if hours < 48 else f"{hours / 24:.0f} days apart"
    if one.service and one.service == other.service:
        yield "the same service"
    if shared.identical:
        yield "the same words"
    elif shared.words:
        yield "both say " + ", ".join(f"“{word}”" for word in shared.words[:3])
