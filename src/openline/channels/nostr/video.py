"""Short films (NIP-71), as diVine and other players read them."""

from __future__ import annotations

import hashlib
import time
from typing import Any

from openline.channels.base import Outgoing, OutgoingMedia
from openline.channels.nostr.kinds import ADDRESSABLE_SHORT_VIDEO, SHORT_VIDEO, VIDEO
from openline.channels.nostr.tags import tag_lists
from openline.channels.nostr.uploading import Kept, imeta

DIVINE_SECONDS = 6.3
"""The longest loop that diVine plays (2026). It reads kind 34236 alone."""
_LONGEST_TITLE = 80


def film_of(outgoing: Outgoing) -> int | None:
    """The place of the film among the files, if the message is a post of its own with one; else None."""
    if outgoing.visibility == "private" or outgoing.in_reply_to:
        return None
    return next((n for n, media in enumerate(outgoing.media) if media.kind == "video"), None)


def kind_of(media: OutgoingMedia) -> int:
    """A loop for diVine if it is short enough; else an upright (22) or another film (21). Unknown length: a loop."""
    if media.seconds <= DIVINE_SECONDS:
        return ADDRESSABLE_SHORT_VIDEO
    return SHORT_VIDEO if media.height >= media.width else VIDEO


def tags_of(outgoing: Outgoing, n: int, files: list[Kept], key: str) -> list[list[str]]:
    """The tags of the film: an image among the files is its poster. `d` follows from the message's key alone."""
    media = outgoing.media[n]
    poster = next((kept for kept, one in zip(files, outgoing.media, strict=True) if one.kind == "image"), {})
    title = title_of(outgoing)
    found = [
        ["title", title],
        ["summary", outgoing.text],
        ["published_at", str(int(time.time()))],
        ["alt", media.alt or title],
        imeta(media, files[n], poster.get("url", ""), poster.get("blurhash", "")),
    ]
    if media.seconds:
        found.append(["duration", str(max(1, round(media.seconds)))])
    if files[n].get("captions"):
        found.append(["text-track", files[n]["captions"], "", "captions", outgoing.language or "en"])
    if kind_of(media) == ADDRESSABLE_SHORT_VIDEO:
        found.insert(0, ["d", hashlib.sha256(key.encode()).hexdigest()[:32]])
    return found


def title_of(outgoing: Outgoing) -> str:
    """The subject, else the first line of the text, as far as a title goes."""
    first = next((line.strip() for line in (outgoing.subject or outgoing.text).splitlines() if line.strip()), "")
    return first if len(first) <= _LONGEST_TITLE else first[: _LONGEST_TITLE - 1].rstrip() + "…"


def renewed(old: dict[str, Any], outgoing: Outgoing) -> list[list[str]]:
    """The tags of a film whose words are changed: the film itself, its address and its first day stay."""
    changed = {"title": title_of(outgoing), "summary": outgoing.text}
    named = [tag[0] for tag in tag_lists(old, "title", "summary")]
    kept = [
        [tag[0], changed[tag[0]]] if tag and tag[0] in changed else tag
        for tag in old.get("tags", [])
        if tag and tag[0] not in ("t", "l", "L", "content-warning")
    ]
    return kept + [[name, value] for name, value in changed.items() if name not in named]
