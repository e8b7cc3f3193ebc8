"""Hearing comments on Flickr, which calls nobody.

Which photos changed is asked every minute (`photos.recentlyUpdated`), then their comments; edits and deletions are
found by looking again at the photos of the newest comments, in turn. Once an hour, as often as Flickr allows, the list
of all activity shows whether anything was missed.
"""

from __future__ import annotations

import time
from typing import Any

import orjson

from openline.channels import reading
from openline.channels.flickr.client import Flickr, content
from openline.channels.flickr.cursor import Cursor, Place
from openline.channels.flickr.reading import digest
from openline.channels.http import NotThere

PORTION = 1000
LOOKS_A_POLL = 60
WATCH_A_POLL = 3
ACTIVITY_EVERY_SECONDS = 3600
FIRST_SECONDS = 7 * 86_400
OVERLAP_SECONDS = 60
"""So far back it is asked again which photos changed: Flickr's lists may lag."""
SETTLED_SECONDS = 10
"""A photo that changed so shortly ago is looked at again, as its time of change has whole seconds."""
_PAGE, _PAGES = 500, 10
_GONE = "gone"

Comment = dict[str, Any]


def poll(flickr: Flickr, text: str) -> tuple[list[bytes], str]:
    """What is new since the cursor `text`: comments oldest first, then changes; and the cursor behind them."""
    cursor = Cursor.read(text)
    now = int(time.time())
    found = _new(flickr, cursor, _changed(flickr, cursor, now), now)
    if len(found) < PORTION:
        found += _watched(flickr, cursor)
    cursor.forget(cursor.at - 2 * OVERLAP_SECONDS)
    return found, str(cursor)


def _changed(flickr: Flickr, cursor: Cursor, now: int) -> list[tuple[int, str, str]]:
    """Photos to look at, with time of change and title, those first that changed first."""
    since = max(cursor.at - OVERLAP_SECONDS, 1) if cursor.at else now - FIRST_SECONDS
    found = dict[str, tuple[int, str, str]]()
    for number in range(1, _PAGES + 1):
        page = reading.child(
            flickr.ask("photos.recentlyUpdated", min_date=since, per_page=_PAGE, page=number), "photos"
        )
        for photo in reading.children(page, "photo"):
            id = reading.text(photo, "id")
            found[id] = (_number(photo, "lastupdate"), id, reading.text(photo, "title"))
        if len(reading.children(page, "photo")) < _PAGE:
            break
    missed = _active(flickr, cursor, now)
    due = sorted(one for one in found.values() if cursor.done.get(one[1]) != one[0])
    return [*due, *(one for one in missed if one[1] not in found)]


def _active(flickr: Flickr, cursor: Cursor, now: int) -> list[tuple[int, str, str]]:
    """Photos with comments that were not heard, by the list of all activity."""
    if now - cursor.activity < ACTIVITY_EVERY_SECONDS:
        return []
    cursor.activity = now
    said = reading.child(flickr.ask("activity.userPhotos", timeframe="2d", per_page=50), "items")
    found = list[tuple[int, str, str]]()
    for item in reading.children(said, "item"):
        events = reading.children(reading.child(item, "activity"), "event")
        newest = max((_number(one, "dateadded") for one in events if one.get("type") == "comment"), default=0)
        id = reading.text(item, "id")
        if item.get("type") == "photo" and newest > cursor.last(id)[0]:
            found.append((0, id, content(item, "title")))
    return found


def _new(flickr: Flickr, cursor: Cursor, photos: list[tuple[int, str, str]], now: int) -> list[bytes]:
    """Comments under these photos that were not heard, at most a portion; the cursor moves behind them."""
    found = list[bytes]()
    for looks, (changed, photo, title) in enumerate(photos):
        if looks >= LOOKS_A_POLL or len(found) >= PORTION:
            return found
        last = cursor.last(photo)
        comments = [one for one in _under(flickr, photo, last[0]) or () if _place(one) > last]
        taken = comments[: PORTION - len(found)]
        found += [_heard(one, photo, title, cursor) for one in taken if reading.text(one, "author") != flickr.me()]
        cursor.note(photo, _place(taken[-1]) if taken else last)
        if len(taken) < len(comments):
            return found
        if changed:
            cursor.at = max(cursor.at, changed)
            if changed < now - SETTLED_SECONDS:
                cursor.done[photo] = changed
    return found


def _under(flickr: Flickr, photo: str, since: int) -> list[Comment] | None:
    """The comments under a photo from a time on, oldest first; None if the photo is gone."""
    border = {"min_comment_date": since} if since else {}
    try:
        said = flickr.ask("photos.comments.getList", photo_id=photo, **border)
    except NotThere:
        return None
    return sorted(reading.children(reading.child(said, "comments"), "comment"), key=_place)


def _heard(comment: Comment, photo: str, title: str, cursor: Cursor) -> bytes:
    cursor.known[reading.text(comment, "id")] = (digest(comment), 0)
    return orjson.dumps({"comment": comment, "photo": {"id": photo, "title": title}})


def _watched(flickr: Flickr, cursor: Cursor) -> list[bytes]:
    """Edits and deletions under some of the photos with the newest comments."""
    photos = list(dict.fromkeys(id.split("-")[1] for id in reversed(cursor.known)))
    start = cursor.turn % max(len(photos), 1)
    cursor.turn = start + WATCH_A_POLL
    turn = (photos[start:] + photos[:start])[:WATCH_A_POLL]
    return [change for photo in turn for change in _changes(flickr, cursor, photo)]


def _changes(flickr: Flickr, cursor: Cursor, photo: str) -> list[bytes]:
    standing = {reading.text(one, "id"): one for one in _under(flickr, photo, 0) or ()}
    changes = list[bytes]()
    for id, (seen, _nth) in [item for item in cursor.known.items() if item[0].split("-")[1] == photo]:
        about = {"photo": {"id": photo, "title": ""}}
        if id not in standing and seen != _GONE:
            changes.append(orjson.dumps({"gone": id, "change": cursor.change(id, _GONE), **about}))
        elif id in standing and digest(standing[id]) != seen:
            nth = cursor.change(id, digest(standing[id]))
            changes.append(orjson.dumps({"comment": standing[id], "change": nth, **about}))
    return changes


def _place(comment: Comment) -> Place:
    number = reading.text(comment, "id").rpartition("-")[2]
    return _number(comment, "datecreate"), int(number) if number.isdecimal() else 0


def _number(value: dict[str, Any], name: str) -> int:
    found = reading.text(value, name)
    return int(found) if found.isdecimal() and len(found) < 12 else 0
