"""From what Bluesky tells to `Incoming`.

A raw delivery is one of
- a notification, as app.bsky.notification.listNotifications gives it;
- {"stream": {"did", "rkey", "cid", "record", "time"}, "author": profile}: a post from the firehose or Jetstream;
- {"deleted": AT-URI}: a post that is no longer there;
- an entry of chat.bsky.convo.getLog (logCreateMessage), with the author among its `relatedProfiles`.
"""

from __future__ import annotations

from typing import Any

from openline.channels import reading
from openline.channels.base import Incoming, Media, Refused
from openline.channels.bluesky import facets, names

_MOST_MEDIA = 20
MESSAGE = "chat.bsky.convo.defs#logCreateMessage"


def parse(raw: bytes) -> Incoming | Refused:
    """Read one delivery. Never raises."""
    try:
        value = reading.json_object(raw)
        if "deleted" in value:
            return _deletion(raw, reading.text(value, "deleted"))
        if value.get("$type") == MESSAGE:
            return _message(raw, value)
        if "stream" in value:
            return _from_stream(raw, reading.child(value, "stream"), reading.child(value, "author"))
        return _notification(raw, value)
    except reading.Unreadable as error:
        return Refused(raw, str(error))
    except (RecursionError, ValueError) as error:
        return Refused(raw, f"The delivery cannot be read: {type(error).__name__}.")


def _deletion(raw: bytes, uri: str) -> Incoming | Refused:
    did, _collection, _key = names.split(uri)
    if not did:
        return Refused(raw, "A deletion that names no post.")
    return Incoming("delete", uri, f"delete:{uri}", raw, uri=uri, author_id=did)


def _notification(raw: bytes, value: dict[str, Any]) -> Incoming | Refused:
    uri, author = reading.text(value, "uri"), reading.child(value, "author")
    if names.split(uri)[1] != names.POST:
        return Refused(raw, "Not the notification of a post.")
    return _post(raw, uri, author, reading.child(value, "record"), reading.text(value, "indexedAt"))


def _from_stream(raw: bytes, event: dict[str, Any], author: dict[str, Any]) -> Incoming | Refused:
    did, record = reading.text(event, "did"), reading.child(event, "record")
    uri = names.post(did, reading.text(event, "rkey"))
    # A clock that runs ahead is not believed: the AppView orders by the earlier of the two times as well.
    said, seen = reading.moment(record.get("createdAt")), reading.moment(event.get("time"))
    early = min((moment for moment in (said, seen) if moment), default=None)
    return _post(raw, uri, {**author, "did": did}, record, early.isoformat() if early else "")


def _post(raw: bytes, uri: str, author: dict[str, Any], record: dict[str, Any], posted_at: str) -> Incoming | Refused:
    did = names.split(uri)[0]
    if not did or reading.text(author, "did") != did:
        return Refused(raw, "A post without an id, or not of its author.")
    reply = reading.child(record, "reply")
    parent, root = (reading.text(reading.child(reply, name), "uri") for name in ("parent", "root"))
    langs = record.get("langs")
    quoted = _quoted(record)
    return Incoming(
        kind="post",
        network_id=uri,
        event_id=uri,
        raw=raw,
        uri=uri,
        text=_text(record),
        author_id=did,
        author_handle=_handle(author),
        author_name=reading.text(author, "displayName"),
        posted_at=reading.moment(posted_at),
        in_reply_to=parent,
        url=names.address(uri),
        language=str(langs[0]) if isinstance(langs, list) and langs else "",
        media=_media(did, record),
        references=(root,) if root and root != parent else (),
        thread=root or uri,
        facts={"quotes": names.address(quoted) or quoted} if quoted else {},
    )


def _message(raw: bytes, entry: dict[str, Any]) -> Incoming | Refused:
    """A private message. Everything in a conversation has its id, so that an answer finds it."""
    convo, said = reading.text(entry, "convoId"), reading.child(entry, "message")
    did = reading.text(reading.child(said, "sender"), "did")
    if not convo or not reading.text(said, "id") or not did:
        return Refused(raw, "A private message without an id or a sender.")
    author = next((one for one in reading.children(entry, "relatedProfiles") if one.get("did") == did), {})
    answered = reading.text(reading.child(said, "replyTo"), "id")
    network_id = f"{convo}/{reading.text(said, 'id')}"
    quoted = _quoted(said)
    return Incoming(
        kind="post",
        network_id=network_id,
        event_id=network_id,
        raw=raw,
        text=facets.plain(said),
        author_id=did,
        author_handle=_handle(author),
        author_name=reading.text(author, "displayName"),
        posted_at=reading.moment(said.get("sentAt")),
        in_reply_to=f"{convo}/{answered}" if answered else "",
        visibility="private",
        thread=convo,
        facts={"shares": names.address(quoted) or quoted} if quoted else {},
    )


def _text(record: dict[str, Any]) -> str:
    """The words; of a link that is shown as a card alone, its address too."""
    words = facets.plain(record)
    card = reading.web_address(reading.child(_embed(record), "external"), "uri")
    return f"{words}\n\n{card}".strip() if card and card not in words else words


def _handle(author: dict[str, Any]) -> str:
    """The name on the network; a DID where it has none that is valid at the moment."""
    handle = reading.text(author, "handle")
    return f"@{handle}" if handle and handle != "handle.invalid" else reading.text(author, "did")


def _embed(record: dict[str, Any]) -> dict[str, Any]:
    """What hangs on a post; of a quote with media, the media."""
    embed = reading.child(record, "embed")
    return reading.child(embed, "media") or embed


def _quoted(record: dict[str, Any]) -> str:
    """The post that this one quotes."""
    inner = reading.child(reading.child(record, "embed"), "record")
    return reading.text(inner, "uri") or reading.text(reading.child(inner, "record"), "uri")


def _media(did: str, record: dict[str, Any]) -> tuple[Media, ...]:
    embed = _embed(record)
    found = [
        Media(names.picture(did, cid), "image", reading.text(item, "alt"))
        for item in (*reading.children(embed, "images"), *reading.children(embed, "items"))
        if (cid := _cid(reading.child(item, "image")))
    ]
    if cid := _cid(reading.child(embed, "video")):
        found.append(Media(names.video(did, cid), "video", reading.text(embed, "alt")))
    return tuple(found[:_MOST_MEDIA])


def _cid(blob: dict[str, Any]) -> str:
    """The content's hash: under `ref`, or `cid` in records from before 2023."""
    return reading.text(reading.child(blob, "ref"), "$link") or reading.text(blob, "cid")
