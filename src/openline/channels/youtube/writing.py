"""Texts for YouTube, and its limits on them (developers.google.com/youtube/v3/docs/videos, 2026)."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from django.utils.translation import gettext as _

from openline.channels.base import Outgoing, Rejected
from openline.channels.youtube import choices

TITLE_LIMIT, TEXT_LIMIT, TAGS_LIMIT = 100, 5_000, 500
"""Characters of a title, bytes of a description (and, for us, of a comment), characters of all tags together."""
MARK = "openline-"
_SENTENCE = re.compile(r"(?<=[.!?…])\s|\n")


def length(text: str) -> int:
    """Bytes in UTF-8."""
    return len(text.encode("utf-8", "replace"))


def comment(outgoing: Outgoing) -> str:
    """The words of an answer. Threads have one level, so an answer to a reply names whom it answers."""
    name = outgoing.to_handle.strip()
    to = f"@{name.removeprefix('@')} " if name and "." in outgoing.in_reply_to else ""
    return checked(to + outgoing.text)


def checked(text: str) -> str:
    """`text`, if YouTube takes so much; raises Rejected."""
    if not text.strip():
        raise Rejected(_("There is nothing to say."), "text")
    if length(text) > TEXT_LIMIT:
        raise Rejected(
            _("The text has %(count)s bytes; %(most)s are sent.")
            % {"count": f"{length(text):,}", "most": f"{TEXT_LIMIT:,}"},
            "text",
        )
    return text


def same(one: str, other: str) -> bool:
    """Whether two texts say the same, whatever became of their spaces."""
    return one.split() == other.split()


def title(outgoing: Outgoing) -> str:
    """The title as given, or the first sentence of the text, or its first words. Raises Rejected."""
    given = " ".join((outgoing.title or (outgoing.article.title if outgoing.article else "")).split())
    first = _SENTENCE.split(outgoing.text.strip(), maxsplit=1)[0]
    found = given or (first if len(first) <= TITLE_LIMIT else first[: TITLE_LIMIT - 1].rsplit(" ", 1)[0] + "…")
    if not found:
        raise Rejected(_("A film needs a title."), "title")
    if len(found) > TITLE_LIMIT:
        raise Rejected(
            _("The title has %(count)s characters; %(most)s are sent.") % {"count": len(found), "most": TITLE_LIMIT},
            "title",
        )
    return _plain(found, "title")


def description(outgoing: Outgoing) -> str:
    """The text below the film. Raises Rejected."""
    return _plain(checked(outgoing.text) if outgoing.text.strip() else "", "text")


def _plain(text: str, field: str) -> str:
    if "<" in text or ">" in text:
        raise Rejected(_("YouTube takes no < and > in titles and descriptions."), field)
    return text


def tags(outgoing: Outgoing, key: str) -> list[str]:
    """The topics, and the mark by which an earlier try is recognised. Raises Rejected if they are too long.

    YouTube counts the commas between them and quotes around those of several words.
    """
    found = [" ".join(tag.replace(",", " ").removeprefix("#").split()) for tag in outgoing.tags]
    found = [*filter(None, dict.fromkeys(found)), mark(key)]
    if any(sign in tag for tag in found for sign in "<>"):
        raise Rejected(_("YouTube takes no < and > in tags."), "tags")
    count = sum(len(tag) + (2 if " " in tag else 0) for tag in found) + len(found) - 1
    if count > TAGS_LIMIT:
        raise Rejected(
            _("The tags have %(count)s characters; %(most)s are sent.") % {"count": count, "most": TAGS_LIMIT},
            "tags",
        )
    return found


def mark(key: str) -> str:
    """The tag of the post with that key. Viewers do not see tags."""
    return MARK + hashlib.sha256(key.encode()).hexdigest()[:16]


def resource(outgoing: Outgoing, key: str) -> dict[str, Any]:
    """The film as the API is told of it: texts, language, privacy, time of publication, place."""
    chosen = outgoing.options
    snippet: dict[str, Any] = {
        "title": title(outgoing),
        "description": description(outgoing),
        "tags": tags(outgoing, key),
        "categoryId": chosen.get("category") or choices.CATEGORY,
    }
    if outgoing.language:
        snippet |= {"defaultLanguage": outgoing.language, "defaultAudioLanguage": outgoing.language}
    status: dict[str, Any] = {
        "privacyStatus": chosen.get("privacy") or "public",
        "selfDeclaredMadeForKids": chosen.get("for_children") == "yes",
        "license": chosen.get("licence") or "youtube",
    }
    if outgoing.publish_at and status["privacyStatus"] == "public":
        at = outgoing.publish_at.isoformat().replace("+00:00", "Z")
        status |= {"privacyStatus": "private", "publishAt": at}
    found = {"snippet": snippet, "status": status}
    if outgoing.place:
        found["recordingDetails"] = {
            "location": {"latitude": outgoing.place[0], "longitude": outgoing.place[1]},
        }
    return found
