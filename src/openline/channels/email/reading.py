"""From the bytes of a mail (RFC 5322, MIME) to `Incoming`. Whatever is broken is read as far as it goes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from email.message import Message

from openline.channels.base import Incoming, Refused
from openline.channels.email import bodies, flowed, headers, html, machines, names, quotes, seals
from openline.channels.email.bodies import Body
from openline.channels.reading import Unreadable
from openline.foundation.text import clean

_TO_US = ("to", "cc", "delivered-to", "x-original-to", "envelope-to", "x-delivered-to", "resent-to", "apparently-to")
_MOST_BODY = 100_000
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


def parse(raw: bytes, settings: Mapping[str, str] | None = None) -> Incoming | Refused:
    """Read one mail as received. Never raises. `settings` of the account: whose findings on the sender count."""
    try:
        return _mail(raw, bodies.message_of(raw), settings or {})
    except Unreadable as error:
        return Refused(raw, str(error))
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError) as error:
        return Refused(raw, f"The mail cannot be read: {type(error).__name__}.")


def _mail(raw: bytes, message: Message, settings: Mapping[str, str]) -> Incoming | Refused:
    sender = author(message)
    if not sender[1]:
        return Refused(raw, "A mail without a sender.")
    network_id = identifier(message, raw)
    if fate := machines.fate_of_ours(message, raw):
        return Incoming(
            "receipt", fate.network_id, network_id, raw, status=fate.status, reason=fate.reason, visibility="private",
            automatic=True, posted_at=headers.moment(message),
        )  # fmt: skip
    return _post(raw, message, network_id, sender, settings)


def _post(
    raw: bytes, message: Message, network_id: str, sender: tuple[str, str], settings: Mapping[str, str]
) -> Incoming:
    subject = headers.text(message, "subject")[:500]
    body = bodies.take_apart(message)
    text, whole, cut = _words(body, subject)
    above, thread, is_ours = _thread(message, network_id)
    sign = machines.why_automatic(message, subject, is_ours)
    return Incoming(
        kind="post",
        network_id=network_id,
        event_id=network_id,
        raw=raw,
        uri=f"mid:{network_id.strip('<>')}",
        text=text or subject,
        author_id=sender[1].lower(),
        author_handle=sender[1],
        author_name=sender[0],
        posted_at=headers.moment(message),
        in_reply_to=above[-1] if above else "",
        visibility="private",
        language=_language(message),
        media=bodies.media_of(body, cut),
        subject=headers.subject_alone(subject),
        whole=whole if whole != text else "",
        references=tuple(above[:-1]),
        thread=thread,
        automatic=bool(sign),
        facts=_facts(message, body, sender[1], sign, settings),
    )


def author(message: Message) -> tuple[str, str]:
    """Name and address of who wrote it: From, or the nearest to it that there is."""
    for field in ("from", "sender", "return-path"):
        if found := headers.addresses(message, field):
            return found[0]
    return "", ""


def identifier(message: Message, raw: bytes) -> str:
    """The Message-ID; where there is none, one made of what is the same in every copy of the mail."""
    if found := headers.ids(message, "message-id"):
        return found[0]
    if (said := headers.clean(headers.raw_text(message, "message-id").strip("<> "), 400)) and " " not in said:
        return f"<{said}>"
    same = "\n".join(headers.raw_text(message, name) for name in ("from", "to", "date", "subject"))
    end = max(raw.find(b"\r\n\r\n"), raw.find(b"\n\n"))
    digest = hashlib.sha256(same.encode("utf-8", "surrogatepass") + raw[end:]).hexdigest()
    return f"<{digest[:40]}@without-message-id.invalid>"


def _thread(message: Message, network_id: str) -> tuple[list[str], str, bool]:
    """The mails above (oldest first, the parent last), the thread's name, and whether it answers a mail of ours.

    The thread is what a sealed name of ours says, by the address it came to or by a mail that it answers; else it
    hangs from the oldest mail that it names, or is its own beginning.
    """
    parents, above = headers.ids(message, "in-reply-to"), headers.ids(message, "references")
    if parents:
        above = [one for one in above if one != parents[0]] + [parents[0]]
    above = [one for one in above if one != network_id]
    addresses = (names.thread_of_address(address) for _name, address in headers.addresses(message, *_TO_US))
    mails = (names.thread_of_our_mail(one) for one in reversed(above))
    sealed = next(filter(None, (*addresses, *mails)), "")
    return above, sealed or names.thread_of(above[0] if above else network_id), bool(sealed)


def _words(body: Body, subject: str) -> tuple[str, str, str]:
    """The mail's own words, the whole of them, and the HTML that was cut out."""
    plain = flowed.unfold(body.plain) if body.flowed else body.plain
    plain = plain[:_MOST_BODY].replace("\r", "\n").replace("\xa0", " ")
    whole = clean(plain, _MOST_BODY) or html.whole(body.html)
    forward = quotes.is_forward(subject, whole)
    cut = ""
    own = plain
    if body.html:
        marked, cut = html.split(body.html, forward=forward)
        # Marks in HTML are surer than any reading of words, so where there are some, they decide.
        own = marked if (cut and marked) or not plain.strip() else plain
    return quotes.own_words(own, forward=forward), whole.strip(), cut


def _language(message: Message) -> str:
    """By Content-Language (RFC 3282), where it names one alone."""
    said = headers.raw_text(message, "content-language").strip()
    return said if _LANGUAGE.fullmatch(said) else ""


def _facts(message: Message, body: Body, sender: str, sign: str, settings: Mapping[str, str]) -> dict[str, str]:
    """What staff should know beside the words."""
    facts = seals.results(message, settings.get("authserv", "")) | body.notes
    if sign:
        facts["automatic"] = sign
    if listed := headers.text(message, "list-id"):
        facts["list"] = listed[:200]
    reply_to = [address for _name, address in headers.addresses(message, "reply-to")]
    if reply_to and sender.lower() not in (address.lower() for address in reply_to):
        facts["reply-to"] = ", ".join(reply_to[:5])
    if copies := headers.addresses(message, "cc"):
        facts["cc"] = ", ".join(address for _name, address in copies[:20])
    return facts
