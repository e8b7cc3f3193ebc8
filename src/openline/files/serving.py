"""Answering with a file's bytes so that a browser can do nothing with them but show or save them."""

from __future__ import annotations

import re

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.http import content_disposition_header

from openline.files.content import PICTURES
from openline.files.keeping import store
from openline.files.models import Attachment, File
from openline.foundation import tags

SIZES = ("view", "thumbnail")
_TYPES = {"view": "image/jpeg", "thumbnail": "image/webp"}
_ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/gif": "gif", "application/pdf": "pdf"}
_PART = 4_000_000
"""So many bytes of a film are sent at once; players ask for the next ones (RFC 9110, 14.2)."""
_RANGE = re.compile(r"bytes=(\d{1,12})-(\d{0,12})")
_PUBLIC_SECONDS = 24 * 60 * 60
"""So long a cache may show a photo without asking again: also one that was taken off the page meanwhile."""


def public_answer(request: HttpRequest, attachment: Attachment, size: str) -> HttpResponse:
    """A picture for everybody, to be kept by caches for a day. Raises Http404 if there is none of this size."""
    tag = f'"{attachment.pk}-{size}"'
    if tags.has(request, tag):
        response: HttpResponse = HttpResponseNotModified()
    else:
        response = _picture(_file(attachment), size)
        response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["ETag"] = tag
    response["Cache-Control"] = f"public, max-age={_PUBLIC_SECONDS}"
    return response


def private_answer(attachment: Attachment, size: str) -> HttpResponse:
    """A picture for staff, to be kept by nobody. Raises Http404."""
    return _for_staff(_picture(_file(attachment), size))


def page_picture(file: File, size: str, *, public: bool) -> HttpResponse:
    """A picture (or a film's poster, `thumbnail`) that belongs to a page. Raises Http404."""
    if size not in SIZES or not getattr(file, size):
        raise Http404
    response = _bytes(getattr(file, size), _TYPES[size])
    if not public:
        return _for_staff(response)
    response["Cache-Control"] = f"public, max-age={_PUBLIC_SECONDS}"
    return response


def page_film(request: HttpRequest, key: str, *, public: bool) -> HttpResponse:
    """The part of the film (MP4, stored under `key`) that a player asks for. Raises Http404."""
    asked = _RANGE.fullmatch(request.headers.get("Range", ""))
    try:
        with store().open(key) as stored:
            first, last = (int(asked[1]), int(asked[2] or stored.size - 1)) if asked else (0, stored.size - 1)
            last = min(last, stored.size - 1, first + _PART - 1 if asked else stored.size - 1)
            if asked and first > last:
                return HttpResponse(status=416, headers={"Content-Range": f"bytes */{stored.size}"})
            stored.seek(first)
            response = HttpResponse(stored.read(last - first + 1), "video/mp4", status=206 if asked else 200)
            if asked:
                response["Content-Range"] = f"bytes {first}-{last}/{stored.size}"
    except FileNotFoundError:
        raise Http404 from None
    response["Accept-Ranges"], response["X-Content-Type-Options"] = "bytes", "nosniff"
    response["Cache-Control"] = f"public, max-age={_PUBLIC_SECONDS}" if public else "private, no-store"
    return response


def original(attachment: Attachment) -> HttpResponse:
    """The file exactly as it came, to be saved, never shown by the browser. Raises Http404."""
    file = _file(attachment)
    response = _bytes(file.original, file.content_type)
    ending = _ENDINGS.get(file.content_type, "bin")
    response["Content-Disposition"] = f'attachment; filename="openline-{file.pk}.{ending}"'
    return _for_staff(response)


def stored(key: str, content_type: str, name: str) -> HttpResponse:
    """A file of our storage that is no attachment: a picture is shown, all else is to be saved. Raises Http404."""
    shown = content_type in PICTURES
    response = _bytes(key, content_type if shown else "application/octet-stream")
    if not shown:
        saved = content_disposition_header(as_attachment=True, filename=name or "file")
        response["Content-Disposition"] = saved or "attachment"
    return _for_staff(response)


def _for_staff(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "private, no-store"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _file(attachment: Attachment) -> File:
    if attachment.file is None:
        raise Http404
    return attachment.file


def _picture(file: File, size: str) -> HttpResponse:
    if size not in SIZES or not file.is_picture:
        raise Http404
    return _bytes(getattr(file, size), _TYPES[size])


def _bytes(key: str, content_type: str) -> HttpResponse:
    try:
        with store().open(key) as stored:
            response = HttpResponse(stored.read(), content_type)
    except FileNotFoundError:
        raise Http404 from None
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
