"""Two workers at once, the real Open311 server of ours at the other end, and what the hot path costs."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from openline.partners import choosing, forwarding
from openline.partners.models import Connector, Forwarding, State
from openline.partners.open311 import polling
from openline.service_requests.actions import move
from openline.service_requests.models import Service, ServiceRequest
from openline.service_requests.opening import NewRequest, open_requests
from tests.partners.conftest import PLACE, due_now, opened, partner
from tests.partners.standin import Theirs


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_each_request_once(theirs: Theirs, peco: Connector, light: Service) -> None:
    for number in range(12):
        opened(light, f"Lamp {number}")

    def work() -> None:
        for _turn in range(40):
            forwarding.send_next()
        connection.close()

    threads = [threading.Thread(target=work) for _worker in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while forwarding.send_next():
        pass
    sent = [post["client_request_id"][0] for post in theirs.posts]
    assert len(sent) == len(set(sent)) == 12
    assert set(Forwarding.objects.values_list("state", flat=True)) == {State.ACKNOWLEDGED}


@pytest.mark.django_db(transaction=True)
def test_our_own_open311_server_is_a_partner_like_any_other(live_server: Any, light: Service) -> None:
    from openline.open311 import keys

    _row, key = keys.make("Elsewhere", "a@example.org", by="ana")
    there = Service.objects.get(code="SR-ST01")
    peco = partner(light, address=f"{live_server.url}/open311/v2", service_codes={light.code: there.code},
                   jurisdiction_id="", knows_our_mark=True)  # fmt: skip
    peco.secrets = {"secret": key}
    peco.save()
    ours = opened(light, "The light over the crossing has gone out")
    forwarding.send_next()
    found = Forwarding.objects.get()
    assert found.state == State.ACKNOWLEDGED, found.error
    other = ServiceRequest.objects.get(service=there)
    assert found.their_id == other.number and other.number != ours.number
    assert (other.latitude, other.longitude) == (PLACE["lat"], PLACE["lon"])
    Forwarding.objects.update(state=State.SENDING)  # as if the worker had died before it wrote that down
    Forwarding.objects.update(next_try_at=other.updated_at, claimed_until=other.updated_at, their_id="")
    due_now()
    forwarding.send_next()
    assert ServiceRequest.objects.filter(service=there).count() == 1
    assert Forwarding.objects.get().their_id == other.number
    move(other.pk, "in_progress", by=None, public_text="A crew is there")
    move(other.pk, "resolved", by=None, outcome="done", public_text="A new lamp burns")
    assert polling.poll(Connector.objects.get()) == 2
    assert polling.poll(Connector.objects.get()) == 0
    ours.refresh_from_db()
    assert (ours.status, ours.status_note) == ("resolved", "A new lamp burns")


@pytest.mark.django_db
def test_opening_many_costs_the_same_few_statements(
    peco: Connector, light: Service, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    def new(count: int) -> list[NewRequest]:
        return [NewRequest(light, f"Lamp {n}", f"Lamp {n}", "test", PLACE) for n in range(count)]

    choosing.choices()
    open_requests(new(1))
    with django_assert_max_num_queries(10):
        open_requests(new(1))
    with django_assert_max_num_queries(10):
        open_requests(new(100))
    assert Forwarding.objects.count() == 102
    Connector.objects.update(enabled=False)
    choosing.forget()
    choosing.choices()
    with django_assert_max_num_queries(8):
        open_requests(new(100))


@pytest.mark.django_db
def test_a_partner_that_is_gone_keeps_no_request_from_being_opened(peco: Connector, light: Service) -> None:
    choosing.choices()
    Connector.objects.update(enabled=False)  # by another process, a second ago
    opened(light)
    peco.services.clear()
    peco.delete()
    opened(light)
    assert not Forwarding.objects.exists()
