"""Changing and taking back photos of ours."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from openline.channels import reading
from openline.channels.base import NotAllowed, Outgoing, Progress, Receipt, Rejected
from openline.channels.flickr import commenting, places, writing
from openline.channels.flickr.client import Flickr
from openline.channels.http import NotThere


def edit(flickr: Flickr, outgoing: Outgoing, progress: Progress) -> Receipt:
    """Give a photo, or a comment of ours, new words."""
    if commenting.is_comment(outgoing.about):
        return commenting.edit(flickr, outgoing, progress)
    photo = commenting.photo_of(outgoing.about)
    _ours(flickr, photo)
    media = outgoing.media[0] if outgoing.media else None
    words = writing.description(outgoing, media, with_text=True) if media else writing.html(outgoing.text)
    values = {"title": writing.title(outgoing), "description": writing.checked(words)}
    progress.step("edit", partial(flickr.do, "photos.setMeta", photo_id=photo, **values))
    return Receipt(photo, places.photo(flickr.me(), photo))


def delete(flickr: Flickr, outgoing: Outgoing) -> Receipt:
    """Take a photo or a comment of ours back; what is gone already is fine."""
    if commenting.is_comment(outgoing.about):
        return commenting.delete(flickr, outgoing.about)
    photo = commenting.photo_of(outgoing.about)
    try:
        _ours(flickr, photo)
        flickr.do("photos.delete", photo_id=photo)
    except NotThere:
        pass
    return Receipt(photo)


def find(flickr: Flickr, outgoing: Outgoing) -> Receipt | None:
    """A deletion is known by the absence; an edit is simply made again, which changes nothing."""
    if outgoing.action != "delete":
        return None
    about = outgoing.about
    gone = commenting.is_gone(flickr, about) if commenting.is_comment(about) else _is_gone(flickr, about)
    return Receipt(about) if gone else None


def _is_gone(flickr: Flickr, photo: str) -> bool:
    try:
        flickr.ask("photos.getInfo", photo_id=photo)
    except NotThere:
        return True
    return False


def _ours(flickr: Flickr, photo: str) -> dict[str, Any]:
    found = reading.child(flickr.ask("photos.getInfo", photo_id=photo), "photo")
    if reading.text(reading.child(found, "owner"), "nsid") != flickr.me():
        raise NotAllowed(_("This photo is not this account's."))
    if not found:
        raise Rejected(_("The photo is not on Flickr any more."), "about")
    return found
