"""WhatsApp's calls to us: proved, told apart by the city's number, and cut into single deliveries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from openline.channels.base import AccountRef, Incoming, Pushed, Refused, Shared
from openline.channels.graph import hooks
from openline.channels.reading import child, children, text
from openline.channels.whatsapp import reading, rules


def share(accounts: Sequence[AccountRef], pushed: Pushed) -> Shared:
    """One call for all numbers of the app: a challenge, a withdrawal, or a batch. Raises Unverified, Rejected."""
    if pushed.method == "GET":
        return hooks.challenge(accounts, pushed)
    if hooks.is_callback(pushed):
        return hooks.withdrawal(accounts, pushed)
    ours = {one.author_id: one.id for one in hooks.of_app(accounts, pushed) if one.author_id}
    items: dict[str, list[Incoming | Refused]] = {}
    for number, raw in _deliveries(pushed):
        if number in ours:
            items.setdefault(ours[number], []).append(reading.parse(raw))
    return Shared({account: tuple(found) for account, found in items.items()})


def _deliveries(pushed: Pushed) -> Iterator[tuple[str, bytes]]:
    """The single things of a batch, each with the number (its id) that it is for."""
    for entry in hooks.entries(pushed, [rules.OBJECT]):
        for change in children(entry, "changes"):
            if text(change, "field") in rules.FIELDS:
                yield from _of_change(child(change, "value"))


def _of_change(value: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
    number = text(child(value, "metadata"), "phone_number_id")
    contacts = children(value, "contacts")
    for message in children(value, "messages"):
        wrapped: dict[str, Any] = {"number": number, "contact": _sender(contacts, message), "message": message}
        yield number, _bytes(wrapped)
    for status in children(value, "statuses"):
        yield number, _bytes({"number": number, "status": status})


def _sender(contacts: list[dict[str, Any]], message: dict[str, Any]) -> dict[str, Any]:
    """The contact of who wrote: by number or id; the only one, where the message names none."""
    names = {text(message, "from"), text(message, "from_user_id")} - {""}
    for contact in contacts:
        if names & {text(contact, "wa_id"), text(contact, "user_id")}:
            return contact
    return contacts[0] if len(contacts) == 1 and not names else {}


def _bytes(value: dict[str, Any]) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS)
