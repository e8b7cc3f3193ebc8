"""WhatsApp in memory, by Meta's own OpenAPI document of the Cloud API (v23.0), for training and tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, ClassVar

from starlette.routing import BaseRoute

from openline.channels.accounts import AccountRef
from openline.channels.emulation import base
from openline.channels.emulation.base import CannotDo, Shown, Someone
from openline.channels.whatsapp.emulator.server import Server
from openline.channels.whatsapp.emulator.speaking import Speaking
from openline.channels.whatsapp.emulator.state import (
    APP,
    CITY,
    DISPLAY,
    NUMBER,
    RESIDENTS,
    SECRET,
    TOKEN,
    WABA,
    Message,
    State,
)  # fmt: skip
from openline.channels.whatsapp.emulator.webhooks import Webhooks

__all__ = ["APP", "NUMBER", "SECRET", "TOKEN", "WABA", "Emulator"]


class Emulator(base.Emulator):
    """The network: one number of a city, and people who write to it."""

    network: ClassVar[str] = "whatsapp"
    label: ClassVar[str] = "WhatsApp"
    many_posts: ClassVar[str] = "The conversation"
    private_too: ClassVar[bool] = False

    def __init__(self, hook: str = "") -> None:
        super().__init__(hook)
        self.state = State()
        self.hooks = Webhooks(self.state, self.calls)
        self.speaking = Speaking(self.state, self.hooks, self.faults)
        self._server = Server(self, self.state, self.speaking, self.faults.dead_tokens)
        if hook:
            self.state.subscribed.add(APP)

    def routes(self) -> Sequence[BaseRoute]:
        """Graph, and the files."""
        return self._server.routes()

    @property
    def city(self) -> AccountRef:
        """The city's number."""
        settings = {"phone_number_id": NUMBER, "waba_id": WABA, "app_id": APP, "template": "city_news"}
        settings["template_language"] = "en_US"
        handle = "+" + "".join(filter(str.isdecimal, DISPLAY))
        credentials = {"access_token": TOKEN, "app_secret": SECRET}
        return AccountRef("whatsapp", handle, self.url, credentials, settings, author_id=NUMBER)

    # Residents

    @property
    def residents(self) -> Sequence[Someone]:
        """Who can write here."""
        return RESIDENTS

    def say(
        self, who: Someone, text: str, *, in_reply_to: str = "", private: bool = False, photos: Sequence[bytes] = ()
    ) -> str:
        """Write to the city; each photo is a message, the first with the text below it."""
        with self.lock:
            if not photos:
                return self.give(who, {"type": "text", "text": {"body": text}}, in_reply_to).id
            ids = []
            for n, photo in enumerate(photos):
                kind = "image/png" if photo.startswith(b"\x89PNG") else "image/jpeg"
                image = {"id": self.state.keep(photo, kind), "mime_type": kind} | ({"caption": text} if not n else {})
                ids.append(self.give(who, {"type": "image", "image": image}, in_reply_to).id)
            return ids[0]

    def give(self, who: Someone, said: dict[str, Any], in_reply_to: str = "") -> Message:
        """Say something of any kind (`said` as WhatsApp's calls have it), quoting a message."""
        with self.lock:
            message = Message(self.state.new_id(who.id), who, who.id, said, above=in_reply_to)
            self.state.messages[message.id] = message
            self.hooks.message(who, self._told(message))
            return message

    def react(self, who: Someone, post: str, sign: str) -> None:
        """Put a sign below a message, or take it back ("")."""
        with self.lock:
            reaction = {"message_id": post} | ({"emoji": sign} if sign else {})
            said = {"from": who.id, "id": self.state.new_id(who.id), "timestamp": self._stamp(), "type": "reaction"}
            self.hooks.message(who, said | {"reaction": reaction})

    def edit(self, post: str, text: str) -> None:
        """Change one's own words."""
        with self.lock:
            message = self._own(post)
            kind = message.said["type"]
            message.said[kind] |= {"body" if kind == "text" else "caption": text}
            self._changed(message, "edit", {"message": dict(message.said)})

    def delete(self, post: str) -> None:
        """Take one's own words back."""
        with self.lock:
            message = self._own(post)
            del self.state.messages[post]
            self._changed(message, "revoke", {})

    def thread(self, post: str, who: Someone) -> list[Shown]:
        """The conversation of the person, if the message is in it."""
        with self.lock:
            message = self.state.messages.get(post)
            if not message or message.person != who.id:
                return []
            return [self._shown(one) for one in self.state.messages.values() if one.person == who.id and _arrived(one)]

    def newest(self, who: Someone, limit: int = 30) -> list[Shown]:
        """The conversation, newest first."""
        with self.lock:
            found = [one for one in self.state.messages.values() if one.person == who.id and _arrived(one)]
            return [self._shown(one) for one in found[::-1][:limit]]

    # For tests and trainers

    def read(self, post: str) -> None:
        """A person looks at a message of the city."""
        with self.lock:
            message = self.state.messages[post]
            message.events.append(("READ", base.now()))
            self.hooks.status(message, "read")

    def age(self, post: str, by: timedelta) -> None:
        """Let something be older than it is, to try what the window does."""
        with self.lock:
            self.state.messages[post].at -= by

    def backlog(self, count: int, batch: int = 1000) -> list[str]:
        """So many messages, told in batches as large as WhatsApp makes them."""
        with self.lock:
            found, values = list[str](), list[dict[str, Any]]()
            for n in range(count):
                who = RESIDENTS[n % len(RESIDENTS)]
                said = {"type": "text", "text": {"body": f"backlog number {n}"}}
                message = Message(self.state.new_id(who.id), who, who.id, said)
                self.state.messages[message.id] = message
                found.append(message.id)
                values.append(self.hooks.of_message(who, self._told(message)))
            for start in range(0, count, batch):
                self.hooks.push(values[start : start + batch])
            return found

    def _told(self, message: Message) -> dict[str, Any]:
        said: dict[str, Any] = {"from": message.by.id, "id": message.id, "timestamp": self._stamp(), **message.said}
        if message.above:
            above = self.state.messages.get(message.above)
            writer = "".join(filter(str.isdecimal, DISPLAY)) if above and above.by == CITY else message.by.id
            said["context"] = {"from": writer, "id": message.above}
        return said

    def _changed(self, message: Message, kind: str, what: dict[str, Any]) -> None:
        said = {"from": message.by.id, "id": self.state.new_id(message.by.id), "timestamp": self._stamp(), "type": kind}
        self.hooks.message(message.by, said | {kind: {"original_message_id": message.id} | what})

    def _stamp(self) -> str:
        return str(int(base.now().timestamp()))

    def _own(self, post: str) -> Message:
        message = self.state.messages.get(post)
        if not message or message.by == CITY:
            raise CannotDo("That is not there any more.")
        return message

    def _shown(self, one: Message) -> Shown:
        url = f"{self.url}/whatsapp_business/attachments/?mid={one.media}&shown=1"
        media = ((url, ""),) if one.media else ()
        return Shown(one.id, one.by, one.text, one.at, one.by == CITY, one.above, True, media)


def _arrived(one: Message) -> bool:
    return not any(name == "FAILED" for name, _at in one.events)
