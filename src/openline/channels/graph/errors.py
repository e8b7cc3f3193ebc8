"""What a refusal of the Graph API means for us: its codes told in our closed set of errors.

docs/graph-api/guides/error-handling, docs/messenger-platform/error-codes, docs/graph-api/overview/rate-limiting (2026).
Codes come first, the HTTP status only where there is none: Graph says 400 to nearly everything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from django.utils.translation import gettext as _

from openline.channels import http, reading
from openline.channels.base import ChannelError, NetworkDown, NotAllowed, RateLimited, Rejected, TokenExpired, Unclear
from openline.channels.graph import usage

NotThere = http.NotThere

_LIMITS = {4, 9, 17, 32, 341, 613, 80000, 80001, 80002, 80005, 80006, 80007, 80008, 80014, 80016, 130429, 1390008}
_TOKEN = {102, 104, 190, 450, 452, 463, 467}
_PERMISSION = {3, 5, 10, 368, 551, 1545041, 2018108, 10903}
_PASSING = {-1, 1, 2, 99, 1200}
_GONE = {(100, 33), (100, 1487390), (803, 0), (100, 2018001)}
_NO_OBJECT = "Object does not exist"
"""So Graph begins where it gives no subcode. It says the same of what the token may not see: no proof of absence."""
_DUPLICATE = {(506, 0)}
_WINDOW = {2018278, 2018065, 2018300, 2018034, 2534022}
_UNREACHABLE = {1545041, 2018108, 2018001, 2018028, 2018027}


class WindowClosed(NotAllowed):
    """The person's last message is too old for this answer: they have to write again first."""


class Unreachable(NotAllowed):
    """This person takes no messages from us: blocked us, gave up the account, or never wrote."""


class SaidAlready(Rejected):
    """The network says that the very same was posted before, or that this was answered already: a proof to look up."""


@dataclass(frozen=True, slots=True)
class Told:
    """The error in an answer (`error` of its JSON); `code` 0 and no words where there is none."""

    status: int
    code: int = 0
    subcode: int = 0
    words: str = ""
    passing: bool = False
    trace: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    """`error_data`, where the network says more."""

    @property
    def reason(self) -> str:
        """For a person: the network's words, with its numbers for whoever looks them up."""
        if not self.words:
            return _("The network answers %s.") % self.status
        numbers = f"{self.code}/{self.subcode}" if self.subcode else str(self.code)
        return f"{self.words} ({numbers})"


Refine = Callable[[Told, bool], ChannelError | None]
"""A network's own reading of its codes, asked first; the second argument says whether the call changes something."""


def told(response: httpx.Response) -> Told:
    """What an answer says is wrong."""
    try:
        said = reading.child(reading.json_object(response.content), "error")
    except reading.Unreadable:
        said = {}
    words = (reading.text(said, "error_user_msg") or reading.text(said, "message"))[:300]
    return Told(
        response.status_code,
        _number(said, "code"),
        _number(said, "error_subcode"),
        words,
        said.get("is_transient") is True,
        reading.text(said, "fbtrace_id")[:80],
        _data(said),
    )


def refusal(response: httpx.Response, sending: bool, refine: Refine | None = None) -> ChannelError:
    """The error that an answer means; `sending`: the call changes something."""
    said = told(response)
    if refine and (own := refine(said, sending)):
        return own
    if said.code in _LIMITS or response.status_code == 429:
        return RateLimited(usage.retry_at(response.headers))
    if not said.code:
        return http.refusal(response, sending, lambda _response: said.reason)
    return _by_code(said, sending)


def _by_code(said: Told, sending: bool) -> ChannelError:
    pair = (said.code, said.subcode)
    if said.code in _TOKEN or _bad_proof(said):
        return TokenExpired(said.reason)
    if said.subcode in _WINDOW:
        return WindowClosed(said.reason)
    if said.code == 551 or said.subcode in _UNREACHABLE:
        return Unreachable(said.reason)
    if said.code in _PERMISSION or 200 <= said.code <= 299:
        return NotAllowed(said.reason)
    if pair in _GONE or (said.code == 100 and _NO_OBJECT in said.words):
        return NotThere(said.reason)
    if said.code == 10900 or pair in _DUPLICATE:
        return SaidAlready(said.reason)
    if said.code in _PASSING or said.passing or said.status >= 500:
        return (Unclear if sending else NetworkDown)(said.reason)
    return Rejected(said.reason)


def _bad_proof(said: Told) -> bool:
    """The app secret that we have is not this app's: told as a wrong parameter."""
    return said.code == 100 and "appsecret_proof" in said.words


def _number(said: dict[str, Any], key: str) -> int:
    found = said.get(key)
    return found if isinstance(found, int) and not isinstance(found, bool) else 0


def _data(said: dict[str, Any]) -> dict[str, Any]:
    """`error_data`: an object, or the text of one."""
    if found := reading.child(said, "error_data"):
        return found
    try:
        return reading.json_object(reading.text(said, "error_data").encode("utf-8", "replace"))
    except reading.Unreadable:
        return {}
