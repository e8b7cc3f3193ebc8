"""Graph's refusals, with its own words and numbers."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """An error as Graph answers it."""

    def __init__(
        self, code: int, words: str, subcode: int = 0, *, status: int = 400, kind: str = "OAuthException", **data: Any
    ) -> None:
        super().__init__(words)
        self.code, self.words, self.subcode, self.status, self.kind, self.data = (
            code,
            words,
            subcode,
            status,
            kind,
            data,
        )

    def body(self, trace: str) -> dict[str, Any]:
        """The answer's JSON."""
        said: dict[str, Any] = {"message": self.words, "type": self.kind, "code": self.code}
        said |= {"error_subcode": self.subcode} if self.subcode else {}
        said |= {"error_data": self.data} if self.data else {}
        return {"error": said | {"fbtrace_id": trace}}


def missing(one: str, method: str = "get") -> Refusal:
    """There is no such object, or none that this token may see."""
    words = (
        f"Unsupported {method} request. Object with ID '{one}' does not exist, cannot be loaded due to missing "
        "permissions, or does not support this operation. Please read the Graph API documentation at "
        "https://developers.facebook.com/docs/graph-api"
    )
    return Refusal(100, words, 33, kind="GraphMethodException")


def parameter(words: str, subcode: int = 0) -> Refusal:
    """A parameter is wrong or missing."""
    return Refusal(100, f"(#100) {words}", subcode)


def token(words: str, subcode: int = 0) -> Refusal:
    """The access token is no good."""
    return Refusal(190, words, subcode, status=401)


def permission(words: str) -> Refusal:
    """This token may not do that."""
    return Refusal(200, f"(#200) {words}", status=403)


def too_many(page: str) -> Refusal:
    """Too many calls in the name of this page."""
    return Refusal(32, "(#32) Page request limit reached", status=400)


def outside_window() -> Refusal:
    """Messenger: the person's last message is too old."""
    return Refusal(10, "(#10) This message is sent outside of allowed window.", 2018278)
