"""How many messages a text is: GSM 03.38 (3GPP TS 23.038) and UCS-2, alone or concatenated (TS 23.040).

A message has 140 bytes: 160 septets or 70 units of UTF-16; in a chain of several the header takes 6 bytes, which
leaves 153 septets or 67 units each. The national shift tables of TS 23.038 are not used: gateways and providers turn
to UCS-2 for their letters.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = "\f^{}\\[~]|€"
"""These take an escape before them: two septets."""
SEPTETS, SEPTETS_CHAINED = 160, 153
UNITS, UNITS_CHAINED = 70, 67

_WIDTH = dict.fromkeys(BASIC, 1) | dict.fromkeys(EXTENSION, 2)


@dataclass(frozen=True, slots=True)
class Measure:
    """A text as it goes over the air. `units` are septets or UTF-16 units, `left` those free in the last message."""

    encoding: Literal["GSM-7", "UCS-2"]
    units: int
    segments: int
    left: int


def is_gsm(text: str) -> bool:
    """True if every character is in the GSM alphabet or its extension."""
    return all(char in _WIDTH for char in text)


def measure(text: str, *, ucs2: bool = False) -> Measure:
    """Count `text`; no character is torn over two messages. `ucs2`: count it as UCS-2 whatever it holds."""
    if is_gsm(text) and not ucs2:
        return _pack("GSM-7", [_WIDTH[char] for char in text], SEPTETS, SEPTETS_CHAINED)
    return _pack("UCS-2", [2 if char > "\uffff" else 1 for char in text], UNITS, UNITS_CHAINED)


def _pack(encoding: Literal["GSM-7", "UCS-2"], widths: list[int], alone: int, chained: int) -> Measure:
    total = sum(widths)
    if total <= alone:
        return Measure(encoding, total, 1, alone - total)
    segments, used = 1, 0
    for width in widths:
        if used + width > chained:
            segments, used = segments + 1, 0
        used += width
    return Measure(encoding, total, segments, chained - used)


def length(text: str, *, ucs2: bool = False) -> int:
    """How much of a chain `text` fills, in septets of GSM; for UCS-2 what it fills counts as so many septets.

    So a limit of n messages is 153 * n, in whichever alphabet, with what is lost at the borders.
    """
    found = measure(text, ucs2=ucs2)
    chained = SEPTETS_CHAINED if found.encoding == "GSM-7" else UNITS_CHAINED
    filled = found.units if found.segments == 1 else found.segments * chained - found.left
    return filled if found.encoding == "GSM-7" else math.ceil(filled * SEPTETS_CHAINED / UNITS_CHAINED)
