"""What belongs to a film once it is on YouTube: thumbnail, captions, playlist. Each can be done again without harm."""

from __future__ import annotations

import io
import secrets
from typing import Any

import orjson
from django.utils.translation import gettext as _

from openline.channels import reading
from openline.channels.base import Outgoing, OutgoingMedia, Progress, Rejected
from openline.channels.youtube import captions
from openline.channels.youtube.client import YouTube
from openline.channels.youtube.errors import Conflict

THUMBNAIL_BYTES = 2 * 1024 * 1024
"""YouTube's help says 2 MB, its API's document 50 MiB (2026): the smaller one is always taken."""
_PICTURES = ("image/jpeg", "image/png")
_PAGES = 10


def picture(outgoing: Outgoing, progress: Progress) -> OutgoingMedia | None:
    """The picture that becomes the thumbnail: the first beside the film. Raises Rejected if YouTube takes none such."""
    found = next((one for one in outgoing.media if one.kind == "image"), None)
    if found is None:
        return None
    if found.media_type not in _PICTURES:
        raise Rejected(_("The thumbnail must be a JPEG or PNG picture."), "media")
    with progress.open(found.file) as content:
        size = content.seek(0, io.SEEK_END)
    if size > THUMBNAIL_BYTES:
        raise Rejected(
            _("The thumbnail has %(size)s bytes; YouTube takes %(most)s.")
            % {"size": f"{size:,}", "most": f"{THUMBNAIL_BYTES:,}"},
            "media",
        )
    return found


def thumbnail(youtube: YouTube, outgoing: Outgoing, video: str, progress: Progress) -> str:
    """Set it; where the channel is not verified, YouTube refuses."""
    image = picture(outgoing, progress)
    if image is None:
        return ""
    with progress.open(image.file) as content:
        body = content.read()
    params = {"videoId": video, "uploadType": "media"}
    youtube.call("POST", "upload/thumbnails/set", params, content=body, headers={"Content-Type": image.media_type})
    return ""


def captioned(youtube: YouTube, film: OutgoingMedia, language: str, video: str) -> str:
    """Add the captions in the language of the post. Those that are there already stay."""
    if not film.captions:
        return ""
    about = {"snippet": {"videoId": video, "language": language or "en", "name": "", "isDraft": False}}
    content, kind = _related(about, captions.webvtt(film.captions))
    params = {"part": "snippet", "uploadType": "multipart"}
    try:
        youtube.call("POST", "upload/captions", params, content=content, headers={"Content-Type": kind})
    except Conflict:
        pass
    return ""


def _related(about: dict[str, Any], text: str) -> tuple[bytes, str]:
    """What is said of a file, and the file, as one body (RFC 2387); and its media type."""
    edge = secrets.token_hex(16)
    parts = (
        ("application/json; charset=UTF-8", orjson.dumps(about)),
        ("text/vtt", text.encode()),
    )
    body = b"".join(f"--{edge}\r\nContent-Type: {kind}\r\n\r\n".encode() + content + b"\r\n" for kind, content in parts)
    return body + f"--{edge}--\r\n".encode(), f'multipart/related; boundary="{edge}"'


def listed(youtube: YouTube, outgoing: Outgoing, video: str) -> str:
    """Put the film into the playlist of the name that was chosen, once."""
    name = outgoing.options.get("playlist", "").strip()
    if not name:
        return ""
    playlist = _playlist(youtube, name, outgoing)
    if not youtube.items("playlistItems", part="id", playlistId=playlist, videoId=video, maxResults=1):
        resource = {"kind": "youtube#video", "videoId": video}
        youtube.post("playlistItems", {"snippet": {"playlistId": playlist, "resourceId": resource}}, part="snippet")
    return ""


def _playlist(youtube: YouTube, name: str, outgoing: Outgoing) -> str:
    for one in youtube.all_items("playlists", _PAGES, part="snippet", mine=True, maxResults=50):
        if reading.text(reading.child(one, "snippet"), "title") == name:
            return reading.text(one, "id")
    status = {"privacyStatus": outgoing.options.get("privacy") or "public"}
    return reading.text(
        youtube.post("playlists", {"snippet": {"title": name}, "status": status}, part="snippet,status"), "id"
    )
