"""What Google's refusals mean for us: by the reason in the answer's error, else by its status."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from openline.channels import http, reading
from openline.channels.base import (
    ChannelError,
    NetworkDown,
    NotAllowed,
    RateLimited,
    Rejected,
    TokenExpired,
    Unclear,
)
from openline.channels.youtube.units import day_ends

_DAY = ("quotaExceeded", "dailyLimitExceeded")
_SOON = ("rateLimitExceeded", "userRateLimitExceeded", "tooManyRequests")
_FIELDS = {
    "invalidTitle": "title",
    "invalidDescription": "text",
    "invalidTags": "tags",
    "invalidPublishAt": "publish_at",
    "commentTextRequired": "text",
    "commentTextTooLong": "text",
    "invalidCommentMetadata": "text",
    "mediaBodyRequired": "media",
    "invalidImage": "media",
    "invalidFilename": "media",
}
_WORDS = {
    "commentsDisabled": gettext_lazy("Comments are turned off under this film."),
    "youtubeSignupRequired": gettext_lazy("This Google account has no YouTube channel: make one first."),
    "uploadLimitExceeded": gettext_lazy("YouTube takes no more films of this channel today."),
}


class Conflict(Rejected):
    """What was to be made is there already (409)."""


class Refusal(Rejected):
    """Refused for the `code` that YouTube names, such as invalidTitle."""

    def __init__(self, reason: str, code: str, field_name: str = "") -> None:
        super().__init__(reason, field_name)
        self.code = code


def code_of(response: httpx.Response) -> tuple[str, str]:
    """Google's reason and words; empty where the answer is none of Google's."""
    try:
        said = reading.child(reading.json_object(response.content), "error")
    except reading.Unreadable:
        return "", ""
    first = next(iter(reading.children(said, "errors")), {})
    return reading.text(first, "reason"), reading.text(said, "message")[:300]


def refuse(response: httpx.Response, sending: bool) -> ChannelError:
    """The error of an answer that is no success."""
    code, words = code_of(response)
    said = f"{_WORDS.get(code) or words or http.words_of(response)} ({code or response.status_code})"
    if code in _DAY:
        return RateLimited(day_ends(), _("Today's units of YouTube's API are used up; they are new at midnight there."))
    if code in _SOON:
        return RateLimited(datetime.now(UTC) + timedelta(minutes=1), said)
    if code == "uploadLimitExceeded":
        return NotAllowed(said)
    if code in ("youtubeSignupRequired", "commentsDisabled"):
        return NotAllowed(said)
    if response.status_code == 401:
        return TokenExpired(said)
    if response.status_code == 409:
        return Conflict(said)
    if code in ("processingFailure", "backendError", "internalError"):
        return (Unclear if sending else NetworkDown)(said)
    if response.status_code == 400:
        return Refusal(said, code, _FIELDS.get(code, ""))
    return http.refusal(response, sending, lambda _response: said)
