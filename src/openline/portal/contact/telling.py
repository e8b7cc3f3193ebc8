"""Telling a resident by e-mail that the city has answered: where to read it, never what it says.

It goes through the outbox of the city's e-mail account; without one nothing is sent, and the page says so.
"""

from __future__ import annotations

import re
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.channels.base import Outgoing
from openline.inbox.models import Message
from openline.outbox import events
from openline.outbox.mailing import letter, mail_account, put
from openline.portal.contact import tokens
from openline.portal.contact.door import NETWORK
from openline.portal.models import Talk
from openline.records import log
from openline.records.models import Kind
from openline.service_requests.jurisdiction import jurisdiction
from openline.service_requests.languages import speaking

_AUTHOR = re.compile(r"web:([0-9a-f]{32})")


@events.sent.subscribe
def on_said(sent: events.DeliverySent) -> None:
    """The city said something on a web page: tell who asked to be told."""
    if sent.network != NETWORK:
        return
    message = Message.objects.filter(delivery_id=sent.delivery_id)
    found = message.select_related("conversation__identity").first()
    if found is None:
        return
    author = _AUTHOR.fullmatch(found.conversation.identity.network_user_id)
    talk = Talk.objects.filter(pk=UUID(hex=author[1])).first() if author else None
    if talk is not None and talk.email:
        tell(talk, str(found.pk))


@transaction.atomic
def tell(talk: Talk, about: str) -> bool:
    """Put a mail with a fresh private address into the outbox, once for each `about`. False if nothing is sent."""
    account = mail_account()
    if account is None or not talk.email:
        return False
    if not put(account, _mail(talk), key=f"web:{talk.pk.hex}:{about}", thread=f"web:{talk.pk.hex}"):
        return False
    Talk.objects.filter(pk=talk.pk).update(told_at=timezone.now())
    log.write([log.Entry(Kind.WRITTEN, "openline", account.pk, body={"what": "told of an answer", "talk": talk.pk})])
    return True


def _mail(talk: Talk) -> Outgoing:
    with speaking(talk.language):
        city = {"city": jurisdiction().name}
        words = [
            _("There is an answer to what you wrote to %(city)s.") % city,
            _("Read it here, and answer there: %(link)s") % {"link": tokens.address(talk)},
            _("Whoever has this address can read your conversation: please do not pass it on."),
            _("You can end these mails on that page."),
        ]
        subject = _("%(city)s has answered you") % city
    return letter(talk.email, subject, words, talk.language)
