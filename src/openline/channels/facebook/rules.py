"""What a Facebook page and Messenger allow, as numbers (2026; docs/channels/facebook.md says where each comes from)."""

from __future__ import annotations

from datetime import timedelta

from openline.channels.base import MediaRule

TITLE_LIMIT = 255
"""Characters of a film's or an album's title (assumed: Meta's documents name none, as of 2026)."""
TEXT_LIMIT = 63_206
COMMENT_LIMIT = 8_000
MESSAGE_LIMIT = 2_000
ALT_LIMIT = 1_000
MEGABYTE = 1_000_000

PICTURES = ("image/jpeg", "image/png", "image/gif", "image/bmp", "image/tiff")
FILMS = ("video/mp4", "video/quicktime")
MEDIA = (
    MediaRule("image", PICTURES, 10, 4 * MEGABYTE),
    MediaRule("video", FILMS, 1, 4_000 * MEGABYTE, 4 * 3600.0),
)
MESSAGE_BYTES = {"image": 8 * MEGABYTE, "video": 25 * MEGABYTE, "audio": 25 * MEGABYTE, "file": 25 * MEGABYTE}
REEL_SECONDS = (3.0, 90.0)
STORY_SECONDS = (3.0, 60.0)

WINDOW = timedelta(hours=24)
HUMAN_WINDOW = timedelta(days=7)
PRIVATE_REPLY_WINDOW = timedelta(days=7)
SOONEST, LATEST = timedelta(minutes=10), timedelta(days=30)
"""How far ahead Facebook takes a post that it is to publish by itself."""

SCOPES = (
    "pages_show_list",
    "pages_read_engagement",
    "pages_read_user_content",
    "pages_manage_posts",
    "pages_manage_engagement",
    "pages_manage_metadata",
    "pages_messaging",
    "read_insights",
    "business_management",
)
FIELDS = (
    "feed",
    "mention",
    "messages",
    "message_edits",
    "message_echoes",
    "message_deliveries",
    "messaging_postbacks",
    "standby",
)
"""What the page tells us of by webhook."""
