"""What Twilio brings: messages and status callbacks as forms, and messages as JSON where it was asked for them.

A call is kept as its query, with the time of its arrival before it, in the first line and its body in the rest; a
message that was asked for as its JSON.
"""

from __future__ import annotations

import email.utils
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from openline.channels import reading as plain
from openline.channels.base import Incoming, Media, Refused
from openline.channels.reading import Unreadable, json_object
from openline.channels.sms import reading
from openline.channels.sms.providers.twilio_words import fate

_MOST_MEDIA = 10
FATES = {
    "delivered": ("delivered", ""),
    "read": ("delivered", ""),
    "undelivered": ("failed", ""),
    "failed": ("failed", ""),
    "canceled": ("failed", ""),
    **dict.fromkeys(("accepted", "scheduled", "queued", "sending"), ("", "Waits at Twilio.")),
    "sent": ("", "The carrier has it."),
    "partially_delivered": ("", "A part was delivered."),
}
_OPTED = {"STOP": {"opt_out": "yes"}, "START": {"opt_out": "no"}, "HELP": {"asks": "help"}}


def parse(raw: bytes) -> Incoming | Refused:
    """Read one delivery. Never raises."""
    try:
        if raw.startswith(b"{"):
            return _listed(raw, json_object(raw))
        query, _newline, body = raw.partition(b"\n")
        return _called(raw, _form(query), _form(body))
    except Unreadable as error:
        return Refused(raw, str(error))
    except (ValueError, RecursionError) as error:
        return Refused(raw, f"The delivery cannot be read: {type(error).__name__}.")


def _form(part: bytes) -> dict[str, str]:
    return dict(parse_qsl(part.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=500))


def _called(raw: bytes, query: dict[str, str], form: dict[str, str]) -> Incoming | Refused:
    sid = form.get("MessageSid") or form.get("SmsSid") or form.get("SmsMessageSid") or ""
    if not sid:
        return Refused(raw, "A call that names no message.")
    if "MessageStatus" in form:
        return _status(raw, sid, query, form)
    if not form.get("From"):
        return Refused(raw, "A message without a sender.")
    facts = _OPTED.get(form.get("OptOutType", "").upper())
    return reading.message(
        raw,
        network_id=sid,
        sender=form["From"],
        receiver=form.get("To", ""),
        text=form.get("Body", ""),
        at=_arrived(query),
        media=_media(form),
        facts={**facts, "answered_by": "Twilio"} if facts else None,
    )


def _status(raw: bytes, sid: str, query: dict[str, str], form: dict[str, str]) -> Incoming | Refused:
    state = form["MessageStatus"].lower()
    if state not in FATES:
        return Refused(raw, f"A status that is not known: {state[:40]}")
    status, reason = FATES[state]
    code = form.get("ErrorCode", "")
    reason = fate(code) if status == "failed" else reason
    mark, at = query.get("mark", "")[:80], _arrived(query)
    return reading.receipt(raw, network_id=sid, mark=mark, state=state, status=status, reason=reason, at=at)


def _arrived(query: dict[str, str]) -> datetime | None:
    at = query.get("at", "")
    return plain.moment(int(at)) if at.isascii() and at.isdigit() and len(at) < 12 else None


def _media(form: dict[str, str]) -> tuple[Media, ...]:
    count = form.get("NumMedia", "0")
    most = min(int(count), _MOST_MEDIA) if count.isascii() and count.isdigit() and len(count) < 4 else 0
    found = ((form.get(f"MediaUrl{n}", ""), form.get(f"MediaContentType{n}", "")) for n in range(most))
    return tuple(Media(url, _kind(kind)) for url, kind in found if url.startswith(("https://", "http://")))


def _kind(media_type: str) -> str:
    major = media_type.split("/")[0].lower()
    return major if major in ("image", "video", "audio") else "unknown"


def _listed(raw: bytes, item: dict[str, Any]) -> Incoming | Refused:
    """A message that was asked for (`api.v2010.account.message`), with the list of its media beside it."""
    sid, sender = plain.text(item, "sid"), plain.text(item, "from")
    if not sid or not sender or plain.text(item, "direction") != "inbound":
        return Refused(raw, "Not a message to us.")
    media = tuple(
        Media(plain.web_address(one, "url"), _kind(plain.text(one, "content_type")))
        for one in plain.children(item, "openline_media")[:_MOST_MEDIA]
    )
    return reading.message(
        raw,
        network_id=sid,
        sender=sender,
        receiver=plain.text(item, "to"),
        text=plain.text(item, "body"),
        at=moment(item, "date_created"),
        media=media,
    )


def moment(item: dict[str, Any], name: str) -> datetime | None:
    """A time as Twilio writes it (RFC 2822); None if there is none."""
    try:
        found = email.utils.parsedate_to_datetime(plain.text(item, name))
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
