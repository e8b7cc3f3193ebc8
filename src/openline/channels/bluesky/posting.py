"""Posts: from `Outgoing` to records in our repository, under keys that follow from the message's own key.

`putRecord` with `swapRecord: null` makes a record only where none is. So a second try of the same message is refused
as InvalidSwap, which proves the first one. (`createRecord` answers 500 there, which proves nothing.)
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from openline.channels import parts, reading
from openline.channels.base import ChannelError, NotAllowed, Outgoing, Progress, Receipt, Rejected, Unclear
from openline.channels.bluesky import facets, hearing, media, names
from openline.channels.bluesky.client import BlobGone, Exists, Session
from openline.channels.bluesky.people import did_of, is_did

LIMIT = 300
_LANGUAGE = re.compile(r"[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*")


def send(session: Session, outgoing: Outgoing, key: str, progress: Progress) -> Receipt:
    """Post the message, and what does not fit as a thread below it; each post once."""
    texts = _texts(outgoing)
    if outgoing.media:
        media.check(outgoing.media)
    reply = progress.step("place", lambda: place(session, outgoing))
    try:
        return _say(session, outgoing, texts, reply, key, progress)
    except BlobGone:  # between upload and post lay so much time that the server threw the files away
        progress.step(_stale(_generation(progress)), lambda: True)
        return _say(session, outgoing, texts, reply, key, progress)


def _say(
    session: Session, outgoing: Outgoing, texts: list[str], reply: dict[str, Any], key: str, progress: Progress
) -> Receipt:
    generation = _generation(progress)
    prefix = f"file {generation}" if generation else "file"
    embed = media.embed(session, outgoing.media, _language(outgoing), progress, prefix)
    written = progress.step("written", lambda: datetime.now(UTC).isoformat())

    def post(n: int, text: str, above: str) -> dict[str, Any]:
        record = _record(session, outgoing, text, datetime.fromisoformat(written) + timedelta(milliseconds=n))
        if embed and n == 0:
            record["embed"] = embed
        if refs := _below(session, reply, above):
            record["reply"] = refs
        return _put(session, names.record_key(session.account.id, key, n), record)

    return parts.say(progress, texts, post)


def find(session: Session, outgoing: Outgoing, key: str, progress: Progress) -> Receipt | None:
    """Look for the posts under their keys."""

    def look(n: int, _text: str, _above: str) -> dict[str, Any] | None:
        uri = names.post(session.did, names.record_key(session.account.id, key, n))
        return _receipt(uri) if hearing.there(session, uri) else None

    return parts.find(progress, _texts(outgoing), look)


def delete(session: Session, about: str) -> Receipt:
    """Take one of our posts back; it is no fault if it is gone already."""
    did, collection, key = names.split(about)
    if did != session.did:
        raise NotAllowed("Only our own posts can be deleted.")
    session.post("com.atproto.repo.deleteRecord", {"repo": did, "collection": collection, "rkey": key})
    return Receipt(about, names.address(about), about)


def place(session: Session, outgoing: Outgoing) -> dict[str, Any]:
    """Where an answer stands: the post it answers and the first of the thread, both by address and content."""
    if not outgoing.in_reply_to:
        return {}
    shown = hearing.posts(session, [outgoing.in_reply_to])
    if not shown:
        raise _why_not(session, outgoing.in_reply_to)
    post = shown[0]
    if reading.child(post, "viewer").get("replyDisabled") is True:
        raise NotAllowed("The author lets only certain people answer this post.")
    parent = _ref(post)
    root = reading.child(reading.child(reading.child(post, "record"), "reply"), "root")
    return {"root": _ref(root) if root else parent, "parent": parent}


def _why_not(session: Session, uri: str) -> ChannelError:
    if not hearing.there(session, uri):
        return Rejected("The post to answer was deleted.", "in_reply_to")
    return NotAllowed("The author of the post to answer has blocked us, is blocked by us, or has left.")


def _ref(post: dict[str, Any]) -> dict[str, str]:
    return {"uri": reading.text(post, "uri"), "cid": reading.text(post, "cid")}


def _below(session: Session, reply: dict[str, Any], above: str) -> dict[str, Any]:
    """Where a post of a thread stands: under the one before, in the thread of the first."""
    if not above:
        return reply
    before = hearing.record(session, above)
    if not before:
        raise Rejected("The post before in this thread was deleted.", "in_reply_to")
    parent, first = _ref(before), reading.child(reading.child(before, "value"), "reply")
    return {"root": reply.get("root") or first.get("root") or parent, "parent": parent}


def _texts(outgoing: Outgoing) -> list[str]:
    """The text with a warning in front, and with the name of the person it is for where it answers no post of theirs
    (an answer's author is told anyway)."""
    text, handle = outgoing.text, outgoing.to_handle.removeprefix("@")
    if handle and not is_did(handle) and not outgoing.in_reply_to and f"@{handle}".lower() not in text.lower():
        text = f"@{handle} {text}"
    if outgoing.warning:
        text = f"{outgoing.warning}\n\n{text}"
    return parts.split(text, LIMIT, facets.length)


def _record(session: Session, outgoing: Outgoing, text: str, written: datetime) -> dict[str, Any]:
    def resolve(handle: str) -> str:
        if handle == outgoing.to_handle.removeprefix("@").lower() and is_did(outgoing.in_reply_to_author):
            return outgoing.in_reply_to_author  # whoever it was, whatever the handle is now
        return did_of(session, handle)

    shown, found = facets.rich(text, resolve)
    record: dict[str, Any] = {"$type": names.POST, "text": shown, "createdAt": _time(written)}
    if found:
        record["facets"] = found
    if language := _language(outgoing):
        record["langs"] = [language]
    return record


def _put(session: Session, key: str, record: dict[str, Any]) -> dict[str, Any]:
    uri = names.post(session.did, key)
    body = {"repo": session.did, "collection": names.POST, "rkey": key, "record": record, "swapRecord": None}
    try:
        said = session.post("com.atproto.repo.putRecord", body)
    except Exists:
        return _receipt(uri)
    if reading.text(said, "uri") != uri:
        raise Unclear("The server took the post, but names another.")
    return _receipt(uri)


def _receipt(uri: str) -> dict[str, Any]:
    return {"network_id": uri, "url": names.address(uri), "uri": uri}


def _language(outgoing: Outgoing) -> str:
    code = outgoing.language.replace("_", "-")
    return code if _LANGUAGE.fullmatch(code) and code != "und" else ""


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC).isoformat(timespec='milliseconds')[:23]}Z"


def _generation(progress: Progress) -> int:
    """How often the files were uploaded in vain."""
    generation = 0
    while progress.done(_stale(generation)):
        generation += 1
    return generation


def _stale(generation: int) -> str:
    return f"files {generation} gone"
