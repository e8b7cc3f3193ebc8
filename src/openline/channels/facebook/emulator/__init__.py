"""Facebook pages and Messenger in memory, by the network's own contract (Graph API v26.0), for training and tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from starlette.routing import BaseRoute

from openline.channels.accounts import AccountRef
from openline.channels.emulation import base
from openline.channels.emulation.base import CannotDo, Shown, Someone
from openline.channels.facebook.emulator.messenger import Messenger
from openline.channels.facebook.emulator.publishing import Publishing
from openline.channels.facebook.emulator.server import Server
from openline.channels.facebook.emulator.state import ADMIN, APP, PAGES, RESIDENTS, SECRET, Node, State
from openline.channels.facebook.emulator.webhooks import Webhooks
from openline.channels.facebook.rules import FIELDS

__all__ = ["APP", "PAGES", "SECRET", "Emulator"]


class Emulator(base.Emulator):
    """The network. Two pages; the first is the city's."""

    network: ClassVar[str] = "facebook"
    label: ClassVar[str] = "Facebook"
    many_posts: ClassVar[str] = "On the page"
    private_too: ClassVar[bool] = True

    def __init__(self, hook: str = "") -> None:
        super().__init__(hook)
        self.state = State()
        self.hooks = Webhooks(self.state, self.calls)
        self.publishing = Publishing(self.state, self.hooks, self.faults)
        self.messenger = Messenger(self.state, self.hooks)
        self._server = Server(self.state, self.publishing, self.messenger, self.calls, self.faults, self.lock)
        self.page = PAGES[0]
        if hook:
            self.subscribe()

    @property
    def forbidden(self) -> set[str]:
        """Edges of pages for which the app lacks the permission; a test or a trainer may add to them."""
        return self._server.forbidden

    def subscribe(self) -> None:
        """As if the app had asked to be told of everything on the city's page."""
        self.state.subscribed[self.page.id] = set(FIELDS)

    @property
    def city(self) -> AccountRef:
        """The city's page, connected."""
        credentials = {"access_token": self.state.page_tokens[self.page.id], "app_secret": SECRET}
        settings = {"app_id": APP, "page": self.page.id, "user_id": ADMIN.id, "human_agent": "yes"}
        return AccountRef("", self.page.handle, self.url, credentials, settings, author_id=self.page.id)

    def routes(self) -> Sequence[BaseRoute]:
        """Graph, its login, its files."""
        self._server.url = self.publishing.url = self.messenger.url = self.url
        return self._server.routes()

    # Residents

    @property
    def residents(self) -> Sequence[Someone]:
        """Who can write here."""
        return RESIDENTS

    def say(
        self,
        who: Someone,
        text: str,
        *,
        in_reply_to: str = "",
        private: bool = False,
        photos: Sequence[bytes] = (),
    ) -> str:
        """A message, a comment, or a post on the page."""
        with self.lock:
            above = self.state.nodes.get(in_reply_to)
            if in_reply_to and not above:
                raise CannotDo("That is not there any more.")
            files = tuple(self._photo(who, one) for one in photos)
            if private or (above and above.kind == "message"):
                return self.messenger.receive(who, self.page, text, files).id
            if above:
                return self.publishing.below(who, above, text, files[:1]).id
            node = Node(f"{self.page.id}_{self.state.number()}", "post", who, text, page=self.page.id, files=files)
            self.state.add(node)
            self.hooks.post(node, "add", [f"{self.url}/media/{one}" for one in files])
            return node.id

    def mention(self, who: Someone, text: str) -> str:
        """Name the city's page in a post elsewhere."""
        with self.lock:
            node = Node(f"{who.id}_{self.state.number()}", "post", who, text, page=who.id, to=self.page.id)
            self.hooks.mention(self.state.add(node), self.page.id)
            return node.id

    def edit(self, post: str, text: str) -> None:
        """Change one's own words."""
        with self.lock:
            node = self._own(post)
            node.text, node.edits = text, node.edits + 1
            if node.kind == "message":
                self.hooks.edited(node)
            else:
                (self.hooks.comment if node.kind == "comment" else self.hooks.post)(node, "edited", [])

    def delete(self, post: str) -> None:
        """Take one's own words back; Messenger tells a page nothing of that."""
        with self.lock:
            node = self._own(post)
            if node.kind == "message":
                raise CannotDo("Messenger does not tell a page what people take back.")
            self.state.remove(node)
            (self.hooks.comment if node.kind == "comment" else self.hooks.post)(node, "remove", [])

    def thread(self, post: str, who: Someone) -> list[Shown]:
        """A post with its comments, or the conversation of that message."""
        with self.lock:
            node = self.state.nodes.get(post)
            if not node:
                return []
            if node.kind == "message":
                person = node.to if node.by.id == self.page.id else node.by.id
                return (
                    [self._shown(one) for one in self.state.messages(person, self.page.id)] if person == who.id else []
                )
            root = self.state.nodes.get(node.post, node)
            seen = [root, *self.state.below(root.id)]
            return [self._shown(one) for one in seen if one.is_public and (not one.hidden or one.by.id == who.id)]

    def newest(self, who: Someone, limit: int = 30) -> list[Shown]:
        """What stands on the page, what names it, and the last word of one's own conversation."""
        with self.lock:
            found = [one for one in self.state.posts(self.page.id) if one.is_public and not one.hidden]
            found += [one for one in self.state.nodes.values() if one.kind == "post" and one.to == self.page.id]
            found += self.state.messages(who.id, self.page.id)[-1:]
            return [self._shown(one) for one in sorted(found, key=lambda one: one.at, reverse=True)[:limit]]

    # For tests and trainers

    def age(self, post: str, by: timedelta) -> None:
        """Let something be older than it is, to try what windows do."""
        with self.lock:
            self.state.nodes[post].at -= by

    def backlog(self, count: int, per_second: int = 20) -> list[str]:
        """So many comments below one post of the page, of the last hour, without a word to anybody."""
        with self.lock:
            begun = datetime.now(UTC) - timedelta(hours=1)
            root = Node(
                f"{self.page.id}_{self.state.number()}", "post", self.page, "What is broken?", begun, page=self.page.id
            )
            self.state.add(root)
            found = []
            for n in range(count):
                number = f"{root.id.rpartition('_')[2]}_{self.state.number()}"
                at = begun + timedelta(seconds=1 + n // per_second)
                who = RESIDENTS[n % len(RESIDENTS)]
                node = Node(number, "comment", who, f"backlog number {n}", at, root.id, root.id, self.page.id)
                found.append(self.state.add(node).id)
            return found

    def _own(self, post: str) -> Node:
        node = self.state.nodes.get(post)
        if not node or node.by.id in {one.id for one in PAGES}:
            raise CannotDo("That is not there any more.")
        return node

    def _photo(self, who: Someone, content: bytes) -> str:
        kind = "image/png" if content.startswith(b"\x89PNG") else "image/jpeg"
        return self.state.add(Node(self.state.number(), "photo", who, content=content, media_type=kind)).id

    def _shown(self, node: Node) -> Shown:
        files = [self.state.nodes[one] for one in node.files]
        media = tuple((f"{self.url}/media/{one.id}{'#.mp4' if one.kind == 'video' else ''}", one.alt) for one in files)
        return Shown(
            node.id,
            node.by,
            node.text,
            node.at,
            node.by.id == self.page.id,
            node.above,
            node.kind == "message",
            media,
            hidden=node.hidden,
        )
