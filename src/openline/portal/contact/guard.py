"""Keeping machines out of the form without asking people to prove anything.

Three things, none of which a person notices: a field that only machines fill in, a signed stamp that says when the
form was opened, and a count of what one address of the net sends. The address itself is never kept: a digest under a
key that is another every day tells senders apart, and is dropped after two days.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.utils import timezone

from openline.foundation.bulk import query
from openline.foundation.callers import address_of
from openline.portal.models import Bucket

NOT_BEFORE = timedelta(seconds=2)
"""A form that comes back sooner was not read by a person."""
OPEN_FOR = timedelta(hours=24)
_SALT = "openline.contact"
_KEEP = timedelta(days=2)

# A bucket that fills steadily: one statement makes it, fills it and takes one out, whichever process asks.
_TAKE = """
INSERT INTO portal_bucket AS b (digest, "left", counted_at) VALUES (%(digest)s, %(most)s - 1, clock_timestamp())
ON CONFLICT (digest) DO UPDATE SET counted_at = clock_timestamp(), "left" = least(%(most)s,
    greatest(b."left", 0) + extract(epoch FROM clock_timestamp() - b.counted_at) * %(rate)s) - 1
RETURNING "left"
"""


@dataclass(frozen=True, slots=True)
class Limit:
    """How much one sender may send: so many at once, and so many an hour from then on."""

    name: str
    at_once: int
    an_hour: float


WRITING = Limit("contact", 10, 20)
MENTIONING = Limit("webmention", 20, 60)


@dataclass(frozen=True, slots=True)
class Stamp:
    """When a form was opened, and its id: the same for every time that it is sent."""

    form: uuid.UUID
    at: datetime

    @property
    def early(self) -> bool:
        """Sent sooner than a person can write."""
        return timezone.now() - self.at < NOT_BEFORE

    @property
    def late(self) -> bool:
        """Opened so long ago that it may have been copied."""
        return timezone.now() - self.at > OPEN_FOR


def stamp(form: uuid.UUID | None = None) -> str:
    """A new stamp, for the form with that id or for a new one."""
    return signing.TimestampSigner(salt=_SALT).sign((form or uuid.uuid4()).hex)


def read(text: str) -> Stamp | None:
    """The stamp in a form that was sent; None if we did not make it."""
    signer = signing.TimestampSigner(salt=_SALT)
    try:
        form = uuid.UUID(hex=signer.unsign(text))
        seconds = signing.b62_decode(text.rsplit(":", 2)[1])
    except (signing.BadSignature, ValueError, IndexError):
        return None
    return Stamp(form, datetime.fromtimestamp(seconds, UTC))


def may_send(request: HttpRequest, limit: Limit) -> bool:
    """Count one; False if this sender has sent too much lately."""
    return may(limit, _network(address_of(request)))


def may(limit: Limit, who: str) -> bool:
    """Count one of `who`, of whom a digest is kept for the day; False if it was too much lately."""
    values = {"digest": _digest(who, limit), "most": limit.at_once, "rate": limit.an_hour / 3600}
    return bool(query(_TAKE, values)[0][0] >= 0)


def _digest(who: str, limit: Limit) -> str:
    day = timezone.now().date().isoformat()
    key = f"{settings.SECRET_KEY}:{limit.name}:{day}".encode()
    return hmac.new(key, who.encode(), hashlib.sha256).hexdigest()


def _network(address: str) -> str:
    """An IPv6 address stands for its /64, of which one line has all."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address) and not found.ipv4_mapped:
        return str(ipaddress.ip_network(f"{found}/64", strict=False))
    return str(getattr(found, "ipv4_mapped", None) or found)


def forget_old() -> int:
    """Drop the counts of yesterday."""
    return Bucket.objects.filter(counted_at__lt=timezone.now() - _KEEP).delete()[0]
