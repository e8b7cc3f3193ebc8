"""News that somebody wants no more of: one click in a mail ends them, another brings them back (RFC 8058)."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse

from openline.care.models import Report
from openline.inbox.models import Conversation
from openline.records import log
from openline.records.models import Kind

_SALT = "openline.care.quiet"
NEWS = ("update:", "remind:")
"""Beginnings of the purposes under which news are told, in contrast to answers."""


def address(conversation_id: UUID) -> str:
    """Where news of a conversation are ended. Signed: nobody ends another's."""
    token = signing.Signer(salt=_SALT).sign(str(conversation_id))
    return settings.PUBLIC_URL.rstrip("/") + reverse("portal:quiet", args=[token])


def conversation_of(token: str) -> Conversation | None:
    """The conversation that the token names; None if it is not one of ours."""
    try:
        return Conversation.objects.filter(pk=signing.Signer(salt=_SALT).unsign(token)).first()
    except signing.BadSignature:
        return None


@transaction.atomic
def set_quiet(conversation: Conversation, quiet: bool) -> None:
    """Tell no more news there, or tell them again. Doing it twice is doing it once."""
    changed = Report.objects.filter(conversation=conversation, quiet=not quiet).update(quiet=quiet)
    if changed:
        what = "no more news" if quiet else "news again"
        log.write([log.Entry(Kind.CHANGED, "resident", conversation.account_id, conversation.pk, body={"what": what})])


def is_quiet(conversation: Conversation) -> bool:
    """Whether news are told there no more."""
    return Report.objects.filter(conversation=conversation, quiet=True).exists()
