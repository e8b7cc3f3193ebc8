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
WATCHED = 3 * PAGE
"""So many of the newest comments are looked at again."""
OLDER_EVERY_SECONDS = 120
_STANDING = ("approved", "hold")
_FIELDS = (
    "id,post,parent,author,author_name,author_email,author_url,author_ip,author_user_agent,date_gmt,content,link,"
    "status,type,meta,_links.self,_links.up"
)
_QUERY = {"context": "edit", "type": "all", "orderby": "id", "_fields": _FIELDS}

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

    def note(self, comment: dict[str, Any], nth: int = 0) -> None:
        """Remember what a comment says now."""
        self.known[_id(comment)] = (digest(comment), nth)

    def forget(self) -> None:
        """Keep the newest only."""
        for id in sorted(self.known)[:-WATCHED]:
            del self.known[id]


def poll(site: Site, text: str) -> tuple[list[bytes], str]:
    """What is new since the cursor `text`: comments oldest first, then changes; and the cursor behind them."""
    cursor = Cursor.read(text)
    newest, total = _page(site, "desc", 0)
    behind = not cursor.fresh and total > len(newest) > 0 and _id(newest[-1][1]) > cursor.last
    if behind:
        found, changes = _forward(site, cursor), list[bytes]()
    else:
        found, changes = _news(newest, cursor), _changes(site, newest, cursor, len(newest) >= total)
        cursor.before = total
        if (older := _older_page(cursor)) and len(newest) < total:
            page, _total = _page(site, "desc", older * PAGE - 1)  # one of the page before: no gap between the two
            changes += _changes(site, page, cursor, False, newest=False)
    about = _about(site, found)
    cursor.forget()
    return [_delivery(item, about) for item in found] + changes, str(cursor)


def _page(site: Site, order: str, offset: int) -> tuple[list[Comment], int]:
    """Up to 100 comments that stand or wait, by id, and how many there are."""
    return site.items("comments", status="all", order=order, offset=offset, per_page=PAGE, **_QUERY)


def _news(newest: list[Comment], cursor: Cursor) -> list[Comment]:
    """Of the newest page what was not heard: beyond the last id, or come back from the spam, oldest first."""
    oldest_known = min(cursor.known, default=cursor.last + 1)
    new = [
        item
        for item in reversed(newest)
        if _id(item[1]) > cursor.last or (_id(item[1]) > oldest_known and _id(item[1]) not in cursor.known)
    ]
    return _noted(new, cursor)


def _forward(site: Site, cursor: Cursor) -> list[Comment]:
    """The oldest of a long backlog, found by how many comments stood up to the last that was heard."""
    offset, step = max(cursor.before - 1, 0), PAGE
    page, _total = _page(site, "asc", offset)
    while offset and (not page or _id(page[0][1]) > cursor.last):  # earlier ones have been deleted since
        offset, step = max(offset - step, 0), step * 2
        page, _total = _page(site, "asc", offset)
    found = list[Comment]()
    for _more in range(PAGES_A_POLL):
        found += [item for item in page if _id(item[1]) > cursor.last]
        offset += PAGE
        if not page or len(found) > (PAGES_A_POLL - 1) * PAGE:
            break
        page, total = _page(site, "asc", offset)
        if offset >= total:
            break
    cursor.before = offset
    return _noted(found, cursor)


def _noted(new: list[Comment], cursor: Cursor) -> list[Comment]:
    """Those that say something to us; the cursor moves behind all."""
    cursor.last = max([cursor.last, *(_id(comment) for _raw, comment in new)])
    heard = [item for item in new if _is_heard(item[1])]
    for _raw, comment in heard:
        cursor.note(comment)
    return heard


def _changes(site: Site, page: list[Comment], cursor: Cursor, whole: bool, *, newest: bool = True) -> list[bytes]:
    """Deliveries for what changed among the comments of a page (`whole`: there are no others), and what is gone."""
    shown = {_id(comment): (raw, comment) for raw, comment in page}
    edited = [item for id, item in shown.items() if id in cursor.known and cursor.known[id][0] != digest(item[1])]
    about = _about(site, edited)
    changes = list[bytes]()
    for raw, comment in sorted(edited, key=lambda item: _id(item[1])):
        nth = cursor.known[_id(comment)][1] + 1
        cursor.note(comment, nth)
        changes.append(_delivery((raw, comment), about, nth))
    low, high = (0 if whole else min(shown, default=0)), (cursor.last if newest else max(shown, default=0))
    missing = [id for id, (seen, _) in cursor.known.items() if low <= id <= high and id not in shown and seen != "gone"]
    return changes + _gone(site, sorted(missing), cursor)


def _gone(site: Site, missing: list[int], cursor: Cursor) -> list[bytes]:
    """Ask what became of comments that no longer stand: spam, in the bin, or deleted for good."""
    changes = list[bytes]()
    for n in range(0, len(missing), PAGE):
        some = missing[n : n + PAGE]
        asked = ",".join(map(str, some))
        found, _total = site.items("comments", status="any", include=asked, per_page=PAGE, **_QUERY)
        state = {_id(comment): reading.text(comment, "status") for _raw, comment in found}
        for id in some:
            how = state.get(id, "deleted")
            if how not in _STANDING:
                nth = cursor.known[id][1] + 1
                cursor.known[id] = ("gone", nth)
                changes.append(orjson.dumps({"gone": id, "how": how, "change": nth}))
    return changes


def _older_page(cursor: Cursor) -> int:
    """Which page behind the newest to look at now: they take turns by the clock, one of them every two minutes."""
    pages = (len(cursor.known) - 1) // PAGE
    turn = int(time.time() / OLDER_EVERY_SECONDS)
    return 1 + turn % pages if pages > 0 else 0


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
            for _raw, item in site.items(kind, include=some, status="any", per_page=PAGE, _fields="id,title,link")[0]:
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
