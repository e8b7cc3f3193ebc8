"""Changing what was said: deletion requests (NIP-09), and new words for films, which have an address (NIP-71)."""

from __future__ import annotations

import time
from typing import Any

from openline.channels.base import AccountRef, NotAllowed, Outgoing, Rejected
from openline.channels.nostr import lists, video
from openline.channels.nostr.checking import forged
from openline.channels.nostr.kinds import DELETION, addressable
from openline.channels.nostr.naming import name_of, wanted
from openline.channels.nostr.publishing import find, letter
from openline.channels.nostr.relay import created_at
from openline.channels.nostr.relays import gravest, relays_of
from openline.channels.nostr.signer import Signer
from openline.channels.nostr.tags import address_of, tags
from openline.channels.nostr.writing import Part, labels, part

_MOST_PEOPLE = 3


def newest(account: AccountRef, signer: Signer, name: str) -> dict[str, Any]:
    """The newest event of that name at the account's relays, {} if all that answer know none.

    Raises the gravest failure if none can be asked.
    """
    events, errors = find(account, signer, wanted(name))
    known = [event for event in events if not forged(event) and name in (name_of(event), event["id"])]
    if not known and len(errors) == len(relays_of(account)):
        raise gravest(errors)
    return max(known, key=created_at, default={})


def change(account: AccountRef, signer: Signer, outgoing: Outgoing) -> Part:
    """The signed event that deletes or changes the post `outgoing.about`."""
    if outgoing.action not in ("delete", "edit"):
        raise NotAllowed("On Nostr nobody can hide what others see.")
    said = newest(account, signer, outgoing.about)
    if not said:
        raise Rejected("None of the account's relays has this post. Private messages cannot be taken back.", "about")
    if said["pubkey"] != signer.public_key:
        raise NotAllowed("Only its author can change or delete a post.")
    return _deletion(account, signer, said) if outgoing.action == "delete" else _edit(account, signer, said, outgoing)


def _deletion(account: AccountRef, signer: Signer, said: dict[str, Any]) -> Part:
    address = [["a", address_of(said)]] if addressable(said["kind"]) else []
    event = signer.sign(DELETION, "", [["e", said["id"]], *address, ["k", str(said["kind"])]])
    people = tags(said, "p")[:_MOST_PEOPLE]
    to = [*relays_of(account), *lists.readers(people, relays_of(account), signer)]  # the post went there too
    return part(event, [letter(event, to)], name_of(said))


def _edit(account: AccountRef, signer: Signer, said: dict[str, Any], outgoing: Outgoing) -> Part:
    if not addressable(said["kind"]):
        raise NotAllowed("A note on Nostr cannot be changed; delete it and write a new one.")
    at = max(int(time.time()), said["created_at"] + 1)  # of two in the same second relays keep either
    changed = [*video.renewed(said, outgoing), *labels(outgoing, outgoing.text, first=True)]
    event = signer.sign(said["kind"], outgoing.text, changed, at)
    return part(event, [letter(event, relays_of(account))])
