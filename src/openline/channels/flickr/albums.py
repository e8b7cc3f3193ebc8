"""Albums ("photosets"): made for a post with several photos, or found by the name that was chosen."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from openline.channels import reading
from openline.channels.base import Outgoing, Progress, Unclear
from openline.channels.flickr import writing
from openline.channels.flickr.client import Flickr, content
from openline.channels.flickr.errors import Refusal

_PAGE, _PAGES = 500, 10
_ALREADY_IN_SET = 3


def put(flickr: Flickr, outgoing: Outgoing, photos: list[str], progress: Progress) -> str:
    """Put the photos into their album; returns its id, "" if they need none."""
    name = outgoing.options.get("album", "").strip()
    if not name and outgoing.form != "album" and len(photos) < 2:
        return ""
    album = str(progress.step("album", partial(_album, flickr, outgoing, name, photos[0])))
    for n, photo in enumerate(photos):
        progress.step(f"in album {n}", partial(_add, flickr, album, photo))
    return album


def _album(flickr: Flickr, outgoing: Outgoing, name: str, first: str) -> str:
    """The id of the album: of that `name`, or of this post. One that an earlier try made holds our first photo."""
    title = name or writing.title(outgoing)
    for one in _all(flickr):
        if content(one, "title") == title and (name or reading.text(one, "primary") == first):
            return reading.text(one, "id")
    description = "" if name else writing.html(outgoing.text)
    made = flickr.do("photosets.create", title=title, description=description, primary_photo_id=first)
    number = reading.text(reading.child(made, "photoset"), "id")
    if not number:
        raise Unclear(_("Flickr made an album, but names no id."))
    return number


def _all(flickr: Flickr) -> list[dict[str, Any]]:
    found = list[dict[str, Any]]()
    for number in range(1, _PAGES + 1):
        page = reading.child(flickr.ask("photosets.getList", page=number, per_page=_PAGE), "photosets")
        found += reading.children(page, "photoset")
        if len(reading.children(page, "photoset")) < _PAGE:
            break
    return found


def _add(flickr: Flickr, album: str, photo: str) -> dict[str, Any]:
    try:
        return flickr.do("photosets.addPhoto", photoset_id=album, photo_id=photo)
    except Refusal as error:
        if error.code != _ALREADY_IN_SET:
            raise
        return {}
