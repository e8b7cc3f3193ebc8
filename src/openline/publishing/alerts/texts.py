"""The words of an alert: a template's texts filled in, and the form of them that fits each account."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext as _

from openline.accounts.models import Account
from openline.publishing import fitting
from openline.publishing.alerts import words
from openline.publishing.content import Content, Form
from openline.publishing.errors import NotPossible
from openline.service_requests import languages

PARTS = ("headline", "text", "instruction")
BUILT_IN = ("place", "time", "until")
"""Placeholders that every alert fills by itself: where, since when, until when."""
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
Texts = dict[str, dict[str, str]]


def placeholders(texts: Mapping[str, Mapping[str, str]]) -> set[str]:
    """The names in braces."""
    return {name for one in texts.values() for part in one.values() for name in _PLACEHOLDER.findall(part)}


def fill(texts: Texts, values: Mapping[str, str], onset: datetime, until: datetime) -> Texts:
    """The texts with the values in place; `values` has names as `place`, or `place:es` for one language.

    Raises NotPossible, naming the field, where one is missing or a language has no headline.
    """
    return {language: _filled(one, language, values, onset, until) for language, one in texts.items()}


def _filled(one: Mapping[str, str], language: str, values: Mapping[str, str], onset: datetime, until: datetime
            ) -> dict[str, str]:  # fmt: skip
    with languages.speaking(language):
        built_in = {"time": moment(onset), "until": moment(until)}

    def value(found: re.Match[str]) -> str:
        name = found[1]
        text = (values.get(f"{name}:{language}") or values.get(name) or built_in.get(name, "")).strip()
        if not text:
            raise NotPossible(_("Fill in “%(name)s”: the text names it.") % {"name": name}, name)
        return text

    filled = {part: _PLACEHOLDER.sub(value, one.get(part, "")).strip() for part in PARTS}
    if not filled["headline"]:
        raise NotPossible(_("Write a headline in each language."), "headline")
    return filled


def moment(at: datetime) -> str:
    """A day and an hour as people say them, in the language that is spoken."""
    return f"{languages.day(at)}, {languages.hour(at)}"


def marked(texts: Texts, marks: Sequence[Mapping[str, str]]) -> Texts:
    """The texts with words such as EXERCISE or UPDATE before the headlines."""
    return {language: {**one, "headline": _mark(one["headline"], language, marks)} for language, one in texts.items()}


def _mark(headline: str, language: str, marks: Sequence[Mapping[str, str]]) -> str:
    before = " ".join(mark.get(language.split("-")[0], mark["en"]) for mark in marks)
    return f"{before}: {headline}" if before else headline


def unmarked(said: Texts) -> Texts:
    """The texts without such words, to be written on."""
    known = "|".join(sorted({word for mark in (words.EXERCISE, words.UPDATE, words.ENDED) for word in mark.values()}))
    before = re.compile(rf"^((?:{known})[ :]+)+")
    return {language: {**one, "headline": before.sub("", one["headline"])} for language, one in said.items()}


def whole(one: Mapping[str, str]) -> str:
    """All that is said in one language, as a post."""
    return "\n\n".join(filter(None, (one["headline"], one.get("text"), one.get("instruction"))))


def shorter(one: Mapping[str, str]) -> list[str]:
    """What may be said instead where it is too long, the longest first; the link leads to all of it."""
    headline, text, do = one["headline"], one.get("text", ""), one.get("instruction", "")
    found = [whole(one), f"{headline}\n\n{do}".strip(), f"{headline}\n\n{text}".strip(), headline]
    return list(dict.fromkeys(found))


def on_account(content: Content, form: Form, account: Account, one: Mapping[str, str]) -> tuple[Form, fitting.Fitted]:
    """The longest form of an alert that fits into one post there; a thread only where not even the headline does."""
    fits = []
    for text in shorter(one):
        mine = replace(form, text=text)
        fitted = fitting.fit(content, mine, account)
        if not fitted.problem and len(fitted.parts) == 1:
            return mine, fitted
        fits.append((mine, fitted))
    return next((pair for pair in fits if not pair[1].problem), fits[-1])
