"""What the emulated WhatsApp calls us with: each thing in a batch of its own, or joined; signed by the app's secret."""

from __future__ import annotations

import json
from typing import Any

from openline.channels.emulation.base import Someone
from openline.channels.emulation.calls import Calls
from openline.channels.graph.signing import signature
from openline.channels.whatsapp.emulator.state import APP, DISPLAY, NUMBER, SECRET, WABA, Message, State

_CATEGORY = {"template": "utility"}


class Webhooks:
    """Tells the app of what is said to the city's number, once it is subscribed."""

    def __init__(self, state: State, calls: Calls) -> None:
        self._state, self._calls = state, calls

    def message(self, who: Someone, said: dict[str, Any]) -> None:
        """A person wrote, changed or took back something."""
        self.push([self.of_message(who, said)])

    def status(self, message: Message, status: str, errors: tuple[dict[str, Any], ...] = ()) -> None:
        """What became of a message of the city."""
        at = next((at for name, at in message.events if name == status.upper()), message.at)
        said: dict[str, Any] = {"id": message.id, "status": status, "timestamp": str(int(at.timestamp()))}
        said |= {"recipient_id": message.person}
        said |= {"biz_opaque_callback_data": message.mark} if message.mark else {}
        if errors:
            said["errors"] = list(errors)
        else:
            category = _CATEGORY.get(message.said["type"], "service")
            said["conversation"] = {"id": f"c{message.person}", "origin": {"type": category}}
            said["pricing"] = {"billable": True, "pricing_model": "PMP", "category": category, "type": "regular"}
        self.push([self._value({"statuses": [said]})])

    def of_message(self, who: Someone, said: dict[str, Any]) -> dict[str, Any]:
        """The `value` of a change that brings a message."""
        contact = {"profile": {"name": who.name}, "wa_id": who.id}
        return self._value({"contacts": [contact], "messages": [said]})

    def push(self, values: list[dict[str, Any]]) -> None:
        """A batch, signed over its own escaped text."""
        if APP not in self._state.subscribed:
            return
        changes = [{"value": value, "field": "messages"} for value in values]
        said = {"object": "whatsapp_business_account", "entry": [{"id": WABA, "changes": changes}]}
        body = json.dumps(said).replace("/", "\\/").encode()
        self._calls.push(body, {"Content-Type": "application/json", "X-Hub-Signature-256": signature(body, SECRET)})

    def _value(self, what: dict[str, Any]) -> dict[str, Any]:
        number = "".join(filter(str.isdecimal, DISPLAY))
        metadata = {"display_phone_number": number, "phone_number_id": NUMBER}
        return {"messaging_product": "whatsapp", "metadata": metadata} | what
