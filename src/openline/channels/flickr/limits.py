"""What Flickr lets this very account upload: asked at run time, as it depends on the member's plan."""

from __future__ import annotations

import io
from typing import Any

from django.utils.translation import gettext as _

from openline.channels import reading
from openline.channels.base import Outgoing, OutgoingMedia, Progress, Rejected
from openline.channels.flickr.client import Flickr

_KINDS = {"image": "photos", "video": "videos"}


def refuse(flickr: Flickr, outgoing: Outgoing, progress: Progress) -> None:
    """Raises Rejected if there is no picture or film, or one is not taken by Flickr from this account."""
    if not outgoing.media:
        raise Rejected(_("Flickr holds photos and films: add one to this post."), "media")
    limits = reading.child(flickr.ask("people.getLimits"), "person")
    for one in outgoing.media:
        if one.kind not in _KINDS:
            raise Rejected(
                _("Flickr takes photos and films, not %(media_type)s.") % {"media_type": one.media_type}, "media"
            )
        _fits(one, reading.child(limits, _KINDS[one.kind]), progress)


def _fits(media: OutgoingMedia, limit: dict[str, Any], progress: Progress) -> None:
    most, seconds = _number(limit, "maxupload"), _number(limit, "maxduration")
    with progress.open(media.file) as content:
        size = content.seek(0, io.SEEK_END)
    if most and size > most:
        words = _("%(file)s has %(size)s bytes; Flickr takes %(most)s from this account.")
        facts = {"file": media.name or _("A file"), "size": f"{size:,}", "most": f"{most:,}"}
        raise Rejected(words % facts, "media")
    if seconds and media.seconds > seconds:
        words = _("%(film)s has %(seconds)s seconds; Flickr takes %(most)s from this account.")
        facts = {"film": media.name or _("A film"), "seconds": f"{media.seconds:.0f}", "most": str(seconds)}
        raise Rejected(words % facts, "media")


def _number(limit: dict[str, Any], name: str) -> int:
    found = reading.text(limit, name)
    return int(found) if found.isdecimal() else 0
