"""Nostr: nostr-sdk's LocalRelay in a process of its own; residents sign with nostr-sdk and speak plain WebSocket."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import itertools
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import httpx
import nostr_sdk
import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from websockets.sync.client import ClientConnection, connect

from openline.channels.base import AccountRef
from openline.channels.nostr.channel import NostrChannel
from openline.sandbox.cast import CITY, RESIDENTS, Person
from openline.sandbox.servers import SandboxServers, free_port
from tests.channels.nets.base import Net, Said
from tests.servers import blossom

DESK = CITY[0]
_numbers = itertools.count()


class NostrNet(Net):
    """The service desk's key on one relay."""

    network: ClassVar[str] = "nostr"

    def __init__(self, servers: SandboxServers, files: blossom.Blossom) -> None:
        self.servers = servers
        self.channel = NostrChannel()
        self.port = servers.nostr_port
        settings = {"media_servers": files.url}
        self.account = AccountRef("n", "philly311", servers.nostr_url, {"secret_key": DESK.secret_key}, settings)

    @property
    def server(self) -> str:
        """The relay's address."""
        return self.account.server

    def through(self, port: int) -> AccountRef:
        return replace(self.account, server=f"ws://127.0.0.1:{port}")

    @contextmanager
    def away(self) -> Iterator[None]:
        self.servers.stop("nostr")
        try:
            yield
        finally:
            self.servers.start_nostr()

    def post(
        self,
        text: str,
        *,
        in_reply_to: str = "",
        private: bool = False,
        photos: tuple[bytes, ...] = (),
        who: int | Person = 0,
    ) -> str:
        person = RESIDENTS[who] if isinstance(who, int) else who
        if photos and private:
            event, network_id = self._locked_file(text, photos[0], person)
        else:
            text += "".join(f" {self._uploaded(photo, person)}" for photo in photos)
            event, network_id = self._event(text, in_reply_to, private, person)
        with connect(self.server) as line:
            _publish(line, event)
        return network_id

    def asleep(self) -> str:
        return str(int(time.time()) - 2 * 86_400)

    def backlog(self, count: int) -> list[str]:
        """Twenty in each second, signed by five residents and laid into the relay's own store."""
        keys, tag = [person.keys for person in RESIDENTS[:5]], nostr_sdk.Tag.parse(["p", DESK.public_key])
        first, events = int(time.time()) - 86_400, list[nostr_sdk.Event]()
        for n in range(count):
            at = nostr_sdk.Timestamp.from_secs(first + n // 20)
            builder = nostr_sdk.EventBuilder(nostr_sdk.Kind(1), f"backlog {n}").tags([tag]).custom_created_at(at)
            events.append(builder.finalize(keys[n % 5]))
        with self.away():
            self._lay_in(events)
        in_order = sorted((event.created_at().as_secs(), event.id().to_hex()) for event in events)
        return [network_id for _at, network_id in in_order]

    def _lay_in(self, events: list[nostr_sdk.Event]) -> None:
        """Put events into the database of the relay, which is away: over a line it takes a hundred a second."""

        async def save() -> None:
            database = await nostr_sdk.NostrLmdb.open(str(self.servers.folder / "nostr"))
            for start in range(0, len(events), 1000):
                await asyncio.gather(*(database.save_event(event) for event in events[start : start + 1000]))

        asyncio.run(save())

    def thread(self, network_id: str, who: int | Person = 0) -> list[Said]:
        """The root and everything that answers it, directly or not."""
        with connect(self.server) as line:
            wanted = [network_id]
            known = {event["id"]: event for event in _fetch(line, {"ids": wanted})}
            while wanted:
                found = _fetch(line, {"kinds": [1], "#e": wanted})
                wanted = [event["id"] for event in found if event["id"] not in known]
                known |= {event["id"]: event for event in found}
            private = [] if known else self._opened(line, RESIDENTS[who] if isinstance(who, int) else who)
        if private:
            return private
        ordered = sorted(known.values(), key=lambda event: (event["created_at"], event["pubkey"] == DESK.public_key))
        return [_said(event) for event in ordered]

    def delete(self, network_id: str) -> None:
        tags = [nostr_sdk.Tag.parse(tag) for tag in (["e", network_id], ["k", "1"])]
        event = nostr_sdk.EventBuilder(nostr_sdk.Kind(5), "").tags(tags).finalize(RESIDENTS[0].keys)
        with connect(self.server) as line:
            _publish(line, event.as_json())

    def refused(self) -> AccountRef:
        return replace(self.account, credentials={"secret_key": "nonsense"})

    def _uploaded(self, content: bytes, person: Person) -> str:
        """The address of a file that the resident gave to the Blossom server."""
        tags = [["t", "upload"], ["x", hashlib.sha256(content).hexdigest()], ["expiration", str(int(time.time()) + 60)]]
        builder = nostr_sdk.EventBuilder(nostr_sdk.Kind(24242), "Upload").tags(
            [nostr_sdk.Tag.parse(tag) for tag in tags]
        )
        token = base64.b64encode(builder.finalize(person.keys).as_json().encode()).decode()
        headers = {"Authorization": f"Nostr {token}", "Content-Type": "application/octet-stream"}
        server = self.account.settings["media_servers"]
        answer = httpx.put(f"{server}/upload", content=content, headers=headers).raise_for_status()
        return str(answer.json()["url"])

    def _locked_file(self, text: str, photo: bytes, person: Person) -> tuple[str, str]:
        """A file in a private message (NIP-17, kind 15), with its words as the description."""
        key, nonce = secrets.token_bytes(32), secrets.token_bytes(12)
        locked = AESGCM(key).encrypt(nonce, photo, None)
        tags = [
            ["p", DESK.public_key],
            ["file-type", "image/jpeg"],
            ["encryption-algorithm", "aes-gcm"],
            ["decryption-key", key.hex()],
            ["decryption-nonce", nonce.hex()],
            ["x", hashlib.sha256(locked).hexdigest()],
            ["alt", text],
        ]
        builder = nostr_sdk.EventBuilder(nostr_sdk.Kind(15), self._uploaded(locked, person))
        rumor = builder.tags([nostr_sdk.Tag.parse(tag) for tag in tags]).finalize_unsigned(person.keys.public_key())
        rumor = rumor.ensure_id()
        desk = nostr_sdk.PublicKey.parse(DESK.public_key)
        return nostr_sdk.nip59_make_gift_wrap(person.keys, desk, rumor).as_json(), str(rumor.id().to_hex())

    def _opened(self, line: ClientConnection, person: Person) -> list[Said]:
        """The private messages to `person`, as their own client opens them (NIP-17)."""
        found = []
        for event in _fetch(line, {"kinds": [1059], "#p": [person.public_key]}):
            wrap = nostr_sdk.Event.from_json(orjson.dumps(event).decode())
            rumor = nostr_sdk.UnwrappedGift.from_gift_wrap(person.keys, wrap).rumor().ensure_id()
            found.append(replace(_said(orjson.loads(rumor.as_json())), private=True))
        return sorted(found, key=lambda said: said.at)

    def _event(self, text: str, in_reply_to: str, private: bool, person: Person) -> tuple[str, str]:
        """A signed event to the city, and the id that the channel will know it by."""
        desk = nostr_sdk.PublicKey.parse(DESK.public_key)
        if private:
            builder = nostr_sdk.EventBuilder(nostr_sdk.Kind(14), text).tags([nostr_sdk.Tag.public_key(desk)])
            rumor = builder.finalize_unsigned(person.keys.public_key()).ensure_id()
            return nostr_sdk.nip59_make_gift_wrap(person.keys, desk, rumor).as_json(), str(rumor.id().to_hex())
        tags = [["p", DESK.public_key]] + ([["e", in_reply_to, "", "reply"]] if in_reply_to else [])
        builder = nostr_sdk.EventBuilder(nostr_sdk.Kind(1), text).tags([nostr_sdk.Tag.parse(tag) for tag in tags])
        event = builder.finalize(person.keys)
        return event.as_json(), str(event.id().to_hex())


def _publish(line: ClientConnection, event: str) -> None:
    line.send(f'["EVENT",{event}]')
    answer = orjson.loads(line.recv(timeout=10))
    assert answer[0] == "OK" and answer[2] is True, answer


def _fetch(line: ClientConnection, wanted: dict[str, Any]) -> list[dict[str, Any]]:
    line.send(orjson.dumps(["REQ", name := f"t{next(_numbers)}", wanted]).decode())
    found: list[dict[str, Any]] = []
    while True:
        kind, about, *rest = orjson.loads(line.recv(timeout=10))
        if about != name:
            continue
        if kind != "EVENT":
            assert kind == "EOSE", (kind, rest)
            line.send(orjson.dumps(["CLOSE", name]).decode())
            return found
        found.append(rest[0])


def _said(event: dict[str, Any]) -> Said:
    answers = [tag[1] for tag in event["tags"] if len(tag) > 1 and tag[0] == "e"]
    return Said(
        event["id"],
        event["content"],
        event["pubkey"] == DESK.public_key,
        str(answers[-1]) if answers else "",
        alts=tuple(part[4:] for tag in event["tags"] if tag[0] == "imeta" for part in tag if part.startswith("alt ")),
        at=datetime.fromtimestamp(event["created_at"], UTC),
    )


@contextmanager
def start(folder: Path) -> Iterator[NostrNet]:
    """The relay in its own process, with its events on disk so that it can go and come back."""
    servers = SandboxServers(folder, free_port(), free_port())
    folder.mkdir(parents=True, exist_ok=True)
    try:
        servers.start_nostr()
        with blossom.serving() as files:
            yield NostrNet(servers, files)
    finally:
        servers.stop()
