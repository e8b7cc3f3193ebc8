"""Pictures and films of posts and messages, as X describes them."""

from __future__ import annotations

import re
from typing import Any

from openline.channels.base import Media
from openline.channels.reading import child, children, text, web_address

_KINDS = {"photo": "image", "animated_gif": "video", "video": "video"}
_PRIVATE = re.compile(r"/dm/(\d+)/(\d+)/([A-Za-z0-9_.\-]+)$")


def of_post(data: dict[str, Any], includes: dict[str, Any]) -> tuple[Media, ...]:
    """What a post or a listed message carries, in its order."""
    keys = child(data, "attachments").get("media_keys")
    known = {text(one, "media_key"): one for one in children(includes, "media")}
    wanted = [known[key] for key in keys if key in known] if isinstance(keys, list) else []
    return tuple(one for one in map(_media, wanted) if one.url)


def of_message(data: dict[str, Any]) -> tuple[Media, ...]:
    """What a message carries that X brought to us."""
    media = child(child(data, "attachment"), "media")
    films = children(child(media, "video_info"), "variants")
    one = _media({**media, "url": web_address(media, "media_url_https"), "variants": films})
    return (one,) if one.url else ()


def private_path(url: str) -> str:
    """The API's path of a private message's file; "" for one that is public."""
    found = _PRIVATE.search(url)
    return "/2/dm_conversations/media/{}/{}/{}".format(*found.groups()) if found else ""


def _rate(film: dict[str, Any]) -> int:
    said = text(film, "bit_rate") or text(film, "bitrate")  # API v2, v1.1
    return int(said) if said.isdecimal() else 0


def _media(one: dict[str, Any]) -> Media:
    films = [film for film in children(one, "variants") if text(film, "content_type") == "video/mp4"]
    best = max(films, key=_rate, default={})
    url = web_address(best, "url") or web_address(one, "url") or web_address(one, "preview_image_url")
    return Media(url, _KINDS.get(text(one, "type"), "unknown"), text(one, "alt_text"))
