"""Private messages: sent, listed (30 days), taken back, and the files in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from openline.channels.x.emulator import problems
from openline.channels.x.emulator.posting import _object
from openline.channels.x.emulator.shapes import asked
from openline.channels.x.emulator.state import Message, now

if TYPE_CHECKING:
    from openline.channels.x.emulator.network import Emulator


class Messaging:
    """The addresses under /2/dm_events and /2/dm_conversations."""

    def __init__(self, x: Emulator) -> None:
        self._x = x

    def send(self, request: Request, body: bytes, form: Mapping[str, Any]) -> Response:
        """POST /2/dm_conversations/with/{id}/messages."""
        x, wanted = self._x, _object(body, self._x.shapes.host)
        to = x.state.people.get(request.path_params["id"])
        text, files = str(wanted.get("text", "")), wanted.get("attachments") or []
        if not to or to.id in x.state.closed:
            raise problems.forbidden(problems.NO_MESSAGES)
        if (not text and not files) or len(text) > 10_000 or len(files) > 1:
            raise problems.invalid(x.shapes.host, "text", "$.text: is not valid")
        with x.lock:
            media = tuple(x.uploads.ready(str(one["media_id"])) for one in files)
            made = Message(x.state.new_id(), x.ours, to, text, now(), media)
            x.state.messages.append(made)
        data = {"dm_conversation_id": "-".join(sorted((x.ours.id, to.id))), "dm_event_id": made.id}
        return JSONResponse({"data": data}, 201)

    def all(self, request: Request, body: bytes, form: Mapping[str, Any]) -> Response:
        """GET /2/dm_events: of all conversations, the newest first."""
        return self._list(request, list(self._x.state.messages))

    def one(self, request: Request, body: bytes, form: Mapping[str, Any]) -> Response:
        """GET /2/dm_conversations/with/{id}/dm_events."""
        who = request.path_params["id"]
        found = [one for one in list(self._x.state.messages) if who in (one.sender.id, one.to.id)]
        return self._list(request, found)

    def delete(self, request: Request, body: bytes, form: Mapping[str, Any]) -> Response:
        """DELETE /2/dm_events/{id}."""
        with self._x.lock:
            found = [one for one in self._x.state.messages if one.id == request.path_params["id"]]
            if found and found[0].sender.id != self._x.ours.id:
                raise problems.forbidden("You are not authorized to delete this message.")
            self._x.state.messages = [one for one in self._x.state.messages if one not in found]
        return JSONResponse({"data": {"deleted": True}})

    def file(self, request: Request, body: bytes, form: Mapping[str, Any]) -> Response:
        """GET /2/dm_conversations/media/{dm_id}/{media_id}/{resource_id}."""
        wanted = (request.path_params["dm_id"], request.path_params["media_id"])
        for message in self._x.state.messages:
            for one in message.media:
                if (message.id, one.id) == wanted:
                    return Response(one.content, media_type="application/octet-stream")
        raise problems.missing("the media")

    def _list(self, request: Request, found: Sequence[Message]) -> Response:
        query, shapes = dict(request.query_params), self._x.shapes
        size, start = int(query.get("max_results", 100)), int(query.get("pagination_token", "0"))
        page = found[::-1][start : start + size]
        expansions = asked(query, "expansions")
        made: dict[str, Any] = (
            {"data": [shapes.message(one, asked(query, "dm_event.fields")) for one in page]} if page else {}
        )
        includes: dict[str, Any] = {}
        if page and "sender_id" in expansions:
            people = {one.sender.id: one.sender for one in page}
            includes["users"] = [shapes.user(one) for one in people.values()]
        files = [shapes.media(file, one.id) for one in page for file in one.media]
        if files and "attachments.media_keys" in expansions:
            includes["media"] = files
        meta: dict[str, Any] = {"result_count": len(page)}
        if start + size < len(found):
            meta["next_token"] = f"{start + size:016d}"
        return JSONResponse(made | ({"includes": includes} if includes else {}) | {"meta": meta})
