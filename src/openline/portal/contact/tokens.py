"""Private addresses: who holds the link sees the conversation; nobody can make one, and each ends.

A token names the conversation and the version of its address, with the time at which it was made, signed by the
installation's key. Every answer of the resident and every mail brings a fresh one; a new version ends all older ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db.models import F
from django.utils import timezone

from openline.portal.models import Talk

VALID_FOR = timedelta(days=90)
FORGET_AFTER = timedelta(days=180)
"""So long after the last word an e-mail address is kept."""
_SALT = "openline.talk"


@dataclass(frozen=True, slots=True)
class Opened:
    """What a token leads to. `expired`: it was ours, but is too old: then it shows nothing."""

    talk: Talk
    expired: bool = False


def token(talk: Talk) -> str:
    """A fresh token of the conversation."""
    return _signer().sign(f"{talk.pk.hex}.{talk.version}")


def address(talk: Talk) -> str:
    """The whole private address, with a fresh token."""
    return f"{settings.PUBLIC_URL}/talk/{token(talk)}/"


def opened(text: str) -> Opened | None:
    """What the token leads to; None for one that was not made here, or was ended by a newer one."""
    expired = False
    try:
        value = _signer().unsign(text, max_age=VALID_FOR)
    except signing.SignatureExpired:
        value, expired = _signer().unsign(text), True
    except signing.BadSignature:
        return None
    known, _dot, version = value.partition(".")
    talk = Talk.objects.select_related("account").filter(pk=UUID(hex=known)).first()
    return Opened(talk, expired) if talk and str(talk.version) == version else None


def renew(talk: Talk) -> None:
    """End all addresses of this conversation that were given out."""
    Talk.objects.filter(pk=talk.pk).update(version=F("version") + 1)
    talk.refresh_from_db(fields=["version"])


def forget_old() -> int:
    """Forget the e-mail addresses of conversations that are quiet for long; how many."""
    quiet = Talk.objects.filter(active_at__lte=timezone.now() - FORGET_AFTER).exclude(email="")
    return quiet.update(email="")


def _signer() -> signing.TimestampSigner:
    return signing.TimestampSigner(salt=_SALT)
