"""What the emulated network holds: pages, tokens, posts, comments, pictures, films, conversations."""

from __future__ import annotations

import itertools
import secrets
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from openline.channels.emulation.base import NAMES, Someone

APP, SECRET = "840000000000001", "sandbox-app-secret-840000000000001"
PAGES = (
    Someone("105550000000001", "cityservicedesk", "City Service Desk"),
    Someone("105550000000002", "cityparks", "City Parks"),
)
ADMIN = Someone("7700000000001", "administrator", "Page Administrator")
RESIDENTS = tuple(Someone(str(2_400_000_000_001 + n), handle, name) for n, (handle, name) in enumerate(NAMES))

Kind = Literal["post", "comment", "photo", "video", "message"]


@dataclass(slots=True)
class Token:
    """An access token: of the person who manages the pages, of a page, or of the app."""

    kind: Literal["USER", "PAGE", "APP"]
    page: str = ""
    expires_at: datetime | None = None

    @property
    def is_good(self) -> bool:
        """Whether it has not run out."""
        return self.expires_at is None or datetime.now(UTC) < self.expires_at


@dataclass(slots=True)
class Node:
    """One object of the graph. `above` is the object right over it, `post` the post (or conversation) it belongs to."""

    id: str
    kind: Kind
    by: Someone
    text: str = ""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    above: str = ""
    post: str = ""
    page: str = ""
    to: str = ""
    files: tuple[str, ...] = ()
    link: str = ""
    app: str = ""
    hidden: bool = False
    published: bool = True
    publish_at: datetime | None = None
    answered_in_private: str = ""
    edits: int = 0
    # Of pictures and films
    content: bytes = b""
    media_type: str = ""
    alt: str = ""
    title: str = ""
    # Of films
    edge: str = ""
    size: int = 0
    finished_at: datetime | None = None
    story: str = ""
    captions: str = ""
    name: str = ""

    @property
    def is_public(self) -> bool:
        """Whether everybody can see it now; what was planned is public once its time has come."""
        return self.published or bool(self.publish_at and datetime.now(UTC) >= self.publish_at)


class State:
    """All of it. Changed under the emulator's lock only."""

    def __init__(self) -> None:
        self.nodes: dict[str, Node] = {}
        self.tokens: dict[str, Token] = {f"{APP}|{SECRET}": Token("APP")}
        self.codes: dict[str, str] = {}
        self.subscribed: dict[str, set[str]] = {}
        self._below: dict[str, list[Node]] = {}
        self._said: dict[tuple[str, str], list[Node]] = {}
        self._numbers = itertools.count(int(time.time()) * 100_000)  # never given twice, also after a restart
        self.page_tokens = {page.id: self.token("PAGE", page.id) for page in PAGES}

    def token(self, kind: Literal["USER", "PAGE", "APP"], page: str = "", lasts: timedelta | None = None) -> str:
        """A new access token."""
        made = "EAAL" + secrets.token_hex(24)
        self.tokens[made] = Token(kind, page, datetime.now(UTC) + lasts if lasts else None)
        return made

    def number(self) -> str:
        """A number that nothing else has."""
        return str(next(self._numbers))

    def add(self, node: Node) -> Node:
        """Keep it."""
        self.nodes[node.id] = node
        if node.kind == "comment":
            self._below.setdefault(node.post, []).append(node)
        elif node.kind == "message":
            self._said.setdefault((node.page, node.to if node.by.id == node.page else node.by.id), []).append(node)
        return node

    def remove(self, node: Node) -> None:
        """Take it away, with all below it."""
        for one in [*self.below(node.id), node]:
            self.nodes.pop(one.id, None)
            if one.kind == "comment" and one in self._below.get(one.post, []):
                self._below[one.post].remove(one)

    def below(self, node_id: str) -> list[Node]:
        """All comments of a post or below a comment, oldest first."""
        node = self.nodes.get(node_id)
        if node and node.kind == "comment":
            return [one for one in self.below(node.post) if one.above == node_id]
        return sorted(self._below.get(node_id, []), key=lambda one: one.at)

    def posts(self, page: str) -> list[Node]:
        """What stands on a page, newest first, whether it is public yet or not."""
        found = [n for n in self.nodes.values() if n.kind == "post" and n.page == page]
        return sorted(found, key=lambda one: (one.at, one.id), reverse=True)

    def messages(self, person: str, page: str) -> list[Node]:
        """A conversation, oldest first."""
        return sorted(self._said.get((page, person), []), key=lambda one: one.at)

    def conversations(self, page: str) -> list[tuple[str, list[Node]]]:
        """All conversations of a page, each with its person, the one with the newest message first."""
        found = [(who, self.messages(who, page)) for of, who in self._said if of == page]
        return sorted(found, key=lambda one: one[1][-1].at, reverse=True)


def person(one: str) -> Someone | None:
    """The resident or page with that id."""
    return next((each for each in (*RESIDENTS, *PAGES, ADMIN) if each.id == one), None)
