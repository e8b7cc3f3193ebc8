"""The same POST twice is one request with one answer, also at the same moment; review, tokens and decisions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import pytest
from django.contrib.auth.models import User

from openline.open311 import submitting
from openline.open311.models import State, Submission
from openline.service_requests.actions import NotPossible
from openline.service_requests.models import Contact, ServiceRequest
from tests.open311.conftest import HERE, Sender, read, street_defect

pytestmark = pytest.mark.usefixtures("philadelphia")


@pytest.mark.parametrize("how", ["header", "field"])
def test_sent_twice_it_is_one_request_and_the_same_answer(sender: Sender, how: str) -> None:
    mark = {"headers": {"Idempotency-Key": "a-1"}} if how == "header" else {"client_request_id": "a-1"}
    answers = [sender.report(**mark) for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert ServiceRequest.objects.count() == 1


def test_another_content_under_the_same_mark_is_an_error(sender: Sender) -> None:
    sender.report(client_request_id="a-1")
    assert "used before" in sender.refused(client_request_id="a-1", description="something else")
    assert ServiceRequest.objects.count() == 1


def test_marks_belong_to_their_key(sender: Sender, new_key: Callable[..., Sender]) -> None:
    one, other = sender.report(client_request_id="1"), new_key().report(client_request_id="1")
    assert one["service_request_id"] != other["service_request_id"]


def test_what_was_refused_can_be_mended_under_the_same_mark(sender: Sender) -> None:
    sender.refused(client_request_id="1", lat="x")
    assert sender.report(client_request_id="1")["service_request_id"]


def test_without_a_mark_two_are_two(sender: Sender) -> None:
    assert sender.report() != sender.report()


@pytest.mark.django_db(transaction=True)
def test_a_hundred_at_once_with_ten_marks_are_ten_requests(
    live_server: Any, philadelphia: None, new_key: Callable[..., Sender]
) -> None:
    key = new_key().key
    fields = {"service_code": street_defect().code, "description": "hole"} | HERE

    def send(number: int) -> tuple[str, str]:
        mark = f"mark-{number % 10}"
        answer = httpx.post(
            f"{live_server.url}/open311/v2/requests.json",
            data=fields,
            timeout=60,
            headers={"X-Api-Key": key, "Idempotency-Key": mark},
        )
        assert answer.status_code == 200, answer.text
        return mark, answer.json()[0]["service_request_id"]

    with ThreadPoolExecutor(20) as threads:
        got = set(threads.map(send, range(100)))
    assert len(got) == 10 and len(Counter(mark for mark, _number in got)) == 10
    assert ServiceRequest.objects.count() == Submission.objects.count() == 10


def waiting(sender: Sender, **more: Any) -> Submission:
    """A report that waits for a person."""
    found = sender.report(first_name="Dana", email="dana@home.example", **more)
    assert set(found) == {"token", "service_notice", "account_id"} and found["service_notice"]
    return Submission.objects.get(pk=found["token"])


def number_of(token: Any) -> str:
    [found] = read(f"v2/tokens/{token}", "Token")
    assert found["token"] == str(token)
    return str(found["service_request_id"])


def test_with_review_a_person_opens_it(new_key: Callable[..., Sender]) -> None:
    sent, agent = waiting(new_key(review=True)), User.objects.create_user("agent")
    assert number_of(sent.pk) == "" and not ServiceRequest.objects.exists()
    number = submitting.accept(sent.pk, by=agent)
    assert number_of(sent.pk) == number
    request = ServiceRequest.objects.get(number=number)
    assert request.description == "a big hole" and request.place_name and request.department
    assert Contact.objects.get(request=request).email == "dana@home.example"
    sent.refresh_from_db()
    assert sent.content is None and sent.state == State.OPENED
    with pytest.raises(NotPossible):
        submitting.accept(sent.pk, by=agent)


def test_a_refusal_has_a_reason_that_the_sender_reads(new_key: Callable[..., Sender]) -> None:
    sent, agent = waiting(new_key(review=True)), User.objects.create_user("agent")
    with pytest.raises(NotPossible):
        submitting.refuse(sent.pk, by=agent, reason=" ")
    submitting.refuse(sent.pk, by=agent, reason="That is in Camden.")
    [error] = read(f"v2/tokens/{sent.pk}", "Token", status=404)
    assert "That is in Camden." in error["description"]
    sent.refresh_from_db()
    assert sent.content is None and not ServiceRequest.objects.exists()


def test_the_same_again_keeps_its_token_also_after_the_decision(new_key: Callable[..., Sender]) -> None:
    sender = new_key(review=True)
    sent = waiting(sender, client_request_id="1")
    assert waiting(sender, client_request_id="1") == sent
    submitting.accept(sent.pk, by=User.objects.create_user("agent"))
    assert sender.report(first_name="Dana", email="dana@home.example", client_request_id="1")["token"] == str(sent.pk)


def test_danger_waits_for_no_review(new_key: Callable[..., Sender]) -> None:
    found = new_key(review=True).report(description="Strong smell of gas, people are dizzy in the hallway")
    assert "911" in found["service_notice"]
    assert ServiceRequest.objects.get(number=found["service_request_id"]).urgency == "emergency"


@pytest.mark.parametrize("token", ["nope", str(uuid4()), "%00"])
def test_an_unknown_token_is_404(token: str) -> None:
    read(f"v2/tokens/{token}", "Token", status=404)
