"""What the city says by the emulated WhatsApp: checked by its rules, taken, and delivered or not a moment later."""

from __future__ import annotations

from typing import Any

from openline.channels.emulation.base import Faults, now
from openline.channels.whatsapp.emulator.errors import Refusal, parameter
from openline.channels.whatsapp.emulator.state import CITY, TEMPLATES, Message, State
from openline.channels.whatsapp.emulator.webhooks import Webhooks

_MEDIA = {
    "image": ({"image/jpeg", "image/png"}, 5_000_000),
    "video": ({"video/mp4", "video/3gpp"}, 16_000_000),
    "audio": ({"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"}, 16_000_000),
    "document": (set(), 100_000_000),
}
_ALLOWED = {"messaging_product", "recipient_type", "to", "type", "context", "biz_opaque_callback_data"}


class Speaking:
    """POST {number}/messages and {number}/media."""

    def __init__(self, state: State, hooks: Webhooks, faults: Faults) -> None:
        self._state, self._hooks, self._faults = state, hooks, faults

    def send(self, said: dict[str, Any]) -> dict[str, Any]:
        """Take a message. What stands against its delivery is told afterwards, by a report, as WhatsApp does it."""
        self._check(said)
        person = "".join(filter(str.isdecimal, str(said["to"])))
        content = {"type": said["type"], said["type"]: said[said["type"]]}
        above = said.get("context", {}).get("message_id", "")
        message = Message(self._state.new_id(person), CITY, person, content, above=above)
        message.mark = said.get("biz_opaque_callback_data", "")
        if self._faults.refuses and self._faults.refuses in message.text:
            raise parameter("Parameter value is not valid")
        self._state.messages[message.id] = message
        self._deliver(message)
        contacts = [{"input": str(said["to"]), "wa_id": person}]
        return {"messaging_product": "whatsapp", "contacts": contacts, "messages": [{"id": message.id}]}

    def upload(self, content: bytes, media_type: str, product: str) -> dict[str, Any]:
        """Keep a file of the city."""
        if product != "whatsapp":
            raise parameter("The parameter messaging_product is required.")
        sizes = [most for kinds, most in _MEDIA.values() if media_type in kinds]
        if not sizes and media_type.split("/")[0] in ("image", "video", "audio"):
            raise parameter(f"Param file must be a file of a supported type, not {media_type!r}.")
        if len(content) > (sizes[0] if sizes else _MEDIA["document"][1]):
            raise Refusal(131053, "(#131053) Media upload error", details="The file is too large.")
        return {"id": self._state.keep(content, media_type)}

    def _check(self, said: dict[str, Any]) -> None:
        if self._faults.limited:
            raise Refusal(130429, "(#130429) Rate limit hit", details="Cloud API message throughput has been reached.")
        if said.get("messaging_product") != "whatsapp":
            raise parameter("The parameter messaging_product is required.")
        if not said.get("to"):
            raise parameter("The parameter to is required.")
        kind = said.get("type", "text")
        if kind not in (*_MEDIA, "text", "template", "reaction", "location"):
            raise parameter(f"Param type must be one of {{TEXT, IMAGE, ...}} - got {str(kind).upper()!r}.")
        if extra := set(said) - _ALLOWED - {kind}:
            raise parameter(f"Unexpected key {sorted(extra)[0]!r}.")
        if not isinstance(said.get(kind), dict):
            raise parameter(f"The parameter {kind} is required.")
        getattr(self, f"_check_{kind}", self._check_media)(said[kind])

    def _check_text(self, text: dict[str, Any]) -> None:
        body = text.get("body")
        if not isinstance(body, str) or not body:
            raise parameter("The parameter text['body'] is required.")
        if len(body) > 4096:
            raise parameter("Param text['body'] must be at most 4096 characters long.")

    def _check_template(self, template: dict[str, Any]) -> None:
        known = TEMPLATES.get(template.get("name", ""))
        if not known or known[0] != template.get("language", {}).get("code") or known[1] != "APPROVED":
            raise Refusal(132001, "(#132001) Template name does not exist in the translation", status=404)
        values = [p for part in template.get("components", []) for p in part.get("parameters", [])]
        if len(values) != known[2]:
            raise Refusal(132000, "(#132000) Number of parameters does not match the expected number of params")
        if any("\n" in p["text"] or "\t" in p["text"] or "    " in p["text"] for p in values):
            raise parameter("Param text cannot have new-line/tab characters or more than 4 consecutive spaces")

    def _check_media(self, media: dict[str, Any]) -> None:
        if media.get("id") not in self._state.files and "link" not in media:
            raise Refusal(131009, "(#131009) Parameter value is not valid", details="Invalid media id.")
        if len(media.get("caption", "")) > 1024:
            raise parameter("Param caption must be at most 1024 characters long.")

    def _check_reaction(self, reaction: dict[str, Any]) -> None:
        if reaction.get("message_id") not in self._state.messages:
            raise Refusal(131009, "(#131009) Parameter value is not valid", details="No such message.")

    def _check_location(self, location: dict[str, Any]) -> None:
        if "latitude" not in location or "longitude" not in location:
            raise parameter("The parameter location['latitude'] is required.")

    def _deliver(self, message: Message) -> None:
        """The reports of a message; outside the 24 hours it fails, unless it is a template."""
        if message.person in self._state.blocked:
            return self._fail(message, 131026, "Message undeliverable")
        if message.said["type"] != "template" and not self._state.is_open(message.person):
            return self._fail(message, 131047, "Re-engagement message")
        for state in ("sent", "delivered"):
            message.events.append((state.upper(), now()))
            self._hooks.status(message, state)

    def _fail(self, message: Message, code: int, title: str) -> None:
        message.events.append(("FAILED", now()))
        late = "More than 24 hours have passed since the customer last replied to this number."
        told = {"details": late if code == 131047 else title}
        error = {"code": code, "title": title, "message": title, "error_data": told}
        self._hooks.status(message, "failed", (error,))
