"""`openline doctor`: checks settings, database, accounts and tokens, and says what to do."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.management import BaseCommand
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from openline.accounts import health
from openline.accounts.models import Account
from openline.care import sentences, understanding
from openline.channels.base import ChannelError
from openline.channels.registry import channel_for
from openline.files.keeping import store
from openline.foundation import sealing
from openline.foundation.keys import installation_keys
from openline.foundation.secrets import UnreadableSecret
from openline.language_model.budget import used
from openline.language_model.client import Outcome, exchange
from openline.outbox.mailing import mail_account
from openline.outbox.models import Delivery, State
from openline.partners.models import Connector, Forwarding, Health, Webhook
from openline.partners.models import Kind as PartnerKind
from openline.partners.models import State as ForwardingState
from openline.service_requests.models import Jurisdiction, Service

Finding = tuple[bool | None, str]
"""Good or not, and the words; None is advice: nothing is broken by it."""


class Command(BaseCommand):
    """Check everything; exit 1 if something needs a hand."""

    help = "Check settings, database, accounts and tokens, and say what to do."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a line for each check."""
        bad = 0
        for good, words in _findings():
            self.stdout.write(f"{'ok   ' if good else 'ADVICE' if good is None else 'MEND '} {words}")
            bad += good is False
        if bad:
            sys.exit(1)


def _findings() -> Iterator[Finding]:
    yield from _settings()
    try:
        executor = MigrationExecutor(connection)
        missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except DatabaseError as error:
        yield False, f"The database does not answer: {error}. Check DATABASE_URL."
        return
    yield not missing, f"Database: {'up to date' if not missing else 'run “openline migrate”'}."
    if not missing:
        yield from _secrets()
        yield from _data()
        yield from _language_model()
        yield from _geocoder()
        yield from _partners()
        yield from _files()


def _settings() -> Iterator[Finding]:
    yield not settings.DEBUG, "Debug mode is off." if not settings.DEBUG else "OPENLINE_DEBUG is on: never in public."
    local = "127.0.0.1" in settings.PUBLIC_URL or "localhost" in settings.PUBLIC_URL
    secure = settings.PUBLIC_URL.startswith("https://") or local
    yield secure, f"Public address: {settings.PUBLIC_URL}" + ("" if secure else ": use https.")


def _secrets() -> Iterator[Finding]:
    """Under which of the installation's keys things are kept."""
    keys = installation_keys(settings.VAR)
    found = list(sealing.everything(keys))
    for one in (one for one in found if one.key is None):
        yield (
            False,
            f"Secrets of {one} are under an unknown key: connect it again, or bring the key back.",
        )
    older = sum(bool(one.key) for one in found)
    if older:
        yield None, f"{older} secret(s) are still under an older key: run “openline keys rotate”."
    elif len(keys) > 1:
        yield True, "Secrets: all under the key in use; an older one is kept for sessions and links (“openline keys”)."
    else:
        yield True, "Secrets: all under the one key of this installation."


def _data() -> Iterator[Finding]:
    city = Jurisdiction.objects.first()
    yield bool(city), f"City: {city.name}." if city else "No city: run “openline city load DIR”."
    orphans = Service.objects.filter(active=True, kind="request", department=None).count()
    yield not orphans, f"{orphans} service(s) without a department go to the fallback tray."
    yield from sentences.findings(understanding.load_service_model())
    for account in Account.objects.filter(enabled=True):
        yield from _account(account)
    if mail_account() is None:
        yield None, "No e-mail account: nobody can join the neighbors' pages, and nobody is told of answers by e-mail."
    failed = Delivery.objects.filter(state=State.FAILED).count()
    yield not failed, f"{failed} message(s) could not be sent" + (": see Unsent in the console." if failed else ".")


def _language_model() -> Iterator[Finding]:
    model = settings.LANGUAGE_MODEL
    if model is None:
        yield True, "Language model: off (docs/language-model.md)."
        return
    found = exchange(model, "/models")
    # A server that answers but lists no models is fine.
    good = found.outcome == Outcome.ANSWERED or found.status == 404
    calls, tokens = used()
    spent = f"{calls:,} of {model.calls_a_day:,} calls, {tokens:,} of {model.tokens_a_day:,} tokens in 24 hours"
    yield good, f"Language model {model.model} at {model.url}: " + (spent if good else found.detail).rstrip(".") + "."


def _files() -> Iterator[Finding]:
    try:
        storage = store()
        storage.delete(storage.save("probe", ContentFile(b"openline")))
        yield True, "Photos and files: their storage takes them."
    except Exception as error:  # a folder's, a bucket's or a network's; its words could hold a key
        yield False, f"Photos and files cannot be stored ({type(error).__name__}): check OPENLINE_FILES."
    if settings.CLAMAV is None:
        yield True, "Virus scanner: off (docs/files.md)."
    elif settings.CLAMAV.answers():
        yield True, "Virus scanner: answers."
    else:
        yield False, "Virus scanner: does not answer, so no photo is taken. Start clamd, or check OPENLINE_CLAMAV."


def _geocoder() -> Iterator[Finding]:
    outside = settings.GEOCODER
    if outside is None:
        yield True, "Outside geocoder: off (docs/geography.md)."
        return
    from openline.geography.outside import asking

    streets = understanding.gazetteer()
    wrong = asking.check(outside, streets) if streets else "There is no gazetteer: run “openline city load DIR”."
    yield not wrong, f"Outside geocoder {outside.label} at {outside.url}: {wrong or 'answers.'}"


def _partners() -> Iterator[Finding]:
    for one in Connector.objects.filter(enabled=True):
        bad = one.health in (Health.DOWN, Health.REFUSED)
        yield not bad, f"Partner {one}: {one.get_health_display()}{f': {one.health_error}' if bad else ''}."
    mails = Connector.objects.filter(enabled=True, kind=PartnerKind.EMAIL).exists()
    if mails:
        set_up = not settings.EMAIL_BACKEND.endswith("console.EmailBackend")
        yield set_up, "Mail to partners: " + ("set up." if set_up else "set OPENLINE_SMTP (docs/partners.md).")
    stuck = Forwarding.objects.filter(state=ForwardingState.STUCK).count()
    yield not stuck, f"{stuck} request(s) stand still with partners" + (": see With partners." if stuck else ".")
    off = Webhook.objects.filter(enabled=False).exclude(off_because="").count()
    yield not off, f"{off} webhook(s) were switched off after failures" + (": see With partners." if off else ".")


def _account(account: Account) -> Iterator[Finding]:
    """Whether the network knows us, how hearing and speaking are, and what its channel looks at besides."""
    try:
        channel, ref = channel_for(account.network), account.ref()
        channel.check(ref)
        yield True, f"{account}: reachable, token accepted."
        for finding in channel.inspect(ref):
            yield finding.good or None, f"{account}: {finding.words}"
    except (ChannelError, UnreadableSecret, LookupError) as error:
        yield False, f"{account}: {error}"
    for trouble in health.troubles(account):
        yield False if trouble.urgent else None, f"{account}: {trouble.words}"
