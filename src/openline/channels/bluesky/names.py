"""The names of the AT Protocol: AT-URIs, record keys, addresses of posts and files for people."""

from __future__ import annotations

import hashlib
import re

POST = "app.bsky.feed.post"
_URI = re.compile(r"at://(did:[a-z]+:[a-zA-Z0-9._:%-]+)/([a-zA-Z0-9.-]+)/([a-zA-Z0-9._:~-]{1,512})")
_PICTURE = re.compile(r"https://cdn\.bsky\.app/img/feed_fullsize/plain/(did:[^/]+)/([a-z2-7]+)@jpeg")
_VIDEO = re.compile(r"https://video\.bsky\.app/watch/(did[^/]+)/([a-z2-7]+)/playlist\.m3u8")
_SORTABLE = "234567abcdefghijklmnopqrstuvwxyz"
_FROM_MICROSECONDS = 1_704_067_200_000_000  # 2024-01-01
_SPAN_MICROSECONDS = 2 * 365 * 86_400 * 1_000_000


def split(uri: str) -> tuple[str, str, str]:
    """DID, collection and record key of an AT-URI; ("", "", "") if it is none."""
    found = _URI.fullmatch(uri)
    return (found[1], found[2], found[3]) if found else ("", "", "")


def post(did: str, key: str) -> str:
    """The AT-URI of a post."""
    return f"at://{did}/{POST}/{key}"


def address(uri: str) -> str:
    """Where people see the post. By DID, so that the address stays when the handle changes."""
    did, _collection, key = split(uri)
    return f"https://bsky.app/profile/{did}/post/{key}" if did else ""


def picture(did: str, cid: str) -> str:
    """Where Bluesky shows a picture of a post."""
    return f"https://cdn.bsky.app/img/feed_fullsize/plain/{did}/{cid}@jpeg"


def video(did: str, cid: str) -> str:
    """Where Bluesky plays the video of a post."""
    return f"https://video.bsky.app/watch/{did.replace(':', '%3A')}/{cid}/playlist.m3u8"


def blob(url: str) -> tuple[str, str]:
    """DID and CID of the file that `picture` or `video` names; ("", "") if it is another address."""
    found = _PICTURE.fullmatch(url) or _VIDEO.fullmatch(url)
    return (found[1].replace("%3A", ":"), found[2]) if found else ("", "")


def record_key(account: str, key: str, part: int = 0) -> str:
    """The record key of a message, always the same for the same `key`: of the form of a TID, as posts want it.

    The time in it is made up (it is in 2024 or 2025): what counts is `createdAt`. 56 bits follow from `key`, so that
    a million posts of one account meet by chance once in 150,000 such accounts.
    """
    digest = hashlib.sha256(f"{account}\n{key}\n{part}".encode()).digest()
    microseconds = _FROM_MICROSECONDS + int.from_bytes(digest[:8]) % _SPAN_MICROSECONDS
    value = microseconds << 10 | int.from_bytes(digest[8:10]) & 1023
    return "".join(_SORTABLE[value >> shift & 31] for shift in range(60, -1, -5))
