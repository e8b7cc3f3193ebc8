"""News to members by e-mail, each once, through the outbox of the city's account; nothing where the city has none."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from openline.channels.base import Outgoing
from openline.community.models import Member
from openline.outbox import mailing
from openline.service_requests.jurisdiction import jurisdiction
from openline.service_requests.languages import speaking

Words = Callable[[], tuple[str, list[str]]]
"""The subject and the paragraphs of a mail, in the language that is spoken when it is called."""


def tell(members: Iterable[Member], key: str, words: Words, *, not_after: datetime | None = None) -> int:
    """Put a mail for each of `members` into the outbox, in their language; one of the same `key` never twice."""
    account = mailing.mail_account()
    if account is None:
        return 0
    told = 0
    for member in members:
        if member.email and not member.left_at:
            mail, own = _mail(member, words), f"community:{key}:{member.pk.hex}"
            told += mailing.put(account, mail, key=own, thread=own, not_after=not_after)
    return told


def _mail(member: Member, words: Words) -> Outgoing:
    with speaking(member.language):
        subject, lines = words()
        city = {"city": jurisdiction().name}
        end = _("You get this mail because you joined the neighbors' pages of %(city)s.") % city
    return mailing.letter(member.email, subject, [*lines, end], member.language, automatic=True)


def address(path: str) -> str:
    """The whole address of a public page."""
    return f"{settings.PUBLIC_URL}{path}"
