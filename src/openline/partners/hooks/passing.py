"""Passing a request to a partner by webhook. The message keeps its id: they take it once, however often it comes."""

from __future__ import annotations

from openline.foundation.secrets import UnreadableSecret
from openline.partners import outgoing
from openline.partners.forwarding import NotSent, Sent
from openline.partners.hooks import posting
from openline.partners.hooks.posting import Posted
from openline.partners.models import EventType, Forwarding, Health
from openline.partners.open311 import reading


class WebhookWay:
    """The way of a partner who listens to webhooks, and answers by webhook too."""

    def send(self, forwarding: Forwarding) -> Sent:
        """Post the request. An answer with `service_request_id` acknowledges it. Raises NotSent."""
        connector = forwarding.connector
        data = outgoing.event_data(forwarding.request) | outgoing.contact(connector, forwarding.request)
        try:
            secret = connector.secret
        except UnreadableSecret as error:
            raise NotSent(str(error), again=False, health=Health.REFUSED) from None
        found = posting.post(
            connector.address,
            secret,
            str(forwarding.pk),
            posting.message(EventType.OPENED, data),
            private_network=connector.private_network,
        )
        if not found.taken:
            later = found.code in (0, 408, 425, 429) or found.code >= 500
            raise NotSent(
                found.error, again=later, wait=found.wait_seconds, health=Health.DOWN if later else Health.REFUSED
            )
        return Sent(_their_id(found))

    def look(self, forwarding: Forwarding) -> Sent | None:
        """The same message again: they know it by its id."""
        return self.send(forwarding)


def _their_id(found: Posted) -> str:
    """Their number, if they answered with one."""
    try:
        rows = reading.rows(found.body)
    except reading.Unreadable:
        return ""
    return reading.text(rows[0], "service_request_id", "id", limit=200) if rows else ""
