"""A stand-in for Twilio's messaging API (2010-04-01): ours, as Twilio has no server to run here.

It keeps messages, answers, pages, refuses, calls back and signs as Twilio's documentation of 2026 says. What it answers
and what it is asked is held against Twilio's own OpenAPI document by `tests/channels/test_sms_contract.py`.
"""

from __future__ import annotations

import base64
import email.utils
import hashlib
import hmac
import json
import re
import secrets
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx

ACCOUNT = "AC" + "a1" * 16
KEY, KEY_SECRET = "SK" + "b2" * 16, "secret-of-the-key"
TOKEN, SECOND_TOKEN = "token-one", "token-two"
SERVICE = "MG" + "c3" * 16
STATES = ("queued", "sent", "delivered")


@dataclass(frozen=True)
class Exchange:
    """One request and its answer, as they went over the line."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    status: int
    answer: bytes


@dataclass
class Twilio:
    """The stand-in, with one account and one number. Use as a context manager."""

    number: str
    hook: str = ""
    """Where messages to the number are brought."""
    sms: bool = True
    mms: bool = True
    tokens: set[str] = field(default_factory=lambda: {TOKEN})
    messages: list[dict[str, Any]] = field(default_factory=list)
    opted_out: set[str] = field(default_factory=set)
    limited: bool = False
    fates: tuple[tuple[str, str], ...] = tuple((state, "") for state in STATES)
    """Status callbacks after each send, in the order in which they are made, with their error codes."""
    exchanges: list[Exchange] = field(default_factory=list)
    media: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    media_elsewhere: str = ""
    """An address to which media redirect, in place of our own."""

    def __enter__(self) -> Twilio:
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                stand_in._serve(self)

            do_POST = do_GET

            def log_message(self, *said: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, request: object, client_address: object) -> None:
                """Lines that tests cut are no news."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self._lock, self._client = threading.Lock(), _client()
        self.port = int(self._server.server_address[1])
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    # The other side: phones

    def receive(self, sender: str, text: str, photos: Iterable[bytes] = (), **more: str) -> str:
        """A phone writes to the number: keep it, and bring it. Returns its SID."""
        photos = list(photos)
        item = self._keep(sender, self.number, text, "inbound", len(photos), "received")
        for photo in photos:
            self.media["ME" + secrets.token_hex(16)] = (item["sid"], photo)
        self.bring(item, **more)
        return str(item["sid"])

    def bring(self, item: dict[str, Any], **more: str) -> int:
        """Call the hook with a message; returns the status of its answer."""
        own = [name for name, (sid, _bytes) in self.media.items() if sid == item["sid"]]
        form = {
            "MessageSid": item["sid"], "SmsSid": item["sid"], "AccountSid": ACCOUNT, "From": item["from"],
            "To": item["to"], "Body": item["body"], "NumMedia": str(len(own)), "NumSegments": "1",
            "SmsStatus": "received", "ApiVersion": "2010-04-01", **more,
        }  # fmt: skip
        for n, name in enumerate(own):
            url = f"{self.url}/2010-04-01/Accounts/{ACCOUNT}/Messages/{item['sid']}/Media/{name}"
            form |= {f"MediaUrl{n}": url, f"MediaContentType{n}": "image/jpeg"}
        return self.call(self.hook, form)

    def call(self, url: str, form: dict[str, str], token: str = TOKEN) -> int:
        """A signed call to `url`; returns the status of the answer, 0 if nobody is there."""
        headers = {"X-Twilio-Signature": sign(url, form, token), "Content-Type": "application/x-www-form-urlencoded"}
        try:
            return self._client.post(url, content=urlencode(form), headers=headers).status_code
        except httpx.HTTPError:
            return 0

    # The API

    def _serve(self, call: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(call.path)
        body = call.rfile.read(int(call.headers.get("content-length") or 0))
        if parts.path.startswith("/cdn/"):
            return _write(call, 200, self.media[parts.path.removeprefix("/cdn/")][1], {"Content-Type": "image/jpeg"})
        status, answer, headers = self._answer(call, parts.path, parts.query, body)
        content = json.dumps(answer).encode() if answer is not None else b""
        sent = {name.lower(): value for name, value in call.headers.items()}
        self.exchanges.append(Exchange(call.command, parts.path, parts.query, sent, body, status, content))
        if call.command == "POST" and status == 201:  # whether its answer arrives or not
            threading.Thread(target=self._call_back, args=(answer, body), daemon=True).start()
        _write(call, status, content, {"Content-Type": "application/json", **headers})

    def _answer(
        self, call: BaseHTTPRequestHandler, path: str, query: str, body: bytes
    ) -> tuple[int, dict[str, Any] | None, dict[str, str]]:
        refusal = self._refusal(call, path)
        if refusal:
            return refusal
        below, asked = path.removeprefix(f"/2010-04-01/Accounts/{ACCOUNT}"), dict(parse_qsl(query))
        if below == "/Messages.json" and call.command == "POST":
            return (*self._create(parse_qs(body.decode(), keep_blank_values=True)), {})
        if below == "/Messages.json":
            return 200, self._list(path, asked), {}
        if below == "/IncomingPhoneNumbers.json":
            return 200, self._numbers(path, asked), {}
        if found := re.fullmatch(r"/Messages/(\w+)/Media\.json", below):
            return 200, self._media_list(path, found[1]), {}
        if found := re.fullmatch(r"/Messages/\w+/Media/(\w+)", below):
            return 307, None, {"Location": self.media_elsewhere or f"/cdn/{found[1]}"}
        if found := re.fullmatch(r"/Messages/(\w+)\.json", below):
            item = next((item for item in self.messages if item["sid"] == found[1]), None)
            return (200, item, {}) if item else (*_error(20404, 404, "The requested resource was not found"), {})
        return (*_error(20404, 404, "The requested resource was not found"), {})

    def _refusal(self, call: BaseHTTPRequestHandler, path: str) -> tuple[int, dict[str, Any], dict[str, str]] | None:
        kind, _space, said = call.headers.get("Authorization", "").partition(" ")
        user, _colon, secret = base64.b64decode(said or "").decode().partition(":")
        known = (user == ACCOUNT and secret in self.tokens) or (user, secret) == (KEY, KEY_SECRET)
        if kind != "Basic" or not known or not path.startswith(f"/2010-04-01/Accounts/{ACCOUNT}/"):
            return (*_error(20003, 401, "Authenticate"), {})
        if self.limited and call.command == "POST":
            return (*_error(20429, 429, "Too Many Requests"), {"Retry-After": "7"})
        return None

    def _create(self, form: dict[str, list[str]]) -> tuple[int, dict[str, Any]]:
        given = {name: values[0] for name, values in form.items()}
        to, body, media = given.get("To", ""), given.get("Body", ""), form.get("MediaUrl", [])
        if not re.fullmatch(r"\+\d{8,15}|\d{3,8}", to):
            return _error(21211, 400, f"Invalid 'To' Phone Number: {to}")
        if not body and not media:
            return _error(21602, 400, "Message body is required.")
        if len(body) > 1600:
            return _error(21617, 400, "The concatenated message body exceeds the 1600 character limit")
        if to in self.opted_out:
            return _error(21610, 400, "Attempt to send to unsubscribed recipient")
        if given.get("From", self.number) != self.number:
            return _error(21606, 400, "The From phone number is not a valid message-capable Twilio phone number")
        sender = given.get("From") or self.number
        item = self._keep(sender, to, body, "outbound-api", len(media), "queued")
        item["messaging_service_sid"] = given.get("MessagingServiceSid")
        return 201, dict(item)

    def _keep(self, sender: str, to: str, body: str, direction: str, media: int, status: str) -> dict[str, Any]:
        sid = ("MM" if media else "SM") + secrets.token_hex(16)
        now = email.utils.format_datetime(datetime.now(UTC))
        here = f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{sid}"
        item = {
            "sid": sid, "account_sid": ACCOUNT, "api_version": "2010-04-01", "from": sender, "to": to, "body": body,
            "direction": direction, "status": status, "num_media": str(media), "num_segments": "1",
            "date_created": now, "date_sent": None, "date_updated": now, "error_code": None, "error_message": None,
            "messaging_service_sid": None, "price": None, "price_unit": "USD", "uri": f"{here}.json",
            "subresource_uris": {"media": f"{here}/Media.json"},
        }  # fmt: skip
        with self._lock:
            self.messages.append(item)
        return item

    def _list(self, path: str, asked: dict[str, str]) -> dict[str, Any]:
        found = [
            item for item in reversed(self.messages)
            if asked.get("To", item["to"]) == item["to"] and asked.get("From", item["from"]) == item["from"]
        ]  # fmt: skip
        size, page = int(asked.get("PageSize", 50)), int(asked.get("Page", 0))
        answer = _page(path, asked, size, page, len(found))
        return {**answer, "messages": found[page * size : (page + 1) * size]}

    def _numbers(self, path: str, asked: dict[str, str]) -> dict[str, Any]:
        found = []
        if asked.get("PhoneNumber", self.number) == self.number:
            can = {"sms": self.sms, "mms": self.mms, "voice": True, "fax": False}
            sid = "PN" + "d4" * 16
            found = [
                {"sid": sid, "account_sid": ACCOUNT, "phone_number": self.number, "sms_url": self.hook,
                 "sms_method": "POST", "capabilities": can, "friendly_name": "City", "api_version": "2010-04-01"}
            ]  # fmt: skip
        return {**_page(path, asked, 50, 0, len(found)), "incoming_phone_numbers": found}

    def _media_list(self, path: str, sid: str) -> dict[str, Any]:
        found = [
            {"sid": name, "account_sid": ACCOUNT, "parent_sid": sid, "content_type": "image/jpeg",
             "uri": f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{sid}/Media/{name}.json"}
            for name, (of, _bytes) in self.media.items() if of == sid
        ]  # fmt: skip
        return {**_page(path, {}, 50, 0, len(found)), "media_list": found}

    def _call_back(self, item: dict[str, Any], body: bytes) -> None:
        url = dict(parse_qsl(body.decode())).get("StatusCallback")
        for state, code in self.fates if url else ():
            form = {
                "MessageSid": item["sid"], "SmsSid": item["sid"], "AccountSid": ACCOUNT, "From": self.number,
                "To": item["to"], "MessageStatus": state, "SmsStatus": state, "ApiVersion": "2010-04-01",
                **({"ErrorCode": code} if code else {}),
            }  # fmt: skip
            kept = next(one for one in self.messages if one["sid"] == item["sid"])
            kept["status"] = state
            self.call(str(url), form)


@cache
def _client() -> httpx.Client:
    return httpx.Client(trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))


def sign(url: str, form: dict[str, str], token: str = TOKEN) -> str:
    """The header of a signed call, written from Twilio's documentation."""
    text = url + "".join(f"{name}{form[name]}" for name in sorted(form))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def _page(path: str, asked: dict[str, str], size: int, page: int, total: int) -> dict[str, Any]:
    def uri(number: int) -> str:
        return f"{path}?{urlencode({**asked, 'PageSize': size, 'Page': number})}"

    last = (page + 1) * size >= total
    return {
        "first_page_uri": uri(0), "next_page_uri": None if last else uri(page + 1), "page": page, "page_size": size,
        "previous_page_uri": uri(page - 1) if page else None, "start": page * size, "uri": uri(page),
        "end": max(min((page + 1) * size, total) - 1, 0),
    }  # fmt: skip


def _error(code: int, status: int, message: str) -> tuple[int, dict[str, Any]]:
    more = f"https://www.twilio.com/docs/errors/{code}"
    return status, {"code": code, "message": message, "more_info": more, "status": status}


def _write(call: BaseHTTPRequestHandler, status: int, content: bytes, headers: dict[str, str]) -> None:
    call.send_response(status)
    for name, value in {**headers, "Content-Length": str(len(content))}.items():
        call.send_header(name, value)
    call.end_headers()
    call.wfile.write(content)
