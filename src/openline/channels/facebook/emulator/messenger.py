"""Messenger as the network rules it: who wrote may be answered for a day, or for seven by a human agent."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from openline.channels.emulation.base import Someone
from openline.channels.facebook.emulator import errors
from openline.channels.facebook.emulator.publishing import Asked
from openline.channels.facebook.emulator.state import APP, Node, State, person
from openline.channels.facebook.emulator.webhooks import Webhooks

_DAY, _WEEK = timedelta(hours=24), timedelta(days=7)
_LONGEST = 2000
_BYTES = {"image": 8_000_000, "video": 25_000_000, "audio": 25_000_000, "file": 25_000_000}


class Messenger:
    """Messages of a page and to it."""

    def __init__(self, state: State, hooks: Webhooks) -> None:
        self._state, self._hooks = state, hooks
        self.human_agent = True
        """Whether the app was given the permission."""
        self.blocked: set[str] = set()
        """People who take no messages from the page."""
        self.url = ""

    def send(self, page: Someone, asked: Asked) -> dict[str, Any]:
        """POST messages."""
        to, message = asked.value("recipient"), asked.value("message")
        if not isinstance(to, dict):
            raise errors.parameter("The parameter recipient is required")
        if not isinstance(message, dict):
            raise errors.parameter("Must specify a message")
        if "comment_id" in to or "post_id" in to:
            return self._private_reply(page, str(to.get("comment_id") or to.get("post_id")), message, asked)
        who = person(str(to.get("id", "")))
        before = self._state.messages(who.id, page.id) if who else []
        if not who or not before:
            raise errors.parameter("No matching user found", 2018001)
        self._in_time(who, before, asked)
        return self._said(page, who, message, asked)

    def receive(self, who: Someone, page: Someone, text: str, files: tuple[str, ...] = (), above: str = "") -> Node:
        """A person writes to the page."""
        node = Node(_mid(), "message", who, text, page=page.id, to=page.id, files=files, above=above)
        self._state.add(node)
        self._hooks.message(node, self._files(files))
        return node

    def _in_time(self, who: Someone, before: list[Node], asked: Asked) -> None:
        kind, tag = asked.text("messaging_type") or "RESPONSE", asked.text("tag")
        if kind not in ("RESPONSE", "UPDATE", "MESSAGE_TAG", "UTILITY"):
            raise errors.parameter("Invalid messaging_type")
        if tag and (tag != "HUMAN_AGENT" or not self.human_agent):
            raise errors.parameter("Invalid message tag", 2018334)
        if who.id in self.blocked:
            raise errors.Refusal(551, "(#551) This person isn't available right now.", 1545041)
        last = max((one.at for one in before if one.by.id == who.id), default=None)
        allowed = _WEEK if kind == "MESSAGE_TAG" and tag else _DAY
        if last is None or datetime.now(UTC) - last > allowed:
            raise errors.outside_window()

    def _private_reply(self, page: Someone, about: str, message: dict[str, Any], asked: Asked) -> dict[str, Any]:
        node = self._state.nodes.get(about)
        if not node or node.page != page.id or node.by.id == page.id:
            raise errors.missing(about, "post")
        if node.answered_in_private:
            raise errors.Refusal(10900, "(#10900) Activity already replied to")
        if datetime.now(UTC) - node.at > _WEEK:
            raise errors.Refusal(10903, "(#10903) This user cant reply to this activity")
        said = self._said(page, node.by, message, asked)
        node.answered_in_private = f"t_{node.by.id}"
        return said

    def _said(self, page: Someone, who: Someone, message: dict[str, Any], asked: Asked) -> dict[str, Any]:
        text, attachment = message.get("text") or "", message.get("attachment")
        if len(text) > _LONGEST:
            raise errors.parameter(f"Length of param message[text] must be less than or equal to {_LONGEST}")
        if not text and not attachment:
            raise errors.parameter("Must specify exactly one of text, attachment")
        files = (self._attached(page, attachment, asked),) if attachment else ()
        node = Node(_mid(), "message", page, text, page=page.id, to=who.id, files=files, app=APP)
        self._state.add(node)
        self._hooks.message(node, self._files(files))
        self._hooks.delivered(node)
        return {"recipient_id": who.id, "message_id": node.id}

    def _attached(self, page: Someone, attachment: dict[str, Any], asked: Asked) -> str:
        kind = str(attachment.get("type"))
        name, media_type, content = asked.files.get("filedata", ("", "", b""))
        if kind not in _BYTES or not content:
            raise errors.parameter("Upload attachment failure.", 2018047)
        if len(content) > _BYTES[kind]:
            raise errors.parameter("Attachment size exceeds allowable limit", 2018109)
        node = Node(self._state.number(), "photo", page, content=content, media_type=media_type, name=name)
        return self._state.add(node).id

    def _files(self, files: tuple[str, ...]) -> list[dict[str, Any]]:
        found = []
        for one in files:
            kind = self._state.nodes[one].media_type.split("/")[0]
            kind = kind if kind in ("image", "video", "audio") else "file"
            found.append({"type": kind, "payload": {"url": f"{self.url}/media/{one}"}})
        return found


def _mid() -> str:
    return "m_" + secrets.token_urlsafe(48)
