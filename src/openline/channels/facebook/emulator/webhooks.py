"""What the network calls us with, signed over its own escaped text (docs/graph-api/webhooks)."""

from __future__ import annotations

import json
import time
from typing import Any

from openline.channels.emulation.calls import Calls
from openline.channels.facebook.emulator.state import SECRET, Node, State
from openline.channels.graph.signing import signature


class Webhooks:
    """Tells the app of what happens on its pages, as far as a page has subscribed it."""

    def __init__(self, state: State, calls: Calls) -> None:
        self._state, self._calls = state, calls

    def comment(self, node: Node, verb: str, files: list[str]) -> None:
        """Somebody commented, changed or took back a comment."""
        value = self._value(node, "comment", verb) | {
            "comment_id": node.id,
            "post_id": node.post,
            "parent_id": node.above,
        }
        value |= {"photo": files[0]} if files else {}
        value["post"] = {"id": node.post, "status_type": "mobile_status_update", "is_published": True}
        self._change(node.page, "feed", value)

    def post(self, node: Node, verb: str, files: list[str]) -> None:
        """Something was posted on the page, by itself or by a visitor."""
        item = "photo" if len(files) == 1 else "status" if node.by.id == node.page else "post"
        value = self._value(node, item, verb) | {"post_id": node.id}
        if len(files) == 1:
            value |= {"link": files[0], "photo_id": node.files[0]}
        elif files:
            value["photos"] = files
        self._change(node.page, "feed", value)

    def mention(self, node: Node, page: str) -> None:
        """A post elsewhere names the page."""
        value = {
            "post_id": node.id,
            "sender_name": node.by.name,
            "sender_id": node.by.id,
            "item": "post",
            "verb": "add",
        }
        self._change(page, "mention", value | {"message": node.text, "created_time": int(node.at.timestamp())})

    def message(self, node: Node, files: list[dict[str, Any]]) -> None:
        """A message to the page, or from it (an echo)."""
        said: dict[str, Any] = {"mid": node.id} | ({"text": node.text} if node.text else {})
        said |= {"attachments": files} if files else {}
        if node.by.id == node.page:
            self._event(node, "message_echoes", {"message": said | {"is_echo": True, "app_id": int(node.app or 0)}})
            return
        self._event(node, "messages", {"message": said | ({"reply_to": {"mid": node.above}} if node.above else {})})

    def edited(self, node: Node) -> None:
        """A person changed a message of theirs."""
        said = {"mid": node.id, "text": node.text, "num_edit": node.edits}
        self._event(node, "message_edits", {"message_edit": said})

    def delivered(self, node: Node) -> None:
        """A message of the page has reached its person."""
        said = {"mids": [node.id], "watermark": int(node.at.timestamp() * 1000)}
        self._event(node, "message_deliveries", {"delivery": said}, turned=True)

    def _value(self, node: Node, item: str, verb: str) -> dict[str, Any]:
        value: dict[str, Any] = {"from": {"id": node.by.id, "name": node.by.name}, "item": item, "verb": verb}
        value["created_time"] = int(time.time() if verb == "edited" else node.at.timestamp())
        return value if verb == "remove" else value | {"message": node.text}

    def _change(self, page: str, field: str, value: dict[str, Any]) -> None:
        if field in self._state.subscribed.get(page, set()):
            self._push(page, {"changes": [{"field": field, "value": value}]})

    def _event(self, node: Node, field: str, what: dict[str, Any], turned: bool = False) -> None:
        if field not in self._state.subscribed.get(node.page, set()):
            return
        sender, receiver = (node.to, node.by.id) if turned else (node.by.id, node.to)
        event = {"sender": {"id": sender}, "recipient": {"id": receiver}, "timestamp": int(node.at.timestamp() * 1000)}
        self._push(node.page, {"messaging": [event | what]})

    def _push(self, page: str, what: dict[str, Any]) -> None:
        entry = {"id": page, "time": int(time.time() * 1000) if "messaging" in what else int(time.time())}
        self.send([entry | what])

    def send(self, entries: list[dict[str, Any]]) -> None:
        """A batch, signed."""
        body = json.dumps({"object": "page", "entry": entries}).replace("/", "\\/").encode()
        headers = {"Content-Type": "application/json", "X-Hub-Signature-256": signature(body, SECRET)}
        self._calls.push(body, headers)
