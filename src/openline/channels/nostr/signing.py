"""From `Outgoing` to signed events: public answers (NIP-10, NIP-22) and private messages (NIP-17)."""

from __future__ import annotations

from typing import Any

import nostr_sdk

from openline.channels import reading as json_reading
from openline.channels.base import AccountRef, ChannelError, Outgoing, Rejected, TokenExpired
from openline.channels.nostr import reading
from openline.channels.nostr.reading import COMMENT, NOTE, PRIVATE


def keys_of(account: AccountRef) -> nostr_sdk.Keys:
    """The account's key pair; raises TokenExpired if the secret key cannot be read."""
    try:
        return nostr_sdk.Keys.parse(account.credentials.get("secret_key", ""))
    except Exception as error:
        raise TokenExpired("The account's secret key cannot be read.") from error


def sign(keys: nostr_sdk.Keys, outgoing: Outgoing, answered: dict[str, Any], hint: str) -> dict[str, Any]:
    """The signed event, or for a private message the gift wraps for the resident and for ourselves, as JSON.

    `answered` is the event that is answered, as far as it is known; `hint` the relay where ours can be found.
    """
    try:
        if outgoing.visibility == "private":
            return _private(keys, outgoing, hint)
        comment = answered.get("kind") == COMMENT
        tags = _comment_tags(outgoing, answered, hint) if comment else _note_tags(outgoing, answered, hint)
        builder = nostr_sdk.EventBuilder(nostr_sdk.Kind(COMMENT if comment else NOTE), outgoing.text)
        event = builder.tags([nostr_sdk.Tag.parse(tag) for tag in tags]).finalize(keys)
    except ChannelError:
        raise
    except Exception as error:
        raise Rejected(f"The answer cannot be signed: {error}") from error
    return {"id": event.id().to_hex(), "events": [event.as_json()]}


def _private(keys: nostr_sdk.Keys, outgoing: Outgoing, hint: str) -> dict[str, Any]:
    """NIP-17: one rumor, wrapped for the resident and for ourselves; it is known by the rumor's id."""
    if not outgoing.in_reply_to_author:
        raise Rejected("A private message needs somebody to go to.", "in_reply_to_author")
    receiver = nostr_sdk.PublicKey.parse(outgoing.in_reply_to_author)
    tags = [["p", receiver.to_hex()]]
    if outgoing.in_reply_to:
        tags.append(["e", outgoing.in_reply_to, hint])
    rumor = (
        nostr_sdk.EventBuilder(nostr_sdk.Kind(PRIVATE), outgoing.text)
        .tags([nostr_sdk.Tag.parse(tag) for tag in tags])
        .finalize_unsigned(keys.public_key())
        .ensure_id()
    )
    rumor_id = rumor.id()
    if rumor_id is None:
        raise Rejected("The answer has no id.")
    wraps = [nostr_sdk.nip59_make_gift_wrap(keys, to, rumor).as_json() for to in (receiver, keys.public_key())]
    return {"id": rumor_id.to_hex(), "events": wraps}


def _note_tags(outgoing: Outgoing, answered: dict[str, Any], hint: str) -> list[list[str]]:
    """NIP-10: the thread's root, the post answered, and its author. Others in the thread are not rung."""
    tags = []
    root = reading.root(answered) or outgoing.thread_root or outgoing.in_reply_to
    if outgoing.in_reply_to:
        tags.append(["e", root, hint, "root"])
        if outgoing.in_reply_to != root:
            tags.append(["e", outgoing.in_reply_to, hint, "reply"])
    if outgoing.in_reply_to_author:
        tags.append(["p", outgoing.in_reply_to_author])
    return tags


def _comment_tags(outgoing: Outgoing, answered: dict[str, Any], hint: str) -> list[list[str]]:
    """NIP-22: what the comment's thread hangs from (capital letters), and the comment answered (small ones)."""
    author = json_reading.text(answered, "pubkey")
    found = answered.get("tags")
    above = (
        [
            tag
            for tag in found
            if isinstance(tag, list)
            and tag
            and tag[0] in ("E", "A", "I", "K", "P")
            and all(isinstance(part, str) for part in tag)
        ]
        if isinstance(found, list)
        else []
    )
    return [*above, ["e", outgoing.in_reply_to, hint, author], ["k", str(COMMENT)], ["p", author]]
