"""Sending in steps, and finding what an earlier try sent: by its reports, which carry our mark, or by the history."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import orjson
from django.utils.translation import gettext as _

from openline.channels import parts
from openline.channels.base import AccountRef, NotAllowed, Outgoing, Progress, Receipt, Rejected, Unclear
from openline.channels.graph.client import Graph
from openline.channels.reading import child, children, json_object, moment, text
from openline.channels.whatsapp import reading, rules, writing

_CLOCKS = timedelta(seconds=30)
"""Our clock and WhatsApp's may differ by so much."""
_MOST_SEEN = 500


def send(graph: Graph, number: str, outgoing: Outgoing, key: str, progress: Progress) -> Receipt:
    """Upload each file, then say each message; every call is a step of its own."""
    account = graph.account
    writing.receiver(outgoing)
    plan = progress.step("plan", partial(writing.plan, account, outgoing))
    progress.step("begin", lambda: datetime.now(UTC).isoformat())

    def post(n: int, part: str, _above: str) -> dict[str, Any]:
        what = orjson.loads(part)
        media = progress.step(f"media {n}", partial(_upload, graph, number, outgoing, what, progress))
        said = graph.say(f"{number}/messages", writing.payload(account, outgoing, key, n, what, media))
        return {"network_id": _id_of(said), "uri": reading.mark_uri(writing.mark(account, key, n))}

    return parts.say(progress, _parts(plan), post)


def find(graph: Graph, number: str, outgoing: Outgoing, key: str, progress: Progress) -> Receipt | None:
    """What an earlier try sent; None if it sent nothing. Raises Unclear where nobody can tell."""
    begun, plan = progress.done("begin"), progress.done("plan")
    if not begun or not plan:
        return None
    since = datetime.fromisoformat(begun) - _CLOCKS

    def look(n: int, _part: str, _above: str) -> dict[str, Any] | None:
        uri = reading.mark_uri(writing.mark(graph.account, key, n))
        found = _reported(graph.account, uri) or _in_history(graph, number, outgoing, since, known)
        known.add(found)
        return {"network_id": found, "uri": uri} if found else None

    names = [_step(n) for n in range(len(plan))]
    known = {text(progress.done(name), "network_id") for name in names}
    return parts.find(progress, _parts(plan), look)


def _step(n: int) -> str:
    """The step in which `parts.say` keeps part n."""
    return f"post {n}" if n else "post"


def _parts(plan: list[dict[str, Any]]) -> list[str]:
    return [orjson.dumps(what).decode() for what in plan]


def _upload(graph: Graph, number: str, outgoing: Outgoing, what: Mapping[str, Any], progress: Progress) -> str:
    """The id of a file at WhatsApp (kept there for 30 days); "" where the message has none."""
    if "media" not in what:
        return ""
    item = outgoing.media[what["media"]]
    with progress.open(item.file) as content:
        files = {"file": (item.name or "file", content, item.media_type)}
        said = graph.post(f"{number}/media", {"messaging_product": "whatsapp", "type": item.media_type}, files)
    if not text(said, "id"):
        raise Rejected(_("WhatsApp took the file and named no id for it."), "media")
    return text(said, "id")


def _id_of(said: dict[str, Any]) -> str:
    found = children(said, "messages")
    if not found or not text(found[0], "id"):
        raise Unclear(_("WhatsApp's answer names no message."))
    return text(found[0], "id")


def _reported(account: AccountRef, uri: str) -> str:
    """The id that a report about the message with our mark gives."""
    raw = account.ledger.heard([f"{uri}:{state}" for state in rules.STATES])
    return text(child(json_object(raw), "status"), "id") if raw else ""


def _in_history(graph: Graph, number: str, outgoing: Outgoing, since: datetime, known: set[str]) -> str:
    """The id of a message to this person, of that time, that is not known to be another one of ours; "" if none is.

    The history (GET {number}/message_history) names ids and times; an id holds its receiver's number.
    """
    to = writing.receiver(outgoing).get("to", "")
    fields = "id,message_id,events{delivery_status,timestamp}"
    try:
        for seen, one in enumerate(graph.items(f"{number}/message_history", fields=fields)):
            at = _at(one)
            if seen >= _MOST_SEEN or (at and at < since):
                return ""
            name = text(one, "message_id")
            if name not in known and not graph.account.ledger.ours(name) and (not to or _is_to(name, to)):
                return _sure(name, to)
    except (NotAllowed, Rejected) as error:
        raise Unclear(_("WhatsApp does not tell what it sent: %s") % error.reason) from error
    return ""


def _sure(name: str, to: str) -> str:
    if not to:
        raise Unclear(_("WhatsApp does not tell to whom it sent what it sent."))
    return name


def _at(one: dict[str, Any]) -> datetime | None:
    times = [at for event in children(child(one, "events"), "data") if (at := moment(event.get("timestamp")))]
    return min(times, default=None)


def _is_to(name: str, number: str) -> bool:
    """Whether a message id is one to that number, which stands in it."""
    try:
        return number.encode() in base64.b64decode(name.removeprefix("wamid.") + "==", validate=False)
    except (binascii.Error, ValueError):
        return False
