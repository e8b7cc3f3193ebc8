"""From `Outgoing` to the bytes of a mail: plain text and simple HTML side by side, pictures with their descriptions."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape

import idna

from openline.channels.base import AccountRef, Outgoing, OutgoingMedia, Rejected
from openline.channels.email import headers, names
from openline.foundation.text import clean, shorten

MOST_BYTES = 25_000_000
"""Largest mail that is sent, as it travels: what the large providers take (2026)."""
_LONGEST_SUBJECT = 300
_ID = re.compile(r"<[^<>\s]{1,400}>")
_MOST_REFERENCES = 20
_LINK = re.compile(r"https?://[^\s<>\"]*[^\s<>\"'.,;:!?)\]}…]", re.IGNORECASE)
_PAGE = '<!DOCTYPE html><html{lang}><head><meta charset="utf-8"></head><body dir="auto">{body}</body></html>'


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that is ready to go: whom it goes to, its id, and its bytes. `needs_utf8`: only by SMTPUTF8."""

    to: str
    message_id: str
    content: bytes
    needs_utf8: bool


def mail(account: AccountRef, outgoing: Outgoing, key: str, open_file: Callable[[str], bytes]) -> Mail:
    """The mail that says `outgoing`. Raises Rejected, naming the field, if it cannot be written."""
    to, identifier = recipient(outgoing), message_id(account, outgoing, key)
    message = _headed(account, outgoing, to, identifier)
    _write_body(message, outgoing, open_file)
    if outgoing.language:
        message["Content-Language"] = _line(outgoing.language)
    needs_utf8 = not to.isascii()
    content = message.as_bytes(policy=SMTP.clone(utf8=True) if needs_utf8 else SMTP)
    if len(content) > MOST_BYTES:
        raise Rejected(f"The mail would have {len(content):,} bytes; at most {MOST_BYTES:,} are sent.", "media")
    return Mail(to, identifier, content, needs_utf8)


def thread(account: AccountRef, outgoing: Outgoing, key: str) -> str:
    """The name of the thread: the one that it is in, or of its own."""
    above = (outgoing.thread_root, *outgoing.references[:1], outgoing.in_reply_to)
    return names.thread_of(next(filter(None, above), f"{account.handle}\n{key}"))


def message_id(account: AccountRef, outgoing: Outgoing, key: str) -> str:
    """The Message-ID: the same for every try."""
    return names.message_id(account.handle, key, thread(account, outgoing, key))


def recipient(outgoing: Outgoing) -> str:
    """Whom it goes to, the domain as DNS has it (IDNA); raises Rejected if that is no address."""
    address = (outgoing.to_handle or outgoing.in_reply_to_author).strip()
    local, _at, domain = address.rpartition("@")
    if not local or not domain or re.search(r"[\s<>()\[\],;:\\\"@]|[^\x21-\uffff]", local) or len(address) > 254:
        raise Rejected(f"{shorten(clean(address), 100)!r} is no mail address.", "to_handle")
    try:
        return f"{local}@{idna.encode(domain, uts46=True).decode()}"
    except (idna.IDNAError, UnicodeError):
        raise Rejected(f"{shorten(clean(address), 100)!r} is no mail address.", "to_handle") from None


def _headed(account: AccountRef, outgoing: Outgoing, to: str, identifier: str) -> EmailMessage:
    """The mail with its head. Nothing that comes from outside can end a line: each value is cleaned and checked."""
    message = EmailMessage(policy=SMTP)
    own = account.settings.get("sender_name", "")
    message["From"] = Address(_line(own), addr_spec=account.handle)
    message["To"] = Address("", *to.rsplit("@", 1))
    message["Reply-To"] = Address(_line(own), addr_spec=answer_address(account, names.thread_of_our_mail(identifier)))
    message["Subject"] = subject(outgoing)
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = identifier
    above = _above(outgoing)
    if above:
        message["In-Reply-To"] = above[-1]
        message["References"] = " ".join(above)
    for name, value in _for_machines(outgoing).items():
        message[name] = value
    return message


def answer_address(account: AccountRef, thread: str) -> str:
    """Where answers go: an address of that thread, where the server knows subaddresses."""
    if not account.settings.get("subaddresses", "yes"):
        return account.handle
    return names.reply_address(account.handle, thread)


def subject(outgoing: Outgoing) -> str:
    """The thread's subject, with "Re:" once in an answer; a mail without one is named by its first words."""
    words = _line(headers.subject_alone(_line(outgoing.subject)))[:_LONGEST_SUBJECT]
    words = words or shorten(clean(outgoing.text), 70)
    return f"Re: {words}" if outgoing.in_reply_to else words


def _line(value: str) -> str:
    """A value of a field: one line, nothing that steers."""
    return " ".join(clean(value).split())


def _above(outgoing: Outgoing) -> list[str]:
    """The ids of the mails above, oldest first and the parent last; of a long thread its beginning and its end."""
    parent = outgoing.in_reply_to if _ID.fullmatch(outgoing.in_reply_to) else ""
    older = [one for one in headers.unique(outgoing.references) if _ID.fullmatch(one) and one != parent]
    if len(older) > _MOST_REFERENCES:
        older = [older[0], *older[1 - _MOST_REFERENCES :]]
    return [*older, *([parent] if parent else [])]


def _for_machines(outgoing: Outgoing) -> dict[str, str]:
    """What tells other programs not to answer (RFC 3834), and how to end a subscription (RFC 2369, RFC 8058)."""
    found = {}
    if outgoing.automatic:
        found["Auto-Submitted"] = "auto-replied" if outgoing.in_reply_to else "auto-generated"
        found["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    if re.fullmatch(r"https://[\x21-\x3b\x3d\x3f-\x7e]{1,900}", outgoing.unsubscribe):
        found["List-Unsubscribe"] = f"<{outgoing.unsubscribe}>"
        found["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return found


def _write_body(message: EmailMessage, outgoing: Outgoing, open_file: Callable[[str], bytes]) -> None:
    """Text, then the same as HTML with its pictures, then files."""
    if outgoing.text.encode("utf-8", "replace").decode() != outgoing.text:
        raise Rejected("The text holds characters that cannot be written.", "text")
    pictures = [media for media in outgoing.media if media.kind == "image"]
    described = "".join(f"\n\n[{_line(picture.alt)}]" for picture in pictures if picture.alt)
    message.set_content(_plain(outgoing.text + described), charset="utf-8", cte="quoted-printable")
    message.add_alternative(_html(outgoing, pictures), subtype="html", charset="utf-8", cte="quoted-printable")
    page = message.get_payload()[-1]  # type: ignore[index]
    for number, picture in enumerate(pictures):
        _attach(page.add_related, picture, open_file, cid=f"<picture{number}>", disposition="inline")  # type: ignore[union-attr]
    for media in outgoing.media:
        if media not in pictures:
            _attach(message.add_attachment, media, open_file)


def _plain(text: str) -> str:
    return clean(text, 1_000_000) + "\n"


def _attach(add: Callable[..., None], media: OutgoingMedia, open_file: Callable[[str], bytes], **more: str) -> None:
    major, _slash, minor = media.media_type.partition("/")
    if not re.fullmatch(r"[\w.+-]{1,100}", minor) or not major.isalpha():
        major, minor = "application", "octet-stream"
    name = _line(media.name).replace("/", "_") or media.file.rpartition("/")[2]
    content = open_file(media.file)
    if major in ("text", "message", "multipart"):  # kept as bytes: nothing of it may be read as a part of this mail
        major, minor = "application", "octet-stream"
    add(content, maintype=major, subtype=minor, filename=name, **more)


def _html(outgoing: Outgoing, pictures: list[OutgoingMedia]) -> str:
    """The text as simple HTML: paragraphs, lines, links, pictures."""
    paragraphs = [f"<p>{_linked(part)}</p>" for part in re.split(r"\n\s*\n", clean(outgoing.text, 1_000_000)) if part]
    images = [
        f'<p><img src="cid:picture{number}" alt="{escape(_line(picture.alt))}" style="max-width:100%"></p>'
        for number, picture in enumerate(pictures)
    ]
    lang = f' lang="{escape(_line(outgoing.language))}"' if outgoing.language else ""
    return _PAGE.format(lang=lang, body="\n".join(paragraphs + images))


def _linked(text: str) -> str:
    """Escaped, with addresses of pages as links."""
    parts, at = list[str](), 0
    for found in _LINK.finditer(text):
        parts += [escape(text[at : found.start()]), f'<a href="{escape(found[0])}">{escape(found[0])}</a>']
        at = found.end()
    return "".join([*parts, escape(text[at:])]).replace("\n", "<br>\n")
