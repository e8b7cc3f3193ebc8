"""What became of a post over time: its versions with what changed from one to the next, and its record."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from openline.publishing.content import Content
from openline.publishing.models import Post, PostVersion
from openline.records.models import Record

MOST_VERSIONS = 50
MOST_RECORDS = 200
_WORDS = re.compile(r"\s+|[^\s]+")
_NAMES: dict[str, str | Promise] = {
    "kind": _("Kind"),
    "name": _("Name"),
    "language": _("First language"),
    "media": _("Pictures and films"),
    "forms": _("Accounts"),
    "link": _("Link"),
    "campaign": _("Campaign"),
    "areas": _("Areas"),
    "topics": _("Topics"),
    "latitude": _("Latitude"),
    "longitude": _("Longitude"),
    "place": _("Place"),
    "poll": _("Poll"),
    "warning": _("Content warning"),
    "embargo_until": _("Embargo"),
    "late_minutes": _("How late it may be"),
    "article_slug": _("Article"),
}


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that stayed (""), was taken out ("-") or put in ("+")."""

    text: str
    sign: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What changed in one part of a post: words as pieces; of all else that it changed."""

    name: str | Promise
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """A version, and what it changed of the one before."""

    version: PostVersion
    changes: tuple[Change, ...]


def steps(post: Post) -> list[Step]:
    """The newest versions, newest first, each with what it changed."""
    rows = list(post.versions.select_related("by").order_by("-number")[: MOST_VERSIONS + 1])
    found = [Step(new, tuple(changes(_read(old), _read(new)))) for new, old in pairwise(rows)]
    if rows and len(rows) <= MOST_VERSIONS:
        found.append(Step(rows[-1], ()))
    return found


def changes(old: Content, new: Content) -> list[Change]:
    """What `new` has otherwise than `old`."""
    found = []
    for language in dict.fromkeys([*old.texts, *new.texts]):
        for part in ("title", "text", "body", "first_comment"):
            before, after = (getattr(one.texts.get(language), part, "") for one in (old, new))
            if before != after:
                found.append(Change(f"{language}: {_PARTS[part]}", pieces(before, after)))
    plain = [one.name for one in fields(Content) if one.name != "texts"]
    return found + [Change(_NAMES[name]) for name in plain if getattr(old, name) != getattr(new, name)]


_PARTS: dict[str, str | Promise] = {
    "title": _("title"),
    "text": _("text"),
    "body": _("whole text"),
    "first_comment": _("first comment"),
}


def pieces(old: str, new: str) -> tuple[Piece, ...]:
    """The two texts as one, word by word."""
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    found = []
    for what, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if what == "equal":
            found.append(Piece("".join(before[a:b])))
            continue
        found += [Piece("".join(before[a:b]), "-")] if b > a else []
        found += [Piece("".join(after[c:d]), "+")] if d > c else []
    return tuple(found)


def record_of(post: Post) -> QuerySet[Record]:
    """What the record has about the post, newest first."""
    return Record.objects.filter(body__has_key="post", body__post=str(post.pk)).order_by("-id")[:MOST_RECORDS]


def _read(version: PostVersion) -> Content:
    content: dict[str, Any] = version.content
    return Content.from_json(content)
