"""Answers on Instagram: below a comment or a post, to a mention, and in private within the network's windows.

Instagram refuses a message that is too late, and a refused one was not sent: so the tag of a human agent is only used
once the usual window is closed, and only for what a person wrote.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from openline.channels import parts, reading
from openline.channels.base import NotAllowed, Outgoing, OutgoingMedia, Progress, Receipt, Rejected, Unclear
from openline.channels.graph.client import Graph
from openline.channels.graph.errors import NotThere, SaidAlready, WindowClosed
from openline.channels.graph.portions import pages
from openline.channels.instagram import names, writing
from openline.channels.instagram.reading import time_of

_COMMENT = "id,text,timestamp,username,from"
_MESSAGE = "id,created_time,from,message"
_CLOCKS_APART = timedelta(minutes=2)


def send(graph: Graph, outgoing: Outgoing, progress: Progress) -> Receipt:
    """Say it, in as many comments or messages as it takes, each once."""
    texts = _texts(graph, outgoing)
    say = _message if outgoing.visibility == "private" else _comment
    return parts.say(progress, texts, lambda n, text, above: say(graph, outgoing, n, text))


def find_sent(graph: Graph, outgoing: Outgoing, progress: Progress, since: datetime) -> Receipt | None:
    """Look below the comment or post, or in the conversation, for each part. Raises Unclear where one cannot look."""
    if outgoing.visibility != "private" and names.mentioned(outgoing.in_reply_to):
        if known := progress.done("post"):
            return Receipt(known["network_id"])
        raise Unclear(
            _("Instagram shows programs no answers below posts of others: look there before it is sent again.")
        )
    taken = set[str]()

    def look(n: int, text: str, above: str) -> dict[str, Any] | None:
        taken.add(above)
        found = _found(graph, outgoing, text, since, taken)
        taken.add(found)
        return {"network_id": found} if found else None

    return parts.find(progress, _texts(graph, outgoing), look)


def _texts(graph: Graph, outgoing: Outgoing) -> list[str]:
    if outgoing.visibility != "private":
        return writing.comments(graph.account, outgoing)
    texts = writing.messages(outgoing)
    if names.is_comment(outgoing.in_reply_to) and len(texts) > 1:
        words = _("A comment can be answered in private with one message alone: shorten it, without files.")
        raise Rejected(words, "text")
    return texts


# In public


def _comment(graph: Graph, outgoing: Outgoing, n: int, text: str) -> dict[str, Any]:
    path, values = _place(outgoing)
    said = graph.post(path, {**values, "message": text})
    if not reading.text(said, "id"):
        raise Unclear(_("Instagram took the comment, and names no id."))
    return {"network_id": reading.text(said, "id")}


def _place(outgoing: Outgoing) -> tuple[str, dict[str, str]]:
    """Where an answer is posted: to a mention, below a post of ours, or below a comment."""
    if found := names.mentioned(outgoing.in_reply_to):
        media, comment = found
        return "me/mentions", {"media_id": media} | ({"comment_id": comment} if comment else {})
    if media := names.posted(outgoing.in_reply_to):
        return f"{media}/comments", {}
    if not names.is_comment(outgoing.in_reply_to):
        raise NotAllowed(_("This is a private message: it cannot be answered in public."))
    return f"{outgoing.in_reply_to}/replies", {}


# In private


def _receiver(outgoing: Outgoing) -> dict[str, str]:
    if names.mentioned(outgoing.in_reply_to):
        raise NotAllowed(_("Who mentions the city elsewhere can be answered there alone, not in private."))
    if names.is_comment(outgoing.in_reply_to):
        return {"comment_id": outgoing.in_reply_to}
    person = outgoing.in_reply_to_author or outgoing.to_handle
    if not person.isdecimal():
        raise Rejected(_("It is not known to whom this message goes."), "to_handle")
    return {"id": person}


def _message(graph: Graph, outgoing: Outgoing, n: int, text: str) -> dict[str, Any]:
    receiver = _receiver(outgoing)
    before = len(writing.messages(outgoing)) - len(outgoing.media)
    message = {"text": text} if n < before else {"attachment": _attachment(outgoing.media[n - before])}
    usual = partial(_post, graph, {"recipient": receiver, "message": message})
    try:
        return usual({})
    except SaidAlready:  # the comment was answered in private before, perhaps by us
        found = _found(graph, outgoing, text, datetime.min, set())
        if not found:
            raise
        return {"network_id": found}
    except WindowClosed:
        if not may_tag(graph.account.settings) or outgoing.automatic or "id" not in receiver:
            raise
        return usual({"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"})


def may_tag(settings: Mapping[str, str]) -> bool:
    """Whether Meta has allowed the city's app to answer as a human agent, for seven days."""
    return settings.get("human_agent") == "yes"


def _attachment(one: OutgoingMedia) -> dict[str, Any]:
    return {"type": one.kind, "payload": {"url": one.url}}


def _post(graph: Graph, values: dict[str, Any], more: dict[str, str]) -> dict[str, Any]:
    said = graph.post("me/messages", {**values, **more})
    if not reading.text(said, "message_id"):
        raise Unclear(_("Instagram took the message, and names no id."))
    return {"network_id": reading.text(said, "message_id")}


# Looking


def _found(graph: Graph, outgoing: Outgoing, text: str, since: datetime, taken: set[str]) -> str:
    private = outgoing.visibility == "private"
    rows = _said_in_private(graph, outgoing) if private else _said_in_public(graph, outgoing)
    for one in rows:
        at, network_id = time_of(one.get("created_time") or one.get("timestamp")), reading.text(one, "id")
        old = since is not datetime.min and at and at < since - _CLOCKS_APART
        if old or network_id in taken or graph.account.ledger.ours(network_id) or not _by_us(graph, one):
            continue
        if (reading.text(one, "text") or reading.text(one, "message")).split() == text.split():
            return network_id
    return ""


def _by_us(graph: Graph, one: Mapping[str, Any]) -> bool:
    own = {graph.account.author_id, graph.account.handle.removeprefix("@")} - {""}
    writer = reading.child(one, "from")
    return bool(own & {reading.text(writer, "id"), reading.text(writer, "username"), reading.text(one, "username")})


def _said_in_public(graph: Graph, outgoing: Outgoing) -> list[dict[str, Any]]:
    path, _values = _place(outgoing)
    try:
        return next(pages(graph, path, fields=_COMMENT, limit=50), [])
    except NotThere:
        return []


def _said_in_private(graph: Graph, outgoing: Outgoing) -> Iterator[dict[str, Any]]:
    person = {"user_id": outgoing.in_reply_to_author} if outgoing.in_reply_to_author.isdecimal() else {}
    for talk in next(pages(graph, "me/conversations", platform="instagram", fields="id", limit=10, **person), []):
        yield from next(pages(graph, f"{reading.text(talk, 'id')}/messages", fields=_MESSAGE, limit=50), [])
