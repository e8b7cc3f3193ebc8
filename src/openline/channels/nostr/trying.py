"""The live test of an account: a private message to ourselves, which no one else can read."""

from __future__ import annotations

from django.utils.translation import gettext as _

from openline.channels.base import AccountRef, Unclear
from openline.channels.nostr.kinds import PRIVATE
from openline.channels.nostr.naming import wanted
from openline.channels.nostr.publishing import deliver, find, letter
from openline.channels.nostr.relays import relays_of
from openline.channels.nostr.signer import Signer, unsigned
from openline.channels.nostr.wrapping import unwrap, wrap


def try_out(account: AccountRef, signer: Signer, text: str) -> str:
    """Wrap `text` for ourselves, publish it, read it back and open it; says which relays took it."""
    me = signer.public_key
    event = wrap(signer, me, unsigned(me, PRIVATE, text, [["p", me]]))
    outcome = deliver(account, signer, [letter(event, relays_of(account))])
    events, _errors = find(account, signer, wanted(event["id"]), outcome["took"])
    if not events or unwrap(signer, events[0]).get("content") != text:
        raise Unclear(_("The relays took the message and do not give it back."))
    words = _("An encrypted message to ourselves was taken by %(took)s and read again.")
    said = words % {"took": ", ".join(outcome["took"])}
    return "\n".join([said, *(f"{url}: {why}" for url, why in outcome["missed"].items())])
