"""What X's refusals mean (docs.x.com, 2026): problem details with a title and a detail, or a list of errors."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import httpx
from django.utils.translation import gettext as _

from openline.channels import http, reading
from openline.channels.base import ChannelError, NotAllowed, RateLimited, Rejected

_DAY = ("x-user-limit-24hour-", "x-app-limit-24hour-")


class Duplicate(Rejected):
    """X has these very words from us already: evidence that they were sent."""


class BadRequest(Rejected):
    """X does not understand a parameter or a field."""


def refusal(answer: httpx.Response, sending: bool) -> ChannelError:
    """The error of an answer that is no success."""
    words = said(answer)
    if answer.status_code == 429:
        return RateLimited(come_back(answer.headers))
    if answer.status_code == 402:
        return NotAllowed(_("The X app has no credit left: buy some in the X Developer Console. (%s)") % words)
    if answer.status_code == 403 and "duplicate" in words.lower():
        return Duplicate(_("X has these very words from this account already. Change them a little."), "text")
    if answer.status_code == 403:
        return NotAllowed(_explained(words))
    if answer.status_code == 400:
        return BadRequest(words)
    return http.refusal(answer, sending, said)


def said(answer: httpx.Response) -> str:
    """What X says is wrong, in a line."""
    try:
        body = reading.json_object(answer.content)
    except reading.Unreadable:
        return f"X answers {answer.status_code} {answer.reason_phrase}".strip()
    errors = reading.children(body, "errors")
    found = [reading.text(one, "message") or reading.text(one, "detail") for one in errors]
    found += [reading.text(body, name) for name in ("detail", "error_description", "title", "error", "message")]
    words = next((one for one in found if one), "")
    return f"{words[:300]} ({answer.status_code})" if words else f"X answers {answer.status_code}"


def come_back(headers: Mapping[str, str]) -> datetime:
    """When X lets us go on: the day's allowance if that is used up, else the quarter hour's."""
    for prefix in _DAY:
        if headers.get(prefix + "remaining") == "0" and headers.get(prefix + "reset"):
            return http.retry_at({"x-ratelimit-reset": headers[prefix + "reset"]})
    reset = headers.get("x-rate-limit-reset", "")
    return http.retry_at({"retry-after": headers.get("retry-after", ""), "x-ratelimit-reset": reset})


def _explained(words: str) -> str:
    lower = words.lower()
    if "reply to this conversation is not allowed" in lower:
        return (
            _(
                "X lets a self-serve app answer only who named or quoted the account. Write in private, or answer "
                "by hand in the X app. (%s)"
            )
            % words
        )
    if "quoting this post is not allowed" in lower:
        return (
            _(
                "X lets a self-serve app quote only its own posts and those that name it. Put the link into the text "
                "instead; that costs more. (%s)"
            )
            % words
        )
    return words
