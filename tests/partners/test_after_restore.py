"""After a restore a partner does not get the work of the lost time once more."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from openline.outbox import restoring
from openline.partners import forwarding, handlers
from openline.partners.models import Connector, Forwarding, State
from openline.service_requests.models import Service
from tests.partners.conftest import opened
from tests.partners.standin import Theirs

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_is_opened_again_waits_for_a_person(theirs: Theirs, peco: Connector, light: Service) -> None:
    restoring.begin(timezone.now() - timedelta(hours=3))
    opened(light, requested_at=timezone.now() - timedelta(hours=1))
    opened(light, "New since the restore")
    while forwarding.send_next():
        pass
    restoring.forget()
    assert len(theirs.posts) == 1
    held = Forwarding.objects.get(state=State.STUCK)
    assert "Ask them first" in held.error


def test_what_waited_is_looked_for(theirs: Theirs, peco: Connector, light: Service) -> None:
    opened(light)
    assert handlers.look_first() == 1
    waiting = Forwarding.objects.get()
    assert waiting.unclear_at and waiting.state == State.FAILED
