"""What Flickr's error codes mean for us. Codes from 95 on mean the same for all methods, smaller ones depend on it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext as _

from openline.channels.base import ChannelError, NetworkDown, NotAllowed, RateLimited, Rejected, TokenExpired, Unclear
from openline.channels.http import NotThere

_BAD_LOGIN = (96, 97, 98, 99, 100)
_TOO_FAST = timedelta(minutes=1)
_BUSY, _WRITE_FAILED, _BAD_URL = 105, 106, 116


class Refusal(Rejected):
    """Flickr refuses the call with `code`."""

    def __init__(self, reason: str, code: int, field_name: str = "") -> None:
        super().__init__(reason, field_name)
        self.code = code


def of_method(code: int, words: str, sending: bool) -> ChannelError:
    """A method's refusal."""
    said = f"{words} ({code})"
    if code in _BAD_LOGIN:
        return TokenExpired(said)
    if code == _BUSY:
        return NetworkDown(said)
    if code == _WRITE_FAILED:
        return (Unclear if sending else NetworkDown)(said)
    if code == _BAD_URL:
        return Rejected(_("Flickr refuses this text: it holds a link that was used for abuse there."), "text")
    if "too fast" in words:
        return RateLimited(datetime.now(UTC) + _TOO_FAST, said)
    if "not found" in words.lower() and code < 95:
        return NotThere(said)
    return Refusal(said, code)


def of_upload(code: int, words: str) -> ChannelError:
    """The refusal of a file (flickr.com/services/api/upload.api.html, 2026)."""
    said = f"{words} ({code})"
    if code in (4, 5, 8):
        return Refusal(said, code, "media")
    if code == 3:
        return NetworkDown(said)
    if code == 6:
        return NotAllowed(_("The account has used up what Flickr lets it upload."))
    return of_method(code, words, sending=True)
