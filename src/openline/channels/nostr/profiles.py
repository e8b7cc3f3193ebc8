"""The names that people give themselves (NIP-01 kind 0): looked up by the way, never waited for long."""

from __future__ import annotations

import time
from typing import Any

from openline.channels import reading as json_reading
from openline.channels.base import ChannelError
from openline.channels.nostr.checking import forged
from openline.channels.nostr.kinds import PROFILE
from openline.channels.nostr.reading import profile_name
from openline.channels.nostr.relay import created_at, fetch, relay
from openline.channels.nostr.signer import Signer

_REMEMBER_SECONDS = 3600.0
_LOOK_UP_SECONDS = 2.0
_MOST_AT_ONCE = 200
_MOST_REMEMBERED = 20_000

_known: dict[str, tuple[float, dict[str, str]]] = {}


def names_of(authors: set[str], urls: list[str], signer: Signer) -> dict[str, dict[str, str]]:
    """What each of `authors` (hexadecimal keys) calls themselves, {"name": ...}, as far as a relay knows it soon."""
    now = time.monotonic()
    unknown = [author for author in authors if author not in _known or now - _known[author][0] > _REMEMBER_SECONDS]
    if unknown:
        if len(_known) > _MOST_REMEMBERED:
            _known.clear()
        _known.update({author: (now, {}) for author in unknown})  # also what is not found is not asked for again
        for start in range(0, len(unknown), _MOST_AT_ONCE):
            _look_up(unknown[start : start + _MOST_AT_ONCE], urls, signer, now)
    return {author: _known[author][1] for author in authors if author in _known}


def _look_up(authors: list[str], urls: list[str], signer: Signer, now: float) -> None:
    for url in urls:
        try:
            with relay(url, signer, seconds=_LOOK_UP_SECONDS) as line:
                found = fetch(line, {"kinds": [PROFILE], "authors": authors}, seconds=_LOOK_UP_SECONDS)
        except ChannelError:
            continue
        for event in sorted(found, key=created_at):
            if isinstance(event, dict) and event.get("pubkey") in authors and not forged(event):
                _known[event["pubkey"]] = (now, _names(event))
        return


def _names(event: dict[str, Any]) -> dict[str, str]:
    """Only the name is kept: a profile can say much that is nothing to a city."""
    try:
        profile = json_reading.json_object(json_reading.text(event, "content").encode("utf-8", "replace"))
    except json_reading.Unreadable:
        return {}
    name = profile_name(profile)
    return {"name": name} if name else {}
