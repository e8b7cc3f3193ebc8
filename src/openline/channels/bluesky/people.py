"""People of the network: who has a handle, and what the network shows of somebody."""

from __future__ import annotations

import re
from typing import Any

from openline.channels import http, reading
from openline.channels.base import Rejected
from openline.channels.bluesky.client import Session

_DID = re.compile(r"did:[a-z]+:[a-zA-Z0-9._:%-]+")
_ASK_AT_ONCE = 25
_REMEMBERED = 5_000
_PROFILE = ("did", "handle", "displayName")


def is_did(name: str) -> bool:
    """A DID, and no handle?"""
    return bool(_DID.fullmatch(name))


def did_of(session: Session, name: str) -> str:
    """Who that handle (or DID) is; "" if nobody has it."""
    name = name.removeprefix("@").lower() if not is_did(name) else name
    if not name or is_did(name):
        return name
    try:
        return reading.text(session.get("com.atproto.identity.resolveHandle", {"handle": name}), "did")
    except (Rejected, http.NotThere):
        return ""


class Profiles:
    """The names of people who were heard by a stream, which tells only who they are; asked for once."""

    def __init__(self) -> None:
        self._known: dict[str, dict[str, Any]] = {}

    def of(self, session: Session, dids: set[str]) -> dict[str, dict[str, Any]]:
        """The profiles by DID, as far as the network shows them."""
        unknown = sorted(dids - self._known.keys())
        for start in range(0, len(unknown), _ASK_AT_ONCE):
            asked = unknown[start : start + _ASK_AT_ONCE]
            answer = session.get("app.bsky.actor.getProfiles", {"actors": asked})
            for profile in reading.children(answer, "profiles"):
                kept = {name: profile[name] for name in _PROFILE if name in profile}
                self._known[reading.text(profile, "did")] = kept
        found = {did: self._known.get(did, {}) for did in dids}
        for old in list(self._known)[:-_REMEMBERED]:
            del self._known[old]
        return found
