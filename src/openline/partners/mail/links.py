"""Signed links by which somebody without a login speaks of one request: they end, and can be made dead before."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.core import signing

from openline.foundation.ids import uuid7
from openline.partners.models import Forwarding, State

DAYS = 60
_SALT = "openline.partners.answer"


class DeadLink(Exception):
    """The link is not ours, is too old, or was replaced by a newer one."""


def address(forwarding: Forwarding) -> str:
    """The link for one forwarding."""
    token = signing.dumps([forwarding.pk.hex, forwarding.link.hex], salt=_SALT)
    return f"{settings.PUBLIC_URL}/partners/answer/{token}/"


def open_link(token: str) -> Forwarding:
    """The forwarding that a link is for. Raises DeadLink."""
    try:
        pk, link = signing.loads(token, salt=_SALT, max_age=DAYS * 24 * 60 * 60)
        found = Forwarding.objects.select_related("connector", "request__service", "request__department").get(
            pk=UUID(pk), link=UUID(link)
        )
    except (signing.BadSignature, ValueError, TypeError, Forwarding.DoesNotExist):
        raise DeadLink from None
    if found.state == State.CANCELLED or not found.connector.enabled:
        raise DeadLink
    return found


def kill(forwarding: Forwarding) -> None:
    """Make every link of this forwarding dead; the caller saves it."""
    forwarding.link = uuid7()
