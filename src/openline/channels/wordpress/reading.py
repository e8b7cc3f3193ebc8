"""From WordPress's JSON (comments of the REST API, with what they stand under) to `Incoming`.

A delivery is `{"comment": ..., "about": {"id", "title", "link"}}`, the comment in the very bytes of the site. With
`"change": n` it is the n-th change of a comment; `{"gone": id, "how": ..., "change": n}` tells of one that is gone.
"""

from __future__ import annotations

import hashlib
from html import unescape
from typing import Any
from urllib.parse import urlsplit

from openline.channels import reading
from openline.channels.base import Incoming, IncomingKind, Refused
from openline.channels.text import text_of_html

FROM_SITES = ("pingback", "trackback", "webmention", "mention")
"""Written by other sites' machines: somebody linked to the city."""
HEARD = ("comment", "reply", *FROM_SITES)
"""Types of comments that say something. Not heard: likes and reposts, editors' notes, a shop's reviews and orders."""


def parse(raw: bytes) -> Incoming | Refused:
    """Read one delivery. Never raises."""
    try:
        value = reading.json_object(raw)
        if "gone" in value:
            return _gone(raw, value)
        if isinstance(value.get("comment"), dict):
            return _comment(raw, value["comment"], reading.child(value, "about"), reading.text(value, "change"))
    except reading.Unreadable as error:
        return Refused(raw, str(error))
    except (RecursionError, ValueError) as error:
        return Refused(raw, f"The delivery cannot be read: {type(error).__name__}.")
    return Refused(raw, "Neither a comment nor a change of one.")


def _gone(raw: bytes, value: dict[str, Any]) -> Incoming | Refused:
    network_id, nth = reading.text(value, "gone"), reading.text(value, "change")
    if not network_id:
        return Refused(raw, "A deletion that names no comment.")
    how = reading.text(value, "how")
    name = f"comment:{network_id}"
    return Incoming("delete", name, f"delete:{name}:{nth}", raw, facts={"moderation": how}, reason=how)


def _comment(raw: bytes, comment: dict[str, Any], about: dict[str, Any], change: str) -> Incoming | Refused:
    """Read a comment as the REST API gives it to who may moderate."""
    network_id, parent, post = (reading.text(comment, key) for key in ("id", "parent", "post"))
    if not network_id:
        return Refused(raw, "A comment without an id.")
    kind: IncomingKind = "edit" if change else "post"
    name = f"comment:{network_id}"
    source, above = _source(comment), f"post:{post}" if post else ""
    return Incoming(
        kind=kind,
        network_id=name,
        event_id=f"edit:{name}:{change}:{digest(comment)}" if change else name,
        raw=raw,
        uri=_self(comment),
        url=source or reading.web_address(comment, "link"),
        text=words(comment),
        author_id=author_id(comment),
        author_handle=_handle(comment, source),
        author_name=_name(comment),
        posted_at=reading.moment(reading.text(comment, "date_gmt")),
        in_reply_to=f"comment:{parent}" if parent not in ("", "0") else above,
        thread=above,
        subject=unescape(reading.text(about, "title")),
        automatic=bool(source),
        facts=_facts(comment),
    )


def words(comment: dict[str, Any]) -> str:
    """What was said, as plain text: from what was written, as themes and plugins change what is shown."""
    content = reading.child(comment, "content")
    return text_of_html(reading.text(content, "raw") or reading.text(content, "rendered"))


def digest(comment: dict[str, Any]) -> str:
    """What a comment says and whether it stands, in a few letters."""
    said = reading.text(reading.child(comment, "content"), "raw")
    return hashlib.sha256(f"{reading.text(comment, 'status')}\n{said}".encode("utf-8", "replace")).hexdigest()[:8]


def author_id(comment: dict[str, Any]) -> str:
    """Who wrote it, within this site: its user, or whoever gives this mail address (as a digest), site, or name.

    Addresses of unknown people are not proved, so nothing outside the site may hang on them.
    """
    site, user = site_of(comment), reading.text(comment, "author")
    if user not in ("", "0"):
        return f"{site}#user:{user}"
    if source := _source(comment):
        return f"{site}#site:{_host(source)}"
    mail = reading.text(comment, "author_email").strip().casefold()
    if mail:
        return f"{site}#mail:{hashlib.sha256(f'{site} {mail}'.encode('utf-8', 'replace')).hexdigest()[:24]}"
    name = reading.text(comment, "author_name").strip().casefold()
    return f"{site}#name:{name}" if name else f"{site}#comment:{reading.text(comment, 'id')}"


def site_of(entity: dict[str, Any]) -> str:
    """The site's address, by what an entity's link to itself begins with: two sites of a city count their own ids."""
    found = _self(entity).partition("/wp/v2/")[0]
    for ending in ("?rest_route=", "index.php", "/", "/wp-json"):
        found = found.removesuffix(ending)
    return found


def _self(entity: dict[str, Any]) -> str:
    links = reading.children(reading.child(entity, "_links"), "self")
    return reading.web_address(links[0], "href") if links else ""


def _source(comment: dict[str, Any]) -> str:
    """The page of another site that links to ours; empty for what a person wrote here."""
    said = reading.web_address(reading.child(comment, "meta"), "webmention_source_url")
    return said or (reading.web_address(comment, "author_url") if reading.text(comment, "type") in FROM_SITES else "")


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or address
    except ValueError:
        return address


def _name(comment: dict[str, Any]) -> str:
    return unescape(reading.text(comment, "author_name"))


def _handle(comment: dict[str, Any], source: str) -> str:
    return _host(source) if source else _name(comment) or "Anonymous"


def _facts(comment: dict[str, Any]) -> dict[str, str]:
    """Whether it stands, waits or is hidden, and of what kind it is."""
    facts = {"moderation": reading.text(comment, "status")}
    kind = reading.text(comment, "type")
    return facts if kind == "comment" else facts | {"kind": kind}
