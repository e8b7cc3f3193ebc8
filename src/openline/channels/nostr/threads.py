"""Tags that hang an answer into its thread: NIP-10 under notes, NIP-22 under everything else."""

from __future__ import annotations

from typing import Any

from openline.channels.nostr.kinds import COMMENT, NOTE, addressable
from openline.channels.nostr.tags import address_of, marked, tag_lists, tags

_MOST_PEOPLE = 20
_ROOTS = ("A", "E", "I", "K", "P")


def under(parent: dict[str, Any], me: str, hint: str) -> tuple[int, list[list[str]]]:
    """The kind of an answer to the event `parent`, and its tags. `hint`: a relay where the parent can be found."""
    if parent.get("kind") == NOTE:
        return NOTE, [*_note_tags(parent, hint), *_people(parent, me)]
    return COMMENT, [*_root_tags(parent, hint), *_parent_tags(parent, hint)]


def _note_tags(parent: dict[str, Any], hint: str) -> list[list[str]]:
    """NIP-10: the thread's root and the note answered. A note under a video (by its `a` tag) has that as its root."""
    found, author = marked(parent), parent["pubkey"]
    root = found.get("root") or found.get("first") or ""
    above = [["e", root, hint, "root"]] if root else [["a", a, hint, "root"] for a in tags(parent, "a")[:1]]
    return [*above, ["e", parent["id"], hint, "reply" if above else "root", author]]


def _people(parent: dict[str, Any], me: str) -> list[list[str]]:
    """NIP-10: the author of what is answered first, then the others in the thread, without ourselves."""
    people = dict.fromkeys([parent["pubkey"], *(p for p in tags(parent, "p") if len(p) == 64)])
    return [["p", person] for person in people if person != me][:_MOST_PEOPLE]


def _root_tags(parent: dict[str, Any], hint: str) -> list[list[str]]:
    """NIP-22, capital letters: what the thread hangs from."""
    if parent.get("kind") == COMMENT:
        return tag_lists(parent, *_ROOTS)
    return [[tag[0].upper(), *tag[1:]] for tag in _parent_tags(parent, hint)]


def _parent_tags(parent: dict[str, Any], hint: str) -> list[list[str]]:
    """NIP-22, small letters: what is answered."""
    author, kind = parent["pubkey"], parent["kind"]
    address = [["a", address_of(parent), hint, author]] if addressable(kind) else []
    return [*address, ["e", parent["id"], hint, author], ["k", str(kind)], ["p", author]]
