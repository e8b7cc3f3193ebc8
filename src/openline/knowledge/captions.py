"""Captions of a film: are they WebVTT that a player can show? (W3C, WebVTT: The Web Video Text Tracks Format)"""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

MOST_CHARACTERS = 500_000
_TIME = r"(?:(\d{2,}):)?([0-5]\d):([0-5]\d)\.(\d{3})"
_CUE = re.compile(rf"{_TIME}[ \t]+-->[ \t]+{_TIME}(?:[ \t]+\S.*)?")
_NO_CUE = re.compile(r"(NOTE|STYLE|REGION)(\s|$)")


def problem(text: str) -> str:
    """What is wrong with the captions, with the line and what to do; "" if they can be shown."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff").split("\n")
    if not re.fullmatch(r"WEBVTT(?:[ \t].*)?", lines[0]):
        return _("Captions begin with a line WEBVTT. Save them as WebVTT (.vtt).")
    if len(text) > MOST_CHARACTERS:
        return _("The captions are too long for one film.")
    found, last = 0, -1
    for number, block in _blocks(lines):
        if number == 1 or _NO_CUE.match(block[0]):
            continue
        wrong, last = _cue(number, block, last)
        if wrong:
            return wrong
        found += 1
    return "" if found else _("The captions hold no words yet.")


def _blocks(lines: list[str]) -> list[tuple[int, list[str]]]:
    """The parts between empty lines, each with the number of its first line."""
    blocks: list[tuple[int, list[str]]] = []
    fresh = True
    for number, line in enumerate(lines, 1):
        if not line.strip():
            fresh = True
        elif fresh:
            blocks.append((number, [line]))
            fresh = False
        else:
            blocks[-1][1].append(line)
    return blocks


def _cue(number: int, block: list[str], last: int) -> tuple[str, int]:
    """What is wrong with one cue, and when it begins in milliseconds. An identifier may stand before its times."""
    at = 0 if "-->" in block[0] else 1
    times = _CUE.fullmatch(block[at].strip()) if at < len(block) else None
    if times is None:
        return _("Line %(line)d: write times such as 00:01.000 --> 00:04.000.") % {"line": number + at}, last
    begins, ends = _milliseconds(times.groups()[:4]), _milliseconds(times.groups()[4:])
    if ends <= begins:
        return _("Line %(line)d: these words end before they begin.") % {"line": number + at}, last
    if begins < last:
        return _("Line %(line)d: these words begin before the ones above them.") % {"line": number + at}, last
    if not any(line.strip() for line in block[at + 1 :]):
        return _("Line %(line)d: the words are missing.") % {"line": number + at}, last
    return "", begins


def _milliseconds(parts: tuple[str | None, ...]) -> int:
    hours, minutes, seconds, thousandths = (int(part or 0) for part in parts)
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths
