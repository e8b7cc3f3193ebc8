"""A remote signer (NIP-46) of ours for tests, on plain websockets and nostr-sdk's cryptography.

nostr-sdk has only the client's side (`NostrConnect`); `test_nostr_signer.py` holds that client against this signer.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import nostr_sdk
from websockets.sync.client import connect

V2 = nostr_sdk.Nip44Version.V2


@dataclass
class Bunker:
    """The signer: `user` is the key that it guards, `keys` its own; what it is asked for is counted."""

    relay: str
    user: nostr_sdk.Keys
    keys: nostr_sdk.Keys = field(default_factory=nostr_sdk.Keys.generate)
    secret: str = "once"
    known: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    silent: bool = False
    wants_a_person: str = ""
    forges: bool = False
    stopping: threading.Event = field(default_factory=threading.Event)

    @property
    def address(self) -> str:
        """bunker://…, with the secret that is good for one time."""
        return f"bunker://{self.keys.public_key().to_hex()}?relay={self.relay}&secret={self.secret}"

    def run(self, ready: threading.Event) -> None:
        """Answer until `stopping`."""
        with connect(self.relay) as line:
            wanted = {"kinds": [24133], "#p": [self.keys.public_key().to_hex()], "limit": 0}
            line.send(json.dumps(["REQ", "asked", wanted]))
            while not self.stopping.is_set():
                try:
                    frame = json.loads(line.recv(timeout=0.1))
                except TimeoutError:
                    continue
                if frame[0] == "EOSE":
                    ready.set()
                if frame[0] == "EVENT" and not self.silent:
                    line.send(json.dumps(["EVENT", self.answer(frame[2])]))

    def answer(self, event: dict[str, Any]) -> dict[str, Any]:
        """The answering event."""
        client = nostr_sdk.PublicKey.parse(event["pubkey"])
        asked = json.loads(nostr_sdk.nip44_decrypt(self.keys.secret_key(), client, event["content"]))
        self.asked.append(asked["method"])
        try:
            said = {"id": asked["id"], "result": self.result(event["pubkey"], asked["method"], asked["params"])}
        except Exception as error:
            said = {"id": asked["id"], "result": "", "error": str(error)}
        if self.wants_a_person:
            said = {"id": asked["id"], "result": "auth_url", "error": self.wants_a_person}
        secret = nostr_sdk.nip44_encrypt(self.keys.secret_key(), client, json.dumps(said), V2)
        builder = nostr_sdk.EventBuilder(nostr_sdk.Kind(24133), secret).tags([nostr_sdk.Tag.public_key(client)])
        found: dict[str, Any] = json.loads(builder.finalize(self.keys).as_json())
        return found

    def result(self, client: str, method: str, params: list[str]) -> str:
        """What NIP-46 answers to each method."""
        if method == "connect":
            if params[1] != self.secret:
                raise ValueError("invalid secret")
            self.known.add(client)
            self.secret = ""
            return "ack"
        if client not in self.known:
            raise ValueError("unauthorized")
        key = self.user.secret_key()
        if method == "get_public_key":
            return str(self.user.public_key().to_hex())
        if method == "ping":
            return "pong"
        if method == "sign_event":
            words = params[0].replace("honest", "forged") if self.forges else params[0]
            return self.signed(json.loads(words))
        other = nostr_sdk.PublicKey.parse(params[0])
        if method == "nip44_encrypt":
            return str(nostr_sdk.nip44_encrypt(key, other, params[1], V2))
        if method == "nip44_decrypt":
            return str(nostr_sdk.nip44_decrypt(key, other, params[1]))
        raise ValueError(f"no method {method}")

    def signed(self, event: dict[str, Any]) -> str:
        """The event signed by the user's key."""
        builder = nostr_sdk.EventBuilder(nostr_sdk.Kind(event["kind"]), event["content"])
        builder = builder.tags([nostr_sdk.Tag.parse(tag) for tag in event["tags"]])
        builder = builder.custom_created_at(nostr_sdk.Timestamp.from_secs(event["created_at"]))
        return str(builder.finalize(self.user).as_json())


@contextmanager
def serving(relay: str, user: nostr_sdk.Keys) -> Iterator[Bunker]:
    """A signer for `user` at the relay while the block runs."""
    bunker, ready = Bunker(relay, user), threading.Event()
    thread = threading.Thread(target=bunker.run, args=(ready,), daemon=True)
    thread.start()
    assert ready.wait(10), "the signer does not start"
    try:
        yield bunker
    finally:
        bunker.stopping.set()
        thread.join(5)
