"""The posts, people and containers of the emulated network, and its rules."""

from __future__ import annotations

import re
import threading
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
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

CITY = Someone("17841400000000311", "philly311", "Philly311")
TEXT_LIMIT, ALT_LIMIT, LINK_LIMIT, CAROUSEL = 500, 1000, 5, (2, 20)
IMAGES = ImageRule(("JPEG", "PNG"), 8_000_000, 0.1, 10.0)
VIDEO_BYTES = 1_000_000_000
AUDIENCES = {"", "everyone", "accounts_you_follow", "mentioned_only", "parent_post_author_only", "followers_only"}
_URL = re.compile(r"https?://\S+")
_MESSAGES = {"download": "FAILED_DOWNLOADING_VIDEO", "format": "FAILED_PROCESSING_VIDEO",
             "size": "FAILED_PROCESSING_VIDEO"}  # fmt: skip


@dataclass(slots=True)
class Post:
    """A post or a reply."""

    id: str
    author: Someone
    text: str
    at: datetime
    parent: Post | None = None
    kind: str = "TEXT_POST"
    alt: str = ""
    media: str = ""
    children: list[Post] = field(default_factory=list)
    topic: str = ""
    replies: list[Post] = field(default_factory=list)
    hidden: bool = False
    deleted: bool = False

    @property
    def root(self) -> Post:
        """Where its thread begins."""
        post = self
        while post.parent:
            post = post.parent
        return post


class Network(ContainerNetwork):
    """Everything that is there. Changed under `lock` only."""

    def __init__(self, lock: threading.RLock, clock: Clock, faults: Faults) -> None:
        super().__init__(lock, clock, faults)
        self.posts: dict[str, Post] = {}
        self.mentions: list[Post] = []
        self.allowances = {
            "": Allowance(clock, 250),
            "reply_": Allowance(clock, 1000),
            "delete_": Allowance(clock, 100),
        }

    # Posting

    def add(self, author: Someone, text: str, parent: Post | None, **more: Any) -> Post:
        """A new post."""
        post = Post(self.new_id(), author, text, self.clock.now(), parent, **more)
        self.posts[post.id] = post
        if parent:
            parent.replies.append(post)
        return post

    def prepare(self, values: dict[str, str]) -> Container:
        """A container. Raises GraphRefuses for what the documentation forbids."""
        self._refuse(values, values.get("text", ""))
        container = Container(self.new_id(), values, self.clock.now())
        self._fetch(container, values["media_type"])
        with self.lock:
            self.containers[container.id] = container
        return container

    def _refuse(self, values: dict[str, str], text: str) -> None:
        kind = values.get("media_type", "")
        if kind not in ("TEXT", "IMAGE", "VIDEO", "CAROUSEL"):
            raise GraphRefuses(100, "Param media_type must be one of {TEXT, IMAGE, VIDEO, CAROUSEL}")
        if kind == "TEXT" and not text.strip():
            raise GraphRefuses(100, "The parameter text is required")
        if counted(text) > TEXT_LIMIT:
            raise GraphRefuses(100, f"Param text must be at most {TEXT_LIMIT} characters long.")
        if len({one.rstrip(".,!?") for one in _URL.findall(text)}) > LINK_LIMIT:
            raise GraphRefuses(100, "THREADS_API__LINK_LIMIT_EXCEEDED")
        if len(values.get("alt_text", "")) > ALT_LIMIT:
            raise GraphRefuses(100, f"Param alt_text must be at most {ALT_LIMIT} characters long.")
        self._refuse_choices(values)
        if self.faults.refuses and self.faults.refuses in text:
            raise GraphRefuses(100, "The text of this post is not allowed")

    def _refuse_choices(self, values: dict[str, str]) -> None:
        if values.get("reply_control", "") not in AUDIENCES:
            raise GraphRefuses(100, "Param reply_control is not a known audience")
        topic = values.get("topic_tag")
        if topic is not None and (not 1 <= len(topic) <= 50 or set(topic) & {".", "&"}):
            raise GraphRefuses(100, "Param topic_tag must be 1 to 50 characters without . and &")
        above = values.get("reply_to_id")
        if above and self.post(above) is None:
            raise GraphRefuses(100, "The post to reply to does not exist", 33)

    def _fetch(self, container: Container, kind: str) -> None:
        """Fetch what the container names. That an unreachable picture is told at once is assumed."""
        values = container.values
        if kind == "IMAGE":
            found = fetch_image(values.get("image_url", ""), IMAGES)
            if found.error:
                title = "The media could not be fetched from this URI" if found.error == "download" else found.error
                raise GraphRefuses(9004, f"Only photo or video can be accepted as media type: {title}", 2207052)
            container.files = [found]
        elif kind == "VIDEO":
            found = fetch_video(values.get("video_url", ""), VIDEO_BYTES)
            container.error = _MESSAGES.get(found.error, "")
            container.files = [found]
            container.ready_at = time.monotonic() + self.processing_seconds
        elif kind == "CAROUSEL":
            self._gather(container)

    def _gather(self, container: Container) -> None:
        wrong_number = GraphRefuses(100, "Carousels can have 2 to 20 children")
        not_ready = GraphRefuses(100, "A child of the carousel is not ready, or is no carousel item")
        for child in self.children(container, CAROUSEL, wrong_number, not_ready):
            container.files += child.files

    def publish(self, creation_id: str) -> Post:
        """A container becomes a post, once."""
        container = self.containers.get(creation_id)
        if container is None or self.status(container) != "FINISHED":
            raise GraphRefuses(24, "The requested resource does not exist", 4279009, error_user_title="Media Not Found")
        values = container.values
        parent = self.post(values.get("reply_to_id", ""))
        if not self.allowances["reply_" if parent else ""].use():
            raise GraphRefuses(4, "Application request limit reached", 1349210)
        post = self.add(CITY, values.get("text", ""), parent, topic=values.get("topic_tag", ""))
        self._dress(post, container)
        container.published = post.id
        return post

    def _dress(self, post: Post, container: Container) -> None:
        values = container.values
        if values["media_type"] == "CAROUSEL":
            post.kind = "CAROUSEL_ALBUM"
            for one in values["children"].split(","):
                child = Post(self.new_id(), CITY, "", post.at)
                self._dress(child, self.containers[one])
                post.children.append(child)
        elif values["media_type"] != "TEXT":
            post.kind, post.alt = values["media_type"], values.get("alt_text", "")
            post.media = self.keep(container.files[0].content, container.files[0].kind)

    # Looking

    def post(self, network_id: str) -> Post | None:
        """A post that is there."""
        found = self.posts.get(network_id)
        return found if found and not found.deleted else None

    def by_city(self, wanted: Callable[[Post], bool]) -> list[Post]:
        """The city's posts, newest first."""
        return [one for one in reversed(self.posts.values()) if one.author is CITY and not one.deleted and wanted(one)]

    def below(self, post: Post) -> list[Post]:
        """All replies under a post, at any depth, oldest first."""
        found, waiting = list[Post](), list(post.replies)
        while waiting:
            one = waiting.pop()
            found.append(one)
            waiting += one.replies
        return sorted((one for one in found if not one.deleted), key=lambda one: (one.at, one.id))

    def shown(self, post: Post, url: str) -> dict[str, Any]:
        """The post as the API tells it, all fields."""
        told: dict[str, Any] = {
            "id": post.id,
            "media_product_type": "THREADS",
            "media_type": post.kind,
            "permalink": f"{url}/@{post.author.handle}/post/{post.id}",
            "username": post.author.handle,
            "text": post.text or None,
            "timestamp": stamp(post.at),
            "shortcode": post.id[-11:],
            "is_quote_post": False,
            "has_replies": any(not one.deleted for one in post.replies),
            "is_reply": post.parent is not None,
            "is_reply_owned_by_me": post.author is CITY,
            "hide_status": "HIDDEN" if post.hidden else "NOT_HUSHED",
            "topic_tag": post.topic or None,
            "alt_text": post.alt or None,
            "media_url": f"{url}/files/{post.media}" if post.media else None,
        }
        if post.author is CITY:
            told["owner"] = {"id": CITY.id}
        if post.parent:
            told |= {"replied_to": {"id": post.parent.id}, "root_post": {"id": post.root.id}}
        if post.children:
            told["children"] = {"data": [self.shown(one, url) for one in post.children]}
        return told


def counted(text: str) -> int:
    """The documentation's count: characters, an emoji as the bytes of its UTF-8 form."""
    total = 0
    for sign in unicodedata.normalize("NFC", text):
        if (ord(sign) >= 0x2600 and unicodedata.category(sign) in ("So", "Sk")) or sign in "\u200d\ufe0f":
            total += len(sign.encode())
        elif unicodedata.category(sign) not in ("Mn", "Me"):
            total += 1
    return total
