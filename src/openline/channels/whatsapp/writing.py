"""From `Outgoing` to WhatsApp's messages: one for each part of a text and for each file.

A message of the plan is a dictionary: `text`, `media` (the place of the file, from 0) with `caption`, or `template`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from openline.channels import parts
from openline.channels.base import AccountRef, NotAllowed, Outgoing, OutgoingMedia, Rejected
from openline.channels.whatsapp import rules, window

_USER_ID = re.compile(r"[A-Z]{2}\.[A-Za-z0-9.]{1,150}")
_GAPS = re.compile(r"\s+")


def receiver(outgoing: Outgoing) -> dict[str, str]:
    """To whom, as WhatsApp wants it: a number, or the id of a person who does not show one. Raises Rejected."""
    said = (outgoing.in_reply_to_author or outgoing.to_handle).strip()
    digits = re.sub(r"[\s()+.-]", "", said)
    if digits.isascii() and digits.isdecimal() and 5 < len(digits) < 16:
        return {"to": digits}
    if _USER_ID.fullmatch(said):
        return {"recipient": said}
    raise Rejected(_("There is no WhatsApp number to which this could go."), "to_handle")


def plan(account: AccountRef, outgoing: Outgoing) -> list[dict[str, Any]]:
    """The messages that go out, in their order. Raises Rejected, or NotAllowed where the 24 hours are over."""
    text = outgoing.text.strip()
    if text.encode("utf-8", "replace").decode() != text or "\x00" in text:
        raise Rejected(_("The text holds characters that cannot be written."), "text")
    if not text and not outgoing.media:
        raise Rejected(_("There is nothing to say."), "text")
    for item in outgoing.media:
        _must_be_taken(item)
    if window.is_closed(account, outgoing.in_reply_to):
        return [_template(account, outgoing, text)]
    files = [{"media": n, "caption": _caption(item)} for n, item in enumerate(outgoing.media)]
    if files and len(text) <= rules.CAPTION_LIMIT and outgoing.media[0].kind != "audio":
        files[0]["caption"] = text or files[0]["caption"]
        return files
    return [*({"text": one} for one in parts.split(text, rules.TEXT_LIMIT, len) if one), *files]


def payload(
    account: AccountRef, outgoing: Outgoing, key: str, n: int, what: Mapping[str, Any], media_id: str
) -> dict[str, Any]:
    """The body for one message of the plan (documentation/.../cloud-api/reference/messages)."""
    said = {"messaging_product": "whatsapp", "recipient_type": "individual", **receiver(outgoing)}
    body = said | {"biz_opaque_callback_data": mark(account, key, n), **_content(account, outgoing, what, media_id)}
    answered = outgoing.in_reply_to.rpartition(":")[2]  # of a sign below a message: that message
    return body | {"context": {"message_id": answered}} if answered and not n else body


def mark(account: AccountRef, key: str, n: int) -> str:
    """Our name for one message, which its reports bring back: the same for every try."""
    return "ol" + hashlib.sha256(f"{account.id}\n{key}\n{n}".encode()).hexdigest()[:30]


def _content(account: AccountRef, outgoing: Outgoing, what: Mapping[str, Any], media_id: str) -> dict[str, Any]:
    if "text" in what:
        return {"type": "text", "text": {"body": what["text"], "preview_url": "https://" in what["text"]}}
    if "template" in what:
        return {"type": "template", "template": what["template"]}
    item = outgoing.media[what["media"]]
    kind = "document" if item.kind == "file" else item.kind
    told = {"id": media_id}
    if kind != "audio" and what.get("caption"):
        told["caption"] = what["caption"]
    if kind == "document" and item.name:
        told["filename"] = item.name
    return {"type": kind, kind: told}


def _template(account: AccountRef, outgoing: Outgoing, text: str) -> dict[str, Any]:
    """The text as the one parameter of the city's template; it may hold neither line breaks nor long gaps."""
    name = window.template_of(account.settings)
    if not name:
        raise NotAllowed(_("The person's last message is more than 24 hours old: WhatsApp takes only templates."))
    line = _GAPS.sub(" ", text)
    if outgoing.media or not line or len(line) > rules.TEMPLATE_LIMIT:
        raise Rejected(_("After 24 hours only a text of up to %d characters can go.") % rules.TEMPLATE_LIMIT, "text")
    language = account.settings.get("template_language", "").strip() or "en_US"
    body = {"type": "body", "parameters": [{"type": "text", "text": line}]}
    return {"template": {"name": name, "language": {"policy": "deterministic", "code": language}, "components": [body]}}


def _caption(item: OutgoingMedia) -> str:
    """WhatsApp has no descriptions for those who do not see: it is read by all below the picture instead."""
    return (item.caption or item.alt)[: rules.CAPTION_LIMIT]


def _must_be_taken(item: OutgoingMedia) -> None:
    if not any(item.media_type in rule.media_types for rule in rules.MEDIA):
        raise Rejected(_("WhatsApp takes no files of the kind %s.") % item.media_type, "media")
