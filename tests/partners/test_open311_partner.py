"""Passing requests to an Open311 partner: once, whatever goes wrong; and taking over what they say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from openline.partners import actions, applying, forwarding, queries, words
from openline.partners.applying import Said
from openline.partners.models import Connector, Forwarding, State
from openline.partners.open311 import client, polling
from openline.records.models import Record
from openline.service_requests.actions import correct_service, move
from openline.service_requests.errors import NotPossible
from openline.service_requests.models import Contact, Department, Service, ServiceRequest, Update
from tests.partners.conftest import due_now, opened, partner
from tests.partners.standin import Theirs

pytestmark = pytest.mark.django_db


def one() -> Forwarding:
    return Forwarding.objects.select_related("connector", "request").get()


def test_a_request_is_passed_on_with_its_public_facts_and_their_number_is_kept(
    theirs: Theirs, peco: Connector, light: Service
) -> None:
    request = opened(light)
    assert one().state == State.QUEUED and not theirs.posts
    assert forwarding.send_next() and not forwarding.send_next()
    [sent] = theirs.posts
    assert sent["service_code"] == ["POLE"] and sent["api_key"] == ["the-api-key"]
    assert sent["jurisdiction_id"] == ["peco.example"]
    assert (sent["lat"], sent["long"]) == (["39.930000"], ["-75.160000"])
    assert sent["address_string"] == ["1234 S BROAD ST"] and request.number in sent["description"][0]
    assert theirs.headers[0]["Idempotency-Key"] == sent["client_request_id"][0] == str(one().pk)
    assert one().state == State.ACKNOWLEDGED and one().their_id == "22871"
    assert words.for_staff(one()) == "Sent to PECO, their number is 22871."
    assert words.for_everybody(one()) == "Passed to PECO (their number 22871)."
    assert Record.objects.filter(request_id=request.pk, body__what="acknowledged by partner").count() == 1
    peco.refresh_from_db()
    assert peco.health == "ok"


@pytest.mark.parametrize("form", ["json", "xml"])
def test_both_forms_work(theirs: Theirs, light: Service, form: str) -> None:
    partner(light, address=theirs.address, form=form)
    opened(light)
    forwarding.send_next()
    assert one().their_id == "22871"
    theirs.requests[0] |= {"status": "closed", "status_notes": "New lamp & <pole>"}
    assert polling.poll(one().connector) == 1
    assert Update.objects.get(to_status="resolved").public_text == "New lamp & <pole>"


@pytest.mark.parametrize("fault", ["lost answer", "500 after", "nonsense"])
def test_an_unclear_try_is_looked_up_and_never_sent_twice(
    theirs: Theirs, peco: Connector, light: Service, fault: str
) -> None:
    theirs.faults = [fault]
    opened(light)
    forwarding.send_next()
    assert one().state == State.FAILED and one().unclear_at and "not known" in one().error
    due_now()
    assert forwarding.send_next()
    assert one().state == State.ACKNOWLEDGED and one().their_id == "22871"
    assert len(theirs.requests) == len(theirs.posts) == 1


def test_what_is_not_in_a_list_that_shows_ours_is_sent_again(theirs: Theirs, peco: Connector, light: Service) -> None:
    opened(light)
    forwarding.send_next()
    polling.poll(one().connector)
    assert Connector.objects.get().shows_ours
    theirs.faults = ["500 before"]
    second = opened(light, "Another lamp")
    for _look in range(4):
        due_now()
        forwarding.send_next()
    assert len(theirs.requests) == 2
    assert Forwarding.objects.get(request=second).their_id == "22872"


def test_where_nothing_can_be_known_a_person_is_asked_and_nothing_is_sent(
    theirs: Theirs, peco: Connector, light: Service, django_user_model: Any
) -> None:
    theirs.faults, theirs.lists = ["lost answer"], False
    opened(light)
    for _look in range(6):
        due_now()
        forwarding.send_next()
    assert one().state == State.STUCK and len(theirs.posts) == 1
    assert queries.alerts() > 0 and queries.groups()[0].needs_person
    ana = django_user_model.objects.create_user("ana")
    with pytest.raises(NotPossible, match="may have it"):
        actions.retry(one().pk, by=ana)
    actions.they_have_it(one().pk, "22871", by=ana)
    assert one().state == State.ACKNOWLEDGED and one().their_id == "22871" and len(theirs.posts) == 1


def test_a_worker_that_dies_between_sending_and_writing_sends_nothing_twice(
    theirs: Theirs, peco: Connector, light: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(light)
    with monkeypatch.context() as dying, pytest.raises(SystemExit):
        dying.setattr(forwarding, "sent", lambda *_: (_ for _ in ()).throw(SystemExit()))
        forwarding.send_next()
    assert one().state == State.SENDING and len(theirs.requests) == 1
    assert not forwarding.send_next()  # as long as the claim may still be alive
    due_now()
    forwarding.send_next()
    assert one().their_id == "22871" and len(theirs.posts) == 1


def test_a_partner_who_knows_marks_gets_the_same_mark_again(theirs: Theirs, light: Service) -> None:
    partner(light, address=theirs.address, knows_our_mark=True)
    theirs.faults = ["500 before"]
    opened(light)
    forwarding.send_next()
    due_now()
    forwarding.send_next()
    marks = {sent["Idempotency-Key"] for sent in theirs.headers}
    assert len(theirs.posts) == 2 and len(marks) == 1 and one().state == State.ACKNOWLEDGED


def test_a_refusal_goes_to_a_person_with_their_words(theirs: Theirs, peco: Connector, light: Service) -> None:
    theirs.faults = ["refused"]
    opened(light)
    forwarding.send_next()
    assert one().state == State.STUCK and "service_code is not valid" in one().error
    assert Connector.objects.get().health == "refused"


def test_a_busy_partner_is_tried_later_and_in_the_end_a_person_is_asked(
    theirs: Theirs, peco: Connector, light: Service
) -> None:
    theirs.faults = ["busy"] * 20
    opened(light)
    forwarding.send_next()
    wait = one().next_try_at - timezone.now()
    assert one().state == State.FAILED and timedelta(minutes=4) < wait < timedelta(minutes=6)
    for _try in range(8):
        due_now()
        forwarding.send_next()
    assert one().state == State.STUCK and len(theirs.posts) == 6 and not theirs.requests


def test_a_slow_partner_is_cut_off_and_looked_up(
    theirs: Theirs, peco: Connector, light: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs.faults, theirs.slow_seconds = ["slow"], 3.0
    opened(light)
    quick = client.Server(theirs.address, private_network=True, seconds=1.0)
    monkeypatch.setattr("openline.partners.open311.sending.server", lambda _connector: quick)
    forwarding.send_next()
    assert one().unclear_at
    due_now()
    forwarding.send_next()
    assert one().their_id == "22871" and len(theirs.posts) == 1


def test_a_partner_that_is_not_there_is_clear_and_tried_again(theirs: Theirs, light: Service) -> None:
    partner(light, address="http://127.0.0.1:9/open311")
    opened(light)
    forwarding.send_next()
    assert one().state == State.FAILED and not one().unclear_at and "cannot be reached" in one().error


def test_a_private_address_is_refused_unless_it_was_said_to_be_one(theirs: Theirs, light: Service) -> None:
    partner(light, address=theirs.address, private_network=False)
    opened(light)
    forwarding.send_next()
    assert "private network" in one().error and not theirs.posts


def test_a_token_is_asked_until_there_is_a_number(theirs: Theirs, peco: Connector, light: Service) -> None:
    theirs.token_only = True
    opened(light)
    forwarding.send_next()
    assert one().state == State.SENT and one().token == "t-22871"
    assert polling.poll(one().connector) == 0 and one().state == State.SENT
    theirs.token_only = False
    assert polling.poll(one().connector) == 1
    assert one().state == State.ACKNOWLEDGED and one().their_id == "22871" and len(theirs.posts) == 1


def test_who_never_answers_is_shown_to_a_person(theirs: Theirs, peco: Connector, light: Service) -> None:
    theirs.token_only = True
    opened(light)
    forwarding.send_next()
    due_now()
    forwarding.send_next()
    assert one().state == State.STUCK and "has not answered" in one().error and len(theirs.posts) == 1


def test_their_news_become_ours_once_with_the_partner_as_actor(theirs: Theirs, peco: Connector, light: Service) -> None:
    request = opened(light)
    forwarding.send_next()
    assert polling.poll(peco) == 0  # "Received" is no news
    theirs.requests[0] |= {"status_notes": "Crew booked. Call Jane Roe at 215-555-0147."}
    assert polling.poll(peco) == 1 and polling.poll(peco) == 0
    update = Update.objects.filter(request=request).latest("at")
    assert "Crew booked" in update.public_text and "555-0147" not in update.public_text
    theirs.requests[0] |= {"status": "closed", "status_notes": "Lamp replaced"}
    assert polling.poll(peco) == 1 and polling.poll(peco) == 0
    request.refresh_from_db()
    assert (request.status, request.outcome) == ("resolved", "done")
    assert Record.objects.filter(request_id=request.pk, actor="partner:PECO").exists()
    assert "last asked just now" in words.for_staff(one())
    assert len(theirs.posts) == 1  # what they said is not sent back to them


def test_their_updates_are_taken_where_they_are_offered(theirs: Theirs, peco: Connector, light: Service) -> None:
    request = opened(light)
    forwarding.send_next()
    at = datetime.now(UTC).isoformat(timespec="seconds")
    theirs.updates = [
        {"update_id": 1, "service_request_id": 22871, "status": "INVESTIGATING", "description": "We look",
         "updated_datetime": at},
        {"update_id": 2, "service_request_id": 22871, "status": "ACTION_SCHEDULED", "description": "Tuesday",
         "updated_datetime": at},
        {"update_id": 3, "service_request_id": 999, "status": "FIXED", "description": "not ours",
         "updated_datetime": at},
    ]  # fmt: skip
    assert polling.poll(peco) == 2 and polling.poll(peco) == 0
    request.refresh_from_db()
    assert request.status == "scheduled"
    assert list(
        Update.objects.filter(request=request)
        .exclude(public_text="")
        .order_by("at")
        .values_list("public_text", flat=True)
    ) == ["We look", "Tuesday"]


def test_words_that_need_a_person_move_nothing(theirs: Theirs, peco: Connector, light: Service) -> None:
    request = opened(light)
    forwarding.send_next()
    for number, word in enumerate(["not_ours", "Ticketed to vendor"]):
        applying.take(one().pk, Said(str(number), word, "see PGW"))
        request.refresh_from_db()
        assert request.status == "received" and one().state == State.STUCK
    peco.statuses = {"ticketed to vendor": {"status": "in_progress", "outcome": ""}}
    peco.save()
    applying.take(one().pk, Said("9", "Ticketed to Vendor"))
    request.refresh_from_db()
    assert request.status == "in_progress"


def test_what_comes_after_the_end_is_a_note_for_staff(theirs: Theirs, peco: Connector, light: Service) -> None:
    request = opened(light)
    forwarding.send_next()
    move(request.pk, "closed", by=None, outcome="done")
    applying.take(one().pk, Said("1", "in progress", "Still at it"))
    request.refresh_from_db()
    assert request.status == "closed" and "Still at it" in Update.objects.filter(request=request).latest("at").note


def test_another_service_takes_it_back_before_it_is_sent(
    theirs: Theirs, peco: Connector, light: Service, django_user_model: Any
) -> None:
    ana, request = django_user_model.objects.create_user("ana"), opened(light)
    correct_service(request.pk, Service.objects.get(code="SR-ST01"), by=ana)
    assert one().state == State.CANCELLED and not forwarding.send_next()
    correct_service(request.pk, light, by=ana)
    assert one().state == State.QUEUED and forwarding.send_next() and len(theirs.posts) == 1


def test_a_department_with_a_partner_gets_what_is_handed_to_it(theirs: Theirs, light: Service, peco: Connector) -> None:
    water = Department.objects.exclude(pk=light.department_id).first()
    peco.services.clear()
    Connector.objects.update(department=water)
    from openline.partners import choosing

    choosing.forget()
    request = opened(light)
    assert not Forwarding.objects.exists()
    from django.contrib.auth.models import User

    from openline.service_requests.actions import correct_department

    correct_department(request.pk, water, by=User.objects.create_user("ana"), reason="theirs")
    assert one().state == State.QUEUED


def test_the_contact_leaves_only_if_both_agree(theirs: Theirs, peco: Connector, light: Service) -> None:
    for share, agreed in ((False, True), (True, False), (True, True)):
        Connector.objects.update(share_contact=share)
        request = opened(light)
        Contact.objects.create(request=request, name="Jane Roe", email="jane@example.org", may_be_shared=agreed)
        due_now()
        forwarding.send_next()
    sent = [("email" in post) for post in theirs.posts]
    assert sent == [False, False, True]


def test_questions_of_theirs_are_answered_by_ours(theirs: Theirs, peco: Connector, light: Service) -> None:
    peco.attributes = [{"service": "POLE", "code": "WHISPAWN", "from": "which", "fixed": ""},
                       {"service": "", "code": "SOURCE", "from": "", "fixed": "311"},
                       {"service": "OTHER", "code": "NO", "from": "", "fixed": "x"}]  # fmt: skip
    peco.save()
    opened(light, answers={"which": ["123", "124"]})
    forwarding.send_next()
    [sent] = theirs.posts
    assert sent["attribute[WHISPAWN][]"] == ["123", "124"] and sent["attribute[SOURCE]"] == ["311"]
    assert not any("NO" in name for name in sent)


def test_without_a_code_of_theirs_a_person_is_asked(theirs: Theirs, peco: Connector, light: Service) -> None:
    Connector.objects.update(service_codes={})
    opened(light)
    forwarding.send_next()
    assert one().state == State.STUCK and "which of their services" in one().error and not theirs.posts


def test_a_closed_request_is_not_sent_any_more(theirs: Theirs, peco: Connector, light: Service) -> None:
    request: ServiceRequest = opened(light)
    move(request.pk, "closed", by=None, outcome="withdrawn")
    forwarding.send_next()
    assert one().state == State.CANCELLED and not theirs.posts


def test_a_partner_is_asked_to_wait_between_two_requests(theirs: Theirs, peco: Connector, light: Service) -> None:
    Connector.objects.update(per_minute=1)
    opened(light)
    opened(light, "Another one")
    assert forwarding.send_next() and not forwarding.send_next()
    assert len(theirs.posts) == 1 and forwarding.next_due_seconds(60) > 30
