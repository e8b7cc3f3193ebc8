"""The methods of the emulated YouTube: parameters by the discovery document, costs and refusals by Google's prose."""

from __future__ import annotations

import base64
import binascii
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from openline.channels.emulation.base import Someone
from openline.channels.youtube.emulator import shapes
from openline.channels.youtube.emulator.refusing import Refused, bad, missing
from openline.channels.youtube.emulator.state import Comment, Object, Playlist, Video, new_id

if TYPE_CHECKING:
    from openline.channels.youtube.emulator.network import Emulator

Params = Mapping[str, str]
Handler = Callable[["Emulator", Someone, Params, Object], Object | None]
LONGEST_COMMENT, TITLE, DESCRIPTION_BYTES, TAGS = 10_000, 100, 5_000, 500


@dataclass(frozen=True, slots=True)
class Method:
    """`params` are those that it takes beside `part`, `units` what it costs of the day's."""

    handler: Handler
    units: int
    params: tuple[str, ...] = ()
    required: tuple[str, ...] = ("part",)


def videos(network: Emulator, me: Someone, params: Params, body: Object) -> Object:
    """videos.list"""
    wanted = [network.videos[id] for id in params.get("id", "").split(",") if id in network.videos]
    shown = [one for one in wanted if one.owner == me or network.is_public(one)]
    return shapes.listing("video", [shapes.parts(shapes.video(network, one), params["part"]) for one in shown])


def update_video(network: Emulator, me: Someone, params: Params, body: Object) -> Object:
    """videos.update: what of a part is not named is gone."""
    one = _mine(network, str(body.get("id", "")), me)
    checked(body, params["part"])
    if "snippet" in body and not body["snippet"].get("categoryId"):
        raise bad("invalidCategoryId")
    for name in params["part"].split(","):
        one.about[name] = dict(body.get(name, {}))
    return shapes.parts(shapes.video(network, one), params["part"])


def delete_video(network: Emulator, me: Someone, params: Params, body: Object) -> None:
    """videos.delete"""
    one = _mine(network, params["id"], me)
    del network.videos[one.id]
    network.comments = {id: comment for id, comment in network.comments.items() if comment.video != one.id}


def channels(network: Emulator, me: Someone, params: Params, body: Object) -> Object:
    """channels.list"""
    found = [me] if params.get("mine") == "true" else [one for one in network.people() if one.id == params.get("id")]
    return shapes.listing("channel", [shapes.parts(shapes.channel(network, one), params["part"]) for one in found])


def threads(network: Emulator, me: Someone, params: Params, body: Object) -> Object:
    """commentThreads.list: by ids, or the newest of a channel or of a film first."""
    if ids := params.get("id"):
        found = [network.comments[id] for id in ids.split(",") if id in network.comments]
    elif video := params.get("videoId"):
        if video not in network.videos:
            raise missing("video")
        if not network.videos[video].comments_open:
            raise Refused(403, "commentsDisabled", "The video has disabled comments.", "youtube.commentThread")
        found = [one for one in network.tops() if one.video == video]
    elif params.get("allThreadsRelatedToChannelId") == network.ours.id:
        found = network.tops()
    else:
        raise missing("channel")
    status = params.get("moderationStatus", "published")
    found = [one for one in found if one.moderation == status and not one.parent]
    page, token = _page(found, params, 20)
    items = [shapes.parts(shapes.thread(network, one, me), params["part"]) for one in page]
    return shapes.listing("commentThread", items, token, size=len(page))


def add_thread(network: Emulator, me: Someone, params: Params, body: Object) -> Object:
    """commentThreads.insert"""
    snippet = body.get("snippet", {})
    video = network.videos.get(str(snippet.get("videoId", "")))
    if video is None:
        raise missing("video")
    if not video.comments_open:
        raise Refused(403, "commentsDisabled", "The video has disabled comments.", "youtube.commentThread")
    text = _text(network, snippet.get("topLevelComment", {}))
    one = network.comment(me, text, video.id)
    return shapes.parts(shapes.thread(network, one, me), params["part"])


def comments(network: Emulator, me: Someone, params: Params, body: Object) -> Object:
    """comments.list: by ids, or the replies of a thread, newest first."""
    if ids := params.get("id"):
        found = [network.comments[id] for id in ids.split(",") if id in network.comments]
    else:
        if params.get("parentId") not in network.comments:
            raise missing("parentComment")
        found = network.replies(params["parentId"])[::-1]
    page, token = _page([one for one in found if one.moderation == "published"], params, 20)
    items = [shapes.parts(shapes.comment(network, one, me), params["part"]) for one in page]
    return shapes.listing("comment", items, token, size=len(page))


def reply(network: Emulator, me: Someone, params: Params, body: Object) -> Object:
    """comments.insert: a reply, to the top of a thread only."""
    parent = network.comments.get(str(body.get("snippet", {}).get("parentId", "")))
    if parent is None or parent.moderation != "published":
        raise missing("parentComment")
    if parent.parent:
        raise bad("parentCommentIsReply", "Replies can only be made to top-level comments.")
    if not network.videos[parent.video].comments_open:
        raise Refused(403, "commentsDisabled", "The video has disabled comments.", "youtube.comment")
    one = network.comment(me, _text(network, body), parent.video, parent.id)
    return shapes.parts(shapes.comment(network, one, me), params["part"])


def update_comment(network: Emulator, me: Someone, params: Params, body: Object) -> Object:
    """comments.update: by who wrote it."""
    one = _comment(network, str(body.get("id", "")))
    if one.author != me:
        raise Refused(403, "forbidden", "The comment cannot be updated by this user.", "youtube.comment")
    one.text, one.changed = _text(network, body), time.time()
    return shapes.parts(shapes.comment(network, one, me), params["part"])


def delete_comment(network: Emulator, me: Someone, params: Params, body: Object) -> None:
    """comments.delete: by who wrote it or whose film it is; replies go with it."""
    one = _comment(network, params["id"])
    if me not in (one.author, network.videos[one.video].owner):
        raise Refused(403, "forbidden", "", "youtube.comment")
    network.remove(one)


def moderate(network: Emulator, me: Someone, params: Params, body: Object) -> None:
    """comments.setModerationStatus: by whose film it is."""
    if params["moderationStatus"] not in ("heldForReview", "published", "rejected"):
        raise bad("invalidModerationStatus")
    for id in params["id"].split(","):
        one = _comment(network, id)
        if network.videos[one.video].owner != me:
            raise Refused(403, "forbidden", "", "youtube.comment")
        one.moderation = params["moderationStatus"]


def playlists(network: Emulator, me: Someone, params: Params, body: Object) -> Object:
    """playlists.list"""
    page, token = _page(list(network.playlists.values()), params, 5)
    items = [shapes.parts(shapes.playlist(one, network.ours), params["part"]) for one in page]
    return shapes.listing("playlist", items, token)


def add_playlist(network: Emulator, me: Someone, params: Params, body: Object) -> Object:
    """playlists.insert"""
    title = str(body.get("snippet", {}).get("title", ""))
    if not title.strip():
        raise bad("playlistTitleRequired")
    one = Playlist(f"PL{new_id(32)}", title, body.get("status", {}).get("privacyStatus", "public"))
    network.playlists[one.id] = one
    return shapes.parts(shapes.playlist(one, me), params["part"])


def entries(network: Emulator, me: Someone, params: Params, body: Object) -> Object:
    """playlistItems.list: also of the list of all uploads, newest first."""
    list_id = params.get("playlistId", "")
    if list_id == network.uploads_list:
        inside = [one.id for one in reversed(network.videos.values()) if one.owner == me]
    elif list_id in network.playlists:
        inside = network.playlists[list_id].videos
    else:
        raise missing("playlist")
    found = [(n, id) for n, id in enumerate(inside) if params.get("videoId", id) == id]
    page, token = _page(found, params, 5)
    items = [shapes.parts(shapes.entry(list_id, n, id), params["part"]) for n, id in page]
    return shapes.listing("playlistItem", items, token)


def add_entry(network: Emulator, me: Someone, params: Params, body: Object) -> Object:
    """playlistItems.insert; the same film may stand in a list twice."""
    snippet = body.get("snippet", {})
    one = network.playlists.get(str(snippet.get("playlistId", "")))
    if one is None:
        raise missing("playlist")
    video = str(snippet.get("resourceId", {}).get("videoId", ""))
    if video not in network.videos:
        raise missing("video")
    one.videos.append(video)
    return shapes.parts(shapes.entry(one.id, len(one.videos) - 1, video), params["part"])


def captions(network: Emulator, me: Someone, params: Params, body: Object) -> Object:
    """captions.list"""
    found = [one for one in network.captions.values() if one.video == params["videoId"]]
    items = [shapes.parts(shapes.caption(one), params["part"]) for one in found]
    return {"kind": "youtube#captionListResponse", "etag": "e", "items": items}


def checked(about: Object, part: str) -> None:
    """What is said of a film keeps to the limits of videos.insert and videos.update."""
    snippet, status = about.get("snippet", {}), about.get("status", {})
    if "snippet" in part:
        title, text = str(snippet.get("title", "")), str(snippet.get("description", ""))
        if not title.strip() or len(title) > TITLE or "<" in title or ">" in title:
            raise bad("invalidTitle", "The request metadata specifies an invalid or empty video title.")
        if len(text.encode()) > DESCRIPTION_BYTES or "<" in text or ">" in text:
            raise bad("invalidDescription", "The request metadata specifies an invalid video description.")
        tags = snippet.get("tags", [])
        if sum(len(tag) + (2 if " " in tag else 0) for tag in tags) + max(len(tags) - 1, 0) > TAGS:
            raise bad("invalidTags", "The request metadata specifies invalid video keywords.")
    if status.get("publishAt") and status.get("privacyStatus") != "private":
        raise bad("invalidPublishAt", "The request metadata specifies an invalid scheduled publishing time.")


def _mine(network: Emulator, id: str, me: Someone) -> Video:
    if id not in network.videos:
        raise missing("video")
    if network.videos[id].owner != me:
        raise Refused(403, "forbidden", "", "youtube.video")
    return network.videos[id]


def _comment(network: Emulator, id: str) -> Comment:
    if id not in network.comments:
        raise missing("comment")
    return network.comments[id]


def _text(network: Emulator, comment: Object) -> str:
    text = str(comment.get("snippet", {}).get("textOriginal", ""))
    if network.faults.limited:
        raise Refused(403, "rateLimitExceeded", "The request exceeded a rate limit.", "usageLimits")
    if not text.strip():
        raise bad("commentTextRequired")
    if len(text) > LONGEST_COMMENT:
        raise bad("commentTextTooLong")
    if network.faults.refuses and network.faults.refuses in text:
        raise bad("invalidCommentMetadata")
    return text


def _page(found: list, params: Params, usual: int) -> tuple[list, str]:
    """One page, and the token of the next. A token names the last that was shown, so new ones shift nothing."""
    size, start = int(params.get("maxResults") or usual), 0
    if token := params.get("pageToken"):
        try:
            behind = base64.urlsafe_b64decode(token).decode()
            start = next(n for n, one in enumerate(found) if _name(one) == behind) + 1
        except (StopIteration, binascii.Error, ValueError):
            raise bad("invalidPageToken") from None
    page = found[start : start + size]
    more = start + size < len(found)
    return page, base64.urlsafe_b64encode(_name(page[-1]).encode()).decode() if more and page else ""


def _name(one: object) -> str:
    return str(getattr(one, "id", one))


_LIST = ("maxResults", "pageToken")
METHODS: dict[tuple[str, str], Method] = {
    ("GET", "videos"): Method(videos, 1, ("id", *_LIST)),
    ("PUT", "videos"): Method(update_video, 50),
    ("DELETE", "videos"): Method(delete_video, 50, ("id",), ("id",)),
    ("GET", "channels"): Method(channels, 1, ("id", "mine", *_LIST)),
    ("GET", "commentThreads"): Method(
        threads,
        1,
        ("id", "videoId", "allThreadsRelatedToChannelId", "order", "textFormat", "moderationStatus", *_LIST),
    ),
    ("POST", "commentThreads"): Method(add_thread, 50),
    ("GET", "comments"): Method(comments, 1, ("id", "parentId", "textFormat", *_LIST)),
    ("POST", "comments"): Method(reply, 50),
    ("PUT", "comments"): Method(update_comment, 50),
    ("DELETE", "comments"): Method(delete_comment, 50, ("id",), ("id",)),
    ("POST", "comments/setModerationStatus"): Method(
        moderate, 50, ("id", "moderationStatus", "banAuthor"), ("id", "moderationStatus")
    ),
    ("GET", "playlists"): Method(playlists, 1, ("id", "mine", "channelId", *_LIST)),
    ("POST", "playlists"): Method(add_playlist, 50),
    ("GET", "playlistItems"): Method(entries, 1, ("id", "playlistId", "videoId", *_LIST)),
    ("POST", "playlistItems"): Method(add_entry, 50),
    ("GET", "captions"): Method(captions, 50, ("id", "videoId"), ("part", "videoId")),
}
MEDIA: dict[str, Method] = {
    "videos": Method(lambda network, me, params, body: None, 0, ("notifySubscribers",)),
    "thumbnails/set": Method(lambda network, me, params, body: None, 50, ("videoId",), ("videoId",)),
    "captions": Method(lambda network, me, params, body: None, 400, ("sync",)),
}
"""What takes files; they are served in `uploads.py`."""
