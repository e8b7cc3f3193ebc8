"""Webhooks and the Activity API: challenges, subscriptions, and events signed over their bytes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from openline.channels.x.emulator import problems
from openline.channels.x.emulator.posting import _object
from openline.channels.x.emulator.state import CLIENT_SECRET, CONSUMER_SECRET, Message, Post, now, stamp

if TYPE_CHECKING:
    from openline.channels.x.emulator.network import Emulator

EVENTS = ("post.mention.create", "post.reply.create", "dm.received", "dm.sent", "post.create", "post.delete")


class Activity:
    """The addresses under /2/webhooks and /2/activity, and the calls that follow from what happens."""

    def __init__(self, x: Emulator) -> None:
        self._x = x

    def create(self, request: Request, body: bytes, form: Mapping[str, Any]) -> Response:
        """POST /2/webhooks: only an address that answers the challenge."""
        url = str(_object(body, self._x.shapes.host).get("url", ""))
        parts = urlsplit(url)
        if parts.hostname != "127.0.0.1" and (parts.scheme != "https" or parts.port):
            raise problems.invalid(self._x.shapes.host, "url", "UrlValidationFailed")
        if any(one["url"] == url for one in self._x.state.webhooks.values()):
            raise problems.invalid(self._x.shapes.host, "url", "DuplicateUrlFailed")
        if not self._challenged(url):
            raise problems.invalid(self._x.shapes.host, "url", "CrcValidationFailed")
        made = self.add(url)
        return JSONResponse({"data": made} if self._x.shapes.posts else made)

    def add(self, url: str) -> dict[str, Any]:
        """A webhook that is awake."""
        with self._x.lock:
            new = self._x.state.new_id()
            made = {"id": new, "url": url, "valid": True, "created_at": stamp(now())}
            self._x.state.webhooks[new] = made
            self._x.calls.hook = url
        return made

    def list(self, request: Request, body: bytes, form: Mapping[str, Any]) -> Response:
        """GET /2/webhooks."""
        found = list(self._x.state.webhooks.values())
        data = {"data": found} if found else {}
        return JSONResponse(data | {"meta": {"result_count": len(found)}})

    def validate(self, request: Request, body: bytes, form: Mapping[str, Any]) -> Response:
        """PUT /2/webhooks/{id}: challenge it again, and wake it."""
        hook = self._x.state.webhooks.get(request.path_params["id"])
        if not hook:
            raise problems.invalid(self._x.shapes.host, "webhook_id", "WebhookIdInvalid")
        hook["valid"] = self._challenged(hook["url"])
        if not hook["valid"]:
            raise problems.invalid(self._x.shapes.host, "url", "CrcValidationFailed")
        return JSONResponse({"data": {"valid": True} if self._x.shapes.posts else {"attempted": True}})

    def _challenged(self, url: str) -> bool:
        token = secrets.token_urlsafe(16)
        try:
            answer = self._x.calls.ask(f"{url}{'&' if '?' in url else '?'}crc_token={quote(token)}")
            said = answer.json().get("response_token") if answer.is_success else ""
        except (httpx.HTTPError, ValueError, AttributeError):
            return False
        return said in (signature(CLIENT_SECRET, token.encode()), signature(CONSUMER_SECRET, token.encode()))

    def subscriptions(self, request: Request, body: bytes, form: Mapping[str, Any]) -> Response:
        """GET /2/activity/subscriptions."""
        found = list(self._x.state.subscriptions.values())
        return JSONResponse({"data": found, "meta": {"result_count": len(found)}})

    def subscribe(self, request: Request, body: bytes, form: Mapping[str, Any]) -> Response:
        """POST /2/activity/subscriptions: private events only of who has allowed the app."""
        wanted = _object(body, self._x.shapes.host)
        event, about = str(wanted.get("event_type", "")), wanted.get("filter") or {}
        if event not in EVENTS or event in self._x.unknown_events:
            raise problems.invalid(self._x.shapes.host, "event_type", f"{event} is not a known event type")
        if about.get("user_id") != self._x.ours.id:
            raise problems.forbidden("The user has not authorized this app.")
        made = self.follow(event, str(wanted.get("webhook_id", "")), str(wanted.get("tag", "")))
        return JSONResponse({"data": {"subscription": made}})

    def follow(self, event: str, webhook: str, tag: str = "") -> dict[str, Any]:
        """Tell that webhook of such events."""
        at, new = stamp(now()), self._x.state.new_id()
        with self._x.lock:
            made = {
                "subscription_id": new,
                "event_type": event,
                "filter": {"user_id": self._x.ours.id},
                "created_at": at,
                "updated_at": at,
                "webhook_id": webhook,
            } | ({"tag": tag} if tag else {})
            self._x.state.subscriptions[new] = made
        return made

    # What happens

    def posted(self, post: Post) -> None:
        """A resident's post: the city is told of it if it names the city itself, or answers the city."""
        parent = self._x.state.posts.get(post.replied_to)
        if self._x.posting.summons(post) and self._x.posting._names_us(post):
            self._tell("post.mention.create", self._payload(post), self._about(post))
        elif parent and parent.author.id == self._x.ours.id:
            self._tell("post.reply.create", self._payload(post), self._about(post))

    def wrote(self, message: Message) -> None:
        """A resident's private message."""
        self._tell("dm.received", self._x.shapes.pushed_message(message), {})

    def revoke(self) -> None:
        """The city takes its permission back at X."""
        payload = {"date_time": stamp(now()), "user_id": self._x.ours.id, "app_id": "29820954"}
        self._push({"event_uuid": secrets.token_hex(8), "filter": {}, "event_type": "oauth.revoke", "payload": payload})

    def _payload(self, post: Post) -> dict[str, Any]:
        return self._x.shapes.post(post)

    def _about(self, post: Post) -> dict[str, Any]:
        shapes = self._x.shapes
        made = shapes.includes([post], {"author_id", "attachments.media_keys"})
        quoted = self._x.state.posts.get(post.quoted)
        return made | {shapes.name("tweets"): [shapes.post(one) for one in (post, quoted) if one]}

    def _tell(self, event: str, payload: dict[str, Any], includes: dict[str, Any]) -> None:
        for one in list(self._x.state.subscriptions.values()):
            hook = self._x.state.webhooks.get(one["webhook_id"])
            if one["event_type"] != event or not hook or not hook["valid"]:
                continue
            data = {
                "event_uuid": str(secrets.randbits(62)),
                "filter": one["filter"],
                "event_type": event,
                "tag": one.get("tag", ""),
            }
            more = {"includes": includes} if includes else {}
            self._push({**data, "payload": payload, **more})

    def _push(self, data: dict[str, Any]) -> None:
        body = json.dumps({"data": data}).encode()
        self._x.calls.push(body, signed(body))


def signed(body: bytes) -> dict[str, str]:
    """The headers of a call, as X signs its bytes."""
    return {
        "Content-Type": "application/json",
        "X-Twitter-Webhooks-Signature-OAuth2": signature(CLIENT_SECRET, body),
        "X-Twitter-Webhooks-Signature": signature(CONSUMER_SECRET, body),
    }


def signature(secret: str, body: bytes) -> str:
    """sha256=…"""
    return "sha256=" + base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
