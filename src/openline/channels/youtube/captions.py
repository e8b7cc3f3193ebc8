"""Captions, read strictly before anything is uploaded: WebVTT as it is, SubRip turned into it."""

from __future__ import annotations

import io
import re

from django.utils.translation import gettext as _

from openline.channels.base import Rejected

MOST_BYTES = 100 * 1024 * 1024
"""By the discovery document."""
_SUBRIP = re.compile(r"\A\ufeff?\s*(\d+\s*\n)?\s*\d+:\d\d:\d\d,\d{3}\s+-->")


def webvtt(text: str) -> str:
    """`text` as WebVTT with at least one cue. Raises Rejected naming the field and what is wrong."""
    from webvtt import WebVTT  # loaded when a film has captions
    from webvtt.errors import MalformedCaptionError, MalformedFileError

    kind = "srt" if _SUBRIP.match(text) else "vtt"
    try:
        found = WebVTT.from_buffer(io.StringIO(text.lstrip("\ufeff")), format=kind)
    except (MalformedFileError, MalformedCaptionError, ValueError, IndexError) as error:
        raise Rejected(
            _("The captions are neither WebVTT nor SubRip: %(error)s") % {"error": error}, "captions"
        ) from error
    if not found.captions:
        raise Rejected(_("The captions hold no words."), "captions")
    if any(cue.end_in_seconds < cue.start_in_seconds for cue in found.captions):
        raise Rejected(_("A caption ends before it begins."), "captions")
    checked = str(found.content) if kind == "srt" else text.lstrip("\ufeff")
    if len(checked.encode()) > MOST_BYTES:
        raise Rejected(_("The captions are too long."), "captions")
    return checked
