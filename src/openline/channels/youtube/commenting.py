"""Comments: ours said once, looked for, changed and taken back; those of others hidden by a person."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from openline.channels import reading
from openline.channels.base import NotAllowed, Outgoing, Progress, Receipt, Rejected, Unclear
from openline.channels.http import NotThere
from openline.channels.youtube import places, writing
from openline.channels.youtube.client import YouTube

_PAGES = 5
_VIDEO_LETTERS = 11


def is_video(network_id: str) -> bool:
    """Films' ids have eleven letters, comments' many more."""
    return len(network_id) == _VIDEO_LETTERS


def thread_of(comment: str) -> str:
    """The comment at the top of a comment's thread: replies' ids begin with it."""
    return comment.partition(".")[0]


def answer(youtube: YouTube, outgoing: Outgoing, progress: Progress) -> Receipt:
    """Say it in the thread, or under the film."""
    if outgoing.media:
        raise Rejected(_("A comment on YouTube holds no files: name their address in the text."), "media")
    words = writing.comment(outgoing)
    return Receipt(**progress.step("comment", lambda: _say(youtube, outgoing.in_reply_to, words)))


def _say(youtube: YouTube, above: str, words: str) -> dict[str, Any]:
    try:
        if is_video(above):
            snippet = {"channelId": youtube.me(), "videoId": above, "topLevelComment": _original(words)}
            made = youtube.post("commentThreads", {"snippet": snippet}, part="snippet")
        else:
            body = {"snippet": {"parentId": thread_of(above), "textOriginal": words}}
            made = youtube.post("comments", body, part="snippet")
    except NotThere as error:
        raise Rejected(_("What is to be answered is not on YouTube any more."), "in_reply_to") from error
    if not reading.text(made, "id"):
        raise Unclear(_("YouTube took the comment, but names no id."))
    return _kept(made, above if is_video(above) else "")


def _original(words: str) -> dict[str, Any]:
    return {"snippet": {"textOriginal": words}}


def _kept(comment: dict[str, Any], video: str = "") -> dict[str, Any]:
    snippet, id = reading.child(comment, "snippet"), reading.text(comment, "id")
    return {"network_id": id, "url": places.comment(video or reading.text(snippet, "videoId"), id)}


def find(youtube: YouTube, outgoing: Outgoing, since: datetime) -> Receipt | None:
    """Our newest comment with these words at that place that is no other message of ours."""
    words, me, above = writing.comment(outgoing), youtube.me(), outgoing.in_reply_to
    for one in _at(youtube, above):
        snippet, id = reading.child(one, "snippet"), reading.text(one, "id")
        at = reading.moment(reading.text(snippet, "publishedAt"))
        if author(snippet) != me or at is None or at < since.replace(microsecond=0):
            continue
        if writing.same(said(snippet), words) and not youtube.account.ledger.ours(id):
            return Receipt(**_kept(one, above if is_video(above) else ""))
    return None


def _at(youtube: YouTube, above: str) -> list[dict[str, Any]]:
    """The comments of a thread, or those under a film; the newest pages."""
    try:
        if is_video(above):
            ask = {"part": "snippet", "videoId": above, "order": "time", "maxResults": 100, "textFormat": "plainText"}
            threads = youtube.all_items("commentThreads", _PAGES, **ask)
            return [reading.child(reading.child(one, "snippet"), "topLevelComment") for one in threads]
        return replies(youtube, thread_of(above))
    except NotThere:
        return []


def replies(youtube: YouTube, thread: str) -> list[dict[str, Any]]:
    """All replies in a thread."""
    ask = {"part": "snippet", "parentId": thread, "maxResults": 100, "textFormat": "plainText"}
    return list(youtube.all_items("comments", _PAGES, **ask))


def author(snippet: dict[str, Any]) -> str:
    """The channel of who wrote a comment."""
    return reading.text(reading.child(snippet, "authorChannelId"), "value")


def said(snippet: dict[str, Any]) -> str:
    """What a comment says: as it was written where we are told, else as it is shown (in plain text)."""
    return reading.text(snippet, "textOriginal") or reading.text(snippet, "textDisplay")


def one(youtube: YouTube, comment: str) -> dict[str, Any] | None:
    """A comment; None if it is gone or hidden."""
    try:
        found = youtube.items("comments", part="snippet", id=comment, textFormat="plainText")
    except NotThere:
        return None
    return found[0] if found else None


def edit(youtube: YouTube, outgoing: Outgoing, progress: Progress) -> Receipt:
    """Give a comment of ours new words."""
    _ours(youtube, outgoing.about)
    body = {"id": outgoing.about, "snippet": {"textOriginal": writing.checked(outgoing.text)}}
    return Receipt(**progress.step("edit", lambda: _kept(youtube.put("comments", body, part="snippet"))))


def delete(youtube: YouTube, comment: str) -> Receipt:
    """Take a comment of ours back; one that is gone already is fine."""
    found = one(youtube, comment)
    if found is not None:
        _ours(youtube, comment, found)
        youtube.delete("comments", comment)
    return Receipt(comment)


def hide(youtube: YouTube, comment: str, hidden: bool = True) -> Receipt:
    """Have a comment wait for a person's eye again: others do not see it, and nothing of it is lost; or publish it."""
    if is_video(comment):
        raise NotAllowed(_("Only comments can be hidden."))
    try:
        youtube.post(
            "comments/setModerationStatus",
            None,
            id=comment,
            moderationStatus="heldForReview" if hidden else "published",
        )
    except NotThere:
        pass  # it is gone already
    return Receipt(comment)


def _ours(youtube: YouTube, comment: str, found: dict[str, Any] | None = None) -> None:
    found = found or one(youtube, comment)
    if found is None:
        raise NotThere(_("The comment is not on YouTube any more."), "about")
    if author(reading.child(found, "snippet")) != youtube.me():
        raise NotAllowed(_("This comment was not written by this account."))
