"""Where people want to be reached, as they say it themselves in signed lists.

NIP-65 (kind 10002) names the relays that somebody reads, NIP-17 (kind 10050) those for private messages, BUD-03
(kind 10063) the servers of their files. Lists of strangers are looked up by the way and never waited for long.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from openline.channels.base import ChannelError
from openline.channels.nostr.checking import forged
from openline.channels.nostr.kinds import MEDIA_SERVERS, PRIVATE_RELAYS, RELAY_LIST
from openline.channels.nostr.relay import created_at, fetch, relay
from openline.channels.nostr.relays import at_all, normal
from openline.channels.nostr.signer import Signer, Tags
from openline.channels.nostr.tags import tag_lists

_REMEMBER_SECONDS = 600.0
_LOOK_UP_SECONDS = 3.0
_MOST_RELAYS = 4
_MOST_REMEMBERED = 5_000

Lists = dict[int, list[list[str]]]
"""The tags of somebody's newest lists, by kind."""

_known: dict[tuple[str, tuple[str, ...]], tuple[float, Lists]] = {}


def lists_of(person: str, urls: list[str], signer: Signer | None) -> Lists:
    """The lists of the public key `person`, as far as the relays `urls` know them soon.

    Raises the gravest failure if none of these relays answers.
    """
    key, now = (person, tuple(urls)), time.monotonic()
    if key not in _known or now - _known[key][0] > _REMEMBER_SECONDS:
        if len(_known) > _MOST_REMEMBERED:
            _known.clear()
        _known[key] = (now, newest(person, urls, signer, (RELAY_LIST, PRIVATE_RELAYS)))
    return _known[key][1]


def newest(person: str, urls: list[str], signer: Signer | None, kinds: tuple[int, ...]) -> Lists:
    """The tags of the newest events of these replaceable kinds, asked for at every relay of `urls`."""

    def ask(url: str) -> list[Any]:
        with relay(url, signer, seconds=_LOOK_UP_SECONDS) as line:
            return fetch(line, {"kinds": list(kinds), "authors": [person]}, seconds=_LOOK_UP_SECONDS)

    found: dict[int, dict[str, Any]] = {}
    events = [event for events in at_all(urls, ask) for event in events if _is_list(event, person, kinds)]
    for event in sorted(events, key=created_at):
        found[event["kind"]] = event
    return {kind: [tag for tag in event["tags"] if len(tag) > 1] for kind, event in found.items()}


def _is_list(event: Any, person: str, kinds: tuple[int, ...]) -> bool:
    known = isinstance(event, dict) and event.get("pubkey") == person and event.get("kind") in kinds
    return known and not forged(event)


def read_relays(lists: Lists) -> list[str]:
    """The relays on which somebody looks for what names them (NIP-65: `r` without a marker, or with "read")."""
    return _relays(tag[1] for tag in lists.get(RELAY_LIST, []) if tag[0] == "r" and "write" not in tag[2:3])


def private_relays(lists: Lists) -> list[str]:
    """The relays on which somebody looks for private messages (NIP-17)."""
    return _relays(tag[1] for tag in lists.get(PRIVATE_RELAYS, []) if tag[0] == "relay")


def readers(people: Iterable[str], urls: list[str], signer: Signer) -> list[str]:
    """The relays that some people read, as far as they can be known now."""
    found: list[str] = []
    with suppress(ChannelError):
        for person in people:
            found += read_relays(lists_of(person, urls, signer))
    return list(dict.fromkeys(found))


def _relays(urls: Any) -> list[str]:
    found = [url.strip() for url in urls if url.strip().startswith(("wss://", "ws://")) and len(url) < 300]
    return list({normal(url): url for url in found}.values())[:_MOST_RELAYS]


def ours(urls: list[str], servers: list[str]) -> dict[int, Tags]:
    """The lists that say where the city is reached, as they should be published: tags by kind."""
    found: dict[int, Tags] = {
        RELAY_LIST: [["r", url] for url in urls],
        PRIVATE_RELAYS: [["relay", url] for url in urls[:3]],
    }
    if servers:
        found[MEDIA_SERVERS] = [["server", server] for server in servers]
    return found


def says(tags: Any) -> set[str]:
    """The addresses in a list, to compare two of them."""
    return {normal(tag[1]) for name in ("r", "relay", "server") for tag in tag_lists({"tags": tags}, name)}
