"""What came of our posts on Nostr: reactions (NIP-25), reposts (NIP-18), zaps (NIP-57) and replies (NIP-10, NIP-22).

A relay that counts (NIP-45) is asked for numbers; of others the events themselves are counted. Each relay knows only
what it has, so the largest number counts: it is a lower bound.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from openline.channels.base import AccountRef
from openline.channels.nostr import relay, relays
from openline.channels.nostr.kinds import COMMENT, NOTE
from openline.channels.nostr.naming import is_address, name_of, wanted
from openline.channels.nostr.signer import Signer
from openline.channels.nostr.tags import tags

NAMES = ("likes", "reposts", "zaps", "replies")
_KINDS = {"likes": (7,), "reposts": (6, 16), "zaps": (9735,), "replies": (NOTE, COMMENT)}
_COUNT_SECONDS = 3.0
_FILTERS = 20
"""So many filters in a question: most relays take no more."""
_AT_ONCE = 100
_counts_not: set[str] = set()
"""Relays that were asked for numbers and gave none."""

Counts = dict[str, dict[str, int]]


def metrics(account: AccountRef, signer: Signer, names: Sequence[str]) -> Counts:
    """Counts by our name of a post. Left out is only what no relay has, once all of them have answered."""
    urls = relays.relays_of(account)
    answers, errors = relays.at_each(urls, lambda url: _at(url, signer, list(names)))
    if not answers:
        raise relays.gravest(errors.values())
    found: Counts = {name: {} for name in names if errors}
    for answer in answers.values():
        for name, counts in answer.items():
            known = found.setdefault(name, {})
            known |= {metric: max(n, known.get(metric, 0)) for metric, n in counts.items()}
    return found


def _at(url: str, signer: Signer, names: list[str]) -> Counts:
    """What one relay has of these posts."""
    with relay.relay(url, signer) as line:
        standing = _standing(line, names)
        if standing and url not in _counts_not:
            if (counted := _counted(line, standing, signer.public_key)) is not None:
                return counted
            _counts_not.add(url)
    with relay.relay(url, signer) as line:  # a new line: the relay may still be answering the old question
        return _read(line, standing, signer.public_key) if standing else {}


def _standing(line: relay.Line, names: list[str]) -> list[str]:
    """Those that the relay has."""
    there: set[str] = set()
    ids = [name for name in names if not is_address(name)]
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        there |= {name_of(event) for event in relay.fetch(line, {"ids": some, "limit": len(some)}) if _is_event(event)}
    addresses = [name for name in names if is_address(name)]
    for start in range(0, len(addresses), _FILTERS):
        filters = [wanted(name) for name in addresses[start : start + _FILTERS]]
        there |= {name_of(event) for event in relay.fetch(line, *filters) if _is_event(event)}
    return [name for name in names if name in there]


def _counted(line: relay.Line, names: list[str], me: str) -> Counts | None:
    """Numbers from the relay itself (NIP-45); None if it does not count."""
    found: Counts = {}
    for name in names:
        counts = {}
        for metric, kinds in _KINDS.items():
            about = {"kinds": list(kinds), _letter(name): [name]}
            n = _ask(line, about)
            ours = _ask(line, about | {"authors": [me]}) if metric == "replies" else 0
            if n is None or ours is None:
                return None
            counts[metric] = max(0, n - ours)
        found[name] = counts
    return found


def _ask(line: relay.Line, about: dict[str, Any]) -> int | None:
    """The relay's number of events that match; None if it gives none."""
    name = f"n{time.monotonic_ns()}"
    line.say("COUNT", name, about)
    until = time.monotonic() + _COUNT_SECONDS
    while (left := until - time.monotonic()) > 0:
        frame = line.hear(left)
        if frame and frame[0] == "COUNT" and frame[1] == name and len(frame) > 2 and isinstance(frame[2], dict):
            n = frame[2].get("count")
            return n if isinstance(n, int) and n >= 0 else None
        if frame and (frame[0] == "NOTICE" or (frame[0] == "CLOSED" and frame[1] == name)):
            return None
    return None


def _read(line: relay.Line, names: list[str], me: str) -> Counts:
    """Count the events ourselves."""
    found: Counts = {name: dict.fromkeys(NAMES, 0) for name in names}
    of_kind = {kind: metric for metric, kinds in _KINDS.items() for kind in kinds}
    for letter in ("#e", "#a"):
        about = [name for name in names if _letter(name) == letter]
        for start in range(0, len(about), _AT_ONCE):
            some = about[start : start + _AT_ONCE]
            for event in relay.stored(line, {"kinds": list(of_kind), letter: some}, 0):
                if not _is_event(event) or event.get("kind") not in of_kind:
                    continue
                metric = of_kind[event["kind"]]
                if metric == "replies" and event.get("pubkey") == me:
                    continue
                for name in set(tags(event, letter[1])) & set(some):
                    found[name][metric] += 1
    return found


def _letter(name: str) -> str:
    return "#a" if is_address(name) else "#e"


def _is_event(event: Any) -> bool:
    return isinstance(event, dict)
