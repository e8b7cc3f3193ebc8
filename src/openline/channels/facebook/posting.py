"""Posts of the page, photo stories, and comments: files first, unseen, then one call that everybody sees.

So a lost answer leaves at worst a picture that nobody ever sees, and only that one call is ever looked up.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from openline.channels import reading as plain
from openline.channels.base import Outgoing, OutgoingMedia, Progress, Receipt, Rejected, Unclear
from openline.channels.facebook import finding, reading, rules, writing
from openline.channels.graph.client import Graph
from openline.channels.graph.errors import SaidAlready


def publish(graph: Graph, page: str, outgoing: Outgoing, progress: Progress) -> Receipt:
    """A post on the page, with its pictures; now, or by Facebook itself later."""
    text, planned = writing.post_text(outgoing), writing.plan(outgoing)
    pictures = writing.pictures(outgoing)
    if not text and not pictures:
        raise Rejected(_("There is nothing to post."), "text")
    ids = photos(graph, page, pictures, progress, later=bool(planned))
    values: dict[str, Any] = {"message": text or None, **planned}
    if ids:
        values["attached_media"] = [{"media_fbid": one} for one in ids]
    elif card := writing.link(outgoing, text):
        values["link"] = card

    def post() -> dict[str, Any]:
        try:
            return receipt(graph.post(f"{page}/feed", values), "id")
        except SaidAlready:
            found = finding.post(graph, page, text, ids, planned=bool(planned), since=_lately())
            if not found:
                raise
            return found

    return Receipt(**progress.step("post", post))


def story(graph: Graph, page: str, outgoing: Outgoing, progress: Progress) -> Receipt:
    """A photo story, seen for a day. It has no words of its own."""
    if len(outgoing.media) != 1:
        raise Rejected(_("A story is one picture, or one film."), "media")
    if outgoing.publish_at:
        raise Rejected(_("Facebook takes no stories ahead of time."), "publish_at")
    (photo,) = photos(graph, page, writing.pictures(outgoing), progress)
    made = partial(_story, graph, page, photo)
    return Receipt(**progress.step("story", made))


def comment(graph: Graph, page: str, outgoing: Outgoing, progress: Progress) -> Receipt:
    """An answer below a post or comment, with one picture at most."""
    text = writing.comment_text(outgoing)
    pictures = writing.pictures(outgoing)
    if len(pictures) > 1:
        raise Rejected(_("A comment takes one picture."), "media")
    ids = photos(graph, page, pictures, progress)
    values = {"message": text or None, "attachment_id": ids[0] if ids else None}

    def say() -> dict[str, Any]:
        try:
            return receipt(graph.post(f"{outgoing.in_reply_to}/comments", values), "id", outgoing.in_reply_to)
        except SaidAlready:
            found = finding.comment(graph, page, outgoing, since=_lately())
            if not found:
                raise
            return found

    return Receipt(**progress.step("comment", say))


def photos(
    graph: Graph, page: str, pictures: list[OutgoingMedia], progress: Progress, *, later: bool = False
) -> list[str]:
    """Upload the pictures, unseen; their ids. `later`: for a post that Facebook publishes by itself."""
    return [
        progress.step(f"photo {n}", partial(_upload, graph, page, one, progress, later))
        for n, one in enumerate(pictures)
    ]


def _upload(graph: Graph, page: str, picture: OutgoingMedia, progress: Progress, later: bool) -> str:
    values: dict[str, Any] = {"published": False, "caption": picture.caption or None}
    if picture.alt:
        values["alt_text_custom"] = picture.alt[: rules.ALT_LIMIT]
    if later:
        values["temporary"] = True
    with progress.open(picture.file) as content:
        files = {"source": (picture.name or "photo", content, picture.media_type)}
        found = plain.text(graph.post(f"{page}/photos", values, files), "id")
    if not found:
        raise Unclear("Facebook took the picture, but names no id.")
    return found


def _story(graph: Graph, page: str, photo: str) -> dict[str, Any]:
    return receipt(graph.post(f"{page}/photo_stories", {"photo_id": photo}), "post_id")


def _lately() -> datetime:
    """What a refusal as a duplicate can be about: an older post of the same words is another one."""
    return datetime.now(UTC) - timedelta(days=1)


def receipt(said: dict[str, Any], key: str, above: str = "") -> dict[str, Any]:
    """The receipt as JSON. Raises Unclear if Facebook names no id."""
    found = plain.text(said, key)
    if not found:
        raise Unclear("Facebook took it, but names no id.")
    return {"network_id": found, "url": plain.web_address(said, "permalink_url") or reading.address(found, above)}
