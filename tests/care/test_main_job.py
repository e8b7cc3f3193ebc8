"""The main job, from a raw delivery to the answer in the outbox (points 2 to 7 of the story)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from openline.accounts.models import Account
from openline.care import actions, teamwork
from openline.care.models import Intake, Report
from openline.care.process import process
from openline.channels.base import Answerable, Incoming
from openline.inbox.models import Attention, Conversation, Message, Status
from openline.inbox.receiving import store
from openline.outbox.models import Delivery
from openline.records.models import Record
from openline.service_requests import actions as request_actions
from openline.service_requests.models import Service, ServiceRequest
from tests.world import FileNetwork, city_account, post

pytestmark = pytest.mark.usefixtures("philadelphia")


@pytest.fixture
def desk(tmp_path: Path, philadelphia: None) -> Account:
    """The service desk's account."""
    return city_account(tmp_path / "net")


def hear(account: Account, *items: Incoming) -> None:
    """Deliver and process."""
    store(account.pk, items)
    while process():
        pass


def conversation(network_id: str) -> Conversation:
    return Message.objects.select_related("conversation").get(network_id=network_id).conversation


def answers(network_id: str) -> list[str]:
    """What the city says in the conversation of a post, oldest first."""
    return [
        d.outgoing["text"]
        for d in Delivery.objects.filter(message__conversation=conversation(network_id)).order_by("pk")
    ]


def test_a_post_with_a_place_becomes_a_request_and_is_answered_in_its_thread(desk: Account) -> None:
    hear(desk, post("1", "@Philly311 huge pothole at 13th & Market, bent my rim"))
    request = ServiceRequest.objects.get()
    assert request.service.name == "Street Defect"
    assert request.place_name == "N 13th St & Market St"
    assert request.department.name == "Streets Department"
    assert request.due_at
    delivery = Delivery.objects.get()
    assert delivery.outgoing["in_reply_to"] == "1"
    assert request.number in delivery.outgoing["text"]
    assert f"/requests/{request.number}/" in delivery.outgoing["text"]
    assert conversation("1").status == Status.DONE


def test_without_a_place_it_asks_and_the_answer_completes_the_request(desk: Account) -> None:
    hear(desk, post("1", "street light is out again!"))
    assert not ServiceRequest.objects.exists()
    assert conversation("1").status == Status.WAITING
    hear(desk, post("2", "2300 block of Aspen St", to="1"))
    request = ServiceRequest.objects.get()
    assert request.service.name == "Street Light Outage"
    assert request.place_name == "2300 block of Aspen St"
    assert request.description == "street light is out again!"
    assert len(answers("1")) == 2
    assert not Intake.objects.get().open


def test_it_asks_twice_at_most_and_then_a_person_takes_over(desk: Account) -> None:
    hear(desk, post("1", "street light is out again!"))
    hear(desk, post("2", "over by my cousin's place", to="1"))
    hear(desk, post("3", "you know, near the corner store", to="2"))
    assert len(answers("1")) == 2
    assert conversation("1").attention == Attention.LOOK


def test_a_question_waits_for_staff_and_opens_nothing(desk: Account) -> None:
    hear(desk, post("1", "what day is trash pickup in Fishtown this week?"))
    assert conversation("1").attention == Attention.ANSWER
    assert not ServiceRequest.objects.exists()
    assert not Delivery.objects.exists()


def test_danger_is_answered_at_once_and_stands_on_top(desk: Account) -> None:
    hear(desk, post("1", "what day is trash pickup?", by="sam"), post("2", "gas smell and hissing at 5th and Lombard"))
    [text] = answers("2")
    assert "911" in text
    assert "215-235-1212" in text  # the gas works' own emergency number
    top = Conversation.objects.filter(status=Status.OPEN).order_by("-attention").first()
    assert top == conversation("2")
    assert top.attention == Attention.EMERGENCY


def test_the_emergency_text_is_said_once_in_a_conversation(desk: Account) -> None:
    hear(desk, post("1", "gas smell and hissing at 5th and Lombard"))
    hear(desk, post("2", "the gas smell is getting worse, people are fainting!!", to="1"))
    assert len(answers("1")) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Go Birds!! what a game last night",
        "thank you to the crew on our block!",
        "WIN 5000 followers now http://spam.example click here",
    ],
)
def test_what_asks_for_nothing_is_kept_with_the_reason(desk: Account, text: str) -> None:
    hear(desk, post("1", text))
    kept = conversation("1")
    assert kept.status == Status.DONE
    assert kept.why
    assert not ServiceRequest.objects.exists() and not Delivery.objects.exists()


def test_staff_correct_close_and_the_resident_reopens(desk: Account, django_user_model: type) -> None:
    agent = django_user_model.objects.create_user("ana")
    hear(desk, post("1", "pothole at Broad and Snyder swallowed my hubcap"))
    request = ServiceRequest.objects.get()
    actions.correct_service(request, Service.objects.get(name="Street Paving"), by=agent)
    request_actions.move(request.pk, "closed", by=agent, outcome="done", public_text="The hole is filled.")
    assert "The hole is filled." in answers("1")[-1]
    hear(desk, post("2", "still not fixed", to="1"))
    request.refresh_from_db()
    assert request.status == "reopened"
    assert request.reopened == 1
    assert len(answers("1")) == 4  # opened, corrected, closed, reopened
    assert conversation("1").status == Status.OPEN


def test_a_bare_no_to_closing_reopens(desk: Account, django_user_model: type) -> None:
    hear(desk, post("1", "pothole at Broad and Snyder"))
    request = ServiceRequest.objects.get()
    request_actions.move(request.pk, "closed", by=django_user_model.objects.create_user("ana"), outcome="done")
    hear(desk, post("2", "@philly311 no", to="1"))
    request.refresh_from_db()
    assert request.status == "reopened"


def test_another_person_in_the_thread_does_not_reopen(desk: Account, django_user_model: type) -> None:
    hear(desk, post("1", "pothole at Broad and Snyder"))
    request = ServiceRequest.objects.get()
    request_actions.move(request.pk, "closed", by=django_user_model.objects.create_user("ana"), outcome="done")
    hear(desk, post("2", "no", to="1", by="devon"))
    request.refresh_from_db()
    assert request.status == "resolved"
    assert conversation("2") != conversation("1")


def test_the_same_post_to_two_accounts_is_one_request_and_one_answer(desk: Account, tmp_path: Path) -> None:
    mayor = city_account(tmp_path / "net", "@mayor")
    for account in (desk, mayor):
        store(account.pk, [post("1", "@philly311 @mayor pothole at 13th & Market", uri="https://net/1")])
    while process():
        pass
    assert ServiceRequest.objects.count() == 1
    assert Delivery.objects.count() == 1
    assert Message.objects.count() == 3


def test_the_same_delivery_a_hundred_times_is_one(desk: Account) -> None:
    store(desk.pk, [post("1", "pothole at 13th & Market")] * 100)
    for _ in range(10):
        store(desk.pk, [post("1", "pothole at 13th & Market")])
    while process():
        pass
    assert Message.objects.filter(direction="in").count() == 1
    assert ServiceRequest.objects.count() == 1


def test_our_own_voice_is_never_answered(desk: Account) -> None:
    hear(desk, post("1", "hello from the city", by="mayor"))
    conversation("1").identity.__class__.objects.filter(handle="@mayor").update(ours=True)
    hear(desk, post("2", "pothole at 13th & Market", by="mayor"))
    assert not ServiceRequest.objects.exists()
    assert conversation("2").status == Status.DONE


def test_a_private_message_is_answered_privately_and_leaves_no_public_words(desk: Account) -> None:
    hear(desk, post("1", "street light out at 22nd and Diamond, my door code is 1234", visibility="private"))
    request = ServiceRequest.objects.get()
    assert request.public_description == ""
    assert Delivery.objects.get().outgoing["visibility"] == "private"


def test_public_words_hold_no_personal_data(desk: Account) -> None:
    hear(desk, post("1", "pothole at 13th & Market, call me 215-555-0143, ask @maria_g or maria@example.org"))
    words = ServiceRequest.objects.get().public_description
    assert "pothole" in words
    assert "555" not in words and "maria" not in words


def test_old_posts_are_read_but_not_answered_by_machine(desk: Account) -> None:
    hear(desk, post("1", "pothole at 13th & Market", posted_at="2026-01-05T12:00:00+00:00"))
    assert not Delivery.objects.exists()
    assert conversation("1").attention >= Attention.LOOK


def test_everything_is_on_the_record(desk: Account) -> None:
    hear(desk, post("1", "pothole at 13th & Market"))
    assert set(Record.objects.values_list("kind", flat=True)) >= {"heard", "decided", "changed", "written"}


def test_a_second_problem_in_the_thread_is_a_second_request(desk: Account) -> None:
    hear(desk, post("1", "pothole at 13th & Market"))
    hear(desk, post("2", "also there is graffiti all over the wall at 22nd and Diamond", to="1"))
    assert ServiceRequest.objects.count() == 2
    assert Report.objects.filter(conversation=conversation("1")).count() == 2


def test_a_referral_says_where_to_go(desk: Account) -> None:
    hear(desk, post("1", "car parked blocking the hydrant at 9th and Tasker, please ticket it"))
    decided = Message.objects.get(network_id="1").assessment
    if decided.decision == "refer":
        assert answers("1")
    else:
        assert conversation("1").status == Status.OPEN


def test_two_messages_of_one_conversation_in_one_batch(desk: Account) -> None:
    hear(desk, post("1", "street light is out again!"), post("2", "2300 block of Aspen St", to="1"))
    assert ServiceRequest.objects.get().place_name == "2300 block of Aspen St"


def test_what_a_resident_adds_reaches_the_department_too(desk: Account) -> None:
    hear(desk, post("1", "huge pothole at 5th and Lombard"))
    request = ServiceRequest.objects.get()
    hear(desk, post("2", "The pothole is deeper now, it broke my axle today, please fix it", to="1"))
    request.refresh_from_db()
    added = request.updates.get(note__startswith="The resident adds:")
    assert "broke my axle" in added.note and not added.public_text and request.version == request.updates.count()
    assert conversation("1").attention == Attention.LOOK and len(answers("1")) == 1
    hear(desk, post("3", "thank you!", to="2"))
    assert request.updates.filter(note__startswith="The resident adds:").count() == 1


def test_what_the_network_lets_nobody_answer_is_a_persons_to_look_at(
    desk: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    shut = Answerable("The city was not mentioned.")
    monkeypatch.setattr(FileNetwork, "can_answer", lambda self, account, raw, at, private: shut)
    hear(desk, post("1", "@Philly311 huge pothole at 13th & Market, bent my rim"))
    talk = conversation("1")
    assert ServiceRequest.objects.count() == 1 and not Delivery.objects.exists()
    assert (talk.status, talk.attention, talk.machine_answers) == (Status.OPEN, Attention.ANSWER, 0)
    assert talk.why.startswith("The city was not mentioned. Request ")


@pytest.mark.parametrize("text", ["thank you!", "what about recycling?"])
def test_what_is_put_off_comes_back_when_the_resident_writes(desk: Account, text: str) -> None:
    hear(desk, post("1", "what day is trash pickup in Fishtown this week?"))
    agent = User.objects.create_user("ana")
    teamwork.put_off(conversation("1"), timezone.now() + timedelta(days=1), by=agent)
    hear(desk, post("2", text, to="1"))
    back = conversation("1")
    assert back.put_off_until is None and back.status == Status.OPEN and back.attention == Attention.ANSWER
