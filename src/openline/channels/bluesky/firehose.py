"""Events of the two streams of all posts of the network, as far as they concern an account.

The firehose (com.atproto.sync.subscribeRepos) sends DAG-CBOR frames with blocks of the repositories, Jetstream JSON. Of
thousands of events a second hardly one is for us: what does not hold our DID or tell of a deletion is not even decoded.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import orjson

from openline.channels import reading
from openline.channels.bluesky import facets, names

Event = dict[str, Any]
"""{"did", "rkey", "cid", "record", "time"} of a post, or {"deleted": AT-URI}."""

FIREHOSE, JETSTREAM = "firehose", "jetstream"
ADDRESSES = {FIREHOSE: "wss://bsky.network", JETSTREAM: "wss://jetstream2.us-east.bsky.network"}
_DELETE = b"delete"
_ERROR = -1  # atproto.com/specs/event-stream
_EVERY = 1_000
"""So often at least an event is decoded although it is not for us, to know how far we are."""


def address(kind: str, server: str, cursor: str) -> str:
    """The WebSocket's address, from `cursor` on."""
    if kind == JETSTREAM:
        query = {"wantedCollections": names.POST} | ({"cursor": cursor} if cursor else {})
        return f"{server.rstrip('/')}/subscribe?{urlencode(query)}"
    return f"{server.rstrip('/')}/xrpc/com.atproto.sync.subscribeRepos" + (f"?cursor={cursor}" if cursor else "")


class Reader:
    """Reads the frames of one stream for one account; `cursor` is where to go on."""

    def __init__(self, kind: str, did: str, cursor: str) -> None:
        self.cursor = cursor
        self._kind, self._did, self._mark = kind, did, did.encode()
        self._unread = _EVERY

    def begin(self) -> str:
        """A line stands (again): its first frame may say that our place is none. Returns the place to ask for."""
        self._unread = _EVERY
        return self.cursor

    def events(self, frame: bytes | str) -> Iterator[Event]:
        """What in a frame may be for us. Frames that make no sense are passed over."""
        raw = frame.encode() if isinstance(frame, str) else frame
        self._unread += 1
        if self._mark not in raw and _DELETE not in raw and self._unread < _EVERY:
            return
        self._unread = 0
        try:
            found = list(self._jetstream(raw) if self._kind == JETSTREAM else self._firehose(raw))
        except (ValueError, TypeError, KeyError, RecursionError, reading.Unreadable):
            return
        yield from (event for event in found if "deleted" in event or for_us(event, self._did))

    def _jetstream(self, raw: bytes) -> Iterator[Event]:
        value = reading.json_object(raw)
        micro = value.get("time_us")
        if isinstance(micro, int):
            self.cursor = str(micro)
        commit, did = reading.child(value, "commit"), reading.text(value, "did")
        if commit.get("collection") != names.POST:
            return
        key, operation = reading.text(commit, "rkey"), commit.get("operation")
        if operation == "delete":
            yield {"deleted": names.post(did, key)}
        elif operation == "create":
            seen = datetime.fromtimestamp(micro / 1e6, UTC).isoformat() if isinstance(micro, int) else ""
            yield _post(did, key, reading.text(commit, "cid"), reading.child(commit, "record"), seen)

    def _firehose(self, raw: bytes) -> Iterator[Event]:
        import libipld  # only for those who listen so

        header, body = libipld.decode_dag_cbor_multi(raw)
        if header.get("op") == _ERROR and body.get("error") == "FutureCursor":
            self.cursor = ""  # another stream's number: begin with what is new
        if "seq" in body:
            self.cursor = str(body["seq"])
        if header.get("t") != "#commit":
            return
        blocks: dict[bytes, Any] | None = None
        for operation in body["ops"]:
            collection, _slash, key = operation["path"].partition("/")
            if collection != names.POST:
                continue
            if operation["action"] == "delete":
                yield {"deleted": names.post(body["repo"], key)}
            elif operation["action"] == "create" and self._mark in raw:
                blocks = libipld.decode_car(body["blocks"])[1] if blocks is None else blocks
                record = _as_json(blocks[operation["cid"]])
                yield _post(body["repo"], key, libipld.encode_cid(operation["cid"]), record, body["time"])


def _post(did: str, key: str, cid: str, record: Any, seen: str) -> Event:
    return {"did": did, "rkey": key, "cid": cid, "record": record, "time": seen}


def for_us(event: Event, did: str) -> bool:
    """Does this post of somebody else name us, answer in a thread of ours, answer or quote us?"""
    record, ours = reading.child(event, "record"), f"at://{did}/"
    if event["did"] == did:
        return False
    reply, embed = reading.child(record, "reply"), reading.child(record, "embed")
    quoted = reading.child(embed, "record")
    uris = (
        reading.text(reading.child(reply, "parent"), "uri"),
        reading.text(reading.child(reply, "root"), "uri"),
        reading.text(quoted, "uri"),
        reading.text(reading.child(quoted, "record"), "uri"),
    )
    return any(uri.startswith(ours) for uri in uris) or facets.names(record, did)


def _as_json(value: Any) -> Any:
    """A decoded record as the AppView would show it in JSON: content identifiers as {"$link": ...}."""
    if isinstance(value, dict):
        return {key: _as_json(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_as_json(one) for one in value]
    if not isinstance(value, bytes):
        return value
    import libipld

    try:
        return {"$link": libipld.encode_cid(value)}
    except ValueError:
        return {"$bytes": base64.b64encode(value).decode().rstrip("=")}


def delivery(event: Event, author: dict[str, Any]) -> bytes:
    """The raw delivery of an event."""
    return orjson.dumps(event if "deleted" in event else {"stream": event, "author": author})
