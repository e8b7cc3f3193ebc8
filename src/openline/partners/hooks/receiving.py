"""What partners send to us by webhook: checked against their secret, taken once, read into our history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson

from openline.foundation.secrets import UnreadableSecret
from openline.foundation.text import clean
from openline.partners import applying
from openline.partners.applying import Said
from openline.partners.hooks import signatures
from openline.partners.models import Connector, Forwarding, Kind, State
from openline.partners.open311 import reading

MOST_BYTES = 100_000


class Refused(Exception):
    """Why a message is not taken: HTTP status and words."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


def receive(connector_id: UUID, headers: Mapping[str, str], body: bytes) -> bool:
    """Take a message; False if it was taken before. Raises Refused."""
    connector = Connector.objects.filter(pk=connector_id, kind=Kind.WEBHOOK, enabled=True).first()
    message_id = _checked(connector, headers, body)
    assert connector
    try:
        content: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Refused(400, "The body is to be JSON.") from None
    data = content.get("data") if isinstance(content, dict) else None
    if not isinstance(data, dict):
        raise Refused(400, "The body is to be an object with type, timestamp and data.")
    forwarding = _forwarding(connector, reading.text(data, "service_request_id", limit=20))
    return applying.take(forwarding.pk, _said(message_id, data))


def _checked(connector: Connector | None, headers: Mapping[str, str], body: bytes) -> str:
    """The message's id. Whoever does not know the secret does not learn which partners there are."""
    try:
        secret = connector.secret if connector else signatures.new_secret()
        return "webhook:" + signatures.check(secret, headers, body)
    except (signatures.BadSignature, UnreadableSecret) as error:
        words = str(error) if isinstance(error, signatures.BadSignature) else "The signature cannot be checked."
        raise Refused(401, words) from None


def _forwarding(connector: Connector, number: str) -> Forwarding:
    """Only what was passed to a partner can be spoken of by it."""
    passed = Forwarding.objects.filter(connector=connector).exclude(state=State.CANCELLED)
    found = passed.filter(request__number=number).first() if number else None
    if found is None:
        raise Refused(404, "data.service_request_id is not a request that was passed to you.")
    return found


def _said(message_id: str, data: Mapping[str, Any]) -> Said:
    status = reading.text(data, "detailed_status", "status", limit=100)
    words = clean(data.get("status_notes") or data.get("description") or "", 4_000)
    their_id = reading.text(data, "partner_request_id", limit=200)
    return Said(message_id, status, words, reading.moment(data, "updated_datetime"), their_id)
