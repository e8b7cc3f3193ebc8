"""The objects of the graph as Graph answers them: their fields and edges, by what the asker wants."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from openline.channels.emulation.base import Someone
from openline.channels.facebook.emulator import errors
from openline.channels.facebook.emulator.fields import Wanted
from openline.channels.facebook.emulator.state import PAGES, Node, State, person

_FIELDS = {
    "post": "id message from created_time updated_time permalink_url is_hidden is_published scheduled_publish_time "
    "status_type story attachments comments reactions shares insights parent_id application can_reply_privately",
    "comment": "id message from created_time permalink_url is_hidden parent attachment application like_count comments "
    "comment_count can_hide can_remove can_comment can_reply_privately private_reply_conversation reactions object",
    "photo": "id alt_text_custom alt_text name created_time from link images source page_story_id width height",
    "video": "id status post_id published permalink_url title description created_time from length source",
    "message": "id message from to created_time attachments",
    "page": "id name username link access_token tasks category",
    "user": "id name",
}
_PROCESSING = timedelta(seconds=0.3)
MOST = 100


@dataclass(frozen=True, slots=True)
class View:
    """Objects as they are shown to one asker."""

    state: State
    url: str
    path: str = ""
    token: str = ""
    params: Mapping[str, str] | None = None
    asked_at: str = ""
    """The address at which we were asked: bytes of films are to come the same way."""

    # Objects

    def node(self, node: Node, wanted: Sequence[Wanted]) -> dict[str, Any]:
        """A post, comment, picture, film or message."""
        found: dict[str, Any] = {"id": node.id}
        for want in wanted:
            if want.name not in _FIELDS[node.kind].split():
                words = f"Tried accessing nonexisting field ({want.name}) on node type ({node.kind.title()})"
                raise errors.parameter(words)
            value = self._field(node, want)
            if value is not None:
                found[want.name] = value
        return found

    def page(self, page: Someone, wanted: Sequence[Wanted], *, with_token: str = "") -> dict[str, Any]:
        """A page, with a token of it for who manages it."""
        known: dict[str, Any] = {
            "id": page.id,
            "name": page.name,
            "username": page.handle,
            "link": f"https://www.facebook.com/{page.id}",
            "category": "Government Organization",
            "tasks": ["ANALYZE", "ADVERTISE", "MESSAGING", "MODERATE", "CREATE_CONTENT", "MANAGE"],
            "access_token": with_token or None,
        }
        names = [one.name for one in wanted] or ["name", "id"]
        return {"id": page.id} | {name: known[name] for name in names if known.get(name) is not None}

    def portion(
        self, items: Sequence[Any], show: Callable[[Any], dict[str, Any]], how: Mapping[str, str]
    ) -> dict[str, Any]:
        """A page of a list, with the addresses of the next as Graph writes them: token and all."""
        limit = max(0, min(int(how.get("limit") or 25), MOST))
        start = int(how["after"][1:]) if how.get("after", "").startswith("Q") else 0
        shown = items[start : start + limit]
        said: dict[str, Any] = {"data": [show(one) for one in shown]}
        if shown:
            said["paging"] = {"cursors": {"before": f"Q{start}", "after": f"Q{start + len(shown)}"}}
        if start + limit < len(items) and shown:
            query = "&".join(f"{name}={value}" for name, value in how.items() if name not in ("after", "fields"))
            address = f"{self.url}/{self.path}?access_token={self.token}&{query}&after=Q{start + len(shown)}"
            said["paging"]["next"] = address
        return said

    # Fields

    def _field(self, node: Node, want: Wanted) -> Any:
        common: dict[str, Callable[[], Any]] = {
            "id": lambda: node.id,
            "created_time": lambda: stamp(node.at),
            "from": lambda: {"name": node.by.name, "id": node.by.id},
            "message": lambda: node.text,
            "comments": lambda: self.comments(node, want.how, want.inner),
            "reactions": lambda: {"data": [], "summary": {"total_count": 0}},
        }
        own = {
            "post": self._post_field,
            "comment": self._comment_field,
            "photo": self._photo_field,
            "video": self._film_field,
            "message": self._message_field,
        }[node.kind]
        found = own(node, want)
        return found if found is not None or want.name not in common else common[want.name]()

    def _post_field(self, node: Node, want: Wanted) -> Any:
        planned = int(node.publish_at.timestamp()) if node.publish_at and not node.is_public else None
        known: dict[str, Any] = {
            "permalink_url": f"https://www.facebook.com/{node.id}",
            "is_hidden": node.hidden,
            "is_published": node.is_public,
            "scheduled_publish_time": planned,
            "status_type": "added_photos" if node.files else "mobile_status_update",
            "application": {"name": "Openline", "id": node.app} if node.app else None,
            "can_reply_privately": node.by.id not in _pages(),
        }
        if want.name == "updated_time":
            return stamp(max((one.at for one in self.state.below(node.id)), default=node.at))
        if want.name == "attachments":
            return self._attachments(node)
        if want.name == "insights":
            values = [{"value": 40 + len(self.state.below(node.id))}]
            one = {"name": "post_media_view", "period": "lifetime", "values": values, "id": f"{node.id}/insights"}
            return {"data": [one]}
        return known.get(want.name)

    def _comment_field(self, node: Node, want: Wanted) -> Any:
        above = self.state.nodes.get(node.above)
        known: dict[str, Any] = {
            "permalink_url": f"https://www.facebook.com/{node.post}?comment_id={node.id.rpartition('_')[2]}",
            "is_hidden": node.hidden,
            "parent": {"id": node.above} if above and above.kind == "comment" else None,
            "attachment": self._attachment(node.files[0]) if node.files else None,
            "application": {"name": "Openline", "id": node.app} if node.app else None,
            "like_count": 0,
            "can_hide": node.by.id not in _pages(),
            "can_remove": True,
            "can_comment": True,
            "can_reply_privately": not node.answered_in_private and node.by.id not in _pages(),
            "private_reply_conversation": {"id": node.answered_in_private} if node.answered_in_private else None,
            "object": {"id": node.post},
        }
        if want.name == "comment_count":  # costly, so only where it is wanted
            return len(self.state.below(node.id))
        return known.get(want.name)

    def _photo_field(self, node: Node, want: Wanted) -> Any:
        known = {
            "alt_text_custom": node.alt,
            "name": node.title,
            "source": self.media(node.id),
            "link": self.media(node.id),
        }
        return known.get(want.name)

    def _film_field(self, node: Node, want: Wanted) -> Any:
        ready = is_ready(node)
        known: dict[str, Any] = {
            "status": film_status(node),
            "post_id": node.story.rpartition("_")[2] if ready and node.story else None,
            "published": bool(ready and node.published),
            "permalink_url": f"/{node.page}/videos/{node.id}/",
            "title": node.title,
            "description": node.text,
            "source": self.media(node.id),
        }
        return known.get(want.name)

    def _message_field(self, node: Node, want: Wanted) -> Any:
        if want.name == "to":
            other = person(node.to)
            return {"data": [{"name": other.name if other else "", "id": node.to}]}
        if want.name == "attachments":
            return {"data": [self._file(one) for one in node.files]} if node.files else None
        return None

    # Edges

    def comments(self, node: Node, how: Mapping[str, str], wanted: Sequence[Wanted]) -> dict[str, Any]:
        """Comments below a post or comment: those right below it, or with `filter(stream)` all."""
        found = self.state.below(node.id)
        if how.get("filter", "toplevel") != "stream" and node.kind == "post":
            found = [one for one in found if one.above == node.id]
        if how.get("since"):
            found = [one for one in found if one.at.timestamp() >= int(how["since"])]
        if how.get("order") == "reverse_chronological":
            found = found[::-1]
        said = self.portion(found, lambda one: self.node(one, wanted), how)
        if "summary" in how:
            said["summary"] = {"order": "chronological", "total_count": len(found), "can_comment": True}
        return said

    def thread(self, who: str, page: str, messages: Sequence[Node], wanted: Sequence[Wanted]) -> dict[str, Any]:
        """A conversation."""
        found: dict[str, Any] = {"id": f"t_{who}"}
        for want in wanted:
            if want.name == "messages":
                found["messages"] = self.portion(messages[::-1], lambda one, w=want: self.node(one, w.inner), want.how)  # type: ignore[misc]
            elif want.name == "updated_time":
                found["updated_time"] = stamp(messages[-1].at)
            elif want.name == "participants":
                both = [one for one in (person(who), person(page)) if one]
                found["participants"] = {"data": [{"name": one.name, "id": one.id} for one in both]}
        return found

    # Files

    def media(self, one: str) -> str:
        """Where a picture or film lies: public, as at Facebook, by an address that says much and means nothing."""
        return f"{self.url}/media/{one}"

    def _attachments(self, node: Node) -> dict[str, Any] | None:
        if node.files:
            each = [self._attachment(one) for one in node.files]
            first = each[0] if len(each) == 1 else {"type": "album", "subattachments": {"data": each}}
            return {"data": [first]}
        return {"data": [{"type": "share", "target": {"url": node.link}, "url": node.link}]} if node.link else None

    def _attachment(self, one: str) -> dict[str, Any]:
        file = self.state.nodes[one]
        media: dict[str, Any] = {"image": {"src": self.media(one), "height": 240, "width": 320}}
        film = file.kind == "video"
        said = {
            "media": media | ({"source": self.media(one)} if film else {}),
            "target": {"id": one, "url": self.media(one)},
        }
        return said | {"type": "video_inline" if film else "photo", "description": file.alt, "url": self.media(one)}

    def _file(self, one: str) -> dict[str, Any]:
        file = self.state.nodes[one]
        said: dict[str, Any] = {
            "id": one,
            "mime_type": file.media_type,
            "name": file.name or one,
            "size": len(file.content),
        }
        if file.media_type.startswith("image/"):
            return said | {"image_data": {"url": self.media(one), "width": 320, "height": 240}}
        return said | (
            {"video_data": {"url": self.media(one)}}
            if file.media_type.startswith("video/")
            else {"file_url": self.media(one)}
        )


def is_ready(film: Node) -> bool:
    """Whether the network has finished its work on a film."""
    return film.finished_at is not None and datetime.now(UTC) >= film.finished_at + _PROCESSING


def film_status(film: Node) -> dict[str, Any]:
    """How far a film is (VideoStatus)."""
    whole = len(film.content) >= film.size > 0
    ready, finished = is_ready(film), film.finished_at is not None
    planned = film.publish_at is not None
    public = "complete" if ready and not planned else "in_progress" if finished else "not_started"
    publishing: dict[str, Any] = {"status": public}
    if finished:
        publishing["publish_status"] = "scheduled" if planned else "published" if ready else "draft"
    return {
        "video_status": "ready" if ready else "processing" if whole else "uploading",
        "uploading_phase": {"status": "complete" if whole else "in_progress", "bytes_transfered": len(film.content)},
        "processing_phase": {"status": "complete" if ready else "in_progress" if finished else "not_started"},
        "publishing_phase": publishing,
    }


def stamp(at: datetime) -> str:
    """A time as Graph writes it: to the second, with +0000."""
    return at.strftime("%Y-%m-%dT%H:%M:%S+0000")


def _pages() -> set[str]:
    return {one.id for one in PAGES}
