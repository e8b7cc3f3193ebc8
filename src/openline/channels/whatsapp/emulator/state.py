"""What the emulated WhatsApp holds: the city's number, its people, messages, files, templates."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from openline.channels.emulation.base import NAMES, Someone, now

APP, SECRET = "700100200300400", "whatsapp-sandbox-app-secret"
TOKEN = "EAAWhatsAppSandboxTokenOfASystemUser"  # noqa: S105
NUMBER, DISPLAY, WABA = "106540352242922", "+1 215-555-0311", "102290129340398"
CITY = Someone(NUMBER, "philly311", "Philly311")
RESIDENTS = tuple(Someone(f"1215555{1010 + n}", handle, name) for n, (handle, name) in enumerate(NAMES))
TEMPLATES = {
    "city_news": ("en_US", "APPROVED", 1),
    "hello_world": ("en_US", "APPROVED", 0),
    "late": ("es", "REJECTED", 1),
}
"""Name: language, state, how many parameters the body has."""
WINDOW = timedelta(hours=24)


@dataclass
class Message:
    """One message; `said` is its body as the API has it. `events` are its fates with their times."""

    id: str
    by: Someone
    person: str
    said: dict[str, Any]
    at: datetime = field(default_factory=now)
    above: str = ""
    events: list[tuple[str, datetime]] = field(default_factory=list)
    mark: str = ""

    @property
    def text(self) -> str:
        """The words in it."""
        kind = self.said.get("type", "")
        inner = self.said.get(kind, {})
        if kind == "template":
            told = [p["text"] for part in inner.get("components", []) for p in part.get("parameters", [])]
            return " ".join([f"[{inner['name']}]", *told])
        if kind == "location":
            return f"📍 {inner.get('name') or ''} {inner.get('latitude')}, {inner.get('longitude')}"
        return str(inner.get("body") or inner.get("caption") or inner.get("emoji") or "")

    @property
    def media(self) -> str:
        """The id of the file in it."""
        inner = self.said.get(self.said.get("type", ""), {})
        return str(inner.get("id", "")) if self.said.get("type") in ("image", "video", "audio", "document") else ""


@dataclass
class File:
    """A file at the network."""

    content: bytes
    media_type: str


@dataclass
class State:
    """Everything, in memory."""

    messages: dict[str, Message] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    subscribed: set[str] = field(default_factory=set)
    blocked: set[str] = field(default_factory=set)
    """People who take nothing from businesses."""
    number: int = 4490709327384000

    def new_id(self, person: str) -> str:
        """A message id as WhatsApp makes them: the person's number stands in it."""
        tail = secrets.token_hex(10).upper().encode()
        return "wamid." + base64.b64encode(b"\x1d\x0b" + person.encode() + b"\x15\x02\x00\x11\x18\x14" + tail).decode()

    def keep(self, content: bytes, media_type: str) -> str:
        """Keep a file; returns its id."""
        self.number += 1
        self.files[str(self.number)] = File(content, media_type)
        return str(self.number)

    def last_said(self, person: str) -> datetime | None:
        """When the person wrote last."""
        return max((one.at for one in self.messages.values() if one.by.id == person == one.person), default=None)

    def is_open(self, person: str) -> bool:
        """Whether anything may be written to the person."""
        last = self.last_said(person)
        return last is not None and now() - last < WINDOW
