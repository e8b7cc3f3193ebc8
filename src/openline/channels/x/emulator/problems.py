"""X's refusals, as its documents and its answers of 2026 have them."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import JSONResponse

DUPLICATE = "You are not allowed to create a Tweet with duplicate content."
NOT_SUMMONED = (
    "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by the author "
    "of the post you are replying to."
)
NO_QUOTE = (
    "Quoting this post is not allowed because you have not been mentioned or are not part of the conversation thread "
    "of the post you are quoting."
)
NO_PARENT = "You attempted to reply to a Tweet that is deleted or not visible to you."
TOO_LONG = "Your Tweet text is too long. For more information on how Twitter determines text length see https://github.com/twitter/twitter-text."
NO_MESSAGES = "You do not have permission to DM one or more participants."


class Problem(Exception):
    """A refusal with its status and body."""

    def __init__(self, status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> None:
        super().__init__(str(body))
        self.answer = JSONResponse(dict(body), status, dict(headers or {}), media_type="application/problem+json")


def forbidden(detail: str) -> Problem:
    """403."""
    return Problem(403, {"detail": detail, "type": "about:blank", "title": "Forbidden", "status": 403})


def unauthorized() -> Problem:
    """401."""
    return Problem(401, {"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"})


def too_many(headers: Mapping[str, str]) -> Problem:
    """429."""
    body = {"title": "Too Many Requests", "detail": "Too Many Requests", "type": "about:blank", "status": 429}
    return Problem(429, body, headers)


def missing(what: str) -> Problem:
    """404."""
    body = {"title": "Not Found", "type": "about:blank", "status": 404, "detail": f"Could not find {what}."}
    return Problem(404, body)


def no_credit() -> Problem:
    """402: the app's credits are used up."""
    detail = "Your enrolled account does not have any credits to fulfill this request."
    body = {
        "title": "CreditsDepleted",
        "detail": detail,
        "type": "https://api.twitter.com/2/problems/credits",
        "status": 402,
    }
    return Problem(402, body)


def invalid(host: str, parameter: str, message: str) -> Problem:
    """400: a parameter or field that X does not take. `host` as the spelling of the day has it."""
    return Problem(
        400,
        {
            "errors": [{"parameters": {parameter: []}, "message": message}],
            "title": "Invalid Request",
            "detail": "One or more parameters to your request was invalid.",
            "type": f"https://{host}/2/problems/invalid-request",
            "status": 400,
        },
    )


def not_taken(host: str, parameter: str, known: Sequence[str]) -> Problem:
    """400: a query parameter of a name that this address does not know."""
    words = f"The query parameter [{parameter}] is not one of [{','.join(sorted(known))}]"
    return invalid(host, parameter, words)


def gone(host: str, kind: str, wanted: str) -> dict[str, Any]:
    """What stands in `errors` for one of several things that is not there."""
    return {
        "value": wanted,
        "detail": f"Could not find {kind} with ids: [{wanted}].",
        "title": "Not Found Error",
        "resource_type": kind,
        "parameter": "ids",
        "resource_id": wanted,
        "type": f"https://{host}/2/problems/resource-not-found",
    }


def window(limit: int, used: int, seconds: int) -> dict[str, str]:
    """What X says of an allowance with each answer."""
    reset = (int(time.time()) // seconds + 1) * seconds
    told = {"limit": limit, "remaining": max(limit - used, 0), "reset": reset}
    return {f"x-rate-limit-{name}": str(value) for name, value in told.items()}
