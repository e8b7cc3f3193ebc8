"""Giving signed events to relays: several at once, each may refuse or be away, one that takes it is enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from openline.channels.base import AccountRef, ChannelError, NotAllowed, Rejected
from openline.channels.nostr.limits import limits_of
from openline.channels.nostr.relay import ANSWER_SECONDS, fetch, publish, relay
from openline.channels.nostr.relays import at_each, gravest, normal, relays_of
from openline.channels.nostr.signer import Signer

_STRANGER_SECONDS = 5.0

Letter = Mapping[str, Any]
"""An event on its way, as JSON in the outbox: `event` (JSON text), `to` (relays), `needed` (must arrive)."""


Outcome = Mapping[str, Any]
"""What became of letters, as JSON in the outbox: the relays that `took` all of theirs, and why others `missed` one."""


def letter(event: Mapping[str, Any], to: Sequence[str], *, needed: bool = True) -> dict[str, Any]:
    """The event with the relays that it goes to, each once."""
    urls = list({normal(url): url for url in to}.values())
    return {"event": orjson.dumps(event).decode(), "to": urls, "needed": needed}


def deliver(account: AccountRef, signer: Signer, letters: Sequence[Letter]) -> Outcome:
    """Give every letter to its relays. Raises the gravest failure if a needed letter arrived nowhere."""
    own = {normal(url) for url in relays_of(account)}
    took, missed = list[str](), dict[str, str]()
    for one in letters:

        def give(url: str, one: Letter = one) -> None:
            _give(url, one["event"], signer, stranger=normal(url) not in own)

        good, bad = at_each(one["to"], give)
        if not good and one["needed"]:
            raise gravest(bad.values())
        took += good
        missed |= {url: error.reason for url, error in bad.items()}
    return {"took": [url for url in dict.fromkeys(took) if url not in missed], "missed": missed}


def _give(url: str, event: str, signer: Signer, *, stranger: bool) -> None:
    most = 0 if stranger else limits_of(url).message
    if most and len(event.encode()) + 12 > most:
        raise Rejected(f"The relay takes at most {most} bytes.", "text")
    publish(url, event, signer, stranger=stranger, seconds=_STRANGER_SECONDS if stranger else ANSWER_SECONDS)


def arrived(account: AccountRef, signer: Signer, letters: Sequence[Letter]) -> bool:
    """Whether every needed letter is at one of its relays. A relay that shows it to nobody but its reader is no proof.

    Raises the gravest failure if no relay can be asked.
    """
    own = {normal(url) for url in relays_of(account)}
    return all(_is_there(one, signer, own) for one in letters if one["needed"])


def _is_there(one: Letter, signer: Signer, own: set[str]) -> bool:
    wanted = orjson.loads(one["event"])["id"]

    def has(url: str) -> bool:
        with relay(url, signer, stranger=normal(url) not in own) as line:
            return bool(fetch(line, {"ids": [wanted], "limit": 1}))

    good, bad = at_each(one["to"], has)
    unknown = [error for error in bad.values() if not isinstance(error, NotAllowed)]
    if not good and unknown:
        raise gravest(unknown)
    return any(good.values())


def facts(outcomes: Sequence[Outcome]) -> dict[str, str]:
    """Which relays took it, and which did not and why, as words for staff."""
    missed = {url: why for one in outcomes for url, why in one["missed"].items()}
    took = dict.fromkeys(url for one in outcomes for url in one["took"] if url not in missed)
    found = {"relays": ", ".join(took)}
    if missed:
        found["relays that missed it"] = "; ".join(f"{url}: {why}" for url, why in missed.items())
    return found


def find(
    account: AccountRef, signer: Signer, wanted: dict[str, Any], urls: Sequence[str] = ()
) -> tuple[list[dict[str, Any]], list[ChannelError]]:
    """Events that match at the account's relays (or `urls`), each once, and what went wrong at some."""

    def ask(url: str) -> list[Any]:
        with relay(url, signer) as line:
            return fetch(line, wanted)

    good, bad = at_each(list(urls) or relays_of(account), ask)
    found = {event["id"]: event for events in good.values() for event in events if isinstance(event, dict)}
    return list(found.values()), list(bad.values())
