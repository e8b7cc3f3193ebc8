"""Sending a request by mail: plain text, all that is needed to do the work, and the link by which to answer."""

from __future__ import annotations

import smtplib
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.partners import outgoing
from openline.partners.forwarding import NotSent, Sent
from openline.partners.mail import links
from openline.partners.models import Forwarding, Health
from openline.service_requests.jurisdiction import city_zone, jurisdiction


class MailWay:
    """The way of a partner with a mailbox."""

    def send(self, forwarding: Forwarding) -> Sent:
        """Hand the mail to the mail server; whether it is read we learn by the link. Raises NotSent."""
        if settings.EMAIL_BACKEND.endswith("console.EmailBackend"):
            raise NotSent("No mail server is set up: set OPENLINE_SMTP.", again=False, health=Health.DOWN)
        line = get_connection()
        try:
            line.open()
        except (OSError, smtplib.SMTPException) as error:
            raise NotSent(f"The mail server does not answer ({type(error).__name__}).") from None
        try:
            line.send_messages([mail(forwarding)])
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _words in error.recipients.values()]
            again = all(400 <= code < 500 for code in codes)
            raise NotSent("The mail server refuses the address.", again=again, health=Health.REFUSED) from None
        except smtplib.SMTPResponseException as error:
            again = 400 <= error.smtp_code < 500
            raise NotSent(f"The mail server refuses the mail ({error.smtp_code}).", again=again) from None
        except (OSError, smtplib.SMTPException) as error:
            words = f"The mail server broke off ({type(error).__name__}): the mail may have gone out."
            raise NotSent(words, unclear=True, again=False) from None
        finally:
            line.close()
        return Sent()

    def look(self, forwarding: Forwarding) -> Sent | None:
        """Nobody can look into their mailbox: a person asks them. Raises NotSent always."""
        raise NotSent("The mail may have gone out: ask them, or send it again.", unclear=True, again=False, health="")


def mail(forwarding: Forwarding) -> EmailMessage:
    """The mail. Its Message-ID is always the same, so that their mail program sees one mail if two arrive."""
    told, city = outgoing.facts(forwarding.request), jurisdiction().name
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    context = {
        "told": told,
        "city": city,
        "partner": forwarding.connector.name,
        "link": links.address(forwarding),
        "days": links.DAYS,
        "requested": told.requested,
        "due": told.due,
        "contact": outgoing.contact(forwarding.connector, forwarding.request),
        "page": told.page if forwarding.request.public else "",
    }
    subject = _("%(city)s request %(number)s: %(service)s") % {
        "city": city,
        "number": told.number,
        "service": told.service_name,
    }
    return EmailMessage(
        " ".join(subject.split())[:200],
        _written(context),
        to=[forwarding.connector.address],
        headers={
            "Message-ID": f"<request-{forwarding.pk}-{forwarding.link.hex[-8:]}@{domain}>",
            "Auto-Submitted": "auto-generated",
        },
    )


def _written(context: dict[str, Any]) -> str:
    """The mail in words, its times in the city's zone: a job has none of its own."""
    with timezone.override(city_zone()):
        return render_to_string("partners/mail.txt", context)
