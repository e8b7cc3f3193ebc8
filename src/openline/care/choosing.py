"""Which of several places is meant: what we ask, and what the answer chooses."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from openline.care.places import as_dict
from openline.geography.gazetteer import Gazetteer
from openline.geography.place import Place
from openline.geography.text import name_keys
from openline.geography.words import DIRECTIONS

MOST = 4
"""Of more places than these nobody chooses: then the question is simply where it is."""
CHOSEN = 0.95
"""Confidence of a place that the resident chose."""
_ORDINAL_WORDS = (
    "1 1st first primero primera uno premier première primeiro primeira premye первый первое 第一个 第一 الأول 첫번째",
    "2 2nd second segundo segunda dos deuxième dezyèm второй второе 第二个 第二 الثاني 두번째 둘째",
    "3 3rd third tercero tercera tres troisième terceiro terceira twazyèm третий третье 第三个 第三 الثالث 세번째",
    "4 4th fourth cuarto cuarta cuatro quatrième quarto quarta katriyèm четвёртый четвертый 第四个 第四 الرابع 네번째",
)
_ORDINALS = {word: number for number, words in enumerate(_ORDINAL_WORDS) for word in words.split()}
_WORD = re.compile(r"\w+")
_SMALL = frozenset(
    """the one number no nr option choice it is its thats that answer please thanks thank you el la lo es número numero
    opción le c'est est o a número оно номер 选 是 号 رقم 번""".split()
)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the places that we ask about, with the words by which a resident tells it from the others."""

    label: str
    place: Place


def choices(place: Place | None, gazetteer: Gazetteer | None) -> tuple[Choice, ...]:
    """The places that the words of `place` may mean, if they are few enough to ask about; none if it is only one."""
    if place is None or not place.alternatives or len(place.alternatives) >= MOST:
        return ()
    return tuple(Choice(_label(one, gazetteer), one) for one in (place, *place.alternatives))


def _label(place: Place, gazetteer: Gazetteer | None) -> str:
    """The name with the neighbourhood around it: "1500 N Broad St (North Central)"."""
    around = gazetteer.areas.neighborhood(place.areas) if gazetteer else ""
    return f"{place.name} ({around})" if around else place.name


def question(offered: Sequence[Choice]) -> str:
    """The choices as one line: "1: 1500 N Broad St (North Central), 2: ..."."""
    return ", ".join(f"{number}: {choice.label}" for number, choice in enumerate(offered, 1))


def pick(text: str, offered: Sequence[Choice]) -> Choice | None:
    """The place that an answer chooses, by number ("2", "the second one") or by its own words ("North Broad").

    None if the answer chooses none of them, or more than one.
    """
    said = [word for word in _WORD.findall(text.lower()) if word not in _SMALL]
    numbers = {_ORDINALS[word] for word in said if word in _ORDINALS}
    if said and all(word in _ORDINALS for word in said):
        return offered[number] if len(numbers) == 1 and (number := numbers.pop()) < len(offered) else None
    known = [_keys(choice.label) for choice in offered]
    shared = Counter(key for keys in known for key in keys)
    answered = _keys(text)
    telling = [sum(shared[key] == 1 for key in keys & answered) for keys in known]
    best = max(telling, default=0)
    return offered[telling.index(best)] if best and telling.count(best) == 1 else None


def _keys(text: str) -> set[str]:
    """The words of a name as names are compared; directions in their short form."""
    return {DIRECTIONS.get(key, key).lower() for key in name_keys(text.replace("(", " ").replace(")", " "))}


def dump(offered: Sequence[Choice]) -> str | None:
    """The choices as they are kept with the question; None for none."""
    if not offered:
        return None
    return orjson.dumps([as_dict(choice.place) | {"label": choice.label} for choice in offered]).decode()


def load(kept: str) -> tuple[Choice, ...]:
    """The choices that `dump` wrote; none for ""."""
    rows: list[dict[str, Any]] = orjson.loads(kept) if kept else []
    return tuple(Choice(row["label"], _place(row)) for row in rows)


def _place(row: dict[str, Any]) -> Place:
    return Place(
        row["kind"], row["name"], row["lat"], row["lon"], CHOSEN, (0, 0), row["precision_m"], tuple(row["areas"])
    )
