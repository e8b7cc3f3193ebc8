"""Bluesky under test: its own PDS, PLC directory and AppView. Residents speak to the PDS by plain XRPC."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import httpx
import libipld
import psycopg
import pytest

from openline.channels.accounts import AccountRef, NoKeeper
from openline.channels.bluesky import channel as channel_module
from openline.channels.bluesky.channel import BlueskyChannel
from tests.channels.nets.base import Net, NotHere, Said
from tests.conftest import need
from tests.servers import bluesky as servers

POST = "app.bsky.feed.post"
PASSWORD = "a-word-for-tests"
JWT_SECRET = "jwt-secret"  # of the development PDS


class Person:
    """Somebody with an account on the PDS; not limited by its rates unless `limited`."""

    def __init__(self, network: servers.Bluesky, name: str, limited: bool = False) -> None:
        self.network, self.handle = network, f"{name}-{uuid.uuid4().hex[:6]}.test"
        headers = {} if limited else {"x-ratelimit-bypass": servers.BYPASS}
        self.http = httpx.Client(base_url=f"{network.url('pds')}/xrpc/", headers=headers, timeout=30)
        account = {"handle": self.handle, "email": f"{self.handle}@mail.test", "password": PASSWORD}
        said = self.ask("com.atproto.server.createAccount", account)
        self.did, self.password = said["did"], PASSWORD
        self.http.headers["authorization"] = f"Bearer {said['accessJwt']}"

    def ask(self, method: str, body: Any = None, *, chat: bool = False, **params: Any) -> Any:
        """The answer of the network; with a body, of a procedure."""
        headers = {"atproto-proxy": f"{self.network.chat_did}#bsky_chat"} if chat else {}
        verb = "GET" if body is None else "POST"
        answer = self.http.request(verb, method, params=params, json=body, headers=headers)
        assert answer.is_success, f"{method}: {answer.status_code} {answer.text[:300]}"
        return answer.json() if answer.content else {}

    def post(self, text: str, **more: Any) -> str:
        """Write a post; returns its AT-URI."""
        record = {"$type": POST, "text": text, "createdAt": now(), **more}
        body = {"repo": self.did, "collection": POST, "record": record}
        return str(self.ask("com.atproto.repo.createRecord", body)["uri"])

    def record(self, uri: str) -> dict[str, Any]:
        """The record at an AT-URI."""
        did, collection, key = uri.removeprefix("at://").split("/")
        found: dict[str, Any] = self.ask("com.atproto.repo.getRecord", None, repo=did, collection=collection, rkey=key)
        return found

    def delete(self, uri: str) -> None:
        """Take a post back."""
        did, collection, key = uri.removeprefix("at://").split("/")
        self.ask("com.atproto.repo.deleteRecord", {"repo": did, "collection": collection, "rkey": key})

    def notifications(self) -> list[dict[str, Any]]:
        """The newest mentions, replies and quotes as the AppView tells them."""
        found: list[dict[str, Any]] = self.ask("app.bsky.notification.listNotifications", limit=100)["notifications"]
        return [one for one in found if one["reason"] in ("mention", "reply", "quote")]

    def upload(self, content: bytes, media_type: str) -> Any:
        """A file for a post."""
        headers = {"content-type": media_type}
        return self.http.post("com.atproto.repo.uploadBlob", content=content, headers=headers).json()["blob"]

    def app_password(self, private_messages: bool = True) -> str:
        """A new app password."""
        name = {"name": uuid.uuid4().hex[:12], "privileged": private_messages}
        return str(self.ask("com.atproto.server.createAppPassword", name)["password"])


def now() -> str:
    return written(datetime.now(UTC))


def written(moment: datetime) -> str:
    """A time as the network writes it."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def mention(did: str, text: str, at: str) -> list[dict[str, Any]]:
    """The facet that makes the first `at` in `text` a mention."""
    start = text.encode().index(at.encode())
    index = {"byteStart": start, "byteEnd": start + len(at.encode())}
    return [{"index": index, "features": [{"$type": "app.bsky.richtext.facet#mention", "did": did}]}]


def until(true: Callable[[], Any], seconds: float = 60) -> Any:
    """What `true` gives, as soon as it is something: the AppView indexes within a second."""
    end = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < end, "it did not come in time"
        time.sleep(0.05)
    return found


class BlueskyNet(Net):
    """A city's account and two residents on one PDS."""

    network: ClassVar[str] = "bluesky"
    patience: ClassVar[float] = 30.0

    def __init__(self, network: servers.Bluesky) -> None:
        self.servers, self.port, self.channel = network, network.ports["pds"], BlueskyChannel()
        self.city = Person(network, "city", limited=True)
        self.residents = [Person(network, "maria"), Person(network, "devon")]
        self._away = False
        self.account = self.account_of(self.city, {"app_password": self.city.app_password()})

    def account_of(self, person: Person, credentials: dict[str, str]) -> AccountRef:
        """An account of ours for a person of the PDS."""
        settings = {
            "did": person.did,
            "chat_service": f"{self.servers.chat_did}#bsky_chat",
            "directory": self.servers.url("plc"),
        }
        keeper = NoKeeper(credentials)
        return AccountRef("bluesky-1", f"@{person.handle}", self.servers.url("pds"), credentials, settings, keeper)

    def hurry(self, patch: pytest.MonkeyPatch) -> None:
        """Look every half second, and for deletions every second."""
        patch.setattr(channel_module, "POLL_SECONDS", 0.5)
        patch.setattr(channel_module, "LOOK_AGAIN_SECONDS", 1.0)

    def through(self, port: int) -> AccountRef:
        return replace(self.account, server=f"http://localhost:{port}")

    def post(
        self, text: str, *, in_reply_to: str = "", private: bool = False, photos: tuple[bytes, ...] = (), who: int = 0
    ) -> str:
        resident = self.residents[who]
        if private and photos:
            raise NotHere("private messages take no files")
        if private:
            return self._write_privately(resident, text)
        more: dict[str, Any] = {}
        if in_reply_to:
            more["reply"] = self.reply_to(resident, in_reply_to)
        if self.city.did not in in_reply_to:  # who is answered is told anyway
            text = f"@{self.city.handle} {text}"
            more["facets"] = mention(self.city.did, text, f"@{self.city.handle}")
        if photos:
            images = [{"image": resident.upload(one, "image/png"), "alt": f"photo {n}"} for n, one in enumerate(photos)]
            more["embed"] = {"$type": "app.bsky.embed.images", "images": images}
        uri = resident.post(text, **more)
        until(lambda: any(one["uri"] == uri for one in self.city.notifications()))
        return uri

    def reply_to(self, resident: Person, uri: str) -> dict[str, Any]:
        """Where a reply to that post stands."""
        # A reply that the AppView reads before its parent is told to nobody.
        until(lambda: resident.ask("app.bsky.feed.getPosts", uris=[uri])["posts"])
        parent = resident.record(uri)
        ref = {"uri": parent["uri"], "cid": parent["cid"]}
        return {"root": parent["value"].get("reply", {}).get("root", ref), "parent": ref}

    def _write_privately(self, resident: Person, text: str) -> str:
        found = resident.ask("chat.bsky.convo.getConvoForMembers", chat=True, members=[self.city.did])
        convo = found["convo"]["id"]
        body = {"convoId": convo, "message": {"text": text}}
        return f"{convo}/{resident.ask('chat.bsky.convo.sendMessage', body, chat=True)['id']}"

    def thread(self, network_id: str, who: int = 0) -> list[Said]:
        resident = self.residents[who]
        if not network_id.startswith("at://"):
            return self._conversation(resident, network_id.split("/")[0])
        reply = resident.record(network_id)["value"].get("reply", {})
        uri = reply.get("root", {}).get("uri", network_id)
        self._settled()
        found = resident.ask("app.bsky.feed.getPostThread", uri=uri, depth=100)["thread"]
        said = [self._said(post) for post in _flat(found)]
        return sorted(said, key=lambda one: one.at)

    def _settled(self) -> None:
        """Wait until the AppView has read all that the PDS holds: a post of a resident's own shows it."""
        mark = self.residents[-1].post("a mark")
        until(lambda: self.residents[-1].ask("app.bsky.feed.getPosts", uris=[mark])["posts"])

    def _said(self, post: dict[str, Any]) -> Said:
        record = post["record"]
        images = post.get("embed", {}).get("images", [])
        alts = tuple(image["alt"] for image in images) or tuple(filter(None, [post.get("embed", {}).get("alt")]))
        parent = record.get("reply", {}).get("parent", {}).get("uri", "")
        by_city = post["author"]["did"] == self.city.did
        at = datetime.fromisoformat(record["createdAt"])
        return Said(post["uri"], record["text"], by_city, parent, False, alts, at)

    def _conversation(self, resident: Person, convo: str) -> list[Said]:
        found = resident.ask("chat.bsky.convo.getMessages", chat=True, convoId=convo, limit=100)["messages"]
        return [
            Said(
                f"{convo}/{one['id']}",
                one["text"],
                one["sender"]["did"] == self.city.did,
                private=True,
                at=datetime.fromisoformat(one["sentAt"]),
            )
            for one in reversed(found)
        ]

    def delete(self, network_id: str) -> None:
        self.residents[0].delete(network_id)
        until(lambda: not self.city.ask("app.bsky.feed.getPosts", uris=[network_id])["posts"])

    def refused(self) -> AccountRef:
        self.servers.forget_limits()  # of logins
        return self.account_of(self.city, {"app_password": "not-the-password"})

    def expiring(self) -> AccountRef:
        """The access token has run out; the PDS, asked with it, says so."""
        self.servers.forget_limits()
        session = self.city.ask(
            "com.atproto.server.createSession", {"identifier": self.city.did, "password": self.city.app_password()}
        )
        credentials = {
            "app_password": "not-asked-for",
            "access_token": expired(self.city.did),
            "refresh_token": session["refreshJwt"],
            "expires_at": str(time.time() + 3600),
        }
        return self.account_of(self.city, credentials)

    @contextmanager
    def limited(self) -> Iterator[None]:
        """Use up the hour's 5,000 points, with posts that have no text: they count, and are refused."""
        self.servers.forget_limits()
        create = {"$type": "com.atproto.repo.applyWrites#create", "collection": POST, "value": {"$type": POST}}
        body = {"repo": self.city.did, "writes": [create] * 200}
        while self.city.http.post("com.atproto.repo.applyWrites", json=body).status_code != 429:
            pass
        try:
            yield
        finally:
            self.servers.forget_limits()

    @contextmanager
    def away(self) -> Iterator[None]:
        self.servers.control("away")
        try:
            yield
        finally:
            self.servers.control("back")
            self.servers.forget_limits()

    def asleep(self) -> str:
        cursor = json.loads(self.position())
        return json.dumps({**cursor, "at": written(datetime.now(UTC) - timedelta(hours=2))})

    def backlog(self, count: int) -> list[str]:
        """Ten a second, laid into the AppView's tables as it does itself: from its stream it takes twenty a second."""
        begun, text = datetime.now(UTC) - timedelta(hours=1), f"@{self.city.handle} backlog number"
        facets = mention(self.city.did, text, f"@{self.city.handle}")
        posts = list[dict[str, Any]]()
        for n in range(count):
            at = begun + timedelta(milliseconds=100 * n)
            record = {"$type": POST, "text": f"{text} {n}", "createdAt": written(at), "facets": facets}
            uri = f"at://{self.residents[0].did}/{POST}/{key_of(at)}"
            posts.append({**record, "uri": uri, "cid": cid_of(record), "json": json.dumps(record)})
        people = {"author": self.residents[0].did, "city": self.city.did}
        with psycopg.connect(self.servers.database) as database:
            for table, row in _TABLES.items():
                database.cursor().executemany(f"INSERT INTO appview.{table} {row}", [people | post for post in posts])
        return [str(post["uri"]) for post in posts]


_TABLES = {
    "record": """(uri, cid, did, json, "indexedAt")
        VALUES (%(uri)s, %(cid)s, %(author)s, %(json)s, %(createdAt)s)""",
    "post": """(uri, cid, creator, text, "createdAt", "indexedAt")
        VALUES (%(uri)s, %(cid)s, %(author)s, %(text)s, %(createdAt)s, %(createdAt)s)""",
    "feed_item": """(type, uri, cid, "postUri", "originatorDid", "sortAt")
        VALUES ('post', %(uri)s, %(cid)s, %(uri)s, %(author)s, %(createdAt)s)""",
    "notification": """(did, author, "recordUri", "recordCid", reason, "sortAt")
        VALUES (%(city)s, %(author)s, %(uri)s, %(cid)s, 'mention', %(createdAt)s)""",
}
"""How a mention stands in the AppView's database (its `indexing/plugins/post.js` writes these)."""


def key_of(moment: datetime) -> str:
    """The record key of a post of that moment (a TID: 53 bits of microseconds, ten of the clock's number)."""
    number = int(moment.timestamp() * 1_000_000) << 10
    return "".join("234567abcdefghijklmnopqrstuvwxyz"[number >> 5 * place & 31] for place in reversed(range(13)))


def cid_of(record: dict[str, Any]) -> str:
    """The record's content identifier (CIDv1, DAG-CBOR, SHA-256)."""
    digest = hashlib.sha256(libipld.encode_dag_cbor(record)).digest()
    return "b" + base64.b32encode(b"\x01\x71\x12\x20" + digest).decode().rstrip("=").lower()


def _flat(thread: dict[str, Any]) -> list[dict[str, Any]]:
    """All posts of a thread view that are there."""
    here = [thread["post"]] if "post" in thread else []
    return here + [post for reply in thread.get("replies", []) for post in _flat(reply)]


def expired(did: str) -> str:
    """An access token as the PDS would have signed it two hours ago."""
    long_ago = int(time.time()) - 7200
    claims = {"scope": "com.atproto.appPassPrivileged", "sub": did, "iat": long_ago, "exp": long_ago + 60}
    parts = [{"alg": "HS256", "typ": "at+jwt"}, {**claims, "aud": "did:web:localhost"}]
    said = ".".join(_base64(json.dumps(part).encode()) for part in parts)
    return f"{said}.{_base64(hmac.digest(JWT_SECRET.encode(), said.encode(), 'sha256'))}"


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


@contextmanager
def start(folder: Path) -> Iterator[BlueskyNet]:
    """The network with its people, once a session."""
    need(servers.here(), "Bluesky's server (python -m tests.servers.bluesky)")
    with servers.start(folder) as network:
        yield BlueskyNet(network)
