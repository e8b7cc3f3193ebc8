"""A feed as Atom (RFC 4287), RSS 2.0 or JSON Feed 1.1, with where it is read and which hubs tell of its news."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
from django.utils import feedgenerator
from django.utils.html import linebreaks
from django.utils.translation import get_language
from django.utils.xmlutils import SimplerXMLGenerator

from openline.foundation.text import clean
from openline.portal.feeds.content import Entry, Feed

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_POINTS = {"xmlns:georss": "http://www.georss.org/georss"}
_VERSION = "https://jsonfeed.org/version/1.1"


class _Atom(feedgenerator.Atom1Feed):
    def root_attributes(self) -> dict[str, Any]:
        return {**super().root_attributes(), **_POINTS}

    def add_root_elements(self, handler: SimplerXMLGenerator) -> None:
        super().add_root_elements(handler)
        for hub in self.feed["hubs"]:
            handler.addQuickElement("link", "", {"rel": "hub", "href": hub})

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        _point(handler, item)

    def latest_post_date(self) -> datetime:
        return _newest(self.feed)


class _Rss(feedgenerator.Rss201rev2Feed):
    def rss_attributes(self) -> dict[str, Any]:
        return {**super().rss_attributes(), **_POINTS}

    def add_root_elements(self, handler: SimplerXMLGenerator) -> None:
        super().add_root_elements(handler)
        for hub in self.feed["hubs"]:
            handler.addQuickElement("atom:link", None, {"rel": "hub", "href": hub})

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        _point(handler, item)

    def latest_post_date(self) -> datetime:
        return _newest(self.feed)


def _newest(feed: dict[str, Any]) -> datetime:
    """Django's own would be now for a feed without entries, and no two answers the same."""
    found: datetime = feed["newest"]
    return found


def _point(handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
    if item["point"]:
        handler.addQuickElement("georss:point", item["point"])


_XML = {"atom": (_Atom, "application/atom+xml; charset=utf-8"), "rss": (_Rss, "application/rss+xml; charset=utf-8")}


def write(feed: Feed, ending: str, hubs: Sequence[str]) -> tuple[bytes, str]:
    """The feed's bytes and media type. The same feed is always the same bytes."""
    if ending == "json":
        return orjson.dumps(_json(feed, hubs)), "application/feed+json"
    kind, media_type = _XML[ending]
    made = kind(feed.title, feed.page, "", language=get_language(), feed_url=feed.address, feed_guid=feed.address,
                subtitle=feed.title, hubs=hubs, newest=feed.updated or _NEVER)  # fmt: skip
    for one in feed.entries:
        point = f"{one.latitude} {one.longitude}" if one.latitude is not None else ""
        words = linebreaks(_plain(one.text), autoescape=True)
        made.add_item(_plain(one.title), one.link, words, unique_id=one.id,
                      pubdate=one.published, updateddate=one.updated,
                      categories=[_plain(one.category)], point=point)  # fmt: skip
    return made.writeString("utf-8").encode(), media_type


def _plain(text: str) -> str:
    """What XML 1.0 can hold (section 2.2)."""
    return clean(text).translate({0xFFFE: None, 0xFFFF: None})


def _json(feed: Feed, hubs: Sequence[str]) -> dict[str, Any]:
    found = {"version": _VERSION, "title": feed.title, "home_page_url": feed.page, "feed_url": feed.address,
             "language": get_language(), "items": [_item(one) for one in feed.entries]}  # fmt: skip
    return found | ({"hubs": [{"type": "WebSub", "url": hub} for hub in hubs]} if hubs else {})


def _item(one: Entry) -> dict[str, Any]:
    return {"id": one.id, "url": one.link, "title": one.title, "content_text": one.text, "tags": [one.category],
            "date_published": one.published.isoformat(), "date_modified": one.updated.isoformat()}  # fmt: skip
