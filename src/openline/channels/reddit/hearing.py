"""Hearing Reddit: the inbox (answers, mentions, messages), and a second look at what was heard in the last days, as
Reddit wants deletions to be followed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson

from openline.channels.base import Heard
from openline.channels.reading import child, json_object, text
from openline.channels.reddit import reading
from openline.channels.reddit.client import Reddit

WATCHED, _MOST_PAGES = timedelta(days=2), 10
_MOST_WATCHED = 100
"""So many are asked for in one call (/api/info)."""


def poll(reddit: Reddit, cursor: str) -> Heard:
    """What is new in the inbox, oldest first, then what was changed or taken back since it was heard.

    The cursor holds the time of the newest things (`since`) and their names (`last`), and the comments that are looked
    at again (`watch`: name to the time of its last change, 0 for none).
    """
    kept = json_object(cursor.encode()) if cursor else {}
    since, watch = float(kept.get("since") or 0), dict(child(kept, "watch"))
    last = {str(one) for one in kept.get("last") or ()}
    new = [one for one in _inbox(reddit, since) if _name(one) not in last]
    changed = _changes(reddit, watch)
    for one in new:
        if text(one, "kind") == "t1":
            watch.setdefault(_name(one), 0)
    newest = max([since, *(_at(one) for one in new)])
    last = {_name(one) for one in new if _at(one) == newest} | (last if newest == since else set())
    watch = dict(list(watch.items())[-_MOST_WATCHED:])
    behind = orjson.dumps({"since": newest, "last": sorted(last), "watch": watch}).decode()
    return Heard(tuple(reading.parse(orjson.dumps(one)) for one in [*new, *changed]), behind)


def _inbox(reddit: Reddit, since: float) -> list[dict[str, Any]]:
    """From that second on, oldest first."""
    found, after = list[dict[str, Any]](), ""
    for _page in range(_MOST_PAGES):
        more = {"after": after} if after else {}
        things, after = reddit.things("message/inbox", limit="100", mark="false", **more)
        found += [one for one in things if _at(one) >= since]
        if not after or not things or _at(things[-1]) < since:
            break
    return found[::-1]


def _changes(reddit: Reddit, watch: dict[str, Any]) -> list[dict[str, Any]]:
    if not watch:
        return []
    found = []
    things, _after = reddit.things("api/info", id=",".join(watch))
    for one in things:
        data, name = child(one, "data"), _name(one)
        if text(data, "author") in reading.GONE or text(data, "body") in reading.GONE:
            watch.pop(name, None)
            found.append(one | {"change": "delete"})
        elif (edited := data.get("edited")) and edited != watch.get(name):
            watch[name] = edited
            found.append(one | {"change": "edit"})
    return found


def _name(one: dict[str, Any]) -> str:
    return text(child(one, "data"), "name")


def _at(one: dict[str, Any]) -> float:
    at = child(one, "data").get("created_utc")
    return float(at) if isinstance(at, int | float) else 0.0
