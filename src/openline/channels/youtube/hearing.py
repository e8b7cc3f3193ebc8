"""Hearing comments on YouTube, which calls nobody, within a day's units.

A look costs two units: the newest hundred threads of the channel, and in turn fifty older ones by their ids. New
replies show in a thread's count and cost one more each. Edits and deletions are found by the same looks.
"""

from __future__ import annotations

from typing import Any

import orjson

from openline.channels import reading
from openline.channels.base import Rejected
from openline.channels.http import NotThere
from openline.channels.youtube.client import YouTube
from openline.channels.youtube.commenting import author, replies, thread_of
from openline.channels.youtube.cursor import GONE, Cursor
from openline.channels.youtube.reading import digest

PAGE, PAGES_A_POLL = 100, 5
LOOK = 50
_ASK = {"part": "snippet,replies", "maxResults": PAGE, "textFormat": "plainText"}

Thread = dict[str, Any]
Comment = dict[str, Any]


def poll(youtube: YouTube, text: str) -> tuple[list[bytes], str]:
    """What is new since the cursor `text`, oldest first, then changes; and the cursor behind them."""
    cursor = Cursor.read(text)
    if cursor.page:
        found = _behind(youtube, cursor)
    else:
        threads, more = _page(youtube)
        fresh = not cursor.known and not cursor.floor
        gap = bool(more) and not fresh and all(_is_new(cursor, one) for one in threads)
        border = cursor.floor
        found = _heard(youtube, cursor, threads)
        if gap:
            cursor.page, cursor.border = more, border
        else:
            found += _changes(youtube, cursor, threads, low=_oldest(threads) if more else "")
            found += _older(youtube, cursor, {reading.text(one, "id") for one in threads})
    cursor.forget()
    return found, str(cursor)


def _page(youtube: YouTube, token: str = "") -> tuple[list[Thread], str]:
    """The threads of a page, newest first, and where the next one begins."""
    more = {"pageToken": token} if token else {}
    said = youtube.get("commentThreads", allThreadsRelatedToChannelId=youtube.me(), order="time", **_ASK, **more)
    return reading.children(said, "items"), reading.text(said, "nextPageToken")


def _behind(youtube: YouTube, cursor: Cursor) -> list[bytes]:
    """The next pages of a long backlog; the last one closes it."""
    found = list[bytes]()
    for _n in range(PAGES_A_POLL):
        try:
            threads, more = _page(youtube, cursor.page)
        except Rejected:  # the place is not known any more: begin again from the newest
            cursor.page = cursor.border = ""
            return found
        found = _heard(youtube, cursor, threads) + found
        reached = any(_at(_top(one)) <= cursor.border for one in threads)
        if reached or not more:
            cursor.page = cursor.border = ""
            break
        cursor.page = more
    return found


def _heard(youtube: YouTube, cursor: Cursor, threads: list[Thread]) -> list[bytes]:
    """Comments and replies that were not heard, oldest first."""
    me, found, noted = youtube.me(), list[tuple[str, bytes]](), list[tuple[str, str, str]]()
    for thread in threads:
        for comment in (_top(thread), *_replies(youtube, cursor, thread)):
            id, at = reading.text(comment, "id"), _at(comment)
            if author(reading.child(comment, "snippet")) != me and cursor.is_new(id, at):
                found.append((at, _delivery(comment, thread)))
                noted.append((id, at, digest(comment)))
    for one in noted:
        cursor.note(*one)
    return [raw for _at_, raw in sorted(found, key=lambda item: item[0])]


def _replies(youtube: YouTube, cursor: Cursor, thread: Thread) -> list[Comment]:
    """The replies of a thread, if their number has changed: those that came with it, or all of them asked for."""
    id, count = reading.text(thread, "id"), _count(thread)
    if cursor.counts.get(id, 0) == count:
        return []
    cursor.counts.pop(id, None)
    cursor.counts[id] = count
    came = _embedded(thread)
    return came if len(came) >= count else replies(youtube, id)


def _changes(youtube: YouTube, cursor: Cursor, threads: list[Thread], low: str) -> list[bytes]:
    """Edits among what was looked at, and what is missing there: all that stand from `low` on were listed."""
    standing = {reading.text(one, "id"): one for thread in threads for one in (_top(thread), *_embedded(thread))}
    found = [_edit(cursor, one) for id, one in standing.items() if _edited(cursor, id, one)]
    for thread in threads:
        cursor.counts.setdefault(reading.text(thread, "id"), _count(thread))
        found += _lost_replies(youtube, cursor, thread)
    missing = [
        id
        for id, (at, seen, _nth) in cursor.known.items()
        if "." not in id and at > low and seen != GONE and id not in standing
    ]
    return found + (_gone(youtube, cursor, missing[:LOOK]) if missing else [])


def _edited(cursor: Cursor, id: str, comment: Comment) -> bool:
    return id in cursor.known and cursor.known[id][1] != digest(comment)


def _edit(cursor: Cursor, comment: Comment) -> bytes:
    nth = cursor.change(reading.text(comment, "id"), digest(comment))
    return orjson.dumps({"comment": comment, "change": nth})


def _lost_replies(youtube: YouTube, cursor: Cursor, thread: Thread) -> list[bytes]:
    """Replies that are known and no longer there: a thread then has fewer than are known of it."""
    id = reading.text(thread, "id")
    known = [one for one, (_at, seen, _nth) in cursor.known.items() if thread_of(one) == id != one and seen != GONE]
    embedded = {reading.text(one, "id") for one in _embedded(thread)}
    if len(embedded) >= _count(thread):
        return _are_gone(cursor, [one for one in known if one not in embedded])
    if len(known) <= _count(thread):
        return []
    there = {reading.text(one, "id") for one in replies(youtube, id)}
    return _are_gone(cursor, [one for one in known if one not in there])


def _older(youtube: YouTube, cursor: Cursor, listed: set[str]) -> list[bytes]:
    """Threads that are not among the newest, in turn: their new replies, edits, and what is gone."""
    others = [id for id in cursor.counts if id not in listed]
    start = cursor.turn if cursor.turn < len(others) else 0
    turn = others[start : start + LOOK]
    cursor.turn = start + LOOK
    if not turn:
        return []
    threads = _by_ids(youtube, turn)
    there = {reading.text(one, "id") for one in threads}
    found = _heard(youtube, cursor, threads) + _changes(youtube, cursor, threads, low="~")
    for id in turn:
        if id not in there:
            cursor.counts.pop(id, None)
    gone = [id for id in cursor.known if thread_of(id) in turn and thread_of(id) not in there]
    return found + _are_gone(cursor, gone)


def _gone(youtube: YouTube, cursor: Cursor, missing: list[str]) -> list[bytes]:
    """Ask for threads that are not listed any more: those that are gone take their replies with them."""
    there = {reading.text(one, "id") for one in _by_ids(youtube, missing)}
    gone = {id for id in missing if id not in there}
    return _are_gone(cursor, [id for id in cursor.known if thread_of(id) in gone])


def _are_gone(cursor: Cursor, ids: list[str]) -> list[bytes]:
    standing = [id for id in ids if cursor.known[id][1] != GONE]
    return [orjson.dumps({"gone": id, "change": cursor.change(id, GONE)}) for id in standing]


def _by_ids(youtube: YouTube, ids: list[str]) -> list[Thread]:
    try:
        return youtube.items("commentThreads", id=",".join(ids), **_ASK)
    except NotThere:
        return []


def _delivery(comment: Comment, thread: Thread) -> bytes:
    snippet = reading.child(thread, "snippet")
    about = {"id": reading.text(thread, "id"), "videoId": reading.text(snippet, "videoId")}
    return orjson.dumps({"comment": comment, "thread": about | {"canReply": snippet.get("canReply", True)}})


def _is_new(cursor: Cursor, thread: Thread) -> bool:
    return cursor.is_new(reading.text(thread, "id"), _at(_top(thread)))


def _oldest(threads: list[Thread]) -> str:
    return min((_at(_top(one)) for one in threads), default="")


def _top(thread: Thread) -> Comment:
    return reading.child(reading.child(thread, "snippet"), "topLevelComment")


def _embedded(thread: Thread) -> list[Comment]:
    return reading.children(reading.child(thread, "replies"), "comments")


def _count(thread: Thread) -> int:
    found = reading.child(thread, "snippet").get("totalReplyCount")
    return found if isinstance(found, int) else 0


def _at(comment: Comment) -> str:
    """When it was made, as YouTube writes it: RFC 3339 in UTC, which sorts as text."""
    return reading.text(reading.child(comment, "snippet"), "publishedAt")
