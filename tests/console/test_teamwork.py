"""Colleagues at the desk: who looks at it too, answers that cross, notes, handing over, putting off, undoing."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from openline.care import teamwork
from openline.inbox import queries
from openline.inbox.models import Attention, Conversation, Mention, Message, Note, Status
from openline.outbox.models import Delivery, State
from openline.records.models import Record
from openline.service_requests.actions import NotPossible
from openline.service_requests.models import ServiceRequest
from tests.console import world

pytestmark = pytest.mark.django_db
Login = Callable[[str], Client]


@pytest.fixture
def talk(staff: dict[str, User]) -> Conversation:
    """A question that waits for an answer."""
    return world.conversation("Maria Santos", "How do I get a permit?", attention=Attention.ANSWER)


def of(talk: Conversation, deed: str = "") -> str:
    """The address of the conversation, or of what is done with it."""
    return f"/console/conversations/{talk.pk}/{deed}"


def post(client: Client, address: str, **fields: object) -> str:
    """Send a form; the page that answers."""
    return client.post(address, {"client_id": str(uuid4()), **fields}, follow=True).content.decode()


def now(talk: Conversation) -> Conversation:
    """The conversation as it stands."""
    return Conversation.objects.get(pk=talk.pk)


def seen(talk: Conversation) -> str:
    """The newest message, as a page that is open has it."""
    return str(talk.messages.order_by("-pk")[0].pk)


def test_two_who_answer_at_once_are_told_and_may_still_both_answer(login: Login, talk: Conversation) -> None:
    began = seen(talk)
    post(login("supervisor"), of(talk, "answer/"), text="Apply in Room 940.", seen=began)
    page = post(login("agent"), of(talk, "answer/"), text="Ask the Streets Department.", seen=began)
    assert "Demo supervisor answered meanwhile: “Apply in Room 940.”" in page
    assert "Ask the Streets Department.</textarea>" in page and 'name="anyway"' in page
    assert talk.messages.filter(direction="out").count() == 1
    post(login("agent"), of(talk, "answer/"), text="Ask the Streets Department.", seen=began, anyway="1")
    assert talk.messages.filter(direction="out").count() == 2


def test_ones_own_answers_and_those_of_the_machine_cross_nothing(login: Login, talk: Conversation) -> None:
    began, client = seen(talk), login("agent")
    world.said(talk, "We heard you.")
    for text in ("First.", "Second."):
        post(client, of(talk, "answer/"), text=text, seen=began)
    assert talk.messages.filter(written_by__username="agent").count() == 2


def test_who_looks_at_the_same_conversation_is_seen(login: Login, talk: Conversation) -> None:
    login("supervisor").post(of(talk, "here/"), {"writing": "1"})
    page = login("agent").post(of(talk, "here/")).content.decode()
    assert "Demo supervisor is writing here just now." in page
    assert login("crew").post(of(talk, "here/")).status_code == 403


def test_a_note_is_read_by_staff_and_draws_a_colleague(login: Login, talk: Conversation) -> None:
    page = post(login("agent"), of(talk, "note/"), note="@supervisor may we promise June?")
    assert "may we promise June?" in page and "only staff read it" in page.lower()
    assert not Delivery.objects.exists() and Message.objects.count() == 1
    boss = login("supervisor")
    before = boss.get("/console/?view=named").content.decode()
    assert "Maria Santos" in before
    named = User.objects.get(username="supervisor")
    assert queries.counts(Conversation.objects.all(), named)["named"] == 1
    boss.get(of(talk))
    assert queries.counts(Conversation.objects.all(), named)["named"] == 0
    assert "Maria Santos" in boss.get("/console/?view=named").content.decode()


def test_who_may_not_answer_reads_no_notes(login: Login, talk: Conversation) -> None:
    post(login("agent"), of(talk, "note/"), note="Careful: a journalist.")
    assert "a journalist" not in login("official").get(of(talk)).content.decode()
    assert login("official").post(of(talk, "note/"), {"client_id": str(uuid4()), "note": "x"}).status_code == 403


def test_an_empty_note_is_no_note(login: Login, talk: Conversation) -> None:
    assert "Write the note first." in post(login("agent"), of(talk, "note/"), note="  \n ")
    assert not Note.objects.exists()


def test_a_conversation_is_handed_to_a_colleague_with_a_word(login: Login, talk: Conversation) -> None:
    post(login("agent"), of(talk, "assign/"), to="supervisor", note="She asked for you.")
    assert now(talk).assigned_to == User.objects.get(username="supervisor")
    page = login("supervisor").get("/console/?view=mine").content.decode()
    assert "Maria Santos" in page
    assert "She asked for you." in login("supervisor").get(of(talk)).content.decode()


@pytest.mark.parametrize("whom", ["crew", "official", "nobody-of-that-name", ""])
def test_it_is_handed_only_to_who_can_work_on_it(login: Login, talk: Conversation, whom: str) -> None:
    page = post(login("agent"), of(talk, "assign/"), to=whom, note="Take it.")
    assert "Choose a colleague of the desk." in page and "Take it.</textarea>" in page
    assert now(talk).assigned_to is None and not Note.objects.exists()


def test_assigned_to_me_counts_what_is_left_to_do(staff: dict[str, User], talk: Conversation) -> None:
    agent = staff["agent"]
    teamwork.hand_over(talk, agent, by=agent)
    assert queries.counts(Conversation.objects.all(), agent)["mine"] == 1
    Conversation.objects.update(status=Status.DONE)
    assert queries.counts(Conversation.objects.all(), agent)["mine"] == 0


@pytest.mark.parametrize("when", ["hour", "four_hours", "tomorrow", "monday"])
def test_what_is_put_off_is_in_no_list_till_then(login: Login, talk: Conversation, when: str) -> None:
    client = login("agent")
    post(client, of(talk, "put-off/"), when=when)
    until = now(talk).put_off_until
    assert until and timezone.now() < until < timezone.now() + timedelta(days=8)
    assert "Maria Santos" not in client.get("/console/?view=answer").content.decode()
    assert "Maria Santos" in client.get("/console/?view=later").content.decode()
    Conversation.objects.update(put_off_until=timezone.now() - timedelta(seconds=1))
    assert "Maria Santos" in client.get("/console/?view=answer").content.decode()


def test_it_is_brought_back_by_hand(login: Login, talk: Conversation) -> None:
    post(login("agent"), of(talk, "put-off/"), when="until", until="2099-01-01T09:00")
    assert now(talk).put_off_until is None
    post(login("agent"), of(talk, "put-off/"), when="hour")
    post(login("agent"), of(talk, "put-off/"), when="now")
    assert now(talk).put_off_until is None and now(talk).status == Status.OPEN


@pytest.mark.parametrize(
    ("until", "said"),
    [
        ("", "Choose until when."),
        ("soon", "This is not a date with a time."),
        ("2020-01-01T09:00", "still to come"),
        (f"{timezone.now() + timedelta(days=100):%Y-%m-%dT%H:%M}", "three months"),
        ("2999-01-01T09:00", "year"),
    ],
)
def test_a_wrong_time_changes_nothing(login: Login, talk: Conversation, until: str, said: str) -> None:
    assert said in post(login("agent"), of(talk, "put-off/"), when="until", until=until)
    assert now(talk).put_off_until is None


def test_an_emergency_is_not_put_off(login: Login, talk: Conversation) -> None:
    Conversation.objects.update(attention=Attention.EMERGENCY)
    assert "An emergency cannot be put off." in post(login("agent"), of(talk, "put-off/"), when="hour")
    assert now(talk).put_off_until is None


def test_a_handled_conversation_is_opened_again(login: Login, talk: Conversation) -> None:
    client = login("agent")
    post(client, of(talk, "done/"))
    assert now(talk).status == Status.DONE
    page = post(client, of(talk, "again/"))
    assert now(talk).status == Status.OPEN and now(talk).attention == Attention.LOOK
    assert "Opened again by agent." in page
    assert "It is open already." in post(client, of(talk, "again/"))


def test_an_answer_can_be_taken_back_before_it_leaves(login: Login, talk: Conversation, settings: Settings) -> None:
    settings.UNDO_SECONDS = 60
    request = world.request_from(talk)
    client = login("agent")
    page = post(client, of(talk, "answer/"), text="To the wrong person!", done="1")
    assert "Do not send it: change it" in page
    said = Message.objects.get(direction="out")
    assert said.delivery and said.delivery.next_try_at > timezone.now() + timedelta(seconds=50)
    assert "Do not send it" not in login("supervisor").get(of(talk)).content.decode()
    page = post(client, f"/console/messages/{said.pk}/undo/")
    assert "To the wrong person!</textarea>" in page and "it was not sent" in page
    assert Delivery.objects.get().state == State.CANCELLED
    assert now(talk).status == Status.OPEN and now(talk).attention == Attention.ANSWER
    assert ServiceRequest.objects.get(pk=request.pk).first_answered_at is None


def test_what_left_is_not_undone(login: Login, talk: Conversation) -> None:
    client = login("agent")
    post(client, of(talk, "answer/"), text="Here is how.")
    Delivery.objects.update(state=State.SENT)
    said = Message.objects.get(direction="out")
    assert "Too late" in post(client, f"/console/messages/{said.pk}/undo/")
    assert Delivery.objects.get().state == State.SENT


def test_nobody_undoes_the_answer_of_another(staff: dict[str, User], login: Login, talk: Conversation) -> None:
    post(login("agent"), of(talk, "answer/"), text="Here is how.")
    said = Message.objects.get(direction="out")
    with pytest.raises(NotPossible):
        teamwork.undo(said, by=staff["supervisor"])
    assert Delivery.objects.get().state == State.WAITING


def test_who_is_in_danger_is_answered_at_once(login: Login, talk: Conversation, settings: Settings) -> None:
    settings.UNDO_SECONDS = 60
    Conversation.objects.update(attention=Attention.EMERGENCY)
    post(login("agent"), of(talk, "answer/"), text="Call 911 now.")
    assert Delivery.objects.get().next_try_at <= timezone.now()


def test_nothing_is_proposed_once_somebody_answered(login: Login) -> None:
    talk = world.story()["question"]
    world.article("block-party-2")
    client = login("agent")
    assert "Send this answer" in client.get(of(talk)).content.decode()
    post(client, of(talk, "answer/"), text="Here is how.")
    assert "Send this answer" not in client.get(of(talk)).content.decode()
    world.message(talk, "And how do I get a permit for a block party in July?")
    world.assess(talk, "question", "answer", "Reads like a question.")
    assert "Send this answer" in client.get(of(talk)).content.decode()


def test_the_history_tells_who_did_what(login: Login, talk: Conversation) -> None:
    client = login("agent")
    post(client, of(talk, "note/"), note="<b>A note</b>")
    post(client, of(talk, "assign/"), to="supervisor")
    page = client.get(of(talk, "history/")).content.decode()
    assert "Given to" in page and "supervisor" in page and "&lt;b&gt;A note&lt;/b&gt;" in page
    post(client, of(talk, "put-off/"), when="until", until=f"{timezone.now() + timedelta(days=2):%Y-%m-%dT09:30}")
    later = client.get(of(talk, "history/")).content.decode()
    assert re.search(r"Put off</strong>: <bdi>\w{3} \d+, 09:30</bdi>", later)
    assert page.index("Given to") < page.index("Note written")
    assert Record.objects.filter(conversation_id=talk.pk).count() == 3
    assert login("crew").get(of(talk, "history/")).status_code == 403


def test_a_mention_is_for_others(staff: dict[str, User], talk: Conversation) -> None:
    teamwork.note(talk, "@agent remember; @nobody-here too", by=staff["agent"])
    assert not Mention.objects.exists()
