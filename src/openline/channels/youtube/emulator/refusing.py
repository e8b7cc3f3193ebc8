"""Refusals of the emulated YouTube, in Google's form."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response


class Refused(Exception):
    """A refusal: its status, Google's reason and words."""

    def __init__(self, status: int, reason: str, words: str = "", domain: str = "youtube.api") -> None:
        super().__init__(reason)
        self.status, self.reason, self.words, self.domain = status, reason, words or reason, domain

    def answer(self) -> Response:
        """As Google answers it."""
        one = {"message": self.words, "domain": self.domain, "reason": self.reason}
        error = {"code": self.status, "message": self.words, "errors": [one]}
        return JSONResponse({"error": error}, self.status)


def quota() -> Refused:
    """The day's units are used up."""
    words = "The request cannot be completed because you have exceeded your quota."
    return Refused(403, "quotaExceeded", words, "youtube.quota")


def missing(what: str) -> Refused:
    """What is named is not there."""
    return Refused(404, f"{what}NotFound", f"The {what} identified in the request cannot be found.")


def bad(reason: str, words: str = "") -> Refused:
    """The request makes no sense."""
    return Refused(400, reason, words)
