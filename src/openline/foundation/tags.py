"""Entity tags (RFC 9110, section 8.8.3): whether who asks has the answer already."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.http import parse_etags


def has(request: HttpRequest, tag: str) -> bool:
    """Whether If-None-Match names `tag` (in quotes), weak or strong: compressing an answer makes its tag a weak one."""
    known = parse_etags(request.headers.get("If-None-Match", ""))
    return "*" in known or tag in {one.removeprefix("W/") for one in known}
