"""A remote signer (NIP-46): the secret key lies on another machine, which signs and decrypts for us by messages.

Each question is one event to the signer over its relay, encrypted by NIP-44, and so is each answer. Asking twice is
harmless, so a broken line is opened again once; a signer that stays silent is NetworkDown.
"""

from __future__ import annotations

import secrets
import threading
import time
from contextlib import ExitStack, suppress
from typing import Any
from urllib.parse import parse_qs, urlsplit

import nostr_sdk
import orjson
from websockets.exceptions import WebSocketException

from openline.channels import reading as json_reading
from openline.channels.base import ChannelError, NetworkDown, NotAllowed, Rejected, TokenExpired
from openline.channels.nostr.checking import forged
from openline.channels.nostr.kinds import REMOTE_SIGNING
from openline.channels.nostr.relay import Line, relay
from openline.channels.nostr.relays import at_first
from openline.channels.nostr.signer import BUNKER, Local, Tags, unsigned

ANSWER_SECONDS = 20.0
_PERMISSIONS = "nip44_encrypt,nip44_decrypt,sign_event"
_STRANGER = ("unauthor", "not connected", "unknown client", "invalid secret", "no permission", "denied")
"""Words by which signers say that they do not know us (any more): NIP-46 has no codes."""


class Remote:
    """The account's key at a remote signer; use as a context manager. Safe to call from several threads."""

    def __init__(self, address: str, client: Local, public_key: str = "") -> None:
        self._key, self._relays, self._secret = _read(address)
        self._client, self._public_key = client, public_key
        self._lock, self._open = threading.Lock(), ExitStack()
        self._line: Line | None = None

    def __enter__(self) -> Remote:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def connect(self) -> None:
        """Make ourselves known to the signer, once, with the secret of its address."""
        answer = self.ask("connect", self._key, self._secret, _PERMISSIONS)
        if answer != "ack" and (not self._secret or not secrets.compare_digest(answer, self._secret)):
            raise TokenExpired("The remote signer answers as if it did not know us.")

    def verify(self) -> None:
        """See that the signer answers, and still for the same key; raises TokenExpired if not."""
        found = _public_key(self.ask("get_public_key"))
        if found != (self._public_key or found):
            raise TokenExpired("The remote signer speaks for another key than before.")
        self._public_key = found

    @property
    def public_key(self) -> str:
        """See Signer."""
        if not self._public_key:
            self._public_key = _public_key(self.ask("get_public_key"))
        return self._public_key

    def sign(self, kind: int, content: str, tags: Tags, at: int = 0) -> dict[str, Any]:
        """See Signer. What comes back must be what was asked for: the signer may set only the time."""
        wanted = unsigned(self.public_key, kind, content, tags, at)
        answer = self.ask("sign_event", orjson.dumps(wanted).decode())
        try:
            event = json_reading.json_object(answer.encode("utf-8", "replace"))
        except json_reading.Unreadable as error:
            raise Rejected(f"The remote signer sends no event: {error}") from None
        if any(event.get(name) != wanted[name] for name in ("pubkey", "kind", "content", "tags")) or forged(event):
            raise Rejected("The remote signer signed something else than was asked for.")
        return event

    def encrypt(self, to: str, words: str) -> str:
        """See Signer."""
        return self.ask("nip44_encrypt", to, words)

    def decrypt(self, of: str, secret: str) -> str:
        """See Signer."""
        return self.ask("nip44_decrypt", of, secret)

    def ask(self, method: str, *params: str) -> str:
        """The signer's answer; raises NetworkDown if none comes, TokenExpired if it does not know us."""
        with self._lock:
            try:
                return self._ask(method, params)
            except (OSError, WebSocketException):
                self._close()
            try:
                return self._ask(method, params)
            except (OSError, WebSocketException) as error:
                self._close()
                raise NetworkDown(f"The line to the remote signer broke ({type(error).__name__}).") from error

    def _ask(self, method: str, params: tuple[str, ...]) -> str:
        line, name = self._connected(), secrets.token_hex(8)
        question = orjson.dumps({"id": name, "method": method, "params": params}).decode()
        event = self._client.sign(REMOTE_SIGNING, self._client.encrypt(self._key, question), [["p", self._key]])
        line.say("EVENT", event)
        until = time.monotonic() + ANSWER_SECONDS
        while (left := until - time.monotonic()) > 0:
            frame = line.hear(left)
            if frame and frame[0] == "OK" and frame[1] in (event["id"], "") and frame[2:3] != [True]:
                self._refused(line, event, str(frame[3:]))
            answer = self._answer(frame)
            if answer.get("id") == name:
                return _result(method, answer)
        self._close()
        raise NetworkDown("The remote signer does not answer.")

    def _refused(self, line: Line, event: dict[str, Any], words: str) -> None:
        if not ("auth-required" in words and line.introduce()):
            raise NetworkDown(f"The remote signer's relay refuses our question: {words[:200]}")
        line.say("REQ", "signer", self._wanted())
        line.say("EVENT", event)

    def _answer(self, frame: list[Any] | None) -> dict[str, Any]:
        """What the signer answers in a frame; {} if it is no answer of the signer's."""
        event = frame[2] if frame and frame[0] == "EVENT" and len(frame) > 2 else None
        if not isinstance(event, dict) or event.get("pubkey") != self._key or forged(event):
            return {}
        try:
            words = self._client.decrypt(self._key, json_reading.text(event, "content"))
            return json_reading.json_object(words.encode("utf-8", "replace"))
        except (Rejected, json_reading.Unreadable):
            return {}

    def _wanted(self) -> dict[str, Any]:
        me = self._client.public_key
        return {"kinds": [REMOTE_SIGNING], "authors": [self._key], "#p": [me], "since": int(time.time()) - 10}

    def _connected(self) -> Line:
        if self._line is None:
            self._line = at_first(self._relays, self._enter)
            self._line.say("REQ", "signer", self._wanted())
        return self._line

    def _enter(self, url: str) -> Line:
        return self._open.enter_context(relay(url, self._client))

    def _close(self) -> None:
        self._line = None
        with suppress(ChannelError, OSError, WebSocketException):
            self._open.close()


def _read(address: str) -> tuple[str, list[str], str]:
    """The signer's key, its relays and its secret from bunker://<key>?relay=…&secret=…; raises TokenExpired."""
    parts = urlsplit(address.strip())
    query = parse_qs(parts.query)
    relays = [url for url in query.get("relay", []) if url.startswith(("wss://", "ws://"))]
    if not address.strip().startswith(BUNKER) or not relays:
        raise TokenExpired("The remote signer's address (bunker://…?relay=…) cannot be read.")
    return _public_key(parts.netloc), relays, query.get("secret", [""])[0]


def _public_key(words: str) -> str:
    try:
        return str(nostr_sdk.PublicKey.parse(words).to_hex())
    except Exception as error:
        raise TokenExpired("The remote signer names no key.") from error


def _result(method: str, answer: dict[str, Any]) -> str:
    result, trouble = json_reading.text(answer, "result"), json_reading.text(answer, "error")
    if result == "auth_url":
        raise TokenExpired(f"The remote signer wants to be asked by a person: {trouble[:500]}")
    if not trouble:
        return result
    if any(word in trouble.lower() for word in _STRANGER):
        raise TokenExpired(f"The remote signer refuses: {trouble[:200]}")
    raise (Rejected if method == "nip44_decrypt" else NotAllowed)(f"The remote signer refuses: {trouble[:200]}")
