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
    root, found, gate = _gate_of(session, about)
    hidden = _listed(gate)
    if about not in hidden:
        if len(hidden) >= _MOST:
            raise Rejected(f"Bluesky hides at most {_MOST} replies of a thread.", "about")
        _write(session, root, found, gate, [*hidden, about])
    return Receipt(about, names.address(about), about)


def show(session: Session, about: str) -> Receipt:
    """Take the reply out of those that the thread's gate hides."""
    root, found, gate = _gate_of(session, about)
    hidden = _listed(gate)
    if about in hidden:
        _write(session, root, found, gate, [one for one in hidden if one != about])
    return Receipt(about, names.address(about), about)


def done(session: Session, about: str, hidden: bool) -> Receipt | None:
    """The receipt, if the reply is hidden, or is not, as was wanted."""
    is_hidden = about in _listed(_gate_of(session, about)[2])
    return Receipt(about, names.address(about), about) if is_hidden is hidden else None


def _gate_of(session: Session, about: str) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """The first post of the thread, the record of its gate as it is kept, and what the gate says."""
    root = _root(session, about)
    found = hearing.record(session, _gate(root))
    return root, found, reading.child(found, "value") or {"$type": _GATE, "post": root, "createdAt": _now()}


def _write(session: Session, root: str, found: dict[str, Any], gate: dict[str, Any], hidden: list[str]) -> None:
    did, collection, key = names.split(_gate(root))
    body = {"repo": did, "collection": collection, "rkey": key, "swapRecord": reading.text(found, "cid") or None}
    session.post("com.atproto.repo.putRecord", {**body, "record": {**gate, "hiddenReplies": hidden}})


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
