"""Hearing comments: new ones by their ids, changes by looking at the newest again.

WordPress tells no time of a comment's change, so the cursor holds what was last seen of the newest comments: a
restart forgets nothing. Ids only grow, whatever clocks and time zones say, and no two are equal.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import orjson

from openline.channels import reading
from openline.channels.wordpress.client import PAGE, Site
from openline.channels.wordpress.reading import HEARD, digest

PAGES_A_POLL = 4
LOOK = 50
"""So many of the newest comments are looked at every time, in brief; the older ones that are watched take turns."""
WATCHED = 300
OLDER_EVERY_SECONDS = 120
_STANDING = ("approved", "hold")
_BRIEF = "id,status,content"  # WordPress knows no parts of fields here
_WHOLE = (
    "id,post,parent,author,author_name,author_email,author_url,author_ip,author_user_agent,date_gmt,content,link,"
    "status,type,meta,_links.self,_links.up"
)
_QUERY = {"context": "edit", "type": "all", "orderby": "id"}
_NOT_FOR_US, _GONE = ("", 0), "gone"

Comment = tuple[bytes, dict[str, Any]]
"""A comment as the site sent it, and as read."""


@dataclass
class Cursor:
    """`last`: the id of the newest comment that was heard; `before`: how many stood then up to it.

    `known`: the newest comments by id, each with the digest of what it said and how often that changed.
    """

    last: int = 0
    before: int = 0
    known: dict[int, tuple[str, int]] = field(default_factory=dict)
    fresh: bool = True

    @classmethod
    def read(cls, text: str) -> Cursor:
        """From its form as text; "" is the beginning. What makes no sense is the beginning too."""
        try:
            value = orjson.loads(text)
            known = {int(id): (str(seen[0]), int(seen[1])) for id, seen in value["known"].items()}
            return cls(int(value["last"]), int(value["before"]), known, False)
        except (ValueError, KeyError, TypeError, AttributeError, IndexError):
            return cls()

    def __str__(self) -> str:
        known = {str(id): seen for id, seen in sorted(self.known.items())}
        return orjson.dumps({"last": self.last, "before": self.before, "known": known}).decode()

    def change(self, id: int, seen: str) -> int:
        """Remember what a comment says now; returns how often it has changed."""
        nth = self.known[id][1] + 1
        self.known[id] = (seen, nth)
        return nth

    def forget(self) -> None:
        """Keep the newest only."""
        for id in sorted(self.known)[:-WATCHED]:
            del self.known[id]


def poll(site: Site, text: str) -> tuple[list[bytes], str]:
    """What is new since the cursor `text`: comments oldest first, then changes; and the cursor behind them."""
    cursor = Cursor.read(text)
    newest, total = _look(site, 0)
    if not cursor.fresh and total > len(newest) > 0 and min(newest) > cursor.last:
        found, changes = _forward(site, cursor), list[bytes]()
    else:
        older = _look(site, _older(cursor) - 1)[0] if _older(cursor) and len(newest) < total else {}
        found = _noted(_whole(site, _unheard(older | newest, cursor)), cursor)
        cursor.before, cursor.last = total, max([cursor.last, *newest])
        changes = _changes(site, newest, cursor, 0 if len(newest) >= total else min(newest, default=0), cursor.last)
        changes += _changes(site, older, cursor, min(older), max(older)) if older else []
    about = _about(site, found)
    cursor.forget()
    return [_delivery(item, about) for item in found] + changes, str(cursor)


def _look(site: Site, offset: int) -> tuple[dict[int, str], int]:
    """Ids and digests of comments that stand or wait, from the newest; and how many there are in all."""
    ask = {"status": "all", "order": "desc", "offset": offset, "per_page": LOOK, "_fields": _BRIEF}
    found, total = site.items("comments", **_QUERY, **ask)
    return {_id(comment): digest(comment) for _raw, comment in found}, total


def _whole(site: Site, ids: list[int], status: str = "all") -> list[Comment]:
    """Those comments with all that is told of them, by id."""
    found = list[Comment]()
    for n in range(0, len(ids), PAGE):
        some = ",".join(map(str, ids[n : n + PAGE]))
        ask = {"include": some, "status": status, "order": "asc", "per_page": PAGE, "_fields": _WHOLE}
        found += site.items("comments", **_QUERY, **ask)[0]
    return found


def _unheard(newest: dict[int, str], cursor: Cursor) -> list[int]:
    """Of the newest those beyond the last that was heard, and what came back from the spam."""
    oldest_known = min(cursor.known, default=cursor.last + 1)
    return sorted(id for id in newest if id > cursor.last or (id > oldest_known and id not in cursor.known))


def _forward(site: Site, cursor: Cursor) -> list[Comment]:
    """The oldest of a long backlog, found by how many comments stood up to the last that was heard."""
    offset, step = max(cursor.before - 1, 0), PAGE
    page, total = _page(site, offset)
    while offset and (not page or _id(page[0][1]) > cursor.last):  # earlier ones have been deleted since
        offset, step = max(offset - step, 0), step * 2
        page, total = _page(site, offset)
    found = list[Comment]()
    for _more in range(PAGES_A_POLL):
        found += [item for item in page if _id(item[1]) > cursor.last]
        offset += PAGE
        if offset >= total or len(found) > (PAGES_A_POLL - 1) * PAGE:
            break
        page, total = _page(site, offset)
    cursor.before = min(offset, total)
    return _noted(found, cursor)


def _page(site: Site, offset: int) -> tuple[list[Comment], int]:
    """Comments from the oldest on, after so many; and how many there are in all."""
    ask = {"status": "all", "order": "asc", "offset": offset, "per_page": PAGE, "_fields": _WHOLE}
    return site.items("comments", **_QUERY, **ask)


def _noted(new: list[Comment], cursor: Cursor) -> list[Comment]:
    """Those that say something to us; the cursor moves behind all."""
    for _raw, comment in new:
        cursor.last = max(cursor.last, _id(comment))
        cursor.known[_id(comment)] = (digest(comment), 0) if _is_heard(comment) else _NOT_FOR_US
    return [item for item in new if _is_heard(item[1])]


def _changes(site: Site, shown: dict[int, str], cursor: Cursor, low: int, high: int) -> list[bytes]:
    """What changed among the comments that were looked at, all that stand from `low` to `high`; and what is gone."""
    watched = {id: seen for id, (seen, _nth) in cursor.known.items() if seen}
    other = sorted(id for id in shown.keys() & watched.keys() if shown[id] != watched[id])
    edited = [item for item in _whole(site, other) if digest(item[1]) != watched[_id(item[1])]]
    about = _about(site, edited)
    changes = [_delivery(item, about, cursor.change(_id(item[1]), digest(item[1]))) for item in edited]
    missing = [id for id, seen in watched.items() if low <= id <= high and id not in shown and seen != _GONE]
    return changes + _gone(site, sorted(missing), cursor)


def _gone(site: Site, missing: list[int], cursor: Cursor) -> list[bytes]:
    """Ask what became of comments that no longer stand: spam, in the bin, or deleted for good."""
    state = {_id(comment): reading.text(comment, "status") for _raw, comment in _whole(site, missing, "any")}
    gone = [id for id in missing if state.get(id) not in _STANDING]
    return [
        orjson.dumps({"gone": id, "how": state.get(id, "deleted"), "change": cursor.change(id, _GONE)}) for id in gone
    ]


def _older(cursor: Cursor) -> int:
    """Behind how many of the newest to look too, now (0: nowhere): they take turns by the clock.

    One of those before is looked at again, so that there is no gap between the two where something may be gone.
    """
    parts = (len(cursor.known) - 1) // LOOK
    return (1 + _turn() % parts) * LOOK if parts > 0 else 0


def _turn() -> int:
    return int(time.time() / OLDER_EVERY_SECONDS)


def _about(site: Site, comments: list[Comment]) -> dict[int, dict[str, Any]]:
    """Title and address of the posts and pages under which the comments stand."""
    found = dict[int, dict[str, Any]]()
    wanted = {kind: set[str]() for kind in ("posts", "pages")}
    for _raw, comment in comments:
        kind = "pages" if _kind_above(comment) == "page" else "posts"
        wanted[kind].add(reading.text(comment, "post"))
    for kind, ids in wanted.items():
        asked = sorted(ids - {"", "0"})
        for n in range(0, len(asked), PAGE):
            some = ",".join(asked[n : n + PAGE])
            for _raw, item in site.items(kind, include=some, per_page=PAGE, _fields="id,title,link")[0]:
                title = reading.text(reading.child(item, "title"), "rendered")
                found[_id(item)] = {"id": _id(item), "title": title, "link": reading.text(item, "link")}
    return found


def _kind_above(comment: dict[str, Any]) -> str:
    links = reading.children(reading.child(comment, "_links"), "up")
    return reading.text(links[0], "post_type") if links else ""


def _delivery(item: Comment, about: dict[int, dict[str, Any]], change: int = 0) -> bytes:
    raw, comment = item
    above = comment.get("post")
    parts = b'{"comment":' + raw + b',"about":' + orjson.dumps(about.get(above, {}) if isinstance(above, int) else {})
    return parts + (b',"change":%d}' % change if change else b"}")


def _is_heard(comment: dict[str, Any]) -> bool:
    """Not what Openline itself said, and no reaction without words."""
    ours = reading.text(comment, "author") not in ("", "0") and reading.text(comment, "author_user_agent").startswith(
        "Openline "
    )
    return not ours and reading.text(comment, "type") in HEARD


def _id(entity: dict[str, Any]) -> int:
    found = entity.get("id")
    return found if isinstance(found, int) else 0
