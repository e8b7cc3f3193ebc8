"""Files at the emulated YouTube: resumable, multipart and plain, by Google's upload protocol."""

from __future__ import annotations

import re
from email.parser import BytesParser
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from openline.channels.youtube.emulator import shapes
from openline.channels.youtube.emulator.methods import MEDIA, checked
from openline.channels.youtube.emulator.refusing import Refused, bad, missing
from openline.channels.youtube.emulator.state import Caption, Object, Upload, new_id

if TYPE_CHECKING:
    from openline.channels.youtube.emulator.network import Emulator
    from openline.channels.youtube.emulator.serving import Api

_RANGE = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+)$")
_STEP = 256 * 1024
"""Pieces but the last have a multiple of so many bytes."""


class Uploads:
    """What takes files."""

    def __init__(self, network: Emulator, api: Api) -> None:
        self._network, self._api = network, api

    async def take(self, request: Request) -> Response:
        """Open an upload, take a piece of one, or a file as a whole."""
        body = await request.body()
        return await run_in_threadpool(self._api._answer, lambda: self._take(request, body))

    def _take(self, request: Request, body: bytes) -> Response:
        if request.method == "PUT":
            return self._piece(request, body)
        path, kind = request.path_params["path"], request.query_params.get("uploadType", "")
        method = MEDIA.get(path)
        if method is None:
            raise Refused(404, "notFound", "Not Found", "global")
        _me, params = self._api.entered(request, method, "uploads" if path == "videos" else "units")
        if path == "videos" and kind == "resumable":
            return self._open(request, body)
        about, media_type, content = _read(request, body, kind)
        if not content:
            raise bad("mediaBodyRequired", "The request does not include the video content.")
        if path == "videos":
            return self._video(about, params["part"], content, media_type)
        return (
            self._thumbnail(params["videoId"], content) if path == "thumbnails/set" else self._caption(about, content)
        )

    def _open(self, request: Request, body: bytes) -> Response:
        from openline.channels.youtube.emulator.serving import read

        about, part = read(body), request.query_params["part"]
        checked(about, part)
        length = request.headers.get("x-upload-content-length", "")
        if not length.isdecimal():
            raise bad("badRequest", "No length.")
        id = new_id(40)
        media_type = request.headers.get("x-upload-content-type", "video/*")
        self._network.uploads[id] = Upload({"part": part} | about, media_type, int(length))
        address = str(request.url.include_query_params(upload_id=id))
        return Response(headers={"Location": address, "X-GUploader-UploadID": id})

    def _piece(self, request: Request, body: bytes) -> Response:
        self._network.who(request.headers.get("authorization", "").removeprefix("Bearer "))
        upload = self._network.uploads.get(request.query_params.get("upload_id", ""))
        if upload is None or upload.ended:
            return Response("Upload not found", 404)
        span = _RANGE.match(request.headers.get("content-range", f"bytes 0-{len(body) - 1}/{len(body)}"))
        if span is None or int(span[3]) != upload.length:
            raise bad("badRequest", "The range makes no sense.")
        if span[1] and not upload.video:
            if int(span[1]) != len(upload.came) or int(span[2]) - int(span[1]) + 1 != len(body):
                return Response("The range does not follow.", 503)
            if int(span[2]) + 1 < upload.length and len(body) % _STEP:
                raise bad("badRequest", "A piece is no multiple of 256 KiB.")
            upload.came += body
        if len(upload.came) < upload.length:
            end = {"Range": f"bytes=0-{len(upload.came) - 1}"} if upload.came else {}
            return Response(status_code=308, headers=end)
        return self._whole(upload)

    def _whole(self, upload: Upload) -> Response:
        """The film is there: made once, told as often as it is asked for."""
        about = {name: value for name, value in upload.about.items() if name != "part"}
        if not upload.video:
            made = self._network.add(self._network.ours, about, bytes(upload.came), upload.media_type)
            upload.video = made.id
        video = self._network.videos.get(upload.video)
        if video is None:
            raise missing("video")
        return JSONResponse(shapes.parts(shapes.video(self._network, video), upload.about["part"]))

    def _video(self, about: Object, part: str, content: bytes, media_type: str) -> Response:
        checked(about, part)
        made = self._network.add(self._network.ours, about, content, media_type)
        return JSONResponse(shapes.parts(shapes.video(self._network, made), part))

    def _thumbnail(self, video: str, content: bytes) -> Response:
        if video not in self._network.videos:
            raise missing("video")
        if not self._network.verified:
            words = "The authenticated user doesn't have permissions to upload and set custom video thumbnails."
            raise Refused(403, "forbidden", words, "youtube.thumbnail")
        if not content.startswith((b"\xff\xd8\xff", b"\x89PNG")):
            raise bad("invalidImage", "The provided image content is invalid.")
        self._network.videos[video].thumbnail = content
        url = f"{self._network.url}/films/{video}.jpg"
        items = [{"default": {"url": url, "width": 120, "height": 90}}]
        return JSONResponse({"kind": "youtube#thumbnailSetResponse", "etag": "e", "items": items})

    def _caption(self, about: Object, content: bytes) -> Response:
        snippet = about.get("snippet", {})
        video, language, name = (str(snippet.get(key, "")) for key in ("videoId", "language", "name"))
        if video not in self._network.videos:
            raise missing("video")
        known = self._network.captions.values()
        if any((one.video, one.language, one.name) == (video, language, name) for one in known):
            words = "The specified video already has a caption track with the given language and name."
            raise Refused(409, "captionExists", words, "youtube.caption")
        one = Caption(new_id(32), video, language, name, content.decode("utf-8", "replace"))
        self._network.captions[one.id] = one
        return JSONResponse(shapes.caption(one))


def _read(request: Request, body: bytes, kind: str) -> tuple[Object, str, bytes]:
    """What is said of a file, its media type, and its bytes."""
    media_type = request.headers.get("content-type", "")
    if kind != "multipart":
        return {}, media_type, body
    from openline.channels.youtube.emulator.serving import read

    whole = BytesParser().parsebytes(f"Content-Type: {media_type}\r\n\r\n".encode() + body)
    inside = [one for one in whole.walk() if not one.is_multipart()]
    if len(inside) != 2:
        raise bad("badRequest", "The body is not of two parts.")
    about, content = (one.get_payload(decode=True) for one in inside)
    if not isinstance(about, bytes) or not isinstance(content, bytes):
        raise bad("badRequest", "The parts cannot be read.")
    return read(about), inside[1].get_content_type(), content
