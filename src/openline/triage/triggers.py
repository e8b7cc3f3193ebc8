"""Which words a text must have so that a phrase can be in it, taken from the phrase itself.

Of each part of a phrase that cannot be missing, a text has at least one wording. The part whose words are rarest in
everyday talk comes first: it triggers a look at the others. Hundreds of phrases thereby cost next to nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product

_ANY = "\0"
_ASSERTION = re.compile(r"\(\?[!=<][^()]*(?:\([^()]*\)[^()]*)*\)")
_WILD = re.compile(r"(?:\\[a-zA-Z]|\.|\[[^]]*\])[*+?]?")
_COMMON = frozenset(
    """a about again all alley also am an and any apartment are as at back be because been before block but by call can
    car city come coming could day did do doe dont down for from front get getting go going gonna got had has have he
    her here hi him his home house how i if im in inside into is isnt it its ive just know like live look lot make man
    many me more my near need new next night no not now number of off ok old on one only open or our out over people
    philly place please put right road said say see send should so some someone something still stop street take thank
    that the their them there they thing this time to today too tree truck try two up us use very was want was way we
    week were what when where which who why will with work would year you your water light side sidewalk
    building corner full
    good help school traffic trash up_num _user _url _num st ave ! ? .""".split()
)


def needs(phrase: str) -> tuple[frozenset[str], ...]:
    """Sets of words, the rarest first: a text with `phrase` has a word of each. Empty if any part may be anything."""
    found = filter(None, map(_words_of, split(phrase, " ")))
    return tuple(sorted(found, key=lambda some: (sum(word in _COMMON for word in some), len(some))))


def _words_of(part: str) -> frozenset[str]:
    """For each wording of a part of a phrase, its rarest word; none at all if a wording has no whole word."""
    found = set()
    # An assertion takes no letters: "911(?! call)" is the word 911.
    for wording in _wordings(_WILD.sub(_ANY, _ASSERTION.sub("", part.strip("^$")))):
        whole = [word for word in wording.split() if _ANY not in word and ".." not in word and "{" not in word]
        if not whole:
            return frozenset()
        found.add(min(whole, key=lambda word: (word in _COMMON, -len(word))))
    return frozenset(found)


def _wordings(part: str) -> list[str]:
    """All texts that a phrase without wildcards stands for."""
    return [
        "".join(chosen) for choice in split(part, "|") for chosen in product(*(options for options in _pieces(choice)))
    ]


def _pieces(text: str) -> Iterator[list[str]]:
    """The pieces of a phrase without choices at its top: for each, what it may be."""
    at = 0
    while at < len(text):
        end = _closing(text, at) if text[at] == "(" else at + 1
        options = _wordings(text[at + 1 : end - 1]) if text[at] == "(" else [text[at]]
        if text[end : end + 1] in ("?", "*", "+"):
            options = options + [""] if text[end] == "?" else [""] if text[end] == "*" else options
            end += 1
        yield options
        at = end


def _closing(text: str, start: int) -> int:
    """The position after the parenthesis that closes the one at `start`."""
    depth = 0
    for at in range(start, len(text)):
        depth += (text[at] == "(") - (text[at] == ")")
        if depth == 0:
            return at + 1
    raise ValueError(f"A parenthesis is not closed: {text}")


def split(text: str, mark: str) -> list[str]:
    """`text` cut at every `mark` that stands outside parentheses."""
    parts, depth, last = [], 0, 0
    for at, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if char == mark and depth == 0 and text[at + 1 : at + 2] != "?":  # "sink ?hole" is one part
            parts.append(text[last:at])
            last = at + 1
    return [*parts, text[last:]]
