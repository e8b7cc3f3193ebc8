"""Trying out a partner without passing a request on: what works, what is missing, and what to do."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from uuid import uuid4

from django.conf import settings
from django.core.mail import get_connection
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.foundation.secrets import UnreadableSecret
from openline.partners.forwarding import NotSent
from openline.partners.hooks import posting
from openline.partners.models import Connector, Health, Kind
from openline.partners.open311.client import Trouble
from openline.partners.open311.sending import server
from openline.service_requests.models import Service

Finding = tuple[bool, str]


def check(connector: Connector) -> list[Finding]:
    """True or false, and words, for each thing that was looked at; the partner's health is kept."""
    ways = {Kind.OPEN311: _open311, Kind.EMAIL: _mail, Kind.WEBHOOK: _webhook}
    try:
        found = list(ways[Kind(connector.kind)](connector))
    except (Trouble, NotSent, UnreadableSecret) as error:
        found = [(False, str(error))]
    bad = " ".join(words for good, words in found if not good)
    values = {"health": Health.DOWN if bad else Health.OK, "health_error": bad[:1_000]}
    Connector.objects.filter(pk=connector.pk).update(**values, **({} if bad else {"last_ok_at": timezone.now()}))
    return found


def _open311(connector: Connector) -> Iterator[Finding]:
    there = server(connector)
    services = there.services()
    listed = [{"code": one.code, "name": one.name, "group": one.group, "metadata": one.metadata} for one in services]
    Connector.objects.filter(pk=connector.pk).update(catalogue=listed)
    connector.catalogue = listed
    yield bool(services), _("Their list has %(n)d services.") % {"n": len(services)}
    yield from _mapped(connector)
    known = {one.code: one for one in services}
    answered = {row["code"] for row in connector.attributes}
    for code in sorted(set(connector.service_codes.values()) & known.keys()):
        if known[code].metadata:
            lacking = [one for one in there.definition(code) if one.required and one.code not in answered]
            names = ", ".join(f"{one.code} ({one.question})" for one in lacking)
            words = {"service": known[code].name, "questions": names}
            yield not lacking, (
                _("%(service)s: their question %(questions)s needs an answer.") if lacking
                else _("%(service)s: all that they ask is answered.")
            ) % words  # fmt: skip


def passed_services(connector: Connector) -> list[Service]:
    """Our services whose requests may go to this partner."""
    chosen = list(connector.services.all())
    if chosen or connector.department_id is None:
        return chosen
    return list(Service.objects.filter(department=connector.department_id, kind="request", active=True))


def _mapped(connector: Connector) -> Iterator[Finding]:
    """Whether each of our services has one of theirs."""
    known = {row["code"] for row in connector.catalogue}
    for service in passed_services(connector):
        code = connector.service_codes.get(service.code, "")
        if not code:
            yield False, _("“%(service)s” has none of their services yet.") % {"service": service.name}
        elif code not in known:
            yield False, _("Their service “%(code)s” is not in their list.") % {"code": code}


def _mail(connector: Connector) -> Iterator[Finding]:
    if settings.EMAIL_BACKEND.endswith("console.EmailBackend"):
        yield False, _("No mail server is set up: set OPENLINE_SMTP.")
        return
    line = get_connection()
    try:
        line.open()
        line.close()
    except (OSError, smtplib.SMTPException) as error:
        yield False, _("The mail server does not answer (%(kind)s).") % {"kind": type(error).__name__}
        return
    yield (
        True,
        _("The mail server answers. Whether %(address)s reads its mail we learn from the first answer.")
        % {"address": connector.address},
    )


def _webhook(connector: Connector) -> Iterator[Finding]:
    body = posting.message("test", {"partner": connector.name})
    found = posting.post(
        connector.address, connector.secret, f"test-{uuid4()}", body, private_network=connector.private_network
    )
    yield found.taken, found.error or _("They took a test message.")
