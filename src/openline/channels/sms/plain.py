"""Typographic signs that make a text more than twice as long, and what stands for them in the GSM alphabet."""

from __future__ import annotations

from openline.channels.sms.gsm import measure

_PLAIN = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′`´", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("\u00a0\u2002\u2003\u2007\u2009\u202f\t", " "),
        **dict.fromkeys("\u200b\u200c\u2060\ufeff\u00ad", ""),
        **dict.fromkeys("•‣◦·", "*"),
        "…": "...",
        "×": "x",
        "™": "(TM)",
        "©": "(c)",
        "®": "(R)",
        "½": "1/2",
        "¼": "1/4",
        "¾": "3/4",
        "ª": "a",
        "º": "o",
    }
)


def plain(text: str) -> str:
    """`text` with plain signs, if that makes it fewer messages; else as it is."""
    plainer = text.translate(_PLAIN)
    return plainer if measure(plainer).segments < measure(text).segments else text
