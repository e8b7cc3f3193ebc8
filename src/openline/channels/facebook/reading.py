"""What a delivery of a page is to the city, whether Facebook brought it (webhook) or was asked for it (Graph).

A delivery is one thing, wrapped so that its kind is known: {"about": ..., "page": the page's id, ...}. The same comment
has the same ids both ways. Field names: docs/graph-api/webhooks/reference/page and docs/messenger-platform (2026).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from openline.channels import reading
from openline.channels.base import Incoming, Media, Refused

FEED, MENTION, EVENT = "feed", "mention", "event"
COMMENT, POST, MESSAGE = "comment", "post", "message"
"""The first three as webhooks bring them, the others as Graph answers."""

_SITE = "https://www.facebook.com"
_POSTS = ("post", "status", "photo", "video", "share", "link", "album", "note", "event")
_KINDS = {"image": "image", "video": "video", "audio": "audio", "file": "file", "reel": "video", "ig_reel": "video"}


def wrap(about: str, page: str, **what: Any) -> bytes:
    """A delivery as it is kept."""
    return orjson.dumps({"about": about, "page": page, **what})


def parse(raw: bytes) -> Incoming | Refused:
    """Read one delivery. Never raises."""
    try:
        said = reading.json_object(raw)
        read = _READERS.get(reading.text(said, "about"))
        if not read:
            raise reading.Unreadable("This kind of delivery is not known.")
        return read(raw, reading.text(said, "page"), said)
    except reading.Unreadable as error:
        return Refused(raw, str(error))


# What webhooks bring


def is_heard(value: Mapping[str, Any], page: str) -> bool:
    """Whether a change of the page's feed is what somebody said to the city: no likes, nothing of the page's own."""
    return (
        reading.text(value, "item") in ("comment", *_POSTS)
        and reading.text(value, "verb") in ("add", "edit", "edited", "remove")
        and reading.text(reading.child(value, "from"), "id") != page
    )


def is_heard_message(event: Mapping[str, Any], app: str) -> bool:
    """Whether a Messenger event is a message, an edit, a tapped button, or the fate of a message of ours.

    What the page itself says is heard if it was not said by our app: so staff see what was answered elsewhere.
    """
    message = reading.child(event, "message")
    if message.get("is_echo") is True:
        return bool(app) and reading.text(message, "app_id") != app
    return bool(message) or any(reading.child(event, name) for name in ("message_edit", "postback", "delivery"))


def _feed(raw: bytes, page: str, said: dict[str, Any]) -> Incoming:
    value = reading.child(said, "value")
    return _comment_change(raw, value) if reading.text(value, "item") == "comment" else _post_change(raw, page, value)


def _comment_change(raw: bytes, value: dict[str, Any]) -> Incoming:
    post, above = reading.text(value, "post_id"), reading.text(value, "parent_id")
    return _public(
        raw,
        _id(value, "comment_id"),
        value,
        above=above or post,
        root=post,
        media=_pictures(value, "photo", "image") + _pictures(value, "video", "video"),
    )


def _post_change(raw: bytes, page: str, value: dict[str, Any]) -> Incoming:
    photos = value.get("photos")
    many = tuple(Media(one, "image") for one in photos if isinstance(one, str)) if isinstance(photos, list) else ()
    shown = "image" if reading.text(value, "item") == "photo" else "video"
    one = _pictures(value, "link", shown) if reading.text(value, "item") in ("photo", "video") else ()
    return _public(raw, _id(value, "post_id"), value, media=many or one)


def _mention(raw: bytes, page: str, said: dict[str, Any]) -> Incoming:
    """Somebody named the page in a post or comment of theirs."""
    value = reading.child(said, "value")
    post, comment = reading.text(value, "post_id"), reading.text(value, "comment_id")
    author = {"id": reading.text(value, "sender_id"), "name": reading.text(value, "sender_name")}
    value = {"from": author} | value
    if comment:
        return _public(raw, comment, value, above=reading.text(value, "parent_id") or post, root=post)
    return _public(raw, _id(value, "post_id"), value)


def _public(
    raw: bytes,
    network_id: str,
    value: dict[str, Any],
    *,
    above: str = "",
    root: str = "",
    media: tuple[Media, ...] = (),
) -> Incoming:
    author, words, verb = reading.child(value, "from"), reading.text(value, "message"), reading.text(value, "verb")
    at = _moment(value.get("created_time"))
    kind = {"remove": "delete", "edit": "edit", "edited": "edit"}.get(verb, "post")
    event = {"delete": ":remove", "edit": f":edit:{_digest(words, at)}"}.get(kind, "")
    name = reading.text(author, "name")
    return Incoming(
        kind=kind,  # type: ignore[arg-type]
        network_id=network_id,
        event_id=network_id + event,
        raw=raw,
        text="" if kind == "delete" else words,
        author_id=reading.text(author, "id"),
        author_handle=name or reading.text(author, "id"),
        author_name=name,
        posted_at=at,
        in_reply_to=above,
        references=(root,) if root and root != above else (),
        url=address(network_id, root),
        media=media,
    )


def _event(raw: bytes, page: str, said: dict[str, Any]) -> Incoming:
    """A Messenger event. Its time is in milliseconds."""
    event = reading.child(said, "event")
    stamp = event.get("timestamp")
    at = _moment(stamp / 1000) if isinstance(stamp, int) else None
    sender, receiver = (reading.text(reading.child(event, side), "id") for side in ("sender", "recipient"))
    person = receiver if sender == page else sender
    if delivery := reading.child(event, "delivery"):
        return _delivered(raw, delivery, at)
    if edit := reading.child(event, "message_edit"):
        mid = _id(edit, "mid")
        number = reading.text(edit, "num_edit") or _digest(reading.text(edit, "text"), at)
        return _private(raw, mid, sender, person, at, reading.text(edit, "text"), kind="edit", event=f":edit:{number}")
    if postback := reading.child(event, "postback"):
        return _private(raw, _id(postback, "mid"), sender, person, at, reading.text(postback, "title"))
    message = reading.child(event, "message")
    media = tuple(_attachment(one) for one in reading.children(message, "attachments"))
    kept = tuple(one for one in media if one.url)
    above = reading.text(reading.child(message, "reply_to"), "mid")
    words = reading.text(message, "text") or _places(message)
    if message.get("is_deleted") is True:
        return _private(raw, _id(message, "mid"), sender, person, at, "", kind="delete", event=":remove")
    return _private(raw, _id(message, "mid"), sender, person, at, words, media=kept, above=above)


def _delivered(raw: bytes, delivery: dict[str, Any], at: datetime | None) -> Incoming:
    mids = delivery.get("mids")
    mid = mids[0] if isinstance(mids, list) and mids and isinstance(mids[0], str) else ""
    if not mid:
        raise reading.Unreadable("The report names no message.")
    event = f"{mid}:delivered"
    return Incoming("receipt", mid, event, raw, posted_at=at, visibility="private", status="delivered")


def _private(
    raw: bytes,
    mid: str,
    sender: str,
    person: str,
    at: datetime | None,
    words: str,
    *,
    kind: str = "post",
    event: str = "",
    media: tuple[Media, ...] = (),
    above: str = "",
    name: str = "",
) -> Incoming:
    return Incoming(
        kind=kind,  # type: ignore[arg-type]
        network_id=mid,
        event_id=mid + event,
        raw=raw,
        text=words,
        author_id=sender,
        author_handle=name or sender,
        author_name=name,
        posted_at=at,
        in_reply_to=above,
        visibility="private",
        thread=f"dm:{person}",
        media=media,
    )


def _attachment(one: dict[str, Any]) -> Media:
    kind = reading.text(one, "type")
    payload = reading.child(one, "payload")
    return Media(reading.web_address(payload, "url"), _KINDS.get(kind, "unknown")) if kind in _KINDS else Media("")


def _places(message: dict[str, Any]) -> str:
    """What was shared in place of words: the title and address of a link, or a point."""
    found = []
    for one in reading.children(message, "attachments"):
        payload = reading.child(one, "payload")
        if reading.text(one, "type") in ("fallback", "template", "share", "location", "post"):
            parts = (reading.text(one, "title") or reading.text(payload, "title"), reading.web_address(payload, "url"))
            found.append(" ".join(part for part in parts if part))
    return "\n".join(one for one in found if one)


# What Graph answers


def _comment(raw: bytes, page: str, said: dict[str, Any]) -> Incoming:
    comment, post = reading.child(said, "comment"), reading.text(said, "post")
    above = reading.text(reading.child(comment, "parent"), "id") or post
    return _public(raw, _id(comment, "id"), comment, above=above, root=post, media=_shown(comment))


def _post(raw: bytes, page: str, said: dict[str, Any]) -> Incoming:
    post = reading.child(said, "post")
    found = reading.children(reading.child(post, "attachments"), "data")
    media = tuple(one for attachment in found for one in _stories(attachment))
    return _public(raw, _id(post, "id"), post, media=media)


def _message(raw: bytes, page: str, said: dict[str, Any]) -> Incoming:
    message = reading.child(said, "message")
    author = reading.child(message, "from")
    sender, at = reading.text(author, "id"), _moment(message.get("created_time"))
    receivers = reading.children(reading.child(message, "to"), "data")
    person = sender if sender != page else reading.text(receivers[0] if receivers else {}, "id")
    found = reading.children(reading.child(message, "attachments"), "data")
    media = tuple(one for one in map(_file, found) if one.url)
    words, name = reading.text(message, "message"), reading.text(author, "name")
    return _private(raw, _id(message, "id"), sender, person, at, words, media=media, name=name)


def _shown(comment: dict[str, Any]) -> tuple[Media, ...]:
    attachment = reading.child(comment, "attachment")
    return tuple(_stories(attachment)) if attachment else ()


def _stories(attachment: dict[str, Any]) -> list[Media]:
    """The pictures and films of an attachment as Graph describes it (StoryAttachment)."""
    inner = reading.children(reading.child(attachment, "subattachments"), "data") or [attachment]
    found = []
    for one in inner:
        media = reading.child(one, "media")
        source, picture = (
            reading.web_address(media, "source"),
            reading.web_address(reading.child(media, "image"), "src"),
        )
        if reading.text(one, "type").startswith(("photo", "video", "animated", "album", "sticker")) and (
            source or picture
        ):
            found.append(Media(source or picture, "video" if source else "image", reading.text(one, "description")))
    return found


def _file(one: dict[str, Any]) -> Media:
    for name, kind in (("image_data", "image"), ("video_data", "video")):
        if url := reading.web_address(reading.child(one, name), "url"):
            return Media(url, kind)
    kind = reading.text(one, "mime_type").split("/")[0]
    return Media(reading.web_address(one, "file_url"), kind if kind in ("image", "video", "audio") else "file")


# What both need


def address(network_id: str, post: str = "") -> str:
    """The public web address of a post, or of a comment below `post`."""
    if not network_id or network_id.startswith("m_"):
        return ""
    if not post:
        return f"{_SITE}/{network_id}"
    return f"{_SITE}/{post}?comment_id={network_id.rpartition('_')[2]}"


def _pictures(value: dict[str, Any], key: str, kind: str) -> tuple[Media, ...]:
    found = reading.web_address(value, key)
    return (Media(found, kind),) if found else ()


def _id(value: Mapping[str, Any], key: str) -> str:
    found = reading.text(value, key)
    if not found:
        raise reading.Unreadable(f"The delivery has no {key}.")
    return found


def _moment(value: Any) -> datetime | None:
    return reading.moment(value)


def _digest(words: str, at: datetime | None) -> str:
    """What tells one edit from another, and the same one brought again from a new one."""
    stamp = int((at or datetime.fromtimestamp(0, UTC)).timestamp())
    return hashlib.sha256(f"{stamp}:{words}".encode("utf-8", "replace")).hexdigest()[:16]


_READERS: dict[str, Callable[[bytes, str, dict[str, Any]], Incoming]] = {
    FEED: _feed,
    MENTION: _mention,
    EVENT: _event,
    COMMENT: _comment,
    POST: _post,
    MESSAGE: _message,
}
