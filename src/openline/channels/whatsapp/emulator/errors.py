"""Refusals of the Graph API as WhatsApp words them (support/error-codes)."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """An error as the API answers it."""

    def __init__(self, code: int, words: str, subcode: int = 0, *, status: int = 400, details: str = "") -> None:
        super().__init__(words)
        self.code, self.words, self.subcode, self.status, self.details = code, words, subcode, status, details

    def body(self, trace: str) -> dict[str, Any]:
        """The answer's JSON."""
        said: dict[str, Any] = {"message": self.words, "type": "OAuthException", "code": self.code}
        said |= {"error_subcode": self.subcode} if self.subcode else {}
        if self.details:
            said["error_data"] = {"messaging_product": "whatsapp", "details": self.details}
        return {"error": said | {"fbtrace_id": trace}}


def parameter(words: str) -> Refusal:
    """A parameter is wrong or missing."""
    return Refusal(100, f"(#100) {words}")


def missing(one: str, method: str = "get") -> Refusal:
    """There is no such object, or none that this token may see."""
    words = f"Unsupported {method} request. Object with ID '{one}' does not exist or cannot be loaded."
    return Refusal(100, words, 33)


def token() -> Refusal:
    """The access token is no good."""
    return Refusal(190, "Error validating access token: the session has been invalidated.", 460, status=401)
