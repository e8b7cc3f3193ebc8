"""From Nostr events to `Incoming`: notes (NIP-10), comments (NIP-22), films (NIP-71), deletions (NIP-09), and
private messages (NIP-17).

A raw delivery is {"event": <as the relay sent it>} and, where they are known, also
"rumor": the unsigned message inside a gift wrap, which only the account's key can open;
"profile": the author's names, from their own signed profile; "target": the post that a deletion means, as it names it,
and "about": our name of that post, where it is another.
"""

from __future__ import annotations

import re
from typing import Any

from openline.channels import reading
from openline.channels.base import Incoming, IncomingKind, Media, Refused
from openline.channels.nostr import geohash
from openline.channels.nostr.checking import forged
from openline.channels.nostr.kinds import (
    COMMENT,
    DELETION,
    GIFT_WRAP,
    PRIVATE,
    PRIVATE_FILE,
    SAID_IN_PUBLIC,
    TITLED,
    addressable,
)
from openline.channels.nostr.naming import is_address, link, name_of, short_name
from openline.channels.nostr.tags import first, marked, tag_lists, tags

INSIDE = "inside:"
"""Before the address of a locked file: only `Channel.fetch` can open it."""

# NIP-27: people are named in the text as nostr:npub1… or nostr:nprofile1….
_NAMED = re.compile(r"nostr:((?:npub|nprofile)1[02-9ac-hj-np-z]{20,})")
_BARE = re.compile(r"https?://[^\s<>\"]+\.(jpe?g|png|webp|gif|avif|mp4|mov|webm|m4v)(?:\?[^\s<>\"]*)?", re.IGNORECASE)
_FILMS = ("mp4", "mov", "webm", "m4v")
_MOST_MEDIA = 20
_LONGEST_NAME = 200
_SAME_VERSION_SECONDS = 5


def parse(raw: bytes) -> Incoming | Refused:
    """Read one delivery; events whose id or signature is wrong are refused. Never raises."""
    try:
        value = reading.json_object(raw)
        event = reading.child(value, "event")
        problem = forged(event)
        if problem:
            return Refused(raw, problem)
        if event.get("kind") == DELETION:
            return _deletion(raw, event, reading.text(value, "target"), reading.text(value, "about"))
        if event.get("kind") == GIFT_WRAP:
            return _private(raw, event, reading.child(value, "rumor"), reading.child(value, "profile"))
        return _message(raw, event, event, reading.child(value, "profile"))
    except reading.Unreadable as error:
        return Refused(raw, str(error))
    except (RecursionError, ValueError, TypeError) as error:
        return Refused(raw, f"The event cannot be read: {type(error).__name__}.")


def _deletion(raw: bytes, event: dict[str, Any], target: str, about: str) -> Incoming | Refused:
    """NIP-09. One event can delete many posts: each is a delivery of its own, told by its target."""
    targets = tags(event, "e") + tags(event, "a")
    if target and target not in targets:
        return Refused(raw, "A deletion that does not name this post.")
    if not targets:
        return Refused(raw, "A deletion that names no event.")
    post = target or targets[0]
    author, event_id = reading.text(event, "pubkey"), reading.text(event, "id")
    return Incoming("delete", about or post, f"{event_id}:{post}"[:400], raw, author_id=author)


def _private(raw: bytes, wrap: dict[str, Any], rumor: dict[str, Any], profile: dict[str, Any]) -> Incoming | Refused:
    """NIP-17: the message is the rumor; the wrap only proves the delivery."""
    if not rumor:
        return Refused(raw, "A private message that cannot be opened with the account's key.")
    if rumor.get("kind") not in (PRIVATE, PRIVATE_FILE):
        return Refused(raw, f"A private event of kind {rumor.get('kind')} is no message.")
    return _message(raw, rumor, wrap, profile)


def _message(raw: bytes, said: dict[str, Any], event: dict[str, Any], profile: dict[str, Any]) -> Incoming | Refused:
    private, kind = said is not event, said.get("kind")
    if not private and kind not in SAID_IN_PUBLIC:
        return Refused(raw, f"An event of kind {kind} is no message.")
    author, network_id = reading.text(said, "pubkey"), name_of(said)
    if not author or not network_id:
        return Refused(raw, "A message without an author or an id.")
    latitude, longitude = geohash.point(tags(said, "g")) or (None, None)
    above, parent_id = references(said), parent(said)
    return Incoming(
        kind=_kind(said),
        network_id=network_id,
        event_id=reading.text(event, "id"),
        raw=raw,
        uri=f"nostr:{network_id}",
        url=link(network_id),
        text=_text(said),
        author_id=author,
        author_handle=short_name(author),
        author_name=profile_name(profile),
        posted_at=reading.moment(said.get("created_at")),
        in_reply_to=parent_id,
        visibility="private" if private else "public",
        language=_language(said),
        latitude=latitude,
        longitude=longitude,
        media=_media(said),
        subject=first(said, "subject")[:_LONGEST_NAME],
        references=tuple(name for name in above if name != parent_id),
    )


def _kind(said: dict[str, Any]) -> IncomingKind:
    """An addressable event stands in the place of the one before it, unless it says that it is the first (NIP-71)."""
    kind, published, created = said.get("kind"), first(said, "published_at"), said.get("created_at")
    if not isinstance(kind, int) or not addressable(kind) or not isinstance(created, int):
        return "post"
    if published.isascii() and published.isdecimal() and created - int(published[:15]) <= _SAME_VERSION_SECONDS:
        return "post"
    return "edit"


def _text(said: dict[str, Any]) -> str:
    """The words, people named in them short; a content warning (NIP-36) and a film's title in front."""
    if said.get("kind") == PRIVATE_FILE:
        return first(said, "alt")
    words = _NAMED.sub(lambda found: "@" + short_name(found.group(1)), reading.text(said, "content"))
    warning = " ".join(tags(said, "content-warning"))
    title = first(said, "title") if said.get("kind") in TITLED else ""
    return "\n\n".join(part for part in (warning, "" if words.startswith(title) else title, words) if part)


def _language(said: dict[str, Any]) -> str:
    """NIP-32: an `l` tag of the namespace ISO-639-1."""
    return next((tag[1] for tag in tag_lists(said, "l") if tag[2:3] == ["ISO-639-1"] and len(tag[1]) == 2), "")


def _media(said: dict[str, Any]) -> tuple[Media, ...]:
    """Files by `imeta` (NIP-92), by the tags of older films, by bare addresses in the text, or locked (NIP-17)."""
    if said.get("kind") == PRIVATE_FILE:
        url, kind = reading.web_address(said, "content"), first(said, "file-type").split("/")[0]
        return (Media(INSIDE + url, kind or "unknown", first(said, "alt")),) if url else ()
    found = {media.url: media for tag in tag_lists(said, "imeta") if (media := _of_imeta(tag, said))}
    url = reading.web_address({"url": first(said, "url")}, "url")
    if said.get("kind") in TITLED and url and not found:
        found[url] = Media(url, first(said, "m").split("/")[0] or "video", first(said, "alt"))
    for bare in _BARE.finditer(reading.text(said, "content")):
        kind = "video" if bare[1].lower() in _FILMS else "image"
        found.setdefault(bare[0], Media(bare[0], kind))
    return tuple(found.values())[:_MOST_MEDIA]


def _of_imeta(tag: list[str], said: dict[str, Any]) -> Media | None:
    """Each `imeta` tag describes one file by words like "url https://…", "m image/jpeg", "alt …"."""
    words: dict[str, str] = {}
    for part in tag[1:]:
        name, _, value = part.partition(" ")
        words.setdefault(name, value)
    url = reading.web_address(words, "url")
    alt = words.get("alt", "") or (first(said, "alt") if said.get("kind") in TITLED else "")
    return Media(url, words.get("m", "unknown").split("/")[0], alt) if url else None


def parent(event: dict[str, Any]) -> str:
    """The post that this one answers, by our name of it: NIP-22's small letters, else NIP-10's markers."""
    address = next((a for a in tags(event, "a") if is_address(a)), "")
    if event.get("kind") == COMMENT:
        kind = first(event, "k")
        return address if address and kind != str(COMMENT) else first(event, "e") or address
    found = marked(event)
    return found.get("reply") or (address or found.get("root") or found.get("", ""))


def references(event: dict[str, Any]) -> tuple[str, ...]:
    """The names of posts above this one, the root first; several may mean the same post."""
    found = marked(event)
    names = [
        *tags(event, "A"),
        *tags(event, "E"),
        found.get("root") or found.get("first") or "",
        *(a for a in tags(event, "a") if is_address(a)),
        found.get("reply", ""),
        found.get("", ""),
    ]
    return tuple(dict.fromkeys(name for name in names if name))[:10]


def profile_name(profile: dict[str, Any]) -> str:
    """The name that a profile (NIP-01 and NIP-24) gives."""
    found = reading.text(profile, "display_name").strip() or reading.text(profile, "name").strip()
    return found[:_LONGEST_NAME]
