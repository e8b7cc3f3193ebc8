"""What a message or a delivery report of any provider is to the city."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from openline.channels.base import AccountRef, Incoming, Media
from openline.channels.sms.keywords import keyword
from openline.channels.sms.numbers import address
from openline.channels.sms.providers.base import uri_of


def message(
    raw: bytes,
    *,
    network_id: str,
    sender: str,
    receiver: str,
    text: str,
    at: datetime | None,
    media: tuple[Media, ...] = (),
    facts: dict[str, str] | None = None,
) -> Incoming:
    """A message to the city. The conversation is the pair of numbers; STOP, START and HELP are facts."""
    author, kind = address(sender, receiver)
    word = keyword(text) if not media else ""
    told = {"stop": {"opt_out": "yes"}, "start": {"opt_out": "no"}, "help": {"asks": "help"}}.get(word, {})
    return Incoming(
        kind="post",
        network_id=network_id,
        event_id=network_id,
        raw=raw,
        text=text,
        author_id=author,
        author_handle=author,
        posted_at=at,
        visibility="private",
        media=media,
        thread=f"{receiver}:{author}",
        automatic=kind != "number",
        facts={**told, **(facts or {})},
    )


def receipt(
    raw: bytes, *, network_id: str, mark: str, state: str, status: str, reason: str, at: datetime | None = None
) -> Incoming:
    """What became of a message of ours. `state` is the provider's word, `status` ours; the same report twice is one.

    Its event id follows from the message's mark, so that it can be asked for by who sent the message (`reported`).
    """
    known = status if status in ("delivered", "failed") else ""
    return Incoming(
        kind="receipt",
        network_id=network_id,
        event_id=f"{uri_of(mark) or network_id}:{state}",
        raw=raw,
        uri=uri_of(mark),
        posted_at=at,
        visibility="private",
        status=known,  # type: ignore[arg-type]
        reason=reason,
    )


def reported(account: AccountRef, uri: str, states: Iterable[str]) -> bytes:
    """A delivery report that was heard of the message with that uri, in one of the provider's `states`; b"" if none."""
    return account.ledger.heard([f"{uri}:{state}" for state in states])
