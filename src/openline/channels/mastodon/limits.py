"""What a server takes, as it says itself: asked for once an hour, and held against a message before it is sent."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from html import escape
from typing import Any

from openline.channels import reading
from openline.channels.base import ChannelError, Outgoing, OutgoingMedia, Poll, Progress, Rejected
from openline.channels.mastodon.client import Server
from openline.channels.mastodon.errors import NotThere
from openline.channels.text import graphemes

_REMEMBER_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Limits:
    """One server's limits; 0 and () where it does not say. The defaults are Mastodon's own (4.x, 2026)."""

    text: int = 500
    url: int = 23
    media: int = 4
    media_types: tuple[str, ...] = ()
    image_bytes: int = 0
    video_bytes: int = 0
    alt: int = 1500
    options: int = 4
    option: int = 50
    least_seconds: int = 300
    most_seconds: int = 2_629_746
    snac: bool = False
    """snac (2.75) reads HTML in what it is sent, and drops the poll of a program without a word."""

    def wording(self, text: str) -> str:
        """`text` as this server has to get it, so that it shows these very characters."""
        return escape(text, quote=False) if self.snac else text

    def bytes_of(self, kind: str) -> int:
        """The largest file of that kind, in bytes."""
        return self.image_bytes if kind == "image" else self.video_bytes


_kept: dict[str, tuple[float, Limits]] = {}


def limits_of(server: Server) -> Limits:
    """The limits that the server names; the usual ones as long as it does not answer."""
    kept = _kept.get(server.address)
    if kept and time.monotonic() - kept[0] < _REMEMBER_SECONDS:
        return kept[1]
    try:
        found = read(_instance(server))
    except ChannelError:
        return Limits()
    _kept[server.address] = (time.monotonic(), found)
    return found


def _instance(server: Server) -> dict[str, Any]:
    """The server's description of itself; older servers and some others know only the first version of it."""
    try:
        return server.object(lambda client: client.instance_v2())
    except NotThere:
        return server.object(lambda client: client.instance_v1())


def read(said: dict[str, Any]) -> Limits:
    """Limits in an instance entity of Mastodon (v1 or v2), GoToSocial, snac; of Pleroma and Akkoma at its top."""
    settings = reading.child(said, "configuration")
    statuses, media = reading.child(settings, "statuses"), reading.child(settings, "media_attachments")
    polls, others = reading.child(settings, "polls"), reading.child(said, "poll_limits")
    usual = Limits()
    types = media.get("supported_mime_types")
    return Limits(
        text=_number(statuses, "max_characters") or _number(said, "max_toot_chars") or usual.text,
        url=_number(statuses, "characters_reserved_per_url") or usual.url,
        media=_number(statuses, "max_media_attachments") or _number(said, "max_media_attachments") or usual.media,
        media_types=tuple(t for t in types if isinstance(t, str)) if isinstance(types, list) else (),
        image_bytes=_number(media, "image_size_limit") or _number(said, "upload_limit"),
        video_bytes=_number(media, "video_size_limit") or _number(said, "upload_limit"),
        alt=_number(media, "description_limit") or _number(said, "description_limit") or usual.alt,
        options=_number(polls, "max_options") or _number(others, "max_options") or usual.options,
        option=_number(polls, "max_characters_per_option") or _number(others, "max_option_chars") or usual.option,
        least_seconds=_number(polls, "min_expiration") or _number(others, "min_expiration") or usual.least_seconds,
        most_seconds=_number(polls, "max_expiration") or _number(others, "max_expiration") or usual.most_seconds,
        snac="snac/" in reading.text(said, "version"),
    )


def _number(value: dict[str, Any], key: str) -> int:
    found = value.get(key)
    return found if isinstance(found, int) and not isinstance(found, bool) and found > 0 else 0


def refuse(outgoing: Outgoing, limits: Limits, progress: Progress) -> None:
    """Raise Rejected, naming the field, for what the server would refuse; nothing was sent then."""
    if outgoing.text.encode("utf-8", "replace").decode() != outgoing.text:
        raise Rejected("The text holds characters that cannot be written.", "text")
    if not outgoing.text.strip() and not outgoing.media:
        raise Rejected("There is nothing to say.", "text")
    if len(outgoing.media) > limits.media:
        raise Rejected(f"There are {len(outgoing.media)} files; this server takes {limits.media} in a post.", "media")
    for item in outgoing.media:
        _refuse_file(item, limits, progress)
    if outgoing.poll:
        _refuse_poll(outgoing.poll, limits)


def _refuse_file(item: OutgoingMedia, limits: Limits, progress: Progress) -> None:
    if limits.media_types and item.media_type not in limits.media_types:
        raise Rejected(f"This server takes no {item.media_type}.", "media")
    if graphemes(item.alt) > limits.alt:
        raise Rejected(f"A description has {graphemes(item.alt)} characters; this server takes {limits.alt}.", "alt")
    most = limits.bytes_of(item.kind)
    with progress.open(item.file) as file:
        size = file.seek(0, os.SEEK_END)
    if most and size > most:
        raise Rejected(f"A file has {size:,} bytes; this server takes {most:,}.", "media")


def _refuse_poll(poll: Poll, limits: Limits) -> None:
    if limits.snac:
        raise Rejected("This server takes no polls from programs.", "poll")
    if not 2 <= len(poll.options) <= limits.options:
        raise Rejected(f"A poll on this server has 2 to {limits.options} options.", "poll")
    if any(not option.strip() or graphemes(option) > limits.option for option in poll.options):
        raise Rejected(f"An option of a poll on this server has 1 to {limits.option} characters.", "poll")
    if not limits.least_seconds <= poll.seconds <= limits.most_seconds:
        least, most = limits.least_seconds // 60, limits.most_seconds // 86_400
        raise Rejected(f"A poll on this server is open for {least} minutes to {most} days.", "poll")
