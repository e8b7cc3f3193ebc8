"""Limits of Instagram, developers.facebook.com/docs/instagram-platform, 2026. What Meta contradicts is a setting."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta

from openline.channels.base import MediaRule

CAPTION_LIMIT = 2200
ALT_LIMIT = 1000
MESSAGE_BYTES = 1000
MOST_MENTIONS = 20
CAROUSEL = (2, 10)
REEL_SECONDS = (3.0, 900.0)
STORY_SECONDS = 60.0
WINDOW, HUMAN_WINDOW, PRIVATE_REPLY_WINDOW = timedelta(hours=24), timedelta(days=7), timedelta(days=7)
MEDIA = (
    MediaRule("image", ("image/jpeg",), CAROUSEL[1], 8_000_000, ratios=(0.8, 1.91)),
    MediaRule("video", ("video/mp4", "video/quicktime"), CAROUSEL[1], 300_000_000, REEL_SECONDS[1]),
)
HASHTAG = re.compile(r"(?<!\w)#\w+")
MENTION = re.compile(r"(?<![\w@])@[\w.]+")
COMMENT_LIMIT = 300
_DEFAULTS = {"most_hashtags": 30, "comment_limit": COMMENT_LIMIT}


def setting(settings: Mapping[str, str], name: str) -> int:
    """A limit on which Meta's pages disagree, or that they no longer state: "most_hashtags", "comment_limit"."""
    said = settings.get(name, "")
    return int(said) if said.isdecimal() and len(said) < 6 else _DEFAULTS[name]


def length(text: str) -> int:
    """In UTF-16 units: Instagram does not say how it counts, and this is never too few."""
    return len(text.encode("utf-16-le", "replace")) // 2


def message_length(text: str) -> int:
    """Of a private message: bytes of UTF-8."""
    return len(text.encode("utf-8", "replace"))
