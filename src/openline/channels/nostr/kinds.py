"""The kinds of events that we read and write (NIP-01), and what makes them different from one another."""

from __future__ import annotations

PROFILE, NOTE, DELETION = 0, 1, 5
SEAL, PRIVATE, PRIVATE_FILE, GIFT_WRAP = 13, 14, 15, 1059
PICTURE, VIDEO, SHORT_VIDEO = 20, 21, 22
COMMENT = 1111
RELAY_LIST, PRIVATE_RELAYS, MEDIA_SERVERS = 10002, 10050, 10063
AUTHENTICATION, REMOTE_SIGNING, MEDIA_AUTHORIZATION = 22242, 24133, 24242
ADDRESSABLE_VIDEO, ADDRESSABLE_SHORT_VIDEO = 34235, 34236

SAID_IN_PUBLIC = (
    NOTE,
    COMMENT,
    PICTURE,
    VIDEO,
    SHORT_VIDEO,
    ADDRESSABLE_VIDEO,
    ADDRESSABLE_SHORT_VIDEO,
)
"""What a resident says to a city in public."""

TITLED = (PICTURE, VIDEO, SHORT_VIDEO, ADDRESSABLE_VIDEO, ADDRESSABLE_SHORT_VIDEO)
"""Kinds whose `title` tag belongs to what is said."""


def addressable(kind: int) -> bool:
    """True for events that replace one another under an address (kind:key:d), such as diVine's videos."""
    return 30_000 <= kind < 40_000


def replaceable(kind: int) -> bool:
    """True for events of which each key has one, the newest."""
    return kind in (0, 3) or 10_000 <= kind < 20_000
