"""Saying something on Reddit, and finding what an earlier try said: by words and place, among our newest."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from openline.channels import parts
from openline.channels.base import NotAllowed, Outgoing, Progress, Receipt, Rejected, Unclear
from openline.channels.reading import child, children, text
from openline.channels.reddit.client import Reddit

TEXT_LIMIT, TITLE_LIMIT = 10_000, 300


def send(reddit: Reddit, outgoing: Outgoing, progress: Progress) -> Receipt:
    """An answer below a comment, post or message; a post of its own; or a change of what we said."""
    if outgoing.action != "post":
        return _change(reddit, outgoing, progress)
    words = body(outgoing)
    if outgoing.in_reply_to:
        return Receipt(**progress.step("post", lambda: _answer(reddit, outgoing.in_reply_to, words)))
    if outgoing.visibility == "private":
        raise NotAllowed(_("Reddit tells no id of a message that the city begins, so that it could be sent twice."))
    return Receipt(**progress.step("post", lambda: _submit(reddit, outgoing, words)))


def find(reddit: Reddit, outgoing: Outgoing, progress: Progress, since: datetime) -> Receipt | None:
    """Among our newest comments, posts or messages the one with these words at this place."""
    if known := progress.done("post"):
        return Receipt(**known)
    name, words = reddit.account.handle.removeprefix("u/"), body(outgoing)
    private = outgoing.visibility == "private"
    where = "message/sent" if private else f"user/{name}/{'comments' if outgoing.in_reply_to else 'submitted'}"
    things, _after = reddit.things(where, limit="100")
    for one in things:
        data = child(one, "data")
        same_place = not outgoing.in_reply_to or text(data, "parent_id") == outgoing.in_reply_to
        said = text(data, "body") or text(data, "selftext")
        at = data.get("created_utc")
        if same_place and said.strip() == words and isinstance(at, int | float) and at >= since.timestamp():
            return Receipt(**progress.step("post", lambda data=data: _receipt(data)))  # type: ignore[misc]
    return None


def body(outgoing: Outgoing) -> str:
    """The words; raises Rejected for what Reddit cannot show."""
    words = outgoing.text.strip()
    if outgoing.media:
        raise Rejected(_("Pictures cannot be sent to Reddit from here."), "media")
    if not words or words.encode("utf-8", "replace").decode() != words:
        raise Rejected(_("The text is empty, or holds characters that cannot be written."), "text")
    return parts.shorten(words, TEXT_LIMIT, len, outgoing.link)


def _answer(reddit: Reddit, about: str, words: str) -> dict[str, str]:
    said = children(reddit.post("api/comment", thing_id=about, text=words), "things")
    return _receipt(child(said[0], "data") if said else {})


def _submit(reddit: Reddit, outgoing: Outgoing, words: str) -> dict[str, str]:
    place = reddit.account.settings.get("subreddit", "")
    if not place:
        raise NotAllowed(_("The account names no subreddit of the city, and posts nowhere else."))
    title = (outgoing.title or words.splitlines()[0])[:TITLE_LIMIT]
    return _receipt(reddit.post("api/submit", kind="self", sr=place, title=title, text=words, sendreplies="true"))


def _change(reddit: Reddit, outgoing: Outgoing, progress: Progress) -> Receipt:
    about = outgoing.about
    if outgoing.action == "edit":
        progress.step("edit", lambda: reddit.post("api/editusertext", thing_id=about, text=body(outgoing)) is not None)
    elif outgoing.action == "delete":
        progress.step("delete", lambda: reddit.post("api/del", id=about) is not None)
    else:
        raise NotAllowed(_("Only moderators hide on Reddit, and Openline is none."))
    return Receipt(about)


def _receipt(data: dict[str, Any]) -> dict[str, str]:
    name, link = text(data, "name"), text(data, "permalink")
    if not name:
        raise Unclear(_("Reddit's answer names nothing that was made."))
    return {"network_id": name, "url": text(data, "url") or (f"https://www.reddit.com{link}" if link else "")}
