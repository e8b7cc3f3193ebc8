"""Origins (RFC 6454) such as https://library.example: who may frame a page, and to whom a page speaks."""

from __future__ import annotations

from urllib.parse import urlsplit


def is_origin(text: str) -> bool:
    """Whether a Content-Security-Policy can name `text` as a site; "*." may stand before its host."""
    try:
        parts = urlsplit(text.replace("//*.", "//any.", 1))
        plain = parts.port != 0
    except ValueError:
        return False
    plain &= not (parts.path or parts.query or parts.fragment or parts.username or parts.password)
    clean = text.isascii() and text.isprintable() and not set(" ;,'\"<>*\\") & set(text.replace("//*.", "//", 1))
    return plain and clean and parts.scheme in ("http", "https") and bool(parts.hostname)
