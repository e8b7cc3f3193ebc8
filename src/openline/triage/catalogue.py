"""What triage needs to know of a city's services."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServiceInfo:
    """A service as residents may speak of it.

    `kind` is "request" (the city acts), "referral" (somebody else does) or "question" (it is answered).
    `keywords` and `examples` are what the reader learns from before there is any history.
    """

    code: str
    name: str
    description: str = ""
    keywords: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    kind: str = "request"
    emergency_phone: str = ""
