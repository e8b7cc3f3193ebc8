"""What Facebook calls us with: one address for all pages of the app. A batch has more than one thing in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from openline.channels import reading as plain
from openline.channels.base import AccountRef, Incoming, Pushed, Refused, Shared
from openline.channels.facebook import reading
from openline.channels.graph import hooks

_OBJECTS = ("page",)


def share(accounts: Sequence[AccountRef], pushed: Pushed) -> Shared:
    """A challenge, a withdrawn permission, or a signed batch. Raises Unverified."""
    if pushed.method == "GET":
        return hooks.challenge(accounts, pushed)
    if hooks.is_callback(pushed):
        return hooks.withdrawal(accounts, pushed)
    ours = hooks.of_app(accounts, pushed)
    found: dict[str, list[Incoming | Refused]] = {}
    for entry in hooks.entries(pushed, _OBJECTS):
        for account in ours:
            if account.author_id == plain.text(entry, "id"):
                items = found.setdefault(account.id, [])
                items += (reading.parse(raw) for raw in raws(account, entry))
    return Shared({one: tuple(items) for one, items in found.items()}, body="EVENT_RECEIVED")


def raws(account: AccountRef, entry: dict[str, Any]) -> Iterator[bytes]:
    """The things of one entry that concern the city, each as a delivery of its own."""
    page, app = plain.text(entry, "id"), account.settings.get("app_id", "")
    for change in plain.children(entry, "changes"):
        field, value = plain.text(change, "field"), plain.child(change, "value")
        if field == "mention" or (field == "feed" and reading.is_heard(value, page)):
            yield reading.wrap(field, page, value=value)
    for name in ("messaging", "standby"):
        for event in plain.children(entry, name):
            if reading.is_heard_message(event, app):
                yield from _events(page, event)


def _events(page: str, event: dict[str, Any]) -> Iterator[bytes]:
    """The event; a report on several messages as one for each."""
    delivery = plain.child(event, "delivery")
    if not delivery:
        yield reading.wrap(reading.EVENT, page, event=event)
        return
    mids = delivery.get("mids")
    for mid in mids if isinstance(mids, list) else []:
        yield reading.wrap(reading.EVENT, page, event=event | {"delivery": delivery | {"mids": [mid]}})
