"""What came of our photos: views and comments, one photo in a call (`photos.getInfo`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from openline.channels import reading
from openline.channels.flickr.client import Flickr, content
from openline.channels.flickr.commenting import is_comment
from openline.channels.http import NotThere

NAMES = ("views", "replies")


def metrics(flickr: Flickr, network_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """By photo; one that is gone is left out. Of comments Flickr counts nothing."""
    found = dict[str, dict[str, int]]()
    for one in network_ids:
        try:
            found[one] = (
                {} if is_comment(one) else _counts(reading.child(flickr.ask("photos.getInfo", photo_id=one), "photo"))
            )
        except NotThere:
            continue
    return found


def _counts(photo: dict[str, Any]) -> dict[str, int]:
    told = {"views": reading.text(photo, "views"), "replies": content(photo, "comments")}
    return {name: int(value) for name, value in told.items() if value.isdecimal()}
