"""What Kannel calls us with: `get-url` for messages, `dlr-url` for delivery reports (User's Guide 1.4.5, chapter 6).

A delivery is kept as the query of that call, byte for byte; the parts of a long message a line each.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import parse_qsl

from openline.channels import reading as plain
from openline.channels.base import Incoming, Refused
from openline.channels.sms import joining, reading

MESSAGE_PARAMETERS = "kind=message&id=%I&from=%p&to=%P&text=%b&coding=%c&charset=%C&udh=%u&at=%T"
RECEIPT_PARAMETERS = "kind=receipt&mark={mark}&status=%d&answer=%A&at=%T"

FATES = {
    "1": ("delivered", ""),
    "2": ("failed", "The phone could not be reached."),
    "4": ("", "Waits at the carrier."),
    "8": ("", "The carrier has it."),
    "16": ("failed", "The carrier refused it."),
}
"""The types of delivery reports that are asked for with dlr-mask 31."""
_MOST_PARTS = 30


def is_ours(raw: bytes) -> bool:
    """True if `raw` is a delivery of Kannel's."""
    return raw.startswith((b"kind=message&", b"kind=receipt&"))


def parse(raw: bytes) -> Incoming | Refused:
    """Read one delivery. Never raises."""
    lines = raw.split(b"\n")[:_MOST_PARTS]
    forms = [_form(line) for line in lines]
    if forms[0].get("kind") == "receipt":
        return _receipt(raw, forms[0])
    if not forms[0].get("id") or not forms[0].get("from"):
        return Refused(raw, "A message without an id or a sender.")
    return reading.message(
        raw,
        network_id=forms[0]["id"],
        sender=_words(forms[0], "from"),
        receiver=_words(forms[0], "to"),
        text=_text(forms),
        at=_moment(forms[0]),
    )


def part(raw: bytes) -> tuple[str, joining.Part] | None:
    """Of a part of a long message: the name of the whole, and which part it is."""
    form = _form(raw)
    found = joining.part_of(form.get("udh", "").encode("latin-1"))
    if found is None:
        return None
    return f"{form.get('from')}>{form.get('to')}:{found.reference}/{found.of}", found


def _form(line: bytes) -> dict[str, str]:
    """The fields, each character standing for a byte: what they mean depends on `charset`."""
    return dict(parse_qsl(line.decode("latin-1"), keep_blank_values=True, encoding="latin-1", max_num_fields=50))


def _words(form: dict[str, str], name: str) -> str:
    return form.get(name, "").encode("latin-1").decode("utf-8", "replace")


def _text(forms: Sequence[dict[str, str]]) -> str:
    """The words. Parts are joined as bytes: a character may be torn over two of them.

    A part that is alone says so, as its other parts never came.
    """
    body = b"".join(form.get("text", "").encode("latin-1") for form in forms)
    text = _decoded(body, forms[0].get("charset", ""))
    found = joining.part_of(forms[0].get("udh", "").encode("latin-1")) if len(forms) == 1 else None
    return f"({found.number}/{found.of}) {text}" if found else text


def _decoded(body: bytes, charset: str) -> str:
    name = charset.upper()
    if name.startswith(("UTF-16", "UCS-2")):
        return body.decode("utf-16-be", "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("windows-1252" if "1252" in name else "latin-1", "replace")


def _receipt(raw: bytes, form: dict[str, str]) -> Incoming | Refused:
    mark, state = form.get("mark", ""), form.get("status", "")
    if not mark or state not in FATES:
        return Refused(raw, "A delivery report that names no message of ours, or no state.")
    status, reason = FATES[state]
    answer = " ".join(_words(form, "answer").replace("/", " ").split())[:200]
    if status == "failed" and answer:
        reason = f"{reason} ({answer})"
    return reading.receipt(raw, network_id=mark, mark=mark, state=state, status=status, reason=reason, at=_moment(form))


def _moment(form: dict[str, str]) -> datetime | None:
    at = form.get("at", "")
    return plain.moment(int(at)) if at.isascii() and at.isdigit() and len(at) < 12 else None
