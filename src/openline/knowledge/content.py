"""What an article holds, as plain values by field, and whether they can be kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from openline.foundation.text import clean
from openline.knowledge import captions
from openline.knowledge.models import Article

Values = dict[str, Any]

TEXTS: dict[str, int] = {
    "slug": 120,
    "title": 200,
    "body": 100_000,
    "service_code": 60,
    "keywords": 2_000,
    "language": 20,
    "source": 500,
    "who": 500,
    "when": 500,
    "how": 500,
    "cost": 500,
    "owner": 200,
}
"""The fields that are plain text, with the most characters of each."""
DATES = ("review_on", "expires_on")
FIELDS = (*TEXTS, "areas", "links", *DATES, "safe", "media")
"""All that an editor may set. `media`: a list of {"file", "alt", "caption", "captions"}, `file` the id of a File."""
WORDS = ("title", "body", "who", "when", "how", "cost", "links")
"""What a reader reads, and a translation renders."""
MOST_LINKS, MOST_MEDIA, MOST_AREAS = 30, 20, 500
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_LINK_SCHEMES = ("https", "http", "tel", "mailto")


def content_of(article: Article) -> Values:
    """All of an article as a version keeps it: every field, its state, and its media, as JSON can hold it."""
    values: Values = {name: getattr(article, name) for name in FIELDS if name != "media"}
    for name in (*DATES, "reviewed_on"):
        day = getattr(article, name)
        values[name] = day.isoformat() if day else None
    return values | {
        "state": article.state,
        "translation_of": article.translation_of.slug if article.translation_of else None,
        "media": media_of(article),
    }


def media_of(article: Article) -> list[dict[str, str]]:
    """The pictures and films of an article in their order."""
    if article.pk is None:
        return []
    found = article.media.order_by("position").values_list("file_id", "alt", "caption", "captions")
    return [{"file": str(file), "alt": alt, "caption": caption, "captions": vtt} for file, alt, caption, vtt in found]


def cleaned(given: Mapping[str, Any]) -> Values:
    """The fields of `given` that we know, as text the database can hold, dates as dates; nothing is refused yet."""
    values: Values = {}
    for name in FIELDS:
        if name in given:
            values[name] = _clean(name, given[name])
    return values


def _clean(name: str, value: Any) -> Any:
    if name in TEXTS:
        return clean(value or "", TEXTS[name] + 1)
    if name in DATES and isinstance(value, str):
        return _date(value)
    if name == "areas":
        return list(dict.fromkeys(clean(code, 101) for code in value or () if clean(code, 101)))
    if name == "links":
        return [_link(link) for link in value or ()]
    if name == "media":
        return [_medium(one) for one in value or ()]
    return value or None if name in DATES else bool(value)


def _date(text: str) -> date | str | None:
    """The day; the text itself where it is none, to be refused."""
    try:
        return date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError:
        return text


def _link(link: Mapping[str, str]) -> dict[str, str]:
    return {"label": clean(link.get("label", ""), 200), "url": clean(link.get("url", ""), 1001)}


def _medium(one: Mapping[str, str]) -> dict[str, str]:
    return {
        "file": str(one["file"]),
        "alt": " ".join(clean(one.get("alt", ""), 1500).split()),
        "caption": clean(one.get("caption", ""), 500),
        "captions": clean(one.get("captions", ""), captions.MOST_CHARACTERS + 1),
    }


def problems(values: Mapping[str, Any], films: frozenset[str] = frozenset()) -> dict[str, str]:
    """What is wrong, by field. `values` as from `cleaned`; `films` are the ids of the files that are films."""
    wrong = {name: found for name in values if (found := _problem(name, values[name]))}
    if "media" in values and (found := _media_problem(values["media"], films)):
        wrong["media"] = found
    return wrong


def _problem(name: str, value: Any) -> str:
    if name in TEXTS and len(value) > TEXTS[name]:
        return _("This is too long: at most %(number)d characters.") % {"number": TEXTS[name]}
    if name in DATES and isinstance(value, str):
        return _("“%(text)s” is not a date; write it as 2027-03-31.") % {"text": value[:40]}
    check = _CHECKS.get(name)
    return check(value) if check else ""


def _needed(value: str) -> str:
    return "" if value else _("Write something here.")


def _slug(value: str) -> str:
    return "" if _SLUG.fullmatch(value) else _("Use small letters, digits and single hyphens, such as trash-day.")


def _language(value: str) -> str:
    return "" if _LANGUAGE.fullmatch(value) else _("Write the code of a language, such as en, es or zh-hans.")


def _source(value: str) -> str:
    return "" if not value or _is_web(value) else _("Write a whole address that begins with https://.")


def _links(value: list[dict[str, str]]) -> str:
    if len(value) > MOST_LINKS:
        return _("At most %(number)d links.") % {"number": MOST_LINKS}
    for link in value:
        if not link["label"]:
            return _("A link needs words that say where it leads: %(url)s") % {"url": link["url"][:100]}
        if not _may_link(link["url"]):
            return _("“%(url)s” is no address: it begins with https://, tel: or mailto:.") % {"url": link["url"][:100]}
    return ""


def _areas(value: list[str]) -> str:
    return "" if len(value) <= MOST_AREAS else _("Too many areas: leave them empty for the whole city.")


_CHECKS: dict[str, Any] = {
    "title": _needed,
    "body": _needed,
    "slug": _slug,
    "language": _language,
    "source": _source,
    "links": _links,
    "areas": _areas,
}


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("https", "http") and bool(parts.hostname) and len(url) <= 1000 and " " not in url
    except ValueError:
        return False


def _may_link(url: str) -> bool:
    scheme, _colon, rest = url.partition(":")
    if scheme.lower() not in _LINK_SCHEMES or not rest or len(url) > 1000 or any(c.isspace() for c in url):
        return False
    return _is_web(url) if scheme.lower() in ("https", "http") else True


def _media_problem(media: list[dict[str, str]], films: frozenset[str]) -> str:
    if len(media) > MOST_MEDIA:
        return _("At most %(number)d pictures and films.") % {"number": MOST_MEDIA}
    if len({one["file"] for one in media}) < len(media):
        return _("This picture or film is with the article already.")
    for one in media:
        if not one["alt"]:
            return _("Say what the picture or film shows, for people who do not see it.")
        if one["file"] in films:
            wrong = captions.problem(one["captions"]) if one["captions"] else _("A film needs captions (WebVTT).")
            if wrong:
                return wrong
    return ""
