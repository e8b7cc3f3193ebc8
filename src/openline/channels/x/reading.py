"""From a raw delivery of X to one `Incoming`: an event of the Activity API, an item of a list, or what we found gone.

Raw deliveries: {"data": {"event_type", "payload", "includes", ...}} as X calls us, with a single message in it;
{"kind": "post" or "dm", "data", "includes"} of an item that we asked for; {"kind": "gone", "id"}.
"""

from __future__ import annotations

from typing import Any

from openline.channels import reading
from openline.channels.base import Incoming, Refused, Who
from openline.channels.reading import child, moment, text
from openline.channels.x import attachments, messages, spelling
from openline.channels.x.words import plain

SITE = "https://x.com"
POST_EVENTS = ("post.mention.create", "post.reply.create")
MESSAGE_EVENTS = ("dm.received",)
_NO_LANGUAGE = ("und", "zxx", "qme", "qht", "qam", "qct", "qst", "art")


def parse(raw: bytes) -> Incoming | Refused:
    """Read one raw delivery. Never raises."""
    try:
        said = reading.json_object(raw)
        item = _read(said, raw)
    except (reading.Unreadable, ValueError, TypeError, KeyError) as error:
        return Refused(raw, str(error)[:300])
    return item or Refused(raw, "The delivery names no post.")


def _read(said: dict[str, Any], raw: bytes) -> Incoming | None:
    kind, data = text(said, "kind"), child(said, "data")
    if kind == "gone":
        gone = text(said, "id")
        return Incoming("delete", gone, f"gone:{gone}", raw) if gone else None
    if kind == "dm":
        return messages.listed(data, child(said, "includes"), raw)
    if kind == "post":
        return post(data, child(said, "includes"), raw)
    event = text(data, "event_type")
    if event in POST_EVENTS:
        return post(child(data, "payload"), child(data, "includes"), raw)
    return messages.pushed(child(data, "payload"), raw) if event in MESSAGE_EVENTS else None


def post(data: dict[str, Any], includes: dict[str, Any], raw: bytes) -> Incoming | None:
    """A post; one that is a later version of another is an edit of it."""
    post_id, author = text(data, "id"), text(data, "author_id")
    if not post_id:
        return None
    first = (versions(data) or [post_id])[0]
    who = user(includes, author)
    name, language = text(who, "username"), text(data, "lang")
    latitude, longitude = _place(data)
    quotes = referenced(data, "quoted")
    return Incoming(
        "post" if first == post_id else "edit",
        first,
        post_id,
        raw,
        text=plain(data),
        author_id=author,
        author_handle=f"@{name}" if name else "",
        author_name=text(who, "name"),
        posted_at=moment(data.get("created_at")),
        in_reply_to=referenced(data, "replied_to"),
        url=f"{SITE}/{name or 'i'}/status/{post_id}",
        language="" if language in _NO_LANGUAGE else language,
        latitude=latitude,
        longitude=longitude,
        media=attachments.of_post(data, includes),
        facts={"quotes": f"{SITE}/i/status/{quotes}"} if quotes else {},
    )


def versions(data: dict[str, Any]) -> list[str]:
    """The ids under which a post was known, the first one first."""
    return sorted(spelling.texts(data, "edit_history_tweet_ids"), key=order)


def referenced(data: dict[str, Any], how: str) -> str:
    """The id of the post that `data` has `replied_to` or `quoted`."""
    found = spelling.children(data, "referenced_tweets")
    return next((text(one, "id") for one in found if text(one, "type") == how), "")


def user(includes: dict[str, Any], user_id: str) -> dict[str, Any]:
    """A user among the includes: some events wrap each into `data`."""
    found = [child(one, "data") or one for one in reading.children(includes, "users")]
    return next((one for one in found if text(one, "id") == user_id), {})


def order(network_id: str) -> int:
    """X's ids grow with time."""
    return int(network_id) if network_id.isdecimal() else 0


def who(me: dict[str, Any]) -> Who:
    """Whom X takes us for, by its answer to /2/users/me."""
    return Who(text(me, "id"), "@" + text(me, "username"), text(me, "name"))


def _place(data: dict[str, Any]) -> tuple[float | None, float | None]:
    found = child(child(data, "geo"), "coordinates").get("coordinates")
    if isinstance(found, list) and len(found) == 2 and all(isinstance(one, int | float) for one in found):
        return float(found[1]), float(found[0])  # GeoJSON: longitude first
    return None, None
