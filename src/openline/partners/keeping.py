"""Setting up partners and webhooks: each change is one function, with its record. Secrets come in and never go out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from openline.partners import choosing, queries
from openline.partners.hooks.signatures import new_secret
from openline.partners.models import Connector, Health, Kind, Webhook, facts
from openline.records import log
from openline.records.models import Kind as RecordKind
from openline.service_requests.models import Service


@transaction.atomic
def save_connector(connector: Connector, services: Iterable[Service], secret: str, *, by: User) -> str:
    """Save a partner; an empty `secret` leaves the old one. Returns a webhook's new secret, to be shown once."""
    new = connector._state.adding
    made = ""
    if connector.kind == Kind.WEBHOOK and not secret and not connector.secret:
        secret = made = new_secret()
    if secret:
        connector.secrets = {"secret": secret}
    connector.health, connector.health_error = Health.UNKNOWN, ""
    connector.updates, connector.next_poll_at = "", None
    connector.save()
    connector.services.set(services)
    _record("partner added" if new else "partner changed", by, facts(connector) | {"new secret": bool(secret)})
    return made


@transaction.atomic
def save_mapping(connector: Connector, values: Mapping[str, Any], *, by: User) -> None:
    """Save how words are mapped (`service_codes`, `attributes`, `statuses`)."""
    for name, value in values.items():
        setattr(connector, name, value)
    connector.save(update_fields=list(values))
    _record("partner mapping changed", by, {"partner": connector.name, **values})


@transaction.atomic
def renew_secret(kept: Connector | Webhook, *, by: User) -> str:
    """A new signing secret instead of the old one, which is worthless at once; to be shown once."""
    made = new_secret()
    kept.secrets = {"secret": made}
    kept.save(update_fields=["secrets_encrypted"])
    _record("signing secret renewed", by, {"name": kept.name})
    return made


@transaction.atomic
def save_webhook(webhook: Webhook, services: Iterable[Service], *, by: User) -> str:
    """Save a webhook; returns the secret of a new one, to be shown once. Switched on, it starts afresh."""
    made = ""
    if webhook._state.adding:
        made = new_secret()
        webhook.secrets = {"secret": made}
    if webhook.enabled:
        webhook.off_because, webhook.failing_since, webhook.rests_until = "", None, None
    webhook.save()
    webhook.services.set(services)
    body = {"webhook": webhook.name, "address": webhook.address, "events": webhook.events, "enabled": webhook.enabled}
    _record("webhook added" if made else "webhook changed", by, body)
    return made


def _record(what: str, by: User, body: Mapping[str, Any]) -> None:
    log.write([log.Entry(RecordKind.ADMINISTERED, by.get_username(), body={"what": what, **body})])
    transaction.on_commit(choosing.forget)
    choosing.forget()
    queries.forget_count()
