"""Comments of ours: said once, looked for, changed and taken back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from openline.channels import reading
from openline.channels.base import NotAllowed, Outgoing, Progress, Receipt, Rejected, Unclear
from openline.channels.flickr import places, writing
from openline.channels.flickr.client import Flickr
from openline.channels.http import NotThere


def is_comment(network_id: str) -> bool:
    """Comments' ids have three parts, of which the second is the photo's id."""
    return network_id.count("-") == 2


def photo_of(network_id: str) -> str:
    """The photo of a comment's id, or of a photo's own. Raises Rejected if it is neither."""
    photo = network_id.split("-")[1] if is_comment(network_id) else network_id
    if not photo.isdecimal():
        raise Rejected(_("%(network_id)s names nothing on Flickr.") % {"network_id": network_id}, "in_reply_to")
    return photo


def answer(flickr: Flickr, outgoing: Outgoing, progress: Progress) -> Receipt:
    """Say it under the photo."""
    if outgoing.media:
        raise Rejected(_("A comment on Flickr holds no files: name their address in the text."), "media")
    photo, words = photo_of(outgoing.in_reply_to), writing.comment(outgoing)
    return Receipt(**progress.step("comment", lambda: _say(flickr, photo, words)))


def _say(flickr: Flickr, photo: str, words: str) -> dict[str, Any]:
    try:
        made = reading.child(flickr.do("photos.comments.addComment", photo_id=photo, comment_text=words), "comment")
    except NotThere as error:
        raise Rejected(_("The photo is not on Flickr any more."), "in_reply_to") from error
    if not reading.text(made, "id"):
        raise Unclear(_("Flickr took the comment, but names no id."))
    return _kept(made, photo, flickr)


def _kept(comment: dict[str, Any], photo: str, flickr: Flickr) -> dict[str, Any]:
    url = reading.web_address(comment, "permalink") or places.photo(flickr.me(), photo)
    return {"network_id": reading.text(comment, "id"), "url": url}


def find(flickr: Flickr, outgoing: Outgoing, since: datetime) -> Receipt | None:
    """Our newest comment with these words under that photo that is no other message of ours."""
    photo, me, words = photo_of(outgoing.in_reply_to), flickr.me(), writing.comment(outgoing)
    for one in reversed(_under(flickr, photo, since)):
        same = writing.said(reading.text(one, "_content")) == writing.said(words)
        to = writing.answers(reading.text(one, "_content")) == writing.answers(words)
        if (
            reading.text(one, "author") == me
            and same
            and to
            and not flickr.account.ledger.ours(reading.text(one, "id"))
        ):
            return Receipt(**_kept(one, photo, flickr))
    return None


def _under(flickr: Flickr, photo: str, since: datetime) -> list[dict[str, Any]]:
    try:
        said = flickr.ask("photos.comments.getList", photo_id=photo, min_comment_date=int(since.timestamp()))
    except NotThere:
        return []
    return reading.children(reading.child(said, "comments"), "comment")


def edit(flickr: Flickr, outgoing: Outgoing, progress: Progress) -> Receipt:
    """Give a comment of ours new words; whom it answered it answers still."""
    before = _ours(flickr, outgoing.about)
    to = writing.answers(reading.text(before, "_content"))
    mention = f"[{places.person(to)}]\n" if to else ""
    words = writing.checked(mention + writing.html(outgoing.text))
    progress.step(
        "edit", lambda: flickr.do("photos.comments.editComment", comment_id=outgoing.about, comment_text=words)
    )
    return Receipt(outgoing.about, reading.web_address(before, "permalink"))


def _ours(flickr: Flickr, comment: str) -> dict[str, Any]:
    said = flickr.ask("photos.comments.getList", photo_id=photo_of(comment))
    for one in reading.children(reading.child(said, "comments"), "comment"):
        if reading.text(one, "id") == comment:
            if reading.text(one, "author") != flickr.me():
                raise NotAllowed(_("This comment was not written by this account."))
            return one
    raise NotThere(_("The comment is not on Flickr any more."), "about")


def delete(flickr: Flickr, comment: str) -> Receipt:
    """Take a comment of ours back; one that is gone already is fine."""
    try:
        _ours(flickr, comment)
        flickr.do("photos.comments.deleteComment", comment_id=comment)
    except NotThere:
        pass
    return Receipt(comment)


def is_gone(flickr: Flickr, comment: str) -> bool:
    """True if no such comment stands."""
    try:
        said = flickr.ask("photos.comments.getList", photo_id=photo_of(comment))
    except NotThere:
        return True
    return all(
        reading.text(one, "id") != comment for one in reading.children(reading.child(said, "comments"), "comment")
    )
