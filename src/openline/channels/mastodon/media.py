"""Files that go out with a post: uploaded, waited for, and their descriptions seen on the server first."""

from __future__ import annotations

import hashlib
import mimetypes
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from mastodon import Mastodon

from openline.channels import reading
from openline.channels.base import (
    NetworkDown,
    OutgoingMedia,
    Progress,
    RateLimited,
    Rejected,
    Unclear,
)
from openline.channels.mastodon.client import Server
from openline.channels.mastodon.errors import NotThere

WAIT_SECONDS = 60.0
"""How long one try waits for the server to make a film ready; then the message is tried again later."""
_LOOK_EVERY_SECONDS = 1.0
_COME_BACK = timedelta(seconds=30)
_PROCESSING = (202, 206)

Made = TypeVar("Made")


def upload(server: Server, files: tuple[OutgoingMedia, ...], key: str, progress: Progress) -> list[str]:
    """Upload all files, each once; returns their ids on the server when all are ready to be posted.

    Raises Rejected if the server keeps no description although there is one, RateLimited if it needs more time.
    """
    kept = [
        progress.step(f"media {n}", partial(_upload, server, file, f"{key}/{n}", progress))
        for n, file in enumerate(files)
    ]
    for n, (file, one) in enumerate(zip(files, kept, strict=True)):
        ready = _ready(server, one)
        if file.alt and reading.text(ready, "description") != file.alt:
            _describe(server, n, file, one["id"], progress)
    return [one["id"] for one in kept]


def _upload(server: Server, file: OutgoingMedia, key: str, progress: Progress) -> dict[str, Any]:
    """What the server made of the file. Nobody sees an upload, so one whose answer was lost may be made again."""
    about = {"description": file.alt} if file.alt else {}
    if file.focus:
        about["focus"] = "{:.2f},{:.2f}".format(*file.focus)
    with progress.open(file.file) as content:
        status, answer = _harmless(lambda: server.upload(_name(file, key), content, file.media_type, about))
    if not reading.text(answer, "id"):
        raise NetworkDown("The server took a file, but names no id.")
    return _part(answer) | {"processing": status in _PROCESSING}


def _name(file: OutgoingMedia, key: str) -> str:
    """A name of its own for each upload: snac keeps a file under its name, and another of that name over it."""
    ending = mimetypes.guess_extension(file.media_type) or ""
    return hashlib.sha256(key.encode()).hexdigest()[:32] + ending


def _part(answer: dict[str, Any]) -> dict[str, Any]:
    return {"id": reading.text(answer, "id"), "description": reading.text(answer, "description")}


def _harmless(call: Callable[[], Made]) -> Made:
    """A call that may be repeated without harm: what is unclear counts as not done."""
    try:
        return call()
    except Unclear as error:
        raise NetworkDown(error.reason) from error
    except Rejected as error:
        raise Rejected(error.reason, "media") from error


def _ready(server: Server, kept: dict[str, Any]) -> dict[str, Any]:
    """The file as the server has it once it is processed. Only reads; servers without this call process at once."""
    until = time.monotonic() + WAIT_SECONDS
    while kept["processing"]:
        try:
            answer = server.object(lambda client: client.media(kept["id"]))
        except NotThere:
            break
        if server.status not in _PROCESSING:
            return _part(answer)
        if time.monotonic() > until:
            raise RateLimited(datetime.now(UTC) + _COME_BACK, "The server is still preparing the file.")
        time.sleep(_LOOK_EVERY_SECONDS)
    return kept


def _describe(server: Server, n: int, file: OutgoingMedia, media_id: str, progress: Progress) -> None:
    """Say the description again by itself, and see that the server has it."""

    def describe(client: Mastodon) -> Any:
        return client.media_update(media_id, description=file.alt, focus=file.focus)

    told = progress.step(f"alt {n}", lambda: _part(_harmless(lambda: server.object(describe, sending=True))))
    if told["description"] != file.alt:
        raise Rejected("The server keeps no description of the picture.", "alt")
