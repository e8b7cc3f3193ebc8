"""From what Instagram tells to `Incoming`: comments, mentions and private messages, by webhook or by asking.

A delivery is {"kind": ..., "value": ..., "at": ...}, the value as Instagram wrote it. Whichever way something comes, it
has the same name. What a webhook leaves out is its time: then `at` is when Instagram called.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from openline.channels import reading
from openline.channels.base import Incoming, Media, Refused
from openline.channels.instagram import names

COMMENT, MENTION, TAG, EVENT, MESSAGE = "comment", "mention", "tag", "event", "message"
_KINDS = {"image": "image", "video": "video", "audio": "audio", "file": "file", "ig_reel": "video", "reel": "video",
          "share": "image", "story_mention": "image"}  # fmt: skip
_MOST_FILES = 20


def pack(kind: str, value: Mapping[str, Any], at: Any = None) -> bytes:
    """A delivery of that kind."""
    return orjson.dumps({"kind": kind, "value": dict(value), "at": at})


def parse(raw: bytes) -> Incoming | Refused:
    """Read one delivery. Never raises."""
    try:
        said = reading.json_object(raw)
    except reading.Unreadable as error:
        return Refused(raw, str(error))
    read = _READERS.get(reading.text(said, "kind"))
    found = read(reading.child(said, "value"), time_of(said.get("at")), raw) if read else None
    return found or Refused(raw, "This delivery holds nothing that was said.")


def time_of(value: Any) -> datetime | None:
    """A time as Instagram writes it: text, seconds, or milliseconds."""
    if isinstance(value, int) and not isinstance(value, bool) and value > 100_000_000_000:
        return reading.moment(value / 1000)
    return reading.moment(value)


def _comment(value: dict[str, Any], at: datetime | None, raw: bytes) -> Incoming | None:
    """A comment below a post of ours. Its conversation is the post; what it answers is a comment, or the post."""
    network_id, media = reading.text(value, "id"), names.post(reading.text(reading.child(value, "media"), "id"))
    if not network_id:
        return None
    author, handle = _author(value)
    above = reading.text(value, "parent_id")
    return Incoming(
        kind="post",
        network_id=network_id,
        event_id=network_id,
        raw=raw,
        text=reading.text(value, "text"),
        author_id=author,
        author_handle=handle,
        author_name=handle,
        posted_at=time_of(value.get("timestamp")) or at,
        in_reply_to=above or media,
        references=(media,) if above and media else (),
        thread=media or network_id,
    )


def _author(value: Mapping[str, Any]) -> tuple[str, str]:
    writer = reading.child(value, "from")
    handle = reading.text(writer, "username") or reading.text(value, "username")
    return reading.text(writer, "id") or handle, handle


def _mention(value: dict[str, Any], at: datetime | None, raw: bytes) -> Incoming | None:
    """The webhook names the post and the comment alone; their words are in `found`, if they could be asked for."""
    media, comment = reading.text(value, "media_id"), reading.text(value, "comment_id")
    if not media:
        return None
    found = reading.child(value, "found")
    whole = _tagged if not comment else _elsewhere
    return whole(found | {"media_id": media, "comment_id": comment}, at, raw)


def _elsewhere(value: dict[str, Any], at: datetime | None, raw: bytes) -> Incoming:
    media = reading.text(value, "media_id")
    network_id, handle = names.mention(media, reading.text(value, "comment_id")), reading.text(value, "username")
    return Incoming(
        kind="post",
        network_id=network_id,
        event_id=network_id,
        raw=raw,
        text=reading.text(value, "text"),
        author_id=handle,
        author_handle=handle,
        author_name=handle,
        posted_at=time_of(value.get("timestamp")) or at,
        thread=network_id,
        url=reading.web_address(reading.child(value, "media"), "permalink"),
        facts={} if reading.text(value, "text") else {"words": "not told"},
    )


def _tagged(value: dict[str, Any], at: datetime | None, raw: bytes) -> Incoming | None:
    """A post of somebody else that names us in its caption or its picture."""
    media = reading.text(value, "media_id") or reading.text(value, "id")
    if not media:
        return None
    handle, caption = reading.text(value, "username"), reading.text(value, "caption")
    network_id = names.mention(media, "")
    address = reading.web_address(value, "media_url")
    kind = "video" if reading.text(value, "media_type") == "VIDEO" else "image"
    return Incoming(
        kind="post",
        network_id=network_id,
        event_id=network_id,
        raw=raw,
        text=caption,
        author_id=handle,
        author_handle=handle,
        author_name=handle,
        posted_at=time_of(value.get("timestamp")) or at,
        thread=network_id,
        url=reading.web_address(value, "permalink"),
        media=(Media(address, kind),) if address else (),
        facts={} if caption else {"words": "not told"},
    )


def _event(value: dict[str, Any], at: datetime | None, raw: bytes) -> Incoming | None:
    """A messaging event of a webhook: a message, its edit, or that it was taken back."""
    person, at = reading.text(reading.child(value, "sender"), "id"), time_of(value.get("timestamp")) or at
    edited, message = reading.child(value, "message_edit"), reading.child(value, "message")
    if mid := reading.text(edited, "mid"):
        number = reading.text(edited, "num_edit") or "1"
        return _private("edit", mid, f"edit:{mid}:{number}", raw, person, at, reading.text(edited, "text"))
    mid = reading.text(message, "mid")
    if not mid or not person:
        return None
    if message.get("is_deleted") is True:
        return _private("delete", mid, f"delete:{mid}", raw, person, at, "")
    above = reading.child(message, "reply_to")
    files = tuple(one for each in reading.children(message, "attachments") if (one := _attachment(each)))
    text = reading.text(message, "text")
    found = _private("post", mid, mid, raw, person, at, text, reading.text(above, "mid"), files[:_MOST_FILES])
    return found if text or files else None


def _attachment(value: Mapping[str, Any]) -> Media | None:
    address = reading.web_address(reading.child(value, "payload"), "url")
    return Media(address, _KINDS.get(reading.text(value, "type"), "file")) if address else None


def _message(value: dict[str, Any], at: datetime | None, raw: bytes) -> Incoming | None:
    """A message of a conversation that was asked for."""
    mid, (person, handle) = reading.text(value, "id"), _author(value)
    if not mid or not person:
        return None
    files = tuple(
        Media(address, kind)
        for one in reading.children(reading.child(value, "attachments"), "data")[:_MOST_FILES]
        for kind, name in (("image", "image_data"), ("video", "video_data"))
        if (address := reading.web_address(reading.child(one, name), "url"))
    )
    text, at = reading.text(value, "message"), time_of(value.get("created_time")) or at
    if not text and not files:
        return None
    return _private("post", mid, mid, raw, person, at, text, "", files, handle)


def _private(
    kind: Any,
    mid: str,
    event_id: str,
    raw: bytes,
    person: str,
    at: datetime | None,
    text: str,
    above: str = "",
    media: tuple[Media, ...] = (),
    handle: str = "",
) -> Incoming:
    return Incoming(
        kind=kind,
        network_id=mid,
        event_id=event_id,
        raw=raw,
        text=text,
        author_id=person,
        author_handle=handle or person,
        author_name=handle,
        posted_at=at.astimezone(UTC) if at else None,
        in_reply_to=above,
        visibility="private",
        thread=f"dm:{person}",
        media=media,
    )


_READERS = {COMMENT: _comment, MENTION: _mention, TAG: _tagged, EVENT: _event, MESSAGE: _message}
