"""Texts for Flickr: its limited HTML, titles, tags, and how an answer names whom it is for.

Limits of 2026: a title 255 characters, a description 65,535 (flickr.com/help; no API tells them).
"""

from __future__ import annotations

import hashlib
import re

from django.utils.translation import gettext as _

from openline.channels.base import Outgoing, OutgoingMedia, Rejected
from openline.channels.flickr.places import person
from openline.channels.text import text_of_html

TEXT_LIMIT, TITLE_LIMIT = 65_535, 255
MACHINE_TAG = "openline:post"
_ENTITY = re.compile(r"&(?=#?\w+;)")
_SENTENCE = re.compile(r"(?<=[.!?…])\s|\n")
_MENTION = re.compile(r"^\[https?://www\.flickr\.com/(?:photos|people)/([^/\]\s]+)/?\]\s*")


def html(text: str) -> str:
    """`text` where Flickr reads limited HTML: what looks like a tag or an entity is meant as it stands."""
    return _ENTITY.sub("&amp;", text).replace("<", "&lt;").replace(">", "&gt;")


def comment(outgoing: Outgoing) -> str:
    """The words of an answer. Flickr's comments are flat, so it begins by naming whom it answers, as members do."""
    to = outgoing.in_reply_to_author
    mention = f"[{person(to)}]\n" if to and "-" in outgoing.in_reply_to else ""
    return checked(mention + html(outgoing.text))


def said(written: str) -> str:
    """What a comment says, as plain text, without the naming before it: ours are compared by it."""
    return " ".join(text_of_html(_MENTION.sub("", written)).split())


def answers(written: str) -> str:
    """Whom a comment names before it begins: an NSID or a name in addresses; "" for nobody."""
    found = _MENTION.match(written)
    return found[1] if found else ""


def checked(text: str) -> str:
    """`text`, if Flickr takes so much; raises Rejected."""
    if not text.strip():
        raise Rejected(_("There is nothing to say."), "text")
    if len(text) > TEXT_LIMIT:
        raise Rejected(
            _("The text has %(count)s characters; %(most)s are sent.")
            % {"count": f"{len(text):,}", "most": f"{TEXT_LIMIT:,}"},
            "text",
        )
    return text


def title(outgoing: Outgoing) -> str:
    """The title as given, or the first sentence of the text, or its first words."""
    given = outgoing.title or (outgoing.article.title if outgoing.article else "")
    if len(given) > TITLE_LIMIT:
        raise Rejected(
            _("The title has %(count)s characters; %(most)s are sent.") % {"count": len(given), "most": TITLE_LIMIT},
            "title",
        )
    first = _SENTENCE.split(outgoing.text.strip(), maxsplit=1)[0]
    return given or (first if len(first) <= 100 else first[:99].rsplit(" ", 1)[0] + "…")


def description(outgoing: Outgoing, media: OutgoingMedia, with_text: bool) -> str:
    """What stands under a photo: the text (`with_text`), its caption, and its description for who does not see it.

    Flickr has no field for alternative texts.
    """
    alt = f"Image description: {media.alt}" if media.alt and media.kind == "image" else media.alt
    parts = [outgoing.text if with_text else "", media.caption, alt]
    found = html("\n\n".join(part.strip() for part in parts if part.strip()))
    return checked(found) if found else ""


def tags(outgoing: Outgoing) -> list[str]:
    """The topics as Flickr's tags, without what it cannot hold."""
    cleaned = (" ".join(tag.replace('"', " ").removeprefix("#").split()) for tag in outgoing.tags)
    return [tag for tag in dict.fromkeys(cleaned) if tag]


def tag_list(names: list[str]) -> str:
    """Tags in one line, those of several words in quotes."""
    return " ".join(f'"{name}"' if " " in name else name for name in names)


def mark(key: str, n: int) -> str:
    """The machine tag of file `n` of the post with that key: by it an earlier try is recognised."""
    return f"{MACHINE_TAG}={hashlib.sha256(f'{key}/{n}'.encode()).hexdigest()[:20]}"
