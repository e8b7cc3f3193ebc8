"""Partners and webhooks on screens: who may, what is refused, secrets that are never shown, and what stands still."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from openline.partners import choosing, forwarding, queries
from openline.partners.models import Connector, Forwarding, State, Webhook
from openline.records.models import Record
from openline.service_requests.models import ServiceRequest
from openline.service_requests.opening import NewRequest, open_request
from tests.console import world
from tests.partners.standin import Theirs

pytestmark = pytest.mark.django_db
Login = Callable[[str], Client]


@pytest.fixture(autouse=True)
def _fresh() -> None:
    choosing.forget()
    queries.forget_count()


def form(**more: Any) -> dict[str, Any]:
    return {
        "client_id": str(uuid4()), "name": "PECO", "kind": "open311", "enabled": "on", "address": "https://peco.example/v2",
        "services": [world.service().pk], "secret": "s3cret-key", "form": "json", "poll_minutes": "15",
        "per_minute": "6000", "answer_days": "3", **more,
    }  # fmt: skip


def request_() -> ServiceRequest:
    return open_request(NewRequest(world.service(), "hole", "hole", "test", world.PLACE))


def test_only_who_sets_up_partners_sees_the_pages(login: Login) -> None:
    request_()
    for role in ("agent", "crew", "communications", "official"):
        client = login(role)
        for name in ("partners", "partner_new", "webhook_new"):
            assert client.get(reverse(f"console:{name}")).status_code == 403
        assert client.post(reverse("console:forwarding", args=[uuid4()])).status_code == 403
    assert login("supervisor").get(reverse("console:partners")).status_code == 200
    assert Client().get(reverse("console:partners")).status_code == 302


def test_a_partner_is_added_and_its_secret_is_never_shown(login: Login, caplog: pytest.LogCaptureFixture) -> None:
    client = login("administrator")
    sent = form()
    assert client.post(reverse("console:partner_new"), sent).status_code == 302
    assert client.post(reverse("console:partner_new"), sent).status_code == 422  # the name is taken
    made = Connector.objects.get()
    assert made.secret == "s3cret-key" and b"s3cret-key" not in bytes(made.secrets_encrypted)
    client.post(reverse("console:partner", args=[made.pk]), form(name="PECO East", secret=""))
    made.refresh_from_db()
    assert made.name == "PECO East" and made.secret == "s3cret-key"
    for page in (reverse("console:partner", args=[made.pk]), reverse("console:partners"),
                 reverse("console:partner_mapping", args=[made.pk])):  # fmt: skip
        assert "s3cret-key" not in client.get(page).content.decode()
    assert "s3cret-key" not in "".join(map(str, Record.objects.values_list("body", flat=True)))
    assert "s3cret-key" not in caplog.text
    assert Record.objects.filter(kind="administered", body__what="partner added").count() == 1


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"address": "ftp://peco.example"}, "whole address"),
        ({"address": "https://me:pw@peco.example"}, "whole address"),
        ({"kind": "email"}, "email"),
        ({"services": []}, "Choose a department or services"),
        ({"per_minute": "0"}, "from 1"),
        ({"name": ""}, "required"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_saved(
    login: Login, wrong: dict[str, Any], says: str
) -> None:
    answer = login("administrator").post(reverse("console:partner_new"), form(**wrong))
    assert answer.status_code == 422 and says in answer.content.decode() and not Connector.objects.exists()
    assert "s3cret-key" not in answer.content.decode()


def test_the_connection_is_tested_and_their_services_are_mapped(login: Login) -> None:
    client = login("administrator")
    with Theirs() as theirs:
        client.post(reverse("console:partner_new"), form(address=theirs.address, private_network="on"))
        made = Connector.objects.get()
        tested = client.post(reverse("console:partner_test", args=[made.pk])).content.decode()
        assert "2 services" in tested and "has none of their services yet" in tested and not theirs.posts
        mapping = reverse("console:partner_mapping", args=[made.pk])
        assert "Street light out (POLE)" in client.get(mapping).content.decode()
        name = f"service-{world.service().pk}"
        lines = {"attributes": 'WHISPAWN = "123"', "statuses": "Work Completed = resolved / done\nLost = person"}
        assert client.post(mapping, {"client_id": str(uuid4()), name: "POLE", **lines}).status_code == 302
        made.refresh_from_db()
        assert made.service_codes == {"SR-ST01": "POLE"}
        assert made.statuses["work completed"] == {"status": "resolved", "outcome": "done"}
        shown = client.get(mapping).content.decode()
        assert "work completed = resolved / done" in shown and "WHISPAWN = &quot;123&quot;" in shown
        assert "all that they ask is answered" in client.post(
            reverse("console:partner_test", args=[made.pk])).content.decode()  # fmt: skip
        asked = client.get(reverse("console:partner_definition", args=[made.pk, "POLE"])).content.decode()
        assert "What is out?" in asked
        for bad in ("Done = finished", "Done", "Done = closed / nothing"):
            refused = client.post(mapping, {"client_id": str(uuid4()), name: "POLE", "statuses": bad})
            assert refused.status_code == 422 and bad in refused.content.decode()


def test_what_stands_still_is_shown_and_can_be_acted_on(login: Login) -> None:
    client = login("supervisor")
    with Theirs() as theirs:
        client.post(reverse("console:partner_new"), form(address=theirs.address, private_network="on"))
        one = request_()
        forwarding.send_next()
        assert Forwarding.objects.get().state == State.STUCK
        queries.forget_count()
        shown = client.get(reverse("console:partners")).content.decode()
        assert one.number in shown and "which of their services" in shown
        assert 'class="trouble"' in client.get(reverse("console:inbox")).content.decode()
        page = client.get(reverse("console:request", args=[one.number])).content.decode()
        assert "somebody has to look at it" in page
        agent = login("agent").get(reverse("console:request", args=[one.number])).content.decode()
        assert "somebody has to look at it" in agent and "What stands still" not in agent
        Connector.objects.update(service_codes={"SR-ST01": "POLE"})
        client.post(reverse("console:partner_retry", args=[Connector.objects.get().pk]))
        Connector.objects.update(next_send_at=None)
        forwarding.send_next()
    shown = client.get(reverse("console:request", args=[one.number])).content.decode()
    assert "Sent to PECO, their number is 22871" in shown
    assert "Passed to PECO (their number 22871)." in Client().get(f"/requests/{one.number}/").content.decode()
    assert "Everything that was passed on is confirmed" in client.get(reverse("console:partners")).content.decode()


def test_acting_on_one_and_being_refused(login: Login) -> None:
    client = login("supervisor")
    client.post(reverse("console:partner_new"), form())
    request_()
    found = Forwarding.objects.get()
    Forwarding.objects.update(state=State.STUCK, unclear_at=found.created_at)
    address = reverse("console:forwarding", args=[found.pk])
    refused = client.post(address, {"client_id": str(uuid4()), "what": "retry"})
    assert refused.status_code == 422 and "may have it already" in refused.content.decode()
    assert client.post(address, {"client_id": str(uuid4()), "what": "nonsense"}).status_code == 422
    client.post(address, {"client_id": str(uuid4()), "what": "have", "their_id": "22-871"})
    found.refresh_from_db()
    assert (found.state, found.their_id) == (State.ACKNOWLEDGED, "22-871")
    assert Record.objects.filter(actor="supervisor", body__what="partner: acknowledged").exists()


def test_a_request_is_passed_on_by_hand(login: Login) -> None:
    client = login("supervisor")
    other = world.service("SR-ST20", "Alley Light Outage")
    client.post(reverse("console:partner_new"), form(services=[other.pk]))
    one = request_()
    assert "Pass it on" in client.get(reverse("console:request", args=[one.number])).content.decode()
    address = reverse("console:pass_on", args=[one.number])
    client.post(address, {"client_id": str(uuid4()), "partner": "PECO"})
    assert Forwarding.objects.get(request=one).state == State.QUEUED
    again = client.post(address, {"client_id": str(uuid4()), "partner": "PECO"})
    assert again.status_code == 422 and Forwarding.objects.count() == 1


def test_the_secret_of_a_webhook_is_shown_once(login: Login, staff: dict[str, User]) -> None:
    client = login("administrator")
    sent = {"client_id": str(uuid4()), "name": "Board", "address": "https://board.example/in", "enabled": "on",
            "events": ["request.opened"]}  # fmt: skip
    made = client.post(reverse("console:webhook_new"), sent)
    hook = Webhook.objects.get()
    assert hook.secret.startswith("whsec_") and hook.secret in made.content.decode()
    assert "no-store" in made["Cache-Control"]
    address = reverse("console:webhook", args=[hook.pk])
    assert hook.secret not in client.get(address).content.decode()
    old = hook.secret
    renewed = client.post(reverse("console:webhook_secret", args=[hook.pk])).content.decode()
    hook.refresh_from_db()
    assert hook.secret != old and hook.secret in renewed
    one = request_()
    choosing.forget()
    request_()
    log = client.get(address).content.decode()
    assert "request.opened" in log and one.number
    refused = client.post(address, {"client_id": str(uuid4()), "name": "", "address": "x"})
    assert refused.status_code == 422
