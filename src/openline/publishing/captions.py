"""Captions of films: WebVTT (W3C), checked before a network gets them."""

from __future__ import annotations

from django.utils.translation import gettext as _

BEGINS = "WEBVTT"


def problem(text: str) -> str:
    """What is wrong with captions, in words; "" if a player can show them."""
    from webvtt import WebVTT
    from webvtt.errors import MalformedCaptionError, MalformedFileError

    try:
        found = WebVTT.from_string(text, strict=True)
    except (MalformedFileError, MalformedCaptionError, ValueError) as error:
        if not text.lstrip("\ufeff").startswith(BEGINS):
            return _("Captions are a WebVTT file: its first line is WEBVTT.")
        return _("These captions cannot be read: %(reason)s") % {"reason": str(error)[:200]}
    if not len(found):
        return _("These captions have no line with a time, such as 00:00.000 --> 00:04.000.")
    return ""


def from_srt(text: str) -> str:
    """SubRip captions, as most programs save them, as WebVTT; WebVTT stays as it is. Raises ValueError."""
    import io

    from webvtt import WebVTT
    from webvtt.errors import MalformedCaptionError, MalformedFileError

    plain = text.lstrip("\ufeff")
    if plain.startswith(BEGINS):
        return plain
    try:
        return str(WebVTT.from_buffer(io.StringIO(plain), format="srt").content)
    except (MalformedFileError, MalformedCaptionError) as error:
        raise ValueError(str(error)) from None
