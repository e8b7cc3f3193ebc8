"""A written feed as an answer: kept for a while by whoever asks, told apart by its content, open to every site."""

from __future__ import annotations

import hashlib

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.http import http_date

from openline.foundation import tags


def kept(
    request: HttpRequest, written: bytes, media_type: str, seconds: int, updated: float | None = None
) -> HttpResponse:
    """`written`, or 304 for who has it; it may be kept for `seconds`, and changed last at `updated` (Unix seconds)."""
    tag = f'"{hashlib.sha256(written).hexdigest()[:32]}"'
    same = tags.has(request, tag)
    answer: HttpResponse = HttpResponseNotModified() if same else HttpResponse(written, content_type=media_type)
    answer["ETag"] = tag
    answer["Cache-Control"] = f"public, max-age={seconds}"
    answer["Access-Control-Allow-Origin"] = "*"
    if updated is not None:
        answer["Last-Modified"] = http_date(updated)
    return answer
