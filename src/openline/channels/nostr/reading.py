"""From Nostr events to `Incoming`: NIP-01 events, NIP-10 threads, NIP-09 deletions, NIP-17 private messages.

A raw delivery is {"event": <as the relay sent it>} and, where they are known, also
"rumor": the unsigned message inside a gift wrap, which only the account's key can open;
"profile": the author's names, from their own signed profile; "target": the post that a deletion means.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import nostr_sdk
import orjson

from openline.channels import reading
from openline.channels.base import Incoming, Media, Refused
from openline.channels.nostr import geohash

NOTE, DELETION, PRIVATE, COMMENT, GIFT_WRAP, PROFILE = 1, 5, 14, 1111, 1059, 0

# NIP-27: people are named in the text as nostr:npub1… or nostr:nprofile1….
_NAMED = re.compile(r"nostr:((?:npub|nprofile)1[02-9ac-hj-np-z]{20,})")
_MOST_MEDIA = 20
_LONGEST_NAME = 200


def parse(raw: bytes) -> Incoming | Refused:
    """Read one delivery; events whose id or signature is wrong are refused. Never raises."""
    try:
        value = reading.json_object(raw)
        event = reading.child(value, "event")
        problem = forged(event)
        if problem:
            return Refused(raw, problem)
        if event.get("kind") == DELETION:
            return _deletion(raw, event, reading.text(value, "target"))
        if event.get("kind") == GIFT_WRAP:
            return _private(raw, event, reading.child(value, "rumor"), reading.child(value, "profile"))
        return _message(raw, event, event, reading.child(value, "profile"))
    except reading.Unreadable as error:
        return Refused(raw, str(error))
    except (RecursionError, ValueError, TypeError) as error:
        return Refused(raw, f"The event cannot be read: {type(error).__name__}.")


def forged(event: dict[str, Any]) -> str:
    """Why the event is not what its author signed; empty if it is."""
    try:
        signed = nostr_sdk.Event.from_json(orjson.dumps(event).decode())
        return "" if signed.verify() else "The signature does not fit the event."
    except Exception as error:
        return f"Not a signed Nostr event: {type(error).__name__}."


def _deletion(raw: bytes, event: dict[str, Any], target: str) -> Incoming | Refused:
    """NIP-09. One event can delete many posts: each is a delivery of its own, told by its target."""
    targets = tags(event, "e")
    if target and target not in targets:
        return Refused(raw, "A deletion that does not name this post.")
    if not targets:
        return Refused(raw, "A deletion that names no event.")
    post = target or targets[0]
    return Incoming("delete", post, f"{reading.text(event, 'id')}:{post}", raw, author_id=reading.text(event, "pubkey"))


def _private(raw: bytes, wrap: dict[str, Any], rumor: dict[str, Any], profile: dict[str, Any]) -> Incoming | Refused:
    """NIP-17: the message is the rumor; the wrap only proves the delivery."""
    if not rumor:
        return Refused(raw, "A private message that cannot be opened with the account's key.")
    if rumor.get("kind") != PRIVATE:
        return Refused(raw, f"A private event of kind {rumor.get('kind')} is no message.")
    return _message(raw, rumor, wrap, profile)


def _message(raw: bytes, said: dict[str, Any], event: dict[str, Any], profile: dict[str, Any]) -> Incoming | Refused:
    private = said is not event
    if said.get("kind") not in (NOTE, COMMENT, PRIVATE) or (said.get("kind") == PRIVATE and not private):
        return Refused(raw, f"An event of kind {said.get('kind')} is no message.")
    author, network_id = reading.text(said, "pubkey"), reading.text(said, "id")
    if not author or not network_id:
        return Refused(raw, "A message without an author or an id.")
    latitude, longitude = geohash.point(tags(said, "g")) or (None, None)
    return Incoming(
        kind="post",
        network_id=network_id,
        event_id=reading.text(event, "id"),
        raw=raw,
        uri=f"nostr:{network_id}",
        url=address(network_id),
        text=_text(said),
        author_id=author,
        author_handle=short_name(author),
        author_name=profile_name(profile),
        posted_at=reading.moment(said.get("created_at")),
        in_reply_to=parent(said),
        visibility="private" if private else "public",
        latitude=latitude,
        longitude=longitude,
        media=_media(said),
    )


def _text(said: dict[str, Any]) -> str:
    """The words, people named in them short, a content warning (NIP-36) in front."""
    words = _NAMED.sub(lambda found: "@" + short_name(found.group(1)), reading.text(said, "content"))
    warning = " ".join(tags(said, "content-warning"))
    return f"{warning}\n\n{words}" if warning else words


def _media(said: dict[str, Any]) -> tuple[Media, ...]:
    """NIP-92: each `imeta` tag describes one file by words like "url https://…", "m image/jpeg", "alt …"."""
    found = []
    for tag in _tag_lists(said, "imeta")[:_MOST_MEDIA]:
        words = dict(part.split(" ", 1) for part in tag[1:] if isinstance(part, str) and " " in part)
        if words.get("url", "").startswith(("https://", "http://")):
            found.append(Media(words["url"], words.get("m", "unknown").split("/")[0], words.get("alt", "")))
    return tuple(found)


def _tag_lists(event: dict[str, Any], name: str) -> list[list[Any]]:
    found = event.get("tags")
    return (
        [tag for tag in found if isinstance(tag, list) and len(tag) > 1 and tag[0] == name]
        if isinstance(found, list)
        else []
    )


def tags(event: dict[str, Any], name: str) -> list[str]:
    """The values of all tags of that name."""
    return [tag[1] for tag in _tag_lists(event, name) if isinstance(tag[1], str)]


def _marked(event: dict[str, Any]) -> dict[str, str]:
    """NIP-10: the "e" tags by their marker; under "" the last without one, under "first" the first without one."""
    marked: dict[str, str] = {}
    for tag in _tag_lists(event, "e"):
        marker = tag[3] if len(tag) > 3 and isinstance(tag[3], str) else ""
        if isinstance(tag[1], str):
            marked[marker] = tag[1]
            if not marker:
                marked.setdefault("first", tag[1])
    return marked


def parent(event: dict[str, Any]) -> str:
    """The event that this one answers: NIP-10's "reply" marker, else "root", else the last unmarked "e"."""
    marked = _marked(event)
    return marked.get("reply") or marked.get("root") or marked.get("", "")


def root(event: dict[str, Any]) -> str:
    """The first event of the thread: NIP-10's "root" marker, else the first unmarked "e", else the event itself."""
    marked = _marked(event)
    return marked.get("root") or marked.get("first") or reading.text(event, "id")


def profile_name(profile: dict[str, Any]) -> str:
    """The name that a profile (NIP-01 and NIP-24) gives."""
    found = reading.text(profile, "display_name").strip() or reading.text(profile, "name").strip()
    return found[:_LONGEST_NAME]


@lru_cache(maxsize=10_000)
def short_name(public_key: str) -> str:
    """The key (hexadecimal, npub or nprofile) as people know it: npub1…, shortened in the middle."""
    try:
        if public_key.startswith("nprofile"):
            npub = nostr_sdk.Nip19Profile.from_bech32(public_key).public_key().to_bech32()
        else:
            npub = nostr_sdk.PublicKey.parse(public_key).to_bech32()
    except Exception:
        return public_key[:16]
    return f"{npub[:12]}…{npub[-6:]}"


def address(event_id: str) -> str:
    """The event's address for people and their programs (NIP-21)."""
    try:
        return f"nostr:{nostr_sdk.EventId.parse(event_id).to_bech32()}"
    except Exception:
        return f"nostr:{event_id}"
