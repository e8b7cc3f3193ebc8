"""What WhatsApp's calls bring, one thing at a time: messages, changes of them, and what became of ours.

A raw delivery is `{"number": ..., "contact": ..., "message": ...}` or `{"number": ..., "status": ...}`, each part as
WhatsApp wrote it (documentation/business-messaging/whatsapp/webhooks/reference/messages, 2026).
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from openline.channels.base import Incoming, Media, Refused
from openline.channels.reading import Unreadable, child, children, json_object, moment, text
from openline.channels.whatsapp import contents

_FATES = {"delivered": "delivered", "read": "delivered", "played": "delivered", "failed": "failed"}


def parse(raw: bytes) -> Incoming | Refused:
    """Read one raw delivery. Never raises."""
    try:
        said = json_object(raw)
    except Unreadable as error:
        return Refused(raw, str(error))
    if status := child(said, "status"):
        return _status(raw, status)
    message = child(said, "message")
    author = author_of(said)
    if not text(message, "id") or not author:
        return Refused(raw, "The message names no sender or has no id.")
    if text(message, "group_id"):
        return Refused(raw, "A message in a group: the city answers single people only.")
    return _message(raw, said, message, author)


def author_of(said: dict[str, Any]) -> str:
    """Who wrote: the telephone number without its plus, or the id of a person who does not show a number."""
    message, contact = child(said, "message"), child(said, "contact")
    named = (text(message, "from"), text(contact, "wa_id"), text(message, "from_user_id"), text(contact, "user_id"))
    return next(filter(None, named), "")[:200]


def handle_of(author: str) -> str:
    """The author as staff see them: a number with its plus."""
    return f"+{author}" if author.isdecimal() else author


def mark_uri(mark: str) -> str:
    """The name of a message of ours that its reports carry (`biz_opaque_callback_data`)."""
    return f"whatsapp:{mark}" if mark else ""


def _message(raw: bytes, said: dict[str, Any], message: dict[str, Any], author: str) -> Incoming | Refused:
    kind, number = text(message, "type"), text(said, "number")
    usual: dict[str, Any] = {
        "event_id": text(message, "id"),
        "raw": raw,
        "author_id": author,
        "author_handle": handle_of(author),
        "author_name": text(child(child(said, "contact"), "profile"), "name")[:200],
        "posted_at": moment(_seconds(message)),
        "visibility": "private",
        "thread": f"{number}:{author}",
    }
    if kind == "reaction":
        return _reaction(message, author, usual)
    if kind == "edit":
        edited = child(child(message, "edit"), "message")
        return _post("edit", text(child(message, "edit"), "original_message_id"), edited, usual)
    if kind == "revoke":
        return Incoming("delete", text(child(message, "revoke"), "original_message_id"), **usual)
    return _post("post", text(message, "id"), message, usual)


def _post(kind: Any, network_id: str, message: dict[str, Any], usual: dict[str, Any]) -> Incoming:
    found = contents.read(message)
    return Incoming(
        kind,
        network_id,
        text=found.text,
        in_reply_to=text(child(message, "context"), "id"),
        media=tuple(found.media),
        latitude=found.latitude,
        longitude=found.longitude,
        automatic=found.automatic,
        facts=found.facts,
        **usual,
    )


def _reaction(message: dict[str, Any], author: str, usual: dict[str, Any]) -> Incoming:
    """A sign below a message: one for each person and message; taken back, it comes without the sign."""
    said = child(message, "reaction")
    about, sign = text(said, "message_id"), text(said, "emoji")
    name = f"reaction:{author}:{about}"
    if not sign:
        return Incoming("delete", name, **usual)
    return Incoming("post", name, text=sign[:40], in_reply_to=about, facts={"reaction": sign[:40]}, **usual)


def _status(raw: bytes, status: dict[str, Any]) -> Incoming | Refused:
    network_id, state = text(status, "id"), text(status, "status")
    if not network_id or not state:
        return Refused(raw, "The report names no message or no state.")
    uri = mark_uri(text(status, "biz_opaque_callback_data")[:80])
    return Incoming(
        "receipt",
        network_id,
        f"{uri or network_id}:{state}",
        raw,
        uri=uri,
        posted_at=moment(_seconds(status)),
        visibility="private",
        status=_FATES.get(state, ""),  # type: ignore[arg-type]
        reason=_reason(status) if state == "failed" else "",
    )


def _reason(status: dict[str, Any]) -> str:
    for error in children(status, "errors"):
        if words := text(child(error, "error_data"), "details") or text(error, "title") or text(error, "message"):
            return f"{words[:300]} ({text(error, 'code')})"
    return _("WhatsApp could not deliver it.")


def _seconds(said: dict[str, Any]) -> float | None:
    found = text(said, "timestamp")
    return float(found) if found.isascii() and found.isdecimal() and len(found) < 12 else None


def media_id(media: Media) -> str:
    """The network's id of an attachment, which only its own API gives."""
    return media.url.removeprefix(contents.INSIDE)
