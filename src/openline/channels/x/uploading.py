"""Files that go out: begun, sent in parts, ended, waited for, described; each call a step, so that a broken upload goes
on after its last part (docs.x.com, 2026). What was uploaded and not posted is forgotten by X after a day.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from openline.channels.base import NetworkDown, Outgoing, OutgoingMedia, Progress, RateLimited, Rejected, Unclear
from openline.channels.reading import child, text
from openline.channels.x.client import Api

PART_BYTES = 4 * 1024 * 1024
WAIT_SECONDS = 60.0
"""How long one try waits for X to make a film ready; then the message is tried again later."""
ALT_LIMIT = 1000
_COME_BACK = timedelta(seconds=30)
_LIFE_SECONDS = 86_400
_MARGIN_SECONDS = 600.0
_LANGUAGE = "EN"


@dataclass(frozen=True, slots=True)
class Source:
    """What is uploaded as one file."""

    name: str
    media_type: str
    category: str
    open: Callable[[], BinaryIO]


def upload(api: Api, outgoing: Outgoing, progress: Progress) -> list[str]:
    """Upload all files of a message, with descriptions and captions; their ids, once X can post them."""
    private = outgoing.visibility == "private"
    return [_file(api, n, file, private, outgoing.language, progress) for n, file in enumerate(outgoing.media)]


def _file(api: Api, n: int, file: OutgoingMedia, private: bool, language: str, progress: Progress) -> str:
    category = _category(file, private)
    source = Source(f"media {n}", file.media_type, category, partial(progress.open, file.file))
    media_id, name = _upload(api, source, progress)
    if file.alt:
        about = {"id": media_id, "metadata": {"alt_text": {"text": file.alt[:ALT_LIMIT]}}}
        progress.step(f"{name} alt", partial(_harmless, lambda: _told(api, "/2/media/metadata", about)))
    if file.captions and category == "tweet_video":
        _captions(api, name, file.captions, media_id, language, progress)
    return media_id


def _category(file: OutgoingMedia, private: bool) -> str:
    kind = "gif" if file.media_type == "image/gif" else file.kind
    return f"{'dm' if private else 'tweet'}_{kind}"


def _captions(api: Api, name: str, webvtt: str, media_id: str, language: str, progress: Progress) -> None:
    """The spoken words as SRT, which every reader of X takes."""
    source = Source(f"{name} captions", "text/srt", "subtitles", lambda: io.BytesIO(_srt(webvtt)))
    captions_id, own = _upload(api, source, progress)
    code = language[:2].upper() if len(language) >= 2 and language[:2].isascii() else _LANGUAGE
    about = {
        "id": media_id,
        "media_category": "TweetVideo",
        "subtitles": {"id": captions_id, "language_code": code, "display_name": code},
    }
    progress.step(f"{own} put", partial(_harmless, lambda: _told(api, "/2/media/subtitles", about)))


def _srt(webvtt: str) -> bytes:
    from webvtt import WebVTT
    from webvtt.errors import MalformedCaptionError, MalformedFileError

    try:
        WebVTT.from_string(webvtt).write(buffer := io.StringIO(), format="srt")
    except (MalformedFileError, MalformedCaptionError) as error:
        raise Rejected(_("The captions cannot be read: %s") % error, "captions") from error
    return buffer.getvalue().encode()


def _upload(api: Api, source: Source, progress: Progress) -> tuple[str, str]:
    """The file's id at X and the name of its steps: a new one, once X has forgotten an earlier upload."""
    for name in _names(source.name):
        begun = progress.step(name, partial(_harmless, partial(_begin, api, source)))
        if begun["until"] > time.time():
            break
    for segment, part in enumerate(_parts(source.open)):
        progress.step(f"{name} part {segment}", partial(_harmless, partial(_append, api, begun["id"], part, segment)))
    ended = progress.step(f"{name} end", partial(_harmless, partial(_finish, api, begun["id"])))
    _wait(api, begun["id"], ended)
    return begun["id"], name


def _names(name: str) -> Iterator[str]:
    return (f"{name}.{n}" if n else name for n in count())


def _begin(api: Api, source: Source) -> dict[str, Any]:
    with source.open() as content:
        size = content.seek(0, io.SEEK_END)
    wanted = {"media_type": source.media_type, "media_category": source.category, "total_bytes": size}
    made = child(api.change("POST", "/2/media/upload/initialize", wanted), "data")
    if not text(made, "id"):
        raise NetworkDown("X begins an upload, but names no id.")
    life = made.get("expires_after_secs")
    until = time.time() + (life if isinstance(life, int) else _LIFE_SECONDS) - _MARGIN_SECONDS
    return {"id": text(made, "id"), "until": until}


def _parts(open_file: Callable[[], BinaryIO]) -> Iterator[bytes]:
    with open_file() as content:
        while part := content.read(PART_BYTES):
            yield part


def _append(api: Api, media_id: str, part: bytes, segment: int) -> bool:
    api.upload(f"/2/media/upload/{media_id}/append", part, segment)
    return True


def _finish(api: Api, media_id: str) -> dict[str, Any]:
    ended = child(api.change("POST", f"/2/media/upload/{media_id}/finalize"), "data")
    return {"processing_info": child(ended, "processing_info")}


def _told(api: Api, path: str, about: dict[str, Any]) -> bool:
    api.change("POST", path, about)
    return True


def _harmless(call: Callable[[], Any]) -> Any:
    """A call that may be made again without harm, as nobody sees an upload: what is unclear counts as not done."""
    try:
        return call()
    except Unclear as error:
        raise NetworkDown(error.reason) from error
    except Rejected as error:
        raise Rejected(error.reason, error.field_name or "media") from error


def _wait(api: Api, media_id: str, ended: dict[str, Any]) -> None:
    """Until X has made the file ready. Only reads."""
    until, info = time.monotonic() + WAIT_SECONDS, child(ended, "processing_info")
    while (state := text(info, "state")) not in ("", "succeeded"):
        if state == "failed":
            raise Rejected(_("X cannot use this file: %s") % (text(child(info, "error"), "message") or state), "media")
        if time.monotonic() > until:
            raise RateLimited(datetime.now(UTC) + _COME_BACK, "X is still preparing the file.")
        pause = info.get("check_after_secs")
        time.sleep(min(pause if isinstance(pause, int | float) else 1, 10))
        said = api.get("/2/media/upload", {"media_id": media_id, "command": "STATUS"})
        info = child(child(said, "data"), "processing_info")
