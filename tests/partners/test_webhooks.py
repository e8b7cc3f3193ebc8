"""Webhooks: signed as Standard Webhooks says, in order, once, and never given up in silence; and those that come in."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from standardwebhooks.webhooks import Webhook as Standard

from openline.partners import choosing, forwarding, keeping
from openline.partners.hooks import delivering, signatures
from openline.partners.models import Connector, Forwarding, HookDelivery, Reply, State, Webhook
from openline.service_requests.actions import add_update, move
from openline.service_requests.models import Service, Update
from tests.partners.conftest import due_now, opened, partner
from tests.partners.listener import Listener

pytestmark = pytest.mark.django_db


@pytest.fixture
def listener() -> Iterator[Listener]:
    with Listener() as running:
        yield running


@pytest.fixture
def hook(listener: Listener, light: Service, django_user_model: Any) -> Webhook:
    made = Webhook(name="Dashboard", address=listener.url, private_network=True,
                   events=["request.opened", "request.updated", "request.closed"])  # fmt: skip
    keeping.save_webhook(made, [light], by=django_user_model.objects.create_user("ana"))
    return made


def deliver() -> None:
    """Deliver all that can be delivered, whatever the hour."""
    for _round in range(50):
        HookDelivery.objects.exclude(next_try_at=None).update(next_try_at=timezone.now() - timedelta(seconds=1))
        Webhook.objects.update(rests_until=None)
        if not delivering.deliver_next():
            return


def test_the_signature_is_that_of_the_standards_own_vector() -> None:
    secret, message = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek"
    made = signatures.headers(secret, message, b'{"test": 2432232314}', at=1614265330)
    assert made["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_what_happens_is_told_in_order_and_the_standards_library_agrees(
    listener: Listener, hook: Webhook, light: Service
) -> None:
    request = opened(light, "Lamp out")
    add_update(request.pk, by=None, public_text="On its way", note="secret note")
    add_update(request.pk, by=None, note="only for us")
    move(request.pk, "closed", by=None, outcome="done", public_text="New lamp")
    deliver()
    told = [Standard(hook.secret).verify(body.decode(), headers) for headers, body in listener.got]
    assert [one["type"] for one in told] == ["request.opened", "request.updated", "request.closed"]
    assert told[1]["data"]["update"]["description"] == "On its way"
    assert told[2]["data"]["status"] == "closed" and told[2]["data"]["service_request_id"] == request.number
    everything = b"".join(body for _headers, body in listener.got)
    assert b"secret note" not in everything and b"only for us" not in everything
    assert len({headers["webhook-id"] for headers, _body in listener.got}) == 3
    for row in HookDelivery.objects.all():
        assert (row.state, row.attempts, row.answer_code) == ("delivered", 1, 200) and len(row.digest) == 64


def test_a_failure_keeps_the_order_of_the_request_and_the_id_of_the_message(
    listener: Listener, hook: Webhook, light: Service
) -> None:
    listener.answers = [500, 503]
    request = opened(light)
    move(request.pk, "accepted", by=None)
    deliver()
    kinds = [json.loads(body)["type"] for _headers, body in listener.got]
    assert kinds == ["request.opened"] * 3 + ["request.updated"]
    assert len({headers["webhook-id"] for headers, _body in listener.got}) == 2
    hook.refresh_from_db()
    assert hook.failing_since is None


def test_other_services_and_private_requests_are_not_told(listener: Listener, hook: Webhook, light: Service) -> None:
    opened(Service.objects.get(code="SR-ST01"))
    Service.objects.filter(pk=light.pk).update(public=False)
    light.refresh_from_db()
    opened(light)
    assert not HookDelivery.objects.exists()


def test_what_was_made_private_meanwhile_is_not_told(listener: Listener, hook: Webhook, light: Service) -> None:
    request = opened(light)
    type(request).objects.filter(pk=request.pk).update(public=False)
    deliver()
    assert not listener.got and HookDelivery.objects.get().state == "failed"


def test_after_the_last_try_it_is_given_up_and_can_be_sent_again(
    listener: Listener, hook: Webhook, light: Service, django_user_model: Any
) -> None:
    listener.answer = 500
    opened(light)
    deliver()
    row = HookDelivery.objects.get()
    assert row.state == "failed" and row.attempts == 9 and row.error == "They answered 500."
    assert sum((5, 60, 300, 1_800, 7_200, 18_000, 36_000, 50_000)) > 24 * 60 * 60
    listener.answer = 200
    assert delivering.resend(row.pk, by=django_user_model.objects.get(username="ana"))
    deliver()
    row.refresh_from_db()
    assert row.state == "delivered"


def test_days_of_failures_and_gone_switch_it_off_with_an_alert(
    listener: Listener, hook: Webhook, light: Service
) -> None:
    from openline.partners import queries

    listener.answer = 500
    Webhook.objects.update(failing_since=timezone.now() - timedelta(days=4))
    opened(light)
    delivering.deliver_next()
    hook.refresh_from_db()
    assert not hook.enabled and "days of failures" in hook.off_because
    queries.forget_count()
    assert queries.alerts() == 1 and HookDelivery.objects.get().state == "failed"
    choosing.forget()
    opened(light)
    assert HookDelivery.objects.count() == 1


@pytest.fixture
def listening(listener: Listener, light: Service) -> Connector:
    """A partner by webhook."""
    made = partner(light, name="PGW", kind="webhook", address=listener.url)
    made.secrets = {"secret": signatures.new_secret()}
    made.save()
    return made


def say(connector: Connector, data: Any, *, message: str = "m1", secret: str = "", at: int | None = None) -> Any:
    body = json.dumps({"type": "request.updated", "timestamp": "2026-01-01T00:00:00Z", "data": data}).encode()
    headers = signatures.headers(secret or connector.secret, message, body, at=at)
    path = reverse("partners:webhook", args=[connector.pk])
    return Client().post(path, body, "application/json", headers=headers)


def test_a_request_is_passed_on_by_webhook_and_they_answer_by_webhook(
    listener: Listener, listening: Connector, light: Service
) -> None:
    listener.answers = [503]
    request = opened(light)
    forwarding.send_next()
    due_now()
    listener.body = b'{"service_request_id": "G-5"}'
    forwarding.send_next()
    found = Forwarding.objects.get()
    assert (found.state, found.their_id) == (State.ACKNOWLEDGED, "G-5")
    first, second = (headers["webhook-id"] for headers, _body in listener.got)
    assert first == second == str(found.pk)  # they can tell that it is the same
    data = {"service_request_id": request.number, "status": "in progress", "status_notes": "Digging"}
    assert say(listening, data).json() == {"taken": True}
    assert say(listening, data).json() == {"taken": False}
    request.refresh_from_db()
    assert request.status == "in_progress" and Reply.objects.count() == 1
    assert Update.objects.filter(request=request, public_text="Digging").count() == 1


def test_only_who_knows_the_secret_is_heard_and_only_now(
    listener: Listener, listening: Connector, light: Service
) -> None:
    request = opened(light)
    data = {"service_request_id": request.number, "status": "closed"}
    assert say(listening, data, secret=signatures.new_secret()).status_code == 401
    assert say(listening, data, at=int(time.time()) - 400).status_code == 401
    assert say(listening, data, at=int(time.time()) + 400).status_code == 401
    path = reverse("partners:webhook", args=[listening.pk])
    assert Client().post(path, b"{}", "application/json").status_code == 401
    body = b'{"data": {}}'
    headers = signatures.headers(listening.secret, "m", body)
    assert Client().post(path, body + b" ", "application/json", headers=headers).status_code == 401
    assert Client().get(path).status_code == 405
    assert not Reply.objects.exists()


def test_they_speak_only_of_what_was_passed_to_them(listener: Listener, listening: Connector, light: Service) -> None:
    other = opened(Service.objects.get(code="SR-ST01"))
    assert say(listening, {"service_request_id": other.number, "status": "closed"}).status_code == 404
    assert say(listening, {}, message="m2").status_code == 404
    assert say(listening, [], message="m3").status_code == 400
    listening.enabled = False
    listening.save()
    assert say(listening, {"service_request_id": other.number}).status_code == 401
