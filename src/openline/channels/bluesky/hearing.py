"""Hearing by asking: mentions, replies and quotes from the notifications, and deletions by looking again.

Notifications come newest first and are ordered by the time that a post claims, so one that was written long before it
arrived stands behind newer ones. All are collected back to the newest that was handed on, and those a little older
that come with them; `Seen`, and the door, know which are repeats. A long backlog is walked through once, noting only
where its pages begin; then its pages are handed on oldest first, each with a cursor that knows which are left.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import orjson

from openline.channels import http, reading
from openline.channels.base import Incoming, Refused
from openline.channels.bluesky import names
from openline.channels.bluesky.client import Session
from openline.channels.bluesky.place import Place

PAGE = 100
PAGES_AT_ONCE = 4
_FIRST_PAGES = 4
_OVERLAP = timedelta(minutes=15)
_SWEEP = timedelta(hours=24)
_MOST_SWEPT = 20
_REASONS = ["mention", "reply", "quote"]
_ASK_AT_ONCE = 25
_MOST_QUESTIONS = 10
_REMEMBERED = 5_000

Item = dict[str, Any]


def mentions(session: Session, place: Place) -> tuple[list[bytes], Place]:
    """What is new since `place`, oldest first, at most 400, and the place behind it; without a place the newest 400."""
    if place.pages:
        items, _border = _page(session, place.pages[-1])
        place = replace(place, pages=place.pages[:-1])
    else:
        items, place = _back_to(session, place)
    return _handed_on(items, place)


def sweep(session: Session) -> list[bytes]:
    """All of the last day, oldest first (at most 2,000): what arrived late, behind what was heard."""
    items, border = list[Item](), ""
    for _page_number in range(_MOST_SWEPT):
        page, further = _page(session, border)
        items += page
        if not further or (page and _time(page[-1]) < _time(items[0]) - _SWEEP):
            break
        border = _widened(further, border)
    return [orjson.dumps(item) for item in _in_order(items)]


def _back_to(session: Session, place: Place) -> tuple[list[Item], Place]:
    """Walk back to what was heard before. Of a long way only the last page, and the borders of those before it."""
    pages, borders, border = list[list[Item]](), list[str](), ""
    while True:
        page, further = _page(session, border)
        pages = [*pages[-PAGES_AT_ONCE:], page]
        if not further or _reached(page, further, place) or (not place.at and len(borders) + 1 == _FIRST_PAGES):
            break
        border = _widened(further, border)
        borders.append(border)
    if len(borders) < PAGES_AT_ONCE:
        return [item for page in pages for item in page if _recent(item, place)], place
    return pages[-1], replace(place, pages=tuple(borders[:-1]))


def _page(session: Session, border: str) -> tuple[list[Item], str]:
    params = {"limit": PAGE, "reasons": _REASONS, "cursor": border or None}
    answer = session.get("app.bsky.notification.listNotifications", _given(params))
    items = [item for item in reading.children(answer, "notifications") if item.get("reason") in _REASONS]
    return items, reading.text(answer, "cursor")


def _given(params: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in params.items() if value is not None}


def _reached(page: list[Item], further: str, place: Place) -> bool:
    """Is all beyond this page older than what was heard? A page may be empty where others only liked what we said."""
    heard = reading.moment(place.at)
    oldest = _time(page[-1]) if page else reading.moment(further)
    return heard is not None and oldest is not None and oldest < heard


def _widened(further: str, border: str) -> str:
    """Where the next page begins. The server leaves out what has the very time of its border: so a millisecond later.

    What is then told twice is no harm. If more than a page has one time, the server's own border leads on.
    """
    moment = reading.moment(further)
    if moment is None or not further.endswith("Z"):
        return further
    wide = f"{(moment + timedelta(milliseconds=1)).isoformat(timespec='milliseconds')[:23]}Z"
    return wide if wide != border else further


def _recent(item: Item, place: Place) -> bool:
    heard = reading.moment(place.at)
    return heard is None or _time(item) > heard - _OVERLAP


def _time(item: Item) -> datetime:
    return reading.moment(item.get("indexedAt")) or reading.moment(0)  # type: ignore[return-value]


def _in_order(items: list[Item]) -> list[Item]:
    """Oldest first, each once."""
    return sorted({reading.text(item, "uri"): item for item in reversed(items)}.values(), key=_time)


def _handed_on(items: list[Item], place: Place) -> tuple[list[bytes], Place]:
    items = _in_order(items)
    new = [item for item in items if _time(item) > _time({"indexedAt": place.at})]
    if new:
        place = replace(place, at=reading.text(new[-1], "indexedAt"))
    return [orjson.dumps(item) for item in items], place.watching(reading.text(item, "uri") for item in new)


def deletions(session: Session, place: Place) -> tuple[list[bytes], Place]:
    """Look again at the newest posts: a delivery for each that is gone, and the place that no longer watches it."""
    gone = [uri for uri in _missing(session, place)[:_MOST_QUESTIONS] if not there(session, uri)]
    return [orjson.dumps({"deleted": uri}) for uri in gone], place.without(gone)


def _missing(session: Session, place: Place) -> list[str]:
    """Watched posts that the AppView does not show us."""
    missing: list[str] = []
    for start in range(0, len(place.watched), _ASK_AT_ONCE):
        asked = list(place.watched[start : start + _ASK_AT_ONCE])
        shown = {reading.text(post, "uri") for post in posts(session, asked)}
        missing += [uri for uri in asked if uri not in shown]
    return missing


def posts(session: Session, uris: list[str]) -> list[Item]:
    """Posts as the AppView shows them to us; those that are gone, or of people who block us, are left out."""
    return reading.children(session.get("app.bsky.feed.getPosts", {"uris": uris}), "posts")


def there(session: Session, uri: str) -> bool:
    """Does the post exist, whoever may see it?"""
    return bool(record(session, uri))


def record(session: Session, uri: str) -> Item:
    """The record itself with its `cid`, of whomever it is; {} if there is none."""
    did, collection, key = names.split(uri)
    try:
        return session.get("com.atproto.repo.getRecord", {"repo": did, "collection": collection, "rkey": key})
    except http.NotThere:
        return {}


class Seen:
    """What was handed on lately, so that a repeat costs nothing behind the channel."""

    def __init__(self) -> None:
        self._known: dict[str, None] = {}

    def new(self, items: list[Incoming | Refused]) -> tuple[Incoming | Refused, ...]:
        """Those that were not seen before."""
        found = []
        for item in items:
            if isinstance(item, Incoming):
                if item.event_id in self._known:
                    continue
                self._known[item.event_id] = None
            found.append(item)
        for old in list(self._known)[:-_REMEMBERED]:
            del self._known[old]
        return tuple(found)
