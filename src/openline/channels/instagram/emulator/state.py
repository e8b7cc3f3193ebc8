"""The posts, comments, conversations and containers of the emulated network, and its rules."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from openline.channels.emulation.base import Faults, Someone
from openline.channels.graph.emulated import (
    Allowance,
    Clock,
    GraphRefuses,
    ImageRule,
    fetch_image,
    fetch_video,
    stamp,
)
from openline.channels.graph.emulator import Container, ContainerNetwork

CITY = Someone("17841400000000312", "philly311", "Philly311")
SCOPED = "24100000000000312"
"""The city's id for this app alone; webhooks know it by the other."""
CAPTION, HASHTAGS, ALT, COMMENT, MESSAGE_BYTES, CAROUSEL = 2200, 30, 1000, 300, 1000, (2, 10)
DAY, WEEK = timedelta(hours=24), timedelta(days=7)
IMAGES = ImageRule(("JPEG",), 8_000_000, 0.79, 1.92)
VIDEO_BYTES = 300_000_000
_WRONG_IMAGE = {
    "download": (9004, 2207052, "The media could not be fetched from this URI"),
    "size": (36000, 2207004, "The image is too large to download. It should be less than 8 MiB."),
    "format": (36001, 2207005, "The image format is not supported."),
    "ratio": (36003, 2207009, "The submitted image with aspect ratio cannot be published."),
}


@dataclass(slots=True)
class Comment:
    """A comment; answers stand one level below, whatever they answer."""

    id: str
    author: Someone
    text: str
    at: datetime
    media: Media
    parent: Comment | None = None
    answered: str = ""
    replies: list[Comment] = field(default_factory=list)
    hidden: bool = False
    deleted: bool = False
    private_reply: bool = False


@dataclass(slots=True)
class Media:
    """A post, a reel or a story; of an album the children."""

    id: str
    author: Someone
    caption: str
    at: datetime
    kind: str = "IMAGE"
    product: str = "FEED"
    file: str = ""
    alt: str = ""
    children: list[Media] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)


@dataclass(slots=True)
class Message:
    """A private message between the city and one person."""

    id: str
    person: Someone
    by_city: bool
    text: str
    at: datetime
    files: tuple[str, ...] = ()
    above: str = ""
    deleted: bool = False
    edits: int = 0


class Network(ContainerNetwork):
    """Everything that is there. Changed under `lock` only."""

    def __init__(self, lock: threading.RLock, clock: Clock, faults: Faults) -> None:
        super().__init__(lock, clock, faults)
        self.media: dict[str, Media] = {}
        self.comments: dict[str, Comment] = {}
        self.messages: dict[str, Message] = {}
        self.talks: dict[str, list[Message]] = {}
        self.subscribed: list[str] = []
        self.posts, self.prepared = Allowance(clock, 50), Allowance(clock, 400)
        """That it is 50 and not 100 or 25 is assumed: who asks, knows."""

    def add_media(self, author: Someone, caption: str, **more: Any) -> Media:
        """A new post."""
        found = Media(self.new_id(), author, caption, self.clock.now(), **more)
        self.media[found.id] = found
        return found

    def add_comment(self, author: Someone, text: str, media: Media, answered: Comment | None = None) -> Comment:
        """A new comment, below the top one of its thread."""
        parent = (answered.parent or answered) if answered else None
        found = Comment(self.new_id(), author, text, self.clock.now(), media, parent, answered.id if answered else "")
        self.comments[found.id] = found
        (parent.replies if parent else media.comments).append(found)
        return found

    def add_message(self, person: Someone, by_city: bool, text: str, **more: Any) -> Message:
        """A new private message. Its id is made of letters, as Instagram's."""
        mid = "aWdf" + base64.urlsafe_b64encode(self.new_id().encode()).decode().rstrip("=")
        found = Message(mid, person, by_city, text, self.clock.now(), **more)
        self.messages[mid] = found
        self.talks.setdefault(person.id, []).append(found)
        return found

    # Publishing

    def prepare(self, values: dict[str, str]) -> Container:
        """A container. Raises GraphRefuses."""
        caption, kind = values.get("caption", ""), values.get("media_type", "IMAGE")
        if kind not in ("IMAGE", "VIDEO", "REELS", "STORIES", "CAROUSEL"):
            raise GraphRefuses(100, "The media type is unknown", 2207023)
        if kind == "VIDEO" and values.get("is_carousel_item") != "true":
            raise GraphRefuses(100, "Use REELS for a film that stands alone", 2207067)
        if len(caption) > CAPTION or caption.count("#") > HASHTAGS:
            raise GraphRefuses(100, "The caption was too long.", 2207010)
        if values.get("alt_text") and (kind != "IMAGE" or len(values["alt_text"]) > ALT):
            raise GraphRefuses(100, "Param alt_text is for images, of at most 1000 characters")
        if self.faults.refuses and self.faults.refuses in caption:
            raise GraphRefuses(4, "We restrict certain activity to protect our community.", 2207050)
        if not self.prepared.use():
            raise GraphRefuses(9, "Too many containers in 24 hours", 2207042)
        container = Container(self.new_id(), values, self.clock.now())
        self._fetch(container, kind)
        with self.lock:
            self.containers[container.id] = container
        return container

    def _fetch(self, container: Container, kind: str) -> None:
        values = container.values
        if kind == "CAROUSEL":
            return self._gather(container)
        if "image_url" in values:
            found = fetch_image(values["image_url"], IMAGES)
            if found.error:
                code, subcode, words = _WRONG_IMAGE[found.error]
                raise GraphRefuses(code, words, subcode)
        elif "video_url" in values:
            found = fetch_video(values["video_url"], VIDEO_BYTES)
            container.error = {"download": "2207052", "format": "2207026", "size": "2207077"}.get(found.error, "")
            container.ready_at = time.monotonic() + self.processing_seconds
        else:
            raise GraphRefuses(100, "The parameter image_url or video_url is required")
        container.files = [found]

    def _gather(self, container: Container) -> None:
        wrong_number = GraphRefuses(100, "Carousels need 2 to 10 photos or videos", 2207028)
        self.children(container, CAROUSEL, wrong_number, GraphRefuses(9007, "Media ID is not available", 2207027))

    def publish(self, creation_id: str) -> Media:
        """A container becomes a post, once. (That a second time is refused with these numbers is assumed.)"""
        container = self.containers.get(creation_id)
        if container is None or self.status(container) == "EXPIRED":
            raise GraphRefuses(24, "The media builder does not exist or has expired", 2207008)
        if self.status(container) != "FINISHED":
            raise GraphRefuses(9007, "Media ID is not available", 2207027)
        if not self.posts.use():
            raise GraphRefuses(9, "The maximum number of posts was reached", 2207042)
        media = self.add_media(CITY, container.values.get("caption", ""))
        self._dress(media, container)
        container.published = media.id
        return media

    def _dress(self, media: Media, container: Container) -> None:
        values, kind = container.values, container.values.get("media_type", "IMAGE")
        if kind == "CAROUSEL":
            media.kind = "CAROUSEL_ALBUM"
            for one in values["children"].split(","):
                child = Media(self.new_id(), CITY, "", media.at)
                self._dress(child, self.containers[one])
                media.children.append(child)
            return
        film = "video_url" in values
        media.kind, media.product = (
            ("VIDEO" if film else "IMAGE"),
            {"REELS": "REELS", "STORIES": "STORY"}.get(kind, "FEED"),
        )
        media.alt = values.get("alt_text", "")
        media.file = self.keep(container.files[0].content, container.files[0].kind)

    # Private messages

    def last_of(self, person: str) -> datetime | None:
        """When that person last wrote to the city."""
        return max((one.at for one in self.talks.get(person, []) if not one.by_city), default=None)

    def may_message(self, person: str, tag: str) -> None:
        """Raises GraphRefuses where the window is closed."""
        last, now = self.last_of(person), self.clock.now()
        if last is None:
            raise GraphRefuses(100, "The requested user cannot be found", 2534014)
        if now - last > (WEEK if tag == "HUMAN_AGENT" else DAY):
            raise GraphRefuses(10, "This message is sent outside of allowed window.", 2534022)

    def may_reply_privately(self, comment: Comment | None) -> Comment:
        """Raises GraphRefuses for a second answer, or one that is too late."""
        if comment is None or comment.media.author is not CITY:
            raise GraphRefuses(100, "The comment to reply to does not exist", 33)
        if comment.private_reply:
            raise GraphRefuses(10900, "Activity already replied to")
        if self.clock.now() - comment.at > WEEK:
            raise GraphRefuses(10901, "The comment is too old to be replied to in private")
        return comment

    # Telling

    def media_shown(self, media: Media, url: str) -> dict[str, Any]:
        """A post as the API tells it, all fields."""
        told: dict[str, Any] = {
            "id": media.id,
            "caption": media.caption or None,
            "media_type": media.kind,
            "media_product_type": media.product,
            "media_url": f"{url}/files/{media.file}" if media.file else None,
            "permalink": f"{url}/p/{media.id}/",
            "timestamp": stamp(media.at),
            "username": media.author.handle,
            "alt_text": media.alt or None,
            "like_count": 0,
            "comments_count": sum(1 + len(one.replies) for one in media.comments if not one.deleted),
            "owner": {"id": CITY.id} if media.author is CITY else None,
        }
        return told

    def comment_shown(self, comment: Comment) -> dict[str, Any]:
        """A comment, all fields."""
        told: dict[str, Any] = {
            "id": comment.id,
            "text": comment.text,
            "timestamp": stamp(comment.at),
            "username": comment.author.handle,
            "from": {"id": comment.author.id, "username": comment.author.handle},
            "hidden": comment.hidden,
            "like_count": 0,
            "media": {"id": comment.media.id},
            "parent_id": comment.parent.id if comment.parent else None,
        }
        if comment.replies:
            told["replies"] = {"data": [self.comment_shown(one) for one in comment.replies[::-1] if not one.deleted]}
        return told

    def message_shown(self, message: Message, url: str) -> dict[str, Any]:
        """A message of a conversation, all fields."""
        sides = [{"id": CITY.id, "username": CITY.handle}, {"id": message.person.id, "username": message.person.handle}]
        writer, reader = sides if message.by_city else sides[::-1]
        told: dict[str, Any] = {
            "id": message.id,
            "created_time": stamp(message.at),
            "from": writer,
            "to": {"data": [reader]},
            "message": message.text,
        }
        if message.files:
            rows = [{"image_data": {"url": f"{url}/files/{name}", "width": 1, "height": 1}} for name in message.files]
            told["attachments"] = {"data": rows}
        return told


def wanted(values: Mapping[str, str], name: str) -> str:
    """A required parameter. Raises GraphRefuses."""
    if not values.get(name, "").strip():
        raise GraphRefuses(100, f"The parameter {name} is required")
    return values[name]
