"""What could be better about the words of a post: hints, which keep nothing from going out.

The rules are those of public communicators: capitals in hashtags, few emoji, no capitals for emphasis, links that say
where they lead, short sentences, days with their weekday (docs/publishing.md has the sources).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from openline.publishing import hashtags
from openline.publishing import plain_language as plain
from openline.publishing.content import Content, Words
from openline.service_requests.jurisdiction import public_numbers
from openline.triage import language as languages
from openline.triage import personal_data, urgency

MOST_EMOJI = 3
HARDEST = 8
"""The school year that most readers can follow: plain-language rules for the public name the eighth."""
LONGEST_SENTENCE = 25
_SIGN = (
    "(?:[\U0001f1e6-\U0001f1ff]{1,2}|[\U0001f300-\U0001faff\u2600-\u27bf\u2b00-\u2bff])[\ufe0f\U0001f3fb-\U0001f3ff]*"
)
_EMOJI = f"{_SIGN}(?:\u200d{_SIGN})*"
"""One picture as it is seen: a flag of two letters, a family joined of several."""
_EMOJI_RUN = re.compile(_EMOJI)
_BULLETS = re.compile(rf"^\s*{_EMOJI}", re.M)
_CAPITALS = re.compile(r"\b[^\W\d_]{2,}\b")
_CLICK = re.compile(
    r"\b(?:click|tap|press) (?:here|below|the link)\b|\bread more\b|\blearn more here\b|\blink in bio\b"
    r"|\b(?:haga|haz|pulse) clic\b(?: aquí)?|\bcliquez ici\b|\bclique aqui\b",
    re.I,
)
_HIDING = re.compile(r"https?://(?:bit\.ly|tinyurl\.com|t\.co|ow\.ly|goo\.gl|is\.gd|buff\.ly|lnkd\.in)/\S+", re.I)
_ADDRESS = re.compile(r"https?://\S+")
_MONTH = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]*\.? \d{1,2}(?:st|nd|rd|th)?(?!\d|:)"
    r"|\d{1,2} de (?:enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre)"
    r"|(?<![\d/])\d{1,2}/\d{1,2}(?:/\d{2,4})?(?![\d/])"
)
_WEEKDAY = (
    r"(?:mon|tue|tues|wed|weds|thu|thur|thurs|fri|sat|sun)(?:day|sday|nesday|rsday|urday)?\.?|lunes|martes|miércoles|"
    r"jueves|viernes|sábado|domingo"
)
_DATE = re.compile(rf"(?P<day>\b(?:{_WEEKDAY}),?\s+(?:el\s+)?(?:the\s+)?)?\b(?:{_MONTH})", re.I)
_RELATIVE = re.compile(
    r"\b(?:today|tonight|tomorrow|yesterday|this (?:morning|afternoon|evening|weekend))\b"
    r"|\b(?:hoy|mañana|esta noche|ayer)\b|\b(?:aujourd['’]hui|demain)\b|\b(?:hoje|amanhã)\b|今天|明天|今晚"
    r"|hôm nay|ngày mai"
    r"|сегодня|завтра|اليوم|غدا|오늘|내일|\b(?:jodi a|demen)\b",
    re.I,
)
_FEWEST_LETTERS = 40
"""Shorter texts do not tell their language for certain."""


@dataclass(frozen=True, slots=True)
class Hint:
    """What could be better, in words, and the part of the post that it is about."""

    words: str
    field: str = "text"


def hints(content: Content, *, scheduled: bool = False) -> Iterator[Hint]:
    """All hints on the words of `content`; `scheduled`: it goes out later than it is written."""
    for language, words in sorted(content.texts.items(), key=lambda item: item[0] != content.language):
        many = len(content.texts) > 1
        for hint in _about(words, language, content.topics, scheduled):
            yield Hint(f"{language}: {hint.words}", hint.field) if many else hint
    own = (form.text for form in content.forms if form.text)
    for text in own:
        yield from _written(text, content.topics)


def _about(words: Words, language: str, topics: Sequence[str], scheduled: bool) -> Iterator[Hint]:
    whole = "\n".join(part for part in (words.title, words.text, words.body) if part)
    if not whole.strip():
        return
    yield from _written(whole, topics)
    yield from _reading(whole, language)
    yield from _days(whole, scheduled)
    yield from _other_language(whole, language)
    yield from _personal(whole)


def _written(text: str, topics: Sequence[str]) -> Iterator[Hint]:
    """How it is written: capitals, emoji, hashtags, links."""
    shouted = [word for word in _CAPITALS.findall(text) if word.isupper() and word != word.lower() and len(word) > 3]
    if len(shouted) > 1 or any(len(word) > 6 for word in shouted):
        yield Hint(_("Whole words in capitals are hard to read, and some are spelled out: %(words)s") % {
            "words": ", ".join(shouted[:5])})  # fmt: skip
    emoji = len(_EMOJI_RUN.findall(text))
    if emoji > MOST_EMOJI:
        yield Hint(ngettext(
            "%(n)d emoji: a screen reader reads its name aloud.",
            "%(n)d emoji: a screen reader reads the name of each aloud. Use one to three, at the end.", emoji,
        ) % {"n": emoji})  # fmt: skip
    if len(_BULLETS.findall(text)) > 1:
        yield Hint(_("Emoji stand where a dash would do: a screen reader reads their names before each line."))
    yield from _tags(text, topics)
    yield from _links(text)


def _tags(text: str, topics: Sequence[str]) -> Iterator[Hint]:
    written = {tag: hashtags.camel(tag, [text, *topics]) for tag in hashtags.used(text)}
    better = [best for tag, best in written.items() if best != tag or not hashtags.readable(tag)]
    if better:
        yield Hint(_("Give each word of a hashtag a capital, or it is read as one word: %(tags)s") % {
            "tags": ", ".join(f"#{tag}" for tag in better)}, "hashtags")  # fmt: skip
    end = re.sub(r"(?:\s*(?:#\w+|https?://\S+))+\s*$", "", text)
    if len(hashtags.used(end)) > 1:
        yield Hint(
            _("Put hashtags at the end: in the middle they break up the sentence that is read aloud."), "hashtags"
        )


def _links(text: str) -> Iterator[Hint]:
    found = _CLICK.search(text)
    if found:
        words = _("“%(words)s” does not say where the link leads. Name what stands there.")
        yield Hint(words % {"words": found.group()})
    if _HIDING.search(text):
        yield Hint(_("This short address hides where it leads. Put the real one into the field Link."), "link")
    elif any(len(address) > 60 for address in _ADDRESS.findall(text)):
        yield Hint(
            _("A long address is read aloud letter by letter. Put it into the field Link and make it short."), "link"
        )


def _reading(text: str, language: str) -> Iterator[Hint]:
    year = plain.grade(text)
    if year and year > HARDEST:
        words = _("Hard to read: about grade %(year)d, plain is grade %(most)d. Use shorter words and sentences.")
        yield Hint(words % {"year": year, "most": HARDEST})
    longest = plain.longest_sentence(text)
    count = len(plain.words(longest))
    if count > LONGEST_SENTENCE:
        beginning = " ".join(longest.split()[:6])
        words = _("A sentence has %(count)d words: “%(beginning)s…” Make two of it.")
        yield Hint(words % {"count": count, "beginning": beginning})
    if language.startswith("en"):
        found = plain.passive(text)
        if found:
            yield Hint(_("Say who does it: “%(words)s” is passive.") % {"words": found[0]})


def _days(text: str, scheduled: bool) -> Iterator[Hint]:
    bare = next((found.group() for found in _DATE.finditer(text) if not found["day"]), "")
    if bare:
        yield Hint(_("Say which weekday it is: “%(date)s”.") % {"date": bare})
    near = _RELATIVE.search(text)
    if near and scheduled:
        words = _("“%(word)s” is wrong if the post is seen a day later. Name the day.")
        yield Hint(words % {"word": near.group()})


def _other_language(text: str, language: str) -> Iterator[Hint]:
    letters = sum(letter.isalpha() for letter in text)
    found = languages.detect(text) if letters >= _FEWEST_LETTERS else languages.UNKNOWN
    if found not in (languages.UNKNOWN, language.split("-")[0]):
        words = _("This reads like the language “%(found)s”, not “%(declared)s”: screen readers pronounce it wrongly.")
        yield Hint(words % {"found": found, "declared": language}, "language")


def _personal(text: str) -> Iterator[Hint]:
    for one in personal_data.find(text, public_numbers()):
        words = _("“%(text)s” may be somebody's personal data. Publish it only with their consent.")
        yield Hint(words % {"text": text[one.start : one.end]})
    if urgency.danger_in(text):
        yield Hint(_("This reads like a danger to life. An alert goes out at once, to all accounts, and ends in time."))
