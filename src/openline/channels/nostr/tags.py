"""The tags of an event (NIP-01), read without trusting them."""

from __future__ import annotations

from typing import Any


def tag_lists(event: dict[str, Any], *names: str) -> list[list[str]]:
    """All tags of these names that have a value, with their texts alone, in their order."""
    found = event.get("tags")
    if not isinstance(found, list):
        return []
    return [
        [part if isinstance(part, str) else "" for part in tag]
        for tag in found
        if isinstance(tag, list) and len(tag) > 1 and tag[0] in names and isinstance(tag[1], str)
    ]


def tags(event: dict[str, Any], name: str) -> list[str]:
    """The values of all tags of that name."""
    return [tag[1] for tag in tag_lists(event, name)]


def first(event: dict[str, Any], name: str) -> str:
    """The value of the first tag of that name; empty if there is none."""
    return next(iter(tags(event, name)), "")


def marked(event: dict[str, Any]) -> dict[str, str]:
    """NIP-10: the "e" tags by their marker; under "" the last without one, under "first" the first without one."""
    found: dict[str, str] = {}
    for tag in tag_lists(event, "e"):
        marker = tag[3] if len(tag) > 3 and tag[3] in ("root", "reply", "mention") else ""
        found[marker] = tag[1]
        if not marker:
            found.setdefault("first", tag[1])
    return found


def address_of(event: dict[str, Any]) -> str:
    """The address of an addressable event (NIP-01): kind:key:d."""
    return f"{event.get('kind')}:{event.get('pubkey')}:{first(event, 'd')}"
