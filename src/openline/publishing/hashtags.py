"""Hashtags that a screen reader reads as words: #TrashDay, not #trashday."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

_TAG = re.compile(r"(?<![\w&/])#(\w{2,60})")
_WORD = re.compile(r"[^\W\d_]{3,}|\d+")
_LONGEST = 6
"""A hashtag is made of at most so many words."""
_SMALL = frozenset(
    "a an and at by city day days de del dia el en for free help home in la las los map my new no of on one open our "
    "out park safe save the to up us we y your".split()
)


def used(text: str) -> list[str]:
    """The hashtags of `text` without their sign, in order."""
    return _TAG.findall(text)


def readable(tag: str) -> bool:
    """True if a screen reader finds the words of `tag`: it is short, or has a capital for each word."""
    letters = [letter for letter in tag if letter.isalpha()]
    if not any(letter.lower() != letter.upper() for letter in letters):
        return True  # a script without capitals
    return len(tag) <= 4 or any(letter.isupper() for letter in tag[1:]) and not tag.isupper() or _one_word(tag)


def _one_word(tag: str) -> bool:
    """True for what cannot be told to be several words: those have at least ten letters."""
    return not tag.isupper() and len(tag) < 10


def from_words(words: str) -> str:
    """A hashtag of a topic: "trash day" becomes TrashDay; "" if nothing is left."""
    return "".join(word[:1].upper() + word[1:] for word in re.findall(r"\w+", words))[:60]


def camel(tag: str, vocabulary: Iterable[str]) -> str:
    """`tag` with a capital for each of its words as far as `vocabulary` knows them, else as it is."""
    if any(letter.isupper() for letter in tag[1:]) and not tag.isupper():
        return tag
    known = _SMALL | {word.casefold() for text in vocabulary for word in _WORD.findall(text)}
    words = _cut(tag.casefold(), frozenset(known - {tag.casefold()}))
    return "".join(word[:1].upper() + word[1:] for word in words) if words else tag


def suggested(texts: Iterable[str], topics: Iterable[str], vocabulary: Iterable[str] = ()) -> list[str]:
    """Hashtags to offer: those of the texts as they should be written, then one for each topic."""
    texts = list(texts)
    words = [*texts, *topics, *vocabulary]
    found = [camel(tag, words) for text in texts for tag in used(text)]
    found += [from_words(topic) for topic in topics]
    unique = {tag.casefold(): tag for tag in reversed(found) if tag}
    return list(reversed(unique.values()))


def mended(text: str, vocabulary: Iterable[str]) -> str:
    """`text` with all its hashtags in capitals, as far as their words are known."""
    words = [*vocabulary, _TAG.sub(" ", text)]
    return _TAG.sub(lambda found: "#" + camel(found[1], words), text)


def _cut(tag: str, known: frozenset[str]) -> list[str] | None:
    """The fewest known words of which `tag` is made, None if it is not."""

    @cache
    def best(start: int) -> tuple[str, ...] | None:
        if start == len(tag):
            return ()
        found: tuple[str, ...] | None = None
        for end in range(len(tag), start, -1):
            rest = best(end) if tag[start:end] in known else None
            if rest is not None and (found is None or len(rest) + 1 < len(found)):
                found = (tag[start:end], *rest)
        return found

    words = best(0)
    return list(words) if words and 1 < len(words) <= _LONGEST else None
