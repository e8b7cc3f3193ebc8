"""The spoken words of a film, as Facebook takes them: SubRip, named by their language (docs/video-api/guides/captions).

They are added once the film is public. So whatever is wrong with them is said to staff, and changes nothing any more.
"""

from __future__ import annotations

from io import BytesIO, StringIO

from django.utils.translation import gettext as _

from openline.channels.base import ChannelError, OutgoingMedia
from openline.channels.graph.client import Graph

_LOCALES = {
    "ar": "ar_AR", "de": "de_DE", "en": "en_US", "es": "es_LA", "fr": "fr_FR", "ht": "ht_HT", "it": "it_IT",
    "km": "km_KH", "ko": "ko_KR", "pl": "pl_PL", "pt": "pt_BR", "ru": "ru_RU", "uk": "uk_UA", "vi": "vi_VN",
    "zh": "zh_CN",
}  # fmt: skip


def add(graph: Graph, video: str, film: OutgoingMedia, language: str) -> str:
    """Add them, if there are any; returns what to tell staff."""
    if not film.captions:
        return ""
    name = f"captions.{locale(language)}.srt"
    try:
        files = {"captions_file": (name, BytesIO(subrip(film.captions).encode()), "application/octet-stream")}
        graph.post(f"{video}/captions", {"default_locale": "none"}, files)
    except (ChannelError, ValueError) as error:
        return _("Facebook did not take the captions: %s") % error
    return _("added")


def locale(language: str) -> str:
    """The language as Facebook writes it (en_US); English where it knows none."""
    return _LOCALES.get(language.replace("_", "-").split("-")[0].lower(), "en_US")


def subrip(vtt: str) -> str:
    """WebVTT as SubRip. Raises ValueError if it is none."""
    import webvtt

    try:
        found = webvtt.from_string(vtt)
    except webvtt.errors.MalformedFileError as error:
        raise ValueError(str(error)) from error
    written = StringIO()
    found.write(written, format="srt")
    return written.getvalue()
