"""Uploads: begun, appended in parts, ended; films take a while; what is not posted in a day is forgotten."""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from openline.channels.x.emulator import problems
from openline.channels.x.emulator.posting import _object
from openline.channels.x.emulator.state import Upload

if TYPE_CHECKING:
    from openline.channels.x.emulator.network import Emulator

LIFE_SECONDS = 86_400
PART_BYTES = 5 * 1024 * 1024
_LARGEST = {"image": 5_242_880, "gif": 15_728_640, "video": 536_870_912, "subtitles": 1_048_576}


class Uploads:
    """The addresses under /2/media."""

    def __init__(self, x: Emulator) -> None:
        self._x = x
        self.film_seconds = 0.5
        """How long a film is worked on."""

    def initialize(self, request: Request, body: bytes, form: Mapping[str, Any]) -> Response:
        """POST /2/media/upload/initialize."""
        wanted = _object(body, self._x.shapes.host)
        category = str(wanted.get("media_category", ""))
        total = int(wanted.get("total_bytes", 0))
        if not 0 < total <= _LARGEST.get(category.rpartition("_")[2], 0):
            raise problems.invalid(self._x.shapes.host, "total_bytes", "The size of this media is not valid")
        with self._x.lock:
            made = Upload(self._x.state.new_id(), category, str(wanted.get("media_type", "")), total)
            self._x.state.uploads[made.id] = made
        return JSONResponse({"data": self._told(made)})

    def append(self, request: Request, body: bytes, form: Mapping[str, Any]) -> Response:
        """POST /2/media/upload/{id}/append: as a form, or as JSON in base64. The same part again takes its place."""
        one = self._known(request.path_params["id"])
        given = form if form else _object(body, self._x.shapes.host)
        part = given.get("media") or b""
        part = base64.b64decode(part) if isinstance(part, str) else part
        segment = int(str(given.get("segment_index", -1)))
        if not 0 <= segment <= 999 or not 0 < len(part) <= PART_BYTES:
            raise problems.invalid(self._x.shapes.host, "media", "The segment is not valid")
        with self._x.lock:
            one.parts[segment] = part
        return JSONResponse({"data": {"expires_at": int(one.began) + LIFE_SECONDS}})

    def finalize(self, request: Request, body: bytes, form: Mapping[str, Any]) -> Response:
        """POST /2/media/upload/{id}/finalize."""
        one = self._known(request.path_params["id"])
        with self._x.lock:
            one.content = b"".join(one.parts[n] for n in sorted(one.parts))
            if len(one.content) != one.total or sorted(one.parts) != list(range(len(one.parts))):
                raise problems.invalid(
                    self._x.shapes.host, "media_id", "Segments do not add up to provided total file size."
                )
            one.finished = one.finished or time.time() + (self.film_seconds if one.kind == "video" else 0)
        return JSONResponse({"data": self._told(one)})

    def status(self, request: Request, body: bytes, form: Mapping[str, Any]) -> Response:
        """GET /2/media/upload?media_id=…"""
        return JSONResponse({"data": self._told(self._known(request.query_params.get("media_id", "")))})

    def metadata(self, request: Request, body: bytes, form: Mapping[str, Any]) -> Response:
        """POST /2/media/metadata: the description."""
        wanted = _object(body, self._x.shapes.host)
        one, alt = self._known(str(wanted.get("id", ""))), (wanted.get("metadata") or {}).get("alt_text") or {}
        if len(str(alt.get("text", ""))) > 1000:
            raise problems.invalid(self._x.shapes.host, "alt_text", "The description is too long")
        with self._x.lock:
            one.alt = str(alt.get("text", ""))
        return JSONResponse({"data": {"id": one.id, "associated_metadata": {"alt_text": {"text": one.alt}}}})

    def subtitles(self, request: Request, body: bytes, form: Mapping[str, Any]) -> Response:
        """POST /2/media/subtitles: captions that were uploaded, put to a film."""
        wanted = _object(body, self._x.shapes.host)
        one, about = self._known(str(wanted.get("id", ""))), wanted.get("subtitles") or {}
        words = self._known(str(about.get("id", "")))
        if one.kind != "video" or words.category != "subtitles" or not words.finished:
            raise problems.invalid(self._x.shapes.host, "subtitles", "The subtitles are not valid")
        with self._x.lock:
            one.captions.append({name: str(about[name]) for name in ("id", "language_code", "display_name")})
        told = one.captions[-1] if self._x.shapes.posts else one.captions  # so X's documents, the newer and the older
        data = {"id": one.id, "media_category": "TweetVideo", "associated_subtitles": told}
        return JSONResponse({"data": data})

    def file(self, request: Request, body: bytes, form: Mapping[str, Any]) -> Response:
        """A public file of a post."""
        wanted = request.path_params["name"].removesuffix(".mp4").rpartition("_")[2]
        one = self._x.state.uploads.get(wanted)
        if not one:
            raise problems.missing("the media")
        return Response(one.content, media_type=one.media_type)

    def ready(self, media_id: str) -> Upload:
        """An upload that can be posted."""
        one = self._x.state.uploads.get(media_id)
        if not one or not one.finished or one.finished > time.time() or self._old(one):
            raise problems.invalid(self._x.shapes.host, "media.media_ids", "Your media IDs are invalid.")
        return one

    def _known(self, media_id: str) -> Upload:
        one = self._x.state.uploads.get(media_id)
        if not one or self._old(one):
            raise problems.invalid(self._x.shapes.host, "media_id", "The media id is not valid")
        return one

    def _old(self, one: Upload) -> bool:
        return time.time() - one.began > LIFE_SECONDS

    def _told(self, one: Upload) -> dict[str, Any]:
        left = max(0, int(one.began + LIFE_SECONDS - time.time()))
        made: dict[str, Any] = {"id": one.id, "media_key": one.media_key, "expires_after_secs": left}
        if one.content:
            made["size"] = len(one.content)
        if one.kind == "video" and one.finished:
            ready = one.finished <= time.time()
            made["processing_info"] = {
                "state": "succeeded" if ready else "in_progress",
                "progress_percent": 100 if ready else 50,
            }
            if not ready:
                made["processing_info"]["check_after_secs"] = 1
        return made
