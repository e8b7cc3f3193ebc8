"""A public address, for a while, for a file that goes out with a message: some networks fetch what they are to show."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.core import signing

GOOD_FOR = timedelta(days=2)
_SALT = "openline.files.published"


def address(key: str) -> str:
    """Where the network finds the file of that storage key. Nobody can guess it; it ends after two days."""
    token = signing.TimestampSigner(salt=_SALT).sign_object(key)
    return f"{settings.PUBLIC_URL.rstrip('/')}/hooks/media/{token}/"


def key_of(token: str) -> str | None:
    """The storage key that the token names; None if it is not ours, or too old."""
    try:
        key = signing.TimestampSigner(salt=_SALT).unsign_object(token[:1000], max_age=GOOD_FOR)
    except signing.BadSignature:
        return None
    return key if isinstance(key, str) else None
