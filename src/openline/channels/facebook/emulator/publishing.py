"""What a page may say and change in public, with the network's rules: limits, duplicates, planning, films in parts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from openline.channels.emulation.base import Faults, Someone
from openline.channels.facebook.emulator import errors
from openline.channels.facebook.emulator.nodes import View
from openline.channels.facebook.emulator.state import APP, Node, State
from openline.channels.facebook.emulator.webhooks import Webhooks

_TEXT, _COMMENT, _PHOTO_BYTES = 63_206, 8_000, 10_000_000
_SOONEST, _LATEST = timedelta(minutes=10), timedelta(days=30)
_SAME_WITHIN = timedelta(minutes=10)
_MAGIC = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"BM", b"II*\x00", b"MM\x00*")
_CHUNK = 256_000


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, read: parameters of address and body together, files by name."""

    params: Mapping[str, str]
    files: Mapping[str, tuple[str, str, bytes]] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """A parameter, "" if it is not there."""
        return self.params.get(name, "")

    def value(self, name: str) -> Any:
        """A parameter that holds JSON. Raises Refusal if it does not."""
        try:
            return json.loads(self.params.get(name) or "null")
        except ValueError:
            raise errors.parameter(f"param {name} must be an array or object.") from None


class Publishing:
    """Posts, pictures, films, stories and comments."""

    def __init__(self, state: State, hooks: Webhooks, faults: Faults) -> None:
        self._state, self._hooks, self._faults = state, hooks, faults

    def feed(self, page: Someone, asked: Asked, view: View) -> dict[str, Any]:
        """A post on the page."""
        text, link, at = asked.text("message"), asked.text("link"), _planned(asked)
        files = tuple(str(one.get("media_fbid")) for one in asked.value("attached_media") or [])
        self._words(text, _TEXT)
        if not (text or link or files):
            raise errors.parameter("Missing message or attachment")
        for one in files:
            if one not in self._state.nodes or self._state.nodes[one].kind != "photo":
                raise errors.parameter("Invalid photo id in attached_media")
        if not at and asked.text("published") != "false":
            self._not_twice(page, text, files)
        node = Node(
            f"{page.id}_{self._state.number()}", "post", page, text, page=page.id, files=files, link=link, app=APP
        )
        node.published, node.publish_at = asked.text("published") != "false", at
        self._state.add(node)
        if node.is_public:
            self._hooks.post(node, "add", [view.media(one) for one in files])
        return {"id": node.id}

    def photo(self, page: Someone, asked: Asked) -> dict[str, Any]:
        """A picture; only unpublished ones are taken here, as the app uses no others."""
        _name, media_type, content = asked.files.get("source", ("", "", b""))
        if not content:
            raise errors.Refusal(324, "(#324) Missing or invalid image file")
        if len(content) > _PHOTO_BYTES or not content.startswith(_MAGIC):
            raise errors.Refusal(324, "(#324) Missing or invalid image file", 1366046)
        if asked.text("published") != "false":
            raise errors.parameter("The sandbox takes unpublished pictures only: published=false")
        node = Node(self._state.number(), "photo", page, page=page.id, content=content, media_type=media_type)
        node.alt, node.title = asked.text("alt_text_custom"), asked.text("caption")
        return {"id": self._state.add(node).id}

    def photo_story(self, page: Someone, asked: Asked) -> dict[str, Any]:
        """A picture as a story."""
        photo = self._state.nodes.get(asked.text("photo_id"))
        if not photo or photo.kind != "photo":
            raise errors.parameter("Invalid photo_id")
        return {"success": True, "post_id": self._story(page, photo)}

    def stories(self, page: Someone) -> dict[str, Any]:
        """The page's stories, newest first."""
        found = [one for one in self._state.nodes.values() if one.edge == "story" and one.page == page.id]
        said = [
            {
                "post_id": one.story,
                "media_id": one.id,
                "status": "PUBLISHED",
                "url": f"https://facebook.com/stories/{one.story}",
            }
            for one in reversed(found)
        ]
        return {"data": said}

    # Films

    def film(self, page: Someone, edge: str, asked: Asked, view: View) -> dict[str, Any]:
        """One phase of a film's upload: start, transfer, finish."""
        phase = asked.text("upload_phase")
        if phase == "start":
            return self._start(page, edge, asked, view)
        film = self._state.nodes.get(asked.text("upload_session_id") or asked.text("video_id"))
        if not film or film.kind != "video" or film.edge not in (edge, "story"):
            raise errors.parameter("Invalid upload session")
        if phase == "transfer" and edge == "videos":
            return self._transfer(film, asked)
        if phase == "finish":
            return self._finish(page, film, edge, asked)
        raise errors.parameter("upload_phase must be one of: start, transfer, finish")

    def upload(self, film: Node, offset: int, size: int, content: bytes) -> dict[str, Any]:
        """Bytes of a reel or a story, from `offset` on."""
        if offset != len(film.content) or (film.size and size != film.size):
            raise errors.Refusal(6000, "There was a problem uploading your video file. Please try again.", 1363041)
        film.size, film.content = size, film.content + content
        return {"success": True}

    def captions(self, film: Node, asked: Asked) -> dict[str, Any]:
        """The spoken words, as SubRip named by their language."""
        name, _kind, content = asked.files.get("captions_file", ("", "", b""))
        parts = name.split(".")
        if len(parts) != 3 or parts[2] != "srt" or len(parts[1]) != 5:
            raise errors.parameter("The captions file must be named filename.locale.srt", 1363049)
        film.captions = content.decode()
        return {"success": True}

    def _start(self, page: Someone, edge: str, asked: Asked, view: View) -> dict[str, Any]:
        film = Node(self._state.number(), "video", page, page=page.id, edge=edge, media_type="video/mp4")
        film.size = int(asked.text("file_size") or 0)
        if edge == "videos" and not film.size:
            raise errors.parameter("The parameter file_size is required")
        self._state.add(film)
        if edge != "videos":
            return {"video_id": film.id, "upload_url": f"{view.asked_at}/video-upload/v26.0/{film.id}"}
        return {"video_id": film.id, "upload_session_id": film.id, **_next(film)}

    def _transfer(self, film: Node, asked: Asked) -> dict[str, Any]:
        _name, _kind, content = asked.files.get("video_file_chunk", ("", "", b""))
        if int(asked.text("start_offset") or -1) != len(film.content):
            offsets: dict[str, Any] = {name: int(value) for name, value in _next(film).items()}
            raise errors.Refusal(6000, "There was a problem uploading your video file.", 1363037, **offsets)
        film.content += content[:_CHUNK]
        return dict(_next(film))

    def _finish(self, page: Someone, film: Node, edge: str, asked: Asked) -> dict[str, Any]:
        if len(film.content) < film.size or not film.size:
            raise errors.parameter("The video has not been uploaded fully")
        if film.finished_at:
            raise errors.parameter("This upload session was finished already")
        self._words(asked.text("description"), _TEXT)
        film.publish_at = _planned(
            asked, "SCHEDULED" in (asked.text("video_state"), asked.text("unpublished_content_type"))
        )
        film.text, film.title = asked.text("description"), asked.text("title")
        film.finished_at, film.published = datetime.now(UTC), film.publish_at is None
        if edge == "video_stories":
            return {"success": True, "post_id": self._story(page, film)}
        text = "\n\n".join(part for part in (film.title, film.text) if part)
        node = Node(f"{page.id}_{self._state.number()}", "post", page, text, page=page.id, files=(film.id,), app=APP)
        node.published, node.publish_at = film.published, film.publish_at
        film.story = self._state.add(node).id
        return {"success": True} | ({"post_id": film.story.rpartition("_")[2]} if edge == "video_reels" else {})

    def _story(self, page: Someone, media: Node) -> str:
        media.edge, media.story = "story", self._state.number()
        return media.story

    # Comments and changes

    def comment(self, page: Someone, above: Node, asked: Asked) -> dict[str, Any]:
        """A comment of the page below a post or comment."""
        text, file = asked.text("message"), asked.text("attachment_id")
        self._words(text, _COMMENT)
        if not text and not file:
            raise errors.parameter("The parameter message is required")
        if file and file not in self._state.nodes:
            raise errors.parameter("Invalid attachment_id")
        return {"id": self.below(page, above, text, (file,) if file else (), APP).id}

    def below(self, by: Someone, above: Node, text: str, files: tuple[str, ...] = (), app: str = "") -> Node:
        """A comment by whomever. Facebook shows two levels: an answer to an answer stands beside it."""
        root = self._state.nodes[above.post] if above.kind == "comment" else above
        parent = above.above if above.kind == "comment" and above.above != root.id else above.id
        number = f"{root.id.rpartition('_')[2]}_{self._state.number()}"
        node = Node(number, "comment", by, text, above=parent, post=root.id, page=root.page, files=files, app=app)
        self._state.add(node)
        self._hooks.comment(node, "add", [f"{self.url}/media/{one}" for one in files])
        return node

    url = ""
    """The emulator's address, once it is served."""

    def change(self, page: Someone, node: Node, asked: Asked) -> dict[str, Any]:
        """New words, or out of sight."""
        if "message" in asked.params:
            if node.by.id != page.id:
                raise errors.permission("Permissions error: only its author may change this")
            self._words(asked.text("message"), _TEXT if node.kind == "post" else _COMMENT)
            node.text = asked.text("message")
            tell = self._hooks.comment if node.kind == "comment" else self._hooks.post
            tell(node, "edited", [])
        if "description" in asked.params and node.kind == "video":
            node.text = asked.text("description")
        if "is_hidden" in asked.params:
            if node.kind == "comment" and node.by.id == page.id:
                raise errors.parameter("You can not hide your own comment")
            node.hidden = asked.text("is_hidden") == "true"
        if "scheduled_publish_time" in asked.params:
            node.publish_at = _planned(asked, True)
        return {"success": True} | ({"id": node.id} if node.kind == "comment" else {})

    def remove(self, page: Someone, node: Node) -> dict[str, Any]:
        """Taken away, with all below it. A page may delete what it said, and comments on its posts."""
        if node.page != page.id:
            raise errors.permission("Permissions error")
        self._state.remove(node)
        if node.kind == "video":
            return (
                {"success": True}
                if node.story not in self._state.nodes
                else self.remove(page, self._state.nodes[node.story])
            )
        tell = self._hooks.comment if node.kind == "comment" else self._hooks.post
        tell(node, "remove", [])
        return {"success": True}

    def _words(self, text: str, limit: int) -> None:
        if len(text) > limit:
            raise errors.parameter(f"Length of param message must be less than or equal to {limit}")
        if self._faults.refuses and self._faults.refuses in text:
            words = "The action attempted has been deemed abusive or is otherwise disallowed"
            raise errors.parameter(words, 1346003)

    def _not_twice(self, page: Someone, text: str, files: tuple[str, ...]) -> None:
        since = datetime.now(UTC) - _SAME_WITHIN
        before = [one for one in self._state.posts(page.id) if one.by.id == page.id and one.at > since]
        if text and not files and any(one.text == text and not one.files for one in before):
            raise errors.Refusal(506, "(#506) Duplicate Post")


def _planned(asked: Asked, wanted: bool | None = None) -> datetime | None:
    """The time at which the network is to publish it."""
    said = asked.text("scheduled_publish_time")
    if not said:
        return None
    if wanted is None and asked.text("published") != "false":
        raise errors.parameter("You cannot specify a scheduled publish time on a published post.", 1363159)
    at = datetime.fromtimestamp(int(said), UTC)
    if not _SOONEST - timedelta(seconds=30) <= at - datetime.now(UTC) <= _LATEST:
        raise errors.parameter("The specified scheduled publish time is invalid.", 1363160)
    return at


def _next(film: Node) -> dict[str, str]:
    start = len(film.content)
    return {"start_offset": str(start), "end_offset": str(min(start + _CHUNK, film.size))}
