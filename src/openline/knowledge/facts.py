"""Facts of the place: `{{ code }}` in an article is what the lookup says in the area in which the place lies."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext

from openline.knowledge.models import Fact

Facts = Mapping[str, Mapping[str, str]]
"""What each lookup says, by area."""
_NAMED = re.compile(r"\{\{\s*([\w-]+)\s*\}\}")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True, slots=True)
class Filled:
    """A text with its facts. `lacks_place`: a fact is known for some areas, but not where the resident is."""

    text: str
    lacks_place: bool = False


def codes(text: str) -> list[str]:
    """The lookups that `text` names, each once."""
    return list(dict.fromkeys(_NAMED.findall(text)))


def for_texts(texts: Iterable[str]) -> Facts:
    """All that the lookups say which `texts` name; no query if they name none."""
    wanted = {code for text in texts for code in codes(text)}
    found: dict[str, dict[str, str]] = {}
    if wanted:
        rows = Fact.objects.filter(lookup_id__in=wanted).values_list("lookup_id", "area", "value")
        for code, area, value in rows:
            found.setdefault(code, {})[area] = value
    return found


def value(of: Mapping[str, str], areas: Collection[str] | None) -> str:
    """What a lookup says for a place in `areas`; "" if it says nothing there."""
    return next((of[area] for area in areas or () if area in of), "")


def fill(text: str, known: Facts, areas: Collection[str] | None) -> Filled:
    """`text` with the facts of the place. A sentence whose fact is not known is left out: it would say nothing."""
    kept, lacks = [], False
    for sentence in _SENTENCE.split(text) if "{{" in text else [text]:
        values = {code: value(known.get(code, {}), areas) for code in codes(sentence)}
        if all(values.values()):
            kept.append(_filled(sentence, values))
        else:
            lacks |= areas is None and any(known.get(code) for code in values)
    return Filled(" ".join(kept), lacks)


def shown(markdown: str) -> str:
    """An article's body for a page that does not know the reader's place."""
    return _NAMED.sub(lambda _match: gettext("see it for your address below"), markdown)


def _filled(sentence: str, values: Mapping[str, str]) -> str:
    return _NAMED.sub(lambda match: values[match[1]], sentence)


def sentences(text: str, known: Facts, areas: Collection[str] | None) -> str:
    """Only those sentences of `text` that name a fact, filled in; "" if none of them is known there."""
    wanted = " ".join(sentence for sentence in _SENTENCE.split(text) if codes(sentence))
    return fill(wanted, known, areas).text
