"""Resumable upload (developers.google.com/youtube/v3/guides/using_resumable_upload_protocol).

One call opens an upload and gives its address, which is a kept step. The bytes follow in pieces; after any break the
server says by 308 how many it has, and the upload goes on behind them. So nothing is uploaded or published twice.
"""

from __future__ import annotations

import io
import re
from typing import Any, BinaryIO

import structlog
from django.utils.translation import gettext as _

from openline.channels import reading
from openline.channels.base import NetworkDown, OutgoingMedia, Progress, Rejected, Unclear
from openline.channels.http import NotThere
from openline.channels.youtube import places
from openline.channels.youtube.client import YouTube, json_body

PIECE_BYTES = 8 * 1024 * 1024
"""A multiple of 256 KiB, as the protocol wants."""
MOST_BYTES = 256 * 1024**3
_SO_FAR = re.compile(r"bytes=0-(\d+)$")
logger = structlog.get_logger()


class Ended(Exception):
    """The upload's address is no longer known to YouTube (they live for about a day)."""


def begin(
    youtube: YouTube, resource: dict[str, Any], media: OutgoingMedia, progress: Progress, notify: bool
) -> dict[str, Any]:
    """Open an upload; returns its address and the number of bytes. Opening twice harms nobody."""
    with progress.open(media.file) as content:
        size = content.seek(0, io.SEEK_END)
    if not 0 < size <= MOST_BYTES:
        raise Rejected(
            _("The film has %(size)s bytes; YouTube takes 1 to %(most)s.")
            % {"size": f"{size:,}", "most": f"{MOST_BYTES:,}"},
            "media",
        )
    body = json_body(resource)
    body["headers"] |= {"X-Upload-Content-Length": str(size), "X-Upload-Content-Type": media.media_type}
    params = {"uploadType": "resumable", "part": ",".join(resource), "notifySubscribers": notify}
    try:
        answer = youtube.call("POST", "upload/videos", params, **body)
    except Unclear as error:
        raise NetworkDown(error.reason) from error
    address = answer.headers.get("location", "")
    if not places.same_host(youtube.account.server, address):
        raise NetworkDown(_("YouTube opens no upload."))
    return {"address": address, "bytes": size}


def carry(youtube: YouTube, opened: dict[str, Any], media: OutgoingMedia, progress: Progress) -> dict[str, Any]:
    """Upload what is missing; returns the film as YouTube has it. Raises Ended, or NetworkDown to go on later."""
    address, size = opened["address"], opened["bytes"]
    with progress.open(media.file) as content:
        answer = _send(youtube, address, b"", f"bytes */{size}")
        while answer.status_code == 308:
            found = _SO_FAR.match(answer.headers.get("range", ""))
            at = int(found[1]) + 1 if found else 0
            logger.info("uploading", network="youtube", done=at, of=size)
            answer = _send(youtube, address, _piece(content, at), f"bytes {at}-{{}}/{size}")
    try:
        film = reading.json_object(answer.content)
    except reading.Unreadable as error:
        raise NetworkDown(_("YouTube's answer to the film makes no sense: %(error)s") % {"error": error}) from error
    if not reading.text(film, "id"):
        raise NetworkDown(_("YouTube took the film, but names no id."))
    return film


def _piece(content: BinaryIO, at: int) -> bytes:
    content.seek(at)
    return content.read(PIECE_BYTES)


def _send(youtube: YouTube, address: str, piece: bytes, span: str) -> Any:
    """A piece, or a question how far it is. What is unclear is asked for next time, so it counts as not done."""
    if not places.same_host(youtube.account.server, address):
        raise Ended
    at = re.match(r"bytes (\d+)-", span)
    span = span.format(int(at[1]) + len(piece) - 1) if at else span
    try:
        return youtube.request(
            "PUT", address, sending=True, also=(308,), content=piece, headers={"Content-Range": span}
        )
    except NotThere as error:
        raise Ended from error
    except Unclear as error:
        raise NetworkDown(error.reason) from error
