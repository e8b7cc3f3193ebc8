"""From `Outgoing` to signed events with the relays that they go to: the letters that the outbox keeps.

A message is one part or, where the text is too long, several; each part is one event in public, and in private two
gift wraps, for the resident and for ourselves.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openline.channels import parts
from openline.channels.base import AccountRef, Outgoing, Rejected
from openline.channels.nostr import lists, video
from openline.channels.nostr.kinds import NOTE, PRIVATE, PRIVATE_FILE, addressable
from openline.channels.nostr.locking import ALGORITHM
from openline.channels.nostr.naming import link, name_of
from openline.channels.nostr.publishing import letter
from openline.channels.nostr.relays import relays_of
from openline.channels.nostr.signer import Signer, unsigned
from openline.channels.nostr.threads import under
from openline.channels.nostr.uploading import Kept, imeta
from openline.channels.nostr.wrapping import wrap

Part = dict[str, Any]
"""One event and its letters, as JSON in the outbox: `network_id`, `url`, `uri`, `more` (other ids), `letters`."""

_HASHTAG = re.compile(r"(?<![\w/#&])#([^\W\d_]\w*)")
_MOST_HASHTAGS = 20


@dataclass(frozen=True)
class Writing:
    """What is written, by whom and where: `answered` is the event that it answers, {} if it stands alone."""

    account: AccountRef
    signer: Signer
    outgoing: Outgoing
    key: str
    files: list[Kept]
    answered: dict[str, Any]
    limit: int

    @property
    def relays(self) -> list[str]:
        """The city's own relays."""
        return relays_of(self.account)


def write(writing: Writing) -> list[Part]:
    """All parts, signed. Raises Rejected for what cannot be written."""
    outgoing = writing.outgoing
    if not outgoing.text.strip() and not outgoing.media:
        raise Rejected("There is nothing to say.", "text")
    return _private(writing) if outgoing.visibility == "private" else _public(writing)


def _public(writing: Writing) -> list[Part]:
    outgoing, film = writing.outgoing, video.film_of(writing.outgoing)
    links = "" if film is not None else "".join(f"\n\n{kept['url']}" for kept in writing.files)
    texts = parts.split(outgoing.text, max(writing.limit - len(links), 20), len)
    # The relays that the resident reads (NIP-65), so that they see the answer wherever they are.
    person = outgoing.in_reply_to_author
    to = [*writing.relays, *lists.readers([person] if person else [], writing.relays, writing.signer)]
    found: list[Part] = []
    parent = writing.answered
    for n, text in enumerate(texts):
        kind, tags = _kind_and_tags(writing, parent, None if n else film)
        if not n and film is None:
            tags = [*tags, *(imeta(media, kept) for media, kept in zip(outgoing.media, writing.files, strict=True))]
        words = f"{text}{links}".strip() if not n else text
        parent = writing.signer.sign(kind, words, [*tags, *labels(outgoing, text, first=not n)])
        found.append(part(parent, [letter(parent, to)]))
    return found


def _kind_and_tags(writing: Writing, parent: dict[str, Any], film: int | None) -> tuple[int, list[list[str]]]:
    if film is not None:
        tags = video.tags_of(writing.outgoing, film, writing.files, writing.key)
        return video.kind_of(writing.outgoing.media[film]), tags
    if parent:
        return under(parent, writing.signer.public_key, writing.relays[0])
    author = writing.outgoing.in_reply_to_author
    return NOTE, [["p", author]] if author else []


def labels(outgoing: Outgoing, text: str, *, first: bool) -> list[list[str]]:
    """Hashtags (NIP-24), the language (NIP-32) and a content warning (NIP-36)."""
    hashtags = dict.fromkeys(found.lower() for found in _HASHTAG.findall(text))
    found = [["t", hashtag] for hashtag in list(hashtags)[:_MOST_HASHTAGS]]
    language = outgoing.language.split("-")[0].lower()
    if len(language) == 2 and language.isalpha():
        found += [["L", "ISO-639-1"], ["l", language, "ISO-639-1"]]
    if outgoing.warning and first:
        found.append(["content-warning", outgoing.warning])
    return found


def _private(writing: Writing) -> list[Part]:
    """NIP-17: unsigned messages, each wrapped for the resident and for ourselves."""
    person = writing.outgoing.in_reply_to_author
    if not person:
        raise Rejected("A private message needs somebody to go to.", "in_reply_to_author")
    to = _private_relays(writing, person)
    found: list[Part] = []
    above = writing.outgoing.in_reply_to
    for kind, content, tags in _messages(writing):
        tags = [["p", person], *([["e", above, writing.relays[0]]] if len(above) == 64 else []), *tags]
        rumor = unsigned(writing.signer.public_key, kind, content, tags)
        wraps = [
            letter(wrap(writing.signer, person, rumor), to),
            letter(wrap(writing.signer, writing.signer.public_key, rumor), writing.relays, needed=False),
        ]
        found.append(part(rumor, wraps))
        above = rumor["id"]
    return found


def _messages(writing: Writing) -> Sequence[tuple[int, str, list[list[str]]]]:
    """Kind, content and tags of the texts and then of the files (kind 15)."""
    outgoing = writing.outgoing
    subject = [["subject", outgoing.subject]] if outgoing.subject else []
    texts = parts.split(outgoing.text, writing.limit, len) if outgoing.text.strip() else []
    found: list[tuple[int, str, list[list[str]]]] = [(PRIVATE, text, subject) for text in texts]
    for media, kept in zip(outgoing.media, writing.files, strict=True):
        tags = [
            ["file-type", media.media_type],
            ["encryption-algorithm", ALGORITHM],
            ["decryption-key", kept["key"]],
            ["decryption-nonce", kept["nonce"]],
            ["x", kept["sha256"]],
            ["ox", kept["plain_sha256"]],
            ["size", str(kept["size"])],
            *([["dim", f"{media.width}x{media.height}"]] if media.width and media.height else []),
            *([["alt", media.alt]] if media.alt else []),
        ]
        found.append((PRIVATE_FILE, kept["url"], tags))
    return found


def _private_relays(writing: Writing, person: str) -> list[str]:
    """Where the resident looks for private messages. One who named no such place wrote to ours, so is found there."""
    found = lists.lists_of(person, writing.relays, writing.signer)
    return lists.private_relays(found) or [*writing.relays, *lists.read_relays(found)]


def part(event: Mapping[str, Any], letters: list[dict[str, Any]], about: str = "") -> Part:
    """A part of a message; a film is known by its address, which lasts, and is also found by its event's id."""
    network_id = about or name_of(event)
    more = [event["id"]] if not about and addressable(event["kind"]) else []
    return {
        "network_id": network_id,
        "url": link(network_id),
        "uri": f"nostr:{network_id}",
        "more": more,
        "letters": letters,
    }
