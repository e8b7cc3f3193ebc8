"""From Nostr events to `Incoming` (NIP-01 events, NIP-10 threads, NIP-09 deletions, NIP-17 private messages).

A raw delivery is {"event": <as the relay sent it>} and, for a private message, also
{"rumor": <the unsigned message inside>}: the gift wrap can only be opened with the account's key.
"""

from __future__ import annotations

from typing import Any

import nostr_sdk
import orjson

from openline.channels import reading
from openline.channels.base import Incoming, Refused

NOTE, DELETION, PRIVATE, COMMENT, GIFT_WRAP = 1, 5, 14, 1111, 1059


def parse(raw: bytes) -> Incoming | Refused:
    """Read one delivery; events whose id or signature is wrong are refused. Never raises."""
    try:
        value = reading.json_object(raw)
        event = reading.child(value, "event")
        problem = _forged(event)
        if problem:
            return Refused(raw, problem)
        rumor = reading.child(value, "rumor")
        return _message(raw, rumor or event, event, private=bool(rumor))
    except reading.Unreadable as error:
        return Refused(raw, str(error))
    except (RecursionError, ValueError, TypeError) as error:
        return Refused(raw, f"The event cannot be read: {type(error).__name__}.")


def _forged(event: dict[str, Any]) -> str:
    """Why the event is not what its author signed; empty if it is."""
    try:
        signed = nostr_sdk.Event.from_json(orjson.dumps(event).decode())
        return "" if signed.verify() else "The signature does not fit the event."
    except Exception as error:
        return f"Not a signed Nostr event: {type(error).__name__}."


def _message(raw: bytes, said: dict[str, Any], event: dict[str, Any], *, private: bool) -> Incoming | Refused:
    kind, author = said.get("kind"), reading.text(said, "pubkey")
    wrap_id = reading.text(event, "id")
    if kind == DELETION:
        targets = _tags(said, "e")
        if not targets:
            return Refused(raw, "A deletion that names no event.")
        return Incoming("delete", targets[0], wrap_id, raw, author_id=author)
    if kind not in (NOTE, COMMENT, PRIVATE):
        return Refused(raw, f"An event of kind {kind} is no message.")
    network_id = reading.text(said, "id") or wrap_id
    return Incoming(
        kind="post",
        network_id=network_id,
        event_id=wrap_id,
        raw=raw,
        uri=f"nostr:{network_id}",
        url=f"nostr:{_bech32(network_id)}",
        text=reading.text(said, "content"),
        author_id=author,
        author_handle=short_name(author),
        posted_at=reading.moment(said.get("created_at")),
        in_reply_to="" if private else _parent(said),
        visibility="private" if private else "public",
    )


def _tags(event: dict[str, Any], name: str) -> list[str]:
    tags = event.get("tags")
    found = []
    for tag in tags if isinstance(tags, list) else []:
        if isinstance(tag, list) and len(tag) > 1 and tag[0] == name and isinstance(tag[1], str):
            found.append(tag[1])
    return found


def _parent(event: dict[str, Any]) -> str:
    """The event that this one answers: NIP-10's "reply" marker, else "root", else the last unmarked "e"."""
    marked: dict[str, str] = {}
    last = ""
    tags = event.get("tags")
    for tag in tags if isinstance(tags, list) else []:
        if not (isinstance(tag, list) and len(tag) > 1 and tag[0] == "e" and isinstance(tag[1], str)):
            continue
        marker = tag[3] if len(tag) > 3 and isinstance(tag[3], str) else ""
        marked[marker] = tag[1]
        if marker != "mention":
            last = tag[1]
    return marked.get("reply") or marked.get("root") or last


def short_name(public_key_hex: str) -> str:
    """The key as people know it: npub1…, shortened in the middle."""
    try:
        npub = nostr_sdk.PublicKey.parse(public_key_hex).to_bech32()
    except Exception:
        return public_key_hex[:16]
    return f"{npub[:12]}…{npub[-6:]}"


def _bech32(event_id: str) -> str:
    try:
        return nostr_sdk.EventId.parse(event_id).to_bech32()
    except Exception:
        return event_id
