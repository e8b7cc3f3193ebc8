"""The weighted length of a text (twitter-text 3.1, parseTweet with configuration v3; docs.x.com, 2026).

Every character counts one or two: one in the ranges of most alphabets, two elsewhere (Chinese, Japanese, Korean). A
link counts 23, an emoji of however many parts two. Counted after composition (NFC).
"""

from __future__ import annotations

import re
import unicodedata

from openline.channels.x.text import urls

LIMIT = 280
URL_LENGTH = 23
_LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
_PICTURE = (
    "[\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u25fe\u2600-\u27bf\u2934\u2935\u2b05-\u2b55"
    "\u3030\u303d\u3297\u3299\U0001f000-\U0001f1e5\U0001f200-\U0001f3fa\U0001f400-\U0001faff]"
)
_ONE = f"(?:{_PICTURE}(?:\ufe0f|[\U0001f3fb-\U0001f3ff])?|[\xa9\xae]\ufe0f)"
_EMOJI = re.compile(
    "[0-9#*]\ufe0f?\u20e3"
    "|[\U0001f1e6-\U0001f1ff]{2}"
    "|\U0001f3f4[\U000e0061-\U000e007a\U000e0030-\U000e0039]+\U000e007f"
    f"|{_ONE}(?:\u200d{_ONE})*"
)
_ENDINGS = re.compile(r"\r\n?")


def length(text: str) -> int:
    """How much of the 280 `text` fills."""
    plain = _ENDINGS.sub("\n", unicodedata.normalize("NFC", text))
    total, at = 0, 0
    for url in urls.find(plain):
        total += _weight(plain[at : url.start]) + URL_LENGTH
        at = url.end
    return total + _weight(plain[at:])


def _weight(text: str) -> int:
    rest, emoji = _EMOJI.subn("", text)
    return 2 * emoji + sum(1 if _light(ord(char)) else 2 for char in rest)


def _light(code: int) -> bool:
    return any(low <= code <= high for low, high in _LIGHT)
