"""Messenger: answers to people who wrote, within Facebook's windows, and the one private answer to a public comment.

Facebook refuses a message that is too late, and a refused one was not sent: so the tag of a human agent is only used
once the usual window is closed, and only for what a person wrote.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from openline.channels import parts
from openline.channels import reading as plain
from openline.channels.base import Outgoing, OutgoingMedia, Progress, Receipt, Rejected, Unclear
from openline.channels.facebook import finding, rules, writing
from openline.channels.graph.client import Graph
from openline.channels.graph.errors import SaidAlready, WindowClosed

_TOO_LATE = gettext_noop(
    "Messenger takes no answer any more: the person's last message is too old. When they write again, it can be sent."
)


def send(graph: Graph, page: str, outgoing: Outgoing, progress: Progress) -> Receipt:
    """Say it to that person: the words, each further part and each file a message of its own."""
    bodies = _bodies(outgoing)
    if _is_private_reply(outgoing) and len(bodies) > 1:
        words = _("Facebook lets a page answer a comment in private with one message: shorten it, without files.")
        raise Rejected(words, "text")

    def post(n: int, body: str, above: str) -> dict[str, Any]:
        return _say(graph, page, outgoing, body, _file(outgoing, bodies, n), progress)

    return parts.say(progress, bodies, post)


def find_sent(graph: Graph, page: str, outgoing: Outgoing, progress: Progress, since: datetime) -> Receipt | None:
    """Look in the conversation, part by part."""
    taken = set[str]()

    def look(n: int, body: str, above: str) -> dict[str, Any] | None:
        found = finding.message(graph, page, outgoing, body, since, taken | {above})
        taken.add(found["network_id"] if found else "")
        return found

    return parts.find(progress, _bodies(outgoing), look)


def _bodies(outgoing: Outgoing) -> list[str]:
    """The words, then "" for each file."""
    for one in outgoing.media:
        if one.kind not in rules.MESSAGE_BYTES:
            raise Rejected(_("Messenger takes no such file."), "media")
    found = [*writing.message_texts(outgoing), *("" for _one in outgoing.media)]
    if not found:
        raise Rejected(_("There is nothing to say."), "text")
    return found


def _file(outgoing: Outgoing, bodies: Sequence[str], n: int) -> OutgoingMedia | None:
    before = len(bodies) - len(outgoing.media)
    return outgoing.media[n - before] if n >= before else None


def _is_private_reply(outgoing: Outgoing) -> bool:
    return bool(outgoing.in_reply_to) and not writing.is_message(outgoing.in_reply_to)


def _receiver(page: str, outgoing: Outgoing) -> dict[str, str]:
    if _is_private_reply(outgoing):
        kind = "post_id" if outgoing.in_reply_to.startswith(f"{page}_") else "comment_id"
        return {kind: outgoing.in_reply_to}
    person = outgoing.in_reply_to_author or outgoing.to_handle
    if not person.isdecimal():
        raise Rejected(_("It is not known to whom this message goes."), "to_handle")
    return {"id": person}


def _say(
    graph: Graph, page: str, outgoing: Outgoing, body: str, file: OutgoingMedia | None, progress: Progress
) -> dict[str, Any]:
    receiver = _receiver(page, outgoing)
    usual = partial(_post, graph, page, receiver, body, file, progress)
    try:
        return usual({"messaging_type": "RESPONSE"})
    except SaidAlready:  # to a comment: it was answered in private before, perhaps by us
        found = finding.message(graph, page, outgoing, body, _long_ago(), ())
        if not found:
            raise
        return found
    except WindowClosed:
        if not may_tag(graph.account.settings) or outgoing.automatic or "id" not in receiver:
            raise WindowClosed(_(_TOO_LATE)) from None
        return usual({"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"})


def may_tag(settings: Mapping[str, str]) -> bool:
    """Whether Facebook has allowed the city's app to answer as a human agent, for seven days."""
    return settings.get("human_agent") == "yes"


def _post(
    graph: Graph,
    page: str,
    receiver: dict[str, str],
    body: str,
    file: OutgoingMedia | None,
    progress: Progress,
    more: dict[str, str],
) -> dict[str, Any]:
    values: dict[str, Any] = {"recipient": receiver, **more}
    if file is None:
        said = graph.post(f"{page}/messages", values | {"message": {"text": body}})
    else:
        values["message"] = {"attachment": {"type": file.kind, "payload": {"is_reusable": False}}}
        with progress.open(file.file) as content:
            files = {"filedata": (file.name or "file", content, file.media_type)}
            said = graph.post(f"{page}/messages", values, files)
    mid = plain.text(said, "message_id")
    if not mid:
        raise Unclear("Messenger took the message, but names no id.")
    return {"network_id": mid, "url": ""}


def _long_ago() -> datetime:
    return datetime.now(UTC) - rules.PRIVATE_REPLY_WINDOW
