"""Hiding replies in threads that we began (app.bsky.feed.threadgate): all see that some are hidden, and can look."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from openline.channels import reading
from openline.channels.base import NotAllowed, Receipt, Rejected
from openline.channels.bluesky import hearing, names
from openline.channels.bluesky.client import Session

_GATE = "app.bsky.feed.threadgate"
_MOST = 300


def hide(session: Session, about: str) -> Receipt:
    """Put the reply among those that the thread's gate hides; the gate's other rules stay."""
    root = _root(session, about)
    found = hearing.record(session, _gate(root))
    gate = reading.child(found, "value") or {"$type": _GATE, "post": root, "createdAt": _now()}
    hidden = _listed(gate)
    if about not in hidden:
        if len(hidden) >= _MOST:
            raise Rejected(f"Bluesky hides at most {_MOST} replies of a thread.", "about")
        did, collection, key = names.split(_gate(root))
        body = {"repo": did, "collection": collection, "rkey": key, "swapRecord": reading.text(found, "cid") or None}
        session.post("com.atproto.repo.putRecord", {**body, "record": {**gate, "hiddenReplies": [*hidden, about]}})
    return Receipt(about, names.address(about), about)


def hidden(session: Session, about: str) -> Receipt | None:
    """The receipt, if the reply is hidden."""
    gate = reading.child(hearing.record(session, _gate(_root(session, about))), "value")
    return Receipt(about, names.address(about), about) if about in _listed(gate) else None


def _root(session: Session, about: str) -> str:
    """The first post of the thread, which must be ours."""
    reply = reading.child(reading.child(hearing.record(session, about), "value"), "reply")
    root = reading.text(reading.child(reply, "root"), "uri")
    if names.split(root)[0] != session.did:
        raise NotAllowed("Only replies in threads that are our own can be hidden.")
    return root


def _gate(root: str) -> str:
    did, _collection, key = names.split(root)
    return f"at://{did}/{_GATE}/{key}"


def _listed(gate: dict[str, Any]) -> list[str]:
    found = gate.get("hiddenReplies")
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def _now() -> str:
    return f"{datetime.now(UTC).isoformat(timespec='milliseconds')[:23]}Z"
