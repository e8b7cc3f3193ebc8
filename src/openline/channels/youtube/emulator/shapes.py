"""How the emulated YouTube writes its things."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from openline.channels.emulation.base import Someone
from openline.channels.youtube.emulator.state import Caption, Comment, Object, Playlist, Video, stamp

if TYPE_CHECKING:
    from openline.channels.youtube.emulator.network import Emulator

_EMBEDDED = 5


def parts(whole: Object, wanted: str) -> Object:
    """The parts that were asked for."""
    names = {"kind", "etag", "id", *wanted.split(",")}
    return {name: value for name, value in whole.items() if name in names}


def listing(kind: str, items: list[Object], token: str = "", total: int | None = None, size: int = 0) -> Object:
    """A page of a list."""
    page = {"totalResults": len(items) if total is None else total, "resultsPerPage": size or len(items)}
    found: Object = {"kind": f"youtube#{kind}ListResponse", "etag": "e", "pageInfo": page, "items": items}
    return found | ({"nextPageToken": token} if token else {})


def video(network: Emulator, one: Video) -> Object:
    """A film."""
    snippet = {"publishedAt": stamp(one.at), "channelId": one.owner.id, "channelTitle": one.owner.name}
    status = dict(one.about.get("status", {}))
    ready = time.time() >= one.ready_at
    status |= {"uploadStatus": "rejected" if one.failed else "processed" if ready else "uploaded"}
    if one.failed:
        status["rejectionReason"] = one.failed
    count = sum(comment.video == one.id and comment.moderation == "published" for comment in network.comments.values())
    return {
        "kind": "youtube#video",
        "etag": "e",
        "id": one.id,
        "snippet": one.about.get("snippet", {}) | snippet,
        "status": status,
        "recordingDetails": one.about.get("recordingDetails", {}),
        "statistics": {"viewCount": str(one.views), "likeCount": str(one.likes), "favoriteCount": "0",
                       "commentCount": str(count)},
        "processingDetails": {"processingStatus": "succeeded" if ready else "processing"},
    }  # fmt: skip


def comment(network: Emulator, one: Comment, viewer: Someone) -> Object:
    """A comment, as `viewer` is told of it: the words as they were written only to who wrote them."""
    snippet: Object = {
        "authorDisplayName": f"@{one.author.handle}",
        "authorChannelId": {"value": one.author.id},
        "authorChannelUrl": f"http://www.youtube.com/@{one.author.handle}",
        "channelId": network.videos[one.video].owner.id,
        "videoId": one.video,
        "textDisplay": one.text,
        "textOriginal": one.text,
        "canRate": True,
        "viewerRating": "none",
        "likeCount": 0,
        "publishedAt": stamp(one.at),
        "updatedAt": stamp(one.changed or one.at),
    }
    if viewer != one.author:
        del snippet["textOriginal"]
    if one.parent:
        snippet["parentId"] = one.parent
    return {"kind": "youtube#comment", "etag": "e", "id": one.id, "snippet": snippet}


def thread(network: Emulator, top: Comment, viewer: Someone) -> Object:
    """A thread with its newest replies."""
    replies = network.replies(top.id)
    snippet = {
        "channelId": network.videos[top.video].owner.id,
        "videoId": top.video,
        "topLevelComment": comment(network, top, viewer),
        "canReply": network.videos[top.video].comments_open,
        "totalReplyCount": len(replies),
        "isPublic": True,
    }
    found: Object = {"kind": "youtube#commentThread", "etag": "e", "id": top.id, "snippet": snippet}
    if replies:
        found["replies"] = {"comments": [comment(network, one, viewer) for one in replies[-_EMBEDDED:]]}
    return found


def caption(one: Caption) -> Object:
    """A track of captions."""
    snippet = {"videoId": one.video, "language": one.language, "name": one.name, "trackKind": "standard",
               "status": "serving", "isDraft": False}  # fmt: skip
    return {"kind": "youtube#caption", "etag": "e", "id": one.id, "snippet": snippet}


def playlist(one: Playlist, owner: Someone) -> Object:
    """A playlist."""
    snippet = {"title": one.title, "channelId": owner.id, "channelTitle": owner.name, "description": ""}
    status = {"privacyStatus": one.privacy}
    return {"kind": "youtube#playlist", "etag": "e", "id": one.id, "snippet": snippet, "status": status}


def entry(list_id: str, position: int, video_id: str) -> Object:
    """A film in a list."""
    resource = {"kind": "youtube#video", "videoId": video_id}
    snippet = {"playlistId": list_id, "position": position, "resourceId": resource}
    return {
        "kind": "youtube#playlistItem",
        "etag": "e",
        "id": f"{list_id}.{video_id}",
        "snippet": snippet,
        "contentDetails": {"videoId": video_id},
    }


def channel(network: Emulator, one: Someone) -> Object:
    """A channel."""
    return {
        "kind": "youtube#channel",
        "etag": "e",
        "id": one.id,
        "snippet": {"title": one.name, "customUrl": f"@{one.handle}", "description": ""},
        "contentDetails": {"relatedPlaylists": {"likes": "", "uploads": network.uploads_list}},
        "status": {"privacyStatus": "public", "isLinked": True, "longUploadsStatus": network.long_uploads},
    }
