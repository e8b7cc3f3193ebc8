"""How likely two reports are about the same problem: a small logistic regression over facts of the pair.

Pure: no database, no network. The coefficients are in data/duplicates.json, made by tools/train_duplicates.py.
docs/duplicates.md says what was measured. That two reports have different services says nothing here: who looks
for candidates (`service_requests.similar`) compares related services only.
"""

from __future__ import annotations

import csv
import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from operator import mul
from pathlib import Path

import orjson

from openline.triage.text import fold, readable, singular

DATA = Path(__file__).parent / "data"
FILE, TRAITS = "duplicates.json", "traits.csv"
UNKNOWN_METRES, UNKNOWN_HOURS = 60.0, 72.0
"""What stands in for a missing point or time: so far apart, neither speaks for or against."""
SAME_PHOTO_BITS, SAME_PHOTO = 6, 3.0
"""Photos whose 64-bit hashes differ in at most so many bits add so much to the logit. By hand: no data has photos."""
SAME_POINT_METRES = 0.5
DISTANCE_KNOTS = (3.0, 8.0, 15.0, 30.0)
HOUR_KNOTS = (1.0, 6.0, 24.0)
LEARNT_METRES, LEARNT_HOURS = 150.0, 168.0
"""How far the lessons reach: their negatives lie within 150 m and 7 days by construction, so that whatever is beyond
would be learnt as "the same". Beyond, the score falls by a figure set by hand."""
BEYOND_METRES, BEYOND_HOURS = 4.0, 0.0
"""So much the logit falls for each e-fold of distance or time beyond what was learnt."""
_DISTANCES = [(f"beyond_{knot:g}_m", math.log1p(knot)) for knot in DISTANCE_KNOTS]
_HOURS = [(f"beyond_{knot:g}_h", math.log1p(knot)) for knot in HOUR_KNOTS]
_TOGETHER = [(name, f"far_{name}", f"late_{name}") for name in ("cosine", "contained", "rare", "least_words")]
_HOW = ("same", "differs")
_READ = 2_000
_WORD = re.compile(r"[^\W_]+")
_FORM_LABEL = re.compile(r"(?:^|\|)[^|:\n]{2,60}:")
_AGAIN = re.compile(r"\b(again|already|still|same|previous(?:ly)?|reported|duplicate|another|also)\b", re.I)
_LITTLE = frozenset(
    "a an the and or of to in on at is are was be been it this that there for with from by as has have not no but i we "
    "my our you your he she they please thank thanks city street st ave avenue rd road".split()
)


@dataclass(frozen=True, slots=True)
class Side:
    """One report of a pair. `photo` is a 64-bit perceptual hash of its photo, if it has one."""

    text: str = ""
    service: str = ""
    lat: float | None = None
    lon: float | None = None
    requested_at: datetime | None = None
    photo: int | None = None


@dataclass(frozen=True, slots=True)
class _Read:
    """A text as the comparison needs it."""

    whole: str
    weights: dict[str, float]
    norm: float
    total: float
    numbers: frozenset[str]
    again: bool
    traits: dict[str, set[str]]


def metres(a: Side, b: Side) -> float | None:
    """Distance of two reports in metres (equirectangular: exact enough below a few kilometres); None if unknown."""
    if a.lat is None or a.lon is None or b.lat is None or b.lon is None:
        return None
    east = ((b.lon - a.lon + 180) % 360 - 180) * math.cos(math.radians((a.lat + b.lat) / 2))
    return 111_195.0 * math.hypot(b.lat - a.lat, east)


def hours(a: Side, b: Side) -> float | None:
    """Time between two reports in hours; None if unknown."""
    if a.requested_at is None or b.requested_at is None:
        return None
    return abs((a.requested_at - b.requested_at).total_seconds()) / 3600


def beyond(a: Side, b: Side) -> float:
    """What the logit loses for distance and time beyond those learnt from; 0 within them."""
    apart, later = metres(a, b) or 0.0, hours(a, b) or 0.0
    far = math.log(apart / LEARNT_METRES) if apart > LEARNT_METRES else 0.0
    late = math.log(later / LEARNT_HOURS) if later > LEARNT_HOURS else 0.0
    return BEYOND_METRES * far + BEYOND_HOURS * late


def shared_words(a: Side, b: Side) -> list[str]:
    """The words that both reports use and that say something, rarest first: a reason for people."""
    one, two = _read(a.text, a.service), _read(b.text, b.service)
    return sorted(one.weights.keys() & two.weights.keys(), key=lambda word: (-one.weights[word], word))


def facts(a: Side, b: Side) -> dict[str, float]:
    """The features of a pair, by name; the same whichever report comes first."""
    apart, later = metres(a, b), hours(a, b)
    apart = UNKNOWN_METRES if apart is None else apart
    later = UNKNOWN_HOURS if later is None else later
    far, late = math.log1p(min(apart, LEARNT_METRES)), math.log1p(min(later, LEARNT_HOURS))
    one, two = _read(a.text, a.service), _read(b.text, b.service)
    alike = _text_facts(one, two)
    found = {"far": far, "late": late, "same_point": float(apart < SAME_POINT_METRES)} | alike
    found |= {name: far - knot if far > knot else 0.0 for name, knot in _DISTANCES}
    found |= {name: late - knot if late > knot else 0.0 for name, knot in _HOURS}
    found["far_late"] = far * late / 10
    for name, far_name, late_name in _TOGETHER:
        found[far_name], found[late_name] = far * alike[name] / 5, late * alike[name] / 5
    return found


def _text_facts(one: _Read, two: _Read) -> dict[str, float]:
    shared = one.weights.keys() & two.weights.keys()
    mine, theirs = [one.weights[word] for word in shared], [two.weights[word] for word in shared]
    product, weight, least = sum(map(mul, mine, theirs)), sum(mine), min(one.total, two.total)
    both_number = bool(one.numbers and two.numbers)
    same_numbers = len(one.numbers & two.numbers)
    small, large = sorted((len(one.weights), len(two.weights)))
    return {
        "cosine": product / (one.norm * two.norm) if product else 0.0,
        "contained": weight / least if least else 0.0,
        "identical": float(bool(one.whole) and one.whole == two.whole),
        "rare": math.log1p(sum([value > 5 for value in mine])),
        "shared_weight": math.log1p(weight),
        "numbers_shared": math.log1p(same_numbers),
        "numbers_differ": float(both_number and not same_numbers),
        "again": float(one.again or two.again),
        "least_words": math.log1p(small),
        "most_words": math.log1p(large),
        "one_empty": float(small == 0),
    } | _trait_facts(one.traits, two.traits)


def _trait_facts(mine: dict[str, set[str]], theirs: dict[str, set[str]]) -> dict[str, float]:
    """For each trait whether both reports name the same ("a white van"), and whether each names another."""
    found = dict.fromkeys(_traits()[1], 0.0)
    for trait in mine.keys() & theirs.keys():
        found[f"{trait}_differs" if mine[trait].isdisjoint(theirs[trait]) else f"{trait}_same"] = 1.0
    return found


@lru_cache(maxsize=4096)
def _read(text: str, service: str) -> _Read:
    """`text` without form labels and the words of its own service, which say nothing about which problem it is."""
    text = _FORM_LABEL.sub(" ", readable(text)[:_READ])
    about = {_plain(word) for word in _WORD.findall(service)}
    words = [_plain(word) for word in _WORD.findall(text)]
    counts = Counter(word for word in words if word not in _LITTLE)
    rarity = _rarity()
    weights = {
        word: rarity.get(word, rarity[""]) * (0.3 if word in about else 1.0) * (1 + 0.3 * (count > 1))
        for word, count in counts.items()
    }
    whole = " ".join(words)
    return _Read(
        whole,
        weights,
        math.sqrt(sum(weight * weight for weight in weights.values())),
        sum(weights.values()),
        frozenset(word for word in counts if word[0].isdigit() and len(word) > 1),
        bool(_AGAIN.search(text)),
        _traits_of(counts),
    )


def _traits_of(words: Mapping[str, int]) -> dict[str, set[str]]:
    """What a report says of the thing that it is about: its color, make and so on."""
    known, found = _traits()[0], dict[str, set[str]]()
    for word in words.keys() & known.keys():
        trait, value = known[word]
        found.setdefault(trait, set()).add(value)
    return found


@cache
def _traits() -> tuple[dict[str, tuple[str, str]], tuple[str, ...]]:
    """Each word that names a trait (data/traits.csv), with the trait and its value; and the names of all facts."""
    with (DATA / TRAITS).open(encoding="utf-8", newline="") as file:
        rows = [(row["trait"], row["words"].split(";")) for row in csv.DictReader(file)]
    words = {_plain(word): (trait, names[0]) for trait, names in rows for word in names}
    return words, tuple(f"{trait}_{how}" for trait in dict.fromkeys(trait for trait, _ in rows) for how in _HOW)


@lru_cache(maxsize=50_000)
def _plain(word: str) -> str:
    return singular(fold(word))


@cache
def _rarity() -> dict[str, float]:
    """How much a word says: the logarithm of how seldom it is in the lessons that Openline ships; "" for all others."""
    seen: Counter[str] = Counter()
    with (DATA / "intents.csv").open(encoding="utf-8", newline="") as file:
        texts = [row["text"] for row in csv.DictReader(file)]
    for text in texts:
        seen.update({_plain(word) for word in _WORD.findall(text)})
    total = len(texts) + 1
    return {word: math.log(total / (count + 0.5)) for word, count in seen.items()} | {"": math.log(2 * total)}


@dataclass(frozen=True, slots=True)
class Model:
    """Coefficients by feature; from `threshold` on two reports are called the same."""

    weights: dict[str, float]
    bias: float
    threshold: float

    def score(self, a: Side, b: Side) -> float:
        """Probability, 0 to 1, that the two reports are about the same problem."""
        found = facts(a, b)
        logit = self.bias + sum(map(mul, self.weights.values(), map(found.__getitem__, self.weights))) - beyond(a, b)
        if a.photo is not None and b.photo is not None and (a.photo ^ b.photo).bit_count() <= SAME_PHOTO_BITS:
            logit += SAME_PHOTO
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))


@cache
def model() -> Model:
    """The model that Openline ships."""
    found = orjson.loads((DATA / FILE).read_bytes())
    return Model(found["weights"], found["bias"], found["threshold"])
