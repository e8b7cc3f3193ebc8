"""Private messages in their wrappings (NIP-17, NIP-59): a rumor in a seal in a gift wrap, encrypted by NIP-44.

The seal is signed by who speaks, the wrap by a key that is used once: whoever sees the wrap learns only for whom it is.
"""

from __future__ import annotations

import secrets
import time
from typing import Any

import orjson

from openline.channels import reading as json_reading
from openline.channels.base import Rejected
from openline.channels.nostr.checking import forged
from openline.channels.nostr.kinds import GIFT_WRAP, SEAL
from openline.channels.nostr.signer import Signer, fresh

_FURTHEST_PAST_SECONDS = 2 * 86_400


def wrap(signer: Signer, to: str, rumor: dict[str, Any]) -> dict[str, Any]:
    """The gift wrap that brings `rumor` (an unsigned event of ours) to the public key `to`."""
    seal = signer.sign(SEAL, signer.encrypt(to, orjson.dumps(rumor).decode()), [], _some_time_ago())
    once = fresh()
    return once.sign(GIFT_WRAP, once.encrypt(to, orjson.dumps(seal).decode()), [["p", to]], _some_time_ago())


def unwrap(signer: Signer, event: dict[str, Any]) -> dict[str, Any]:
    """The rumor in a gift wrap for us.

    Raises Rejected if it is not for us, was changed, or was written by somebody else than who sealed it; another
    ChannelError if a remote signer is away.
    """
    seal = _opened(signer, json_reading.text(event, "pubkey"), json_reading.text(event, "content"))
    problem = forged(seal)
    if problem or seal.get("kind") != SEAL:
        raise Rejected(problem or "The wrap holds no seal.")
    rumor = _opened(signer, seal["pubkey"], seal["content"])
    if rumor.get("pubkey") != seal["pubkey"]:
        raise Rejected("The message names another author than the one who sealed it.")
    return _with_id(rumor)


def _opened(signer: Signer, of: str, secret: str) -> dict[str, Any]:
    try:
        return json_reading.json_object(signer.decrypt(of, secret).encode("utf-8", "replace"))
    except json_reading.Unreadable as error:
        raise Rejected(str(error)) from None


def _with_id(rumor: dict[str, Any]) -> dict[str, Any]:
    """The rumor under its true id, which follows from what it says (NIP-01) and not from what it claims."""
    from openline.channels.nostr.checking import id_of

    return rumor | {"id": id_of(rumor)}


def _some_time_ago() -> int:
    """A time up to two days ago: when somebody wrote to whom is nobody's business (NIP-59)."""
    return int(time.time()) - secrets.randbelow(_FURTHEST_PAST_SECONDS)
