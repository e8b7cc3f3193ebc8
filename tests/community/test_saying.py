"""What members say: kept as it came, read like any post, answered by no machine, changed by its author alone."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from openline.accounts.models import Account
from openline.care.models import Report
from openline.community import saying, threads
from openline.community.models import Topic
from openline.inbox.models import Attention, Conversation, Heard, Message, Revision
from openline.outbox.models import Delivery
from openline.service_requests.actions import NotPossible
from openline.service_requests.models import ServiceRequest, Update
from tests.community.world import comment, member, work
from tests.open311.test_georeport import new

pytestmark = [pytest.mark.usefixtures("philadelphia"), pytest.mark.django_db]


def test_it_lies_at_the_door_as_it_came_before_anybody_reads_it_and_without_the_address() -> None:
    ana, request = member(), new()
    saying.say(ana, threads.of_request(request.number), "It is deeper now.", form=uuid4(), facts={"by": "form"})
    heard = Heard.objects.get()
    assert heard.account.network == "community" and b"deeper now" in bytes(heard.raw)
    assert ana.email.encode() not in bytes(heard.raw)
    work()
    said = Message.objects.get()
    assert said.visibility == "public" and said.conversation.thread == f"request:{request.number}"
    assert said.conversation.identity.network_user_id == ana.author and said.conversation.identity.name == "Ana"
    assert said.details == {"facts": {"by": "form", "discussion": f"request:{request.number}"}}
    assert said.url.endswith(f"/requests/{request.number}/")


def test_it_opens_nothing_and_no_machine_answers_but_the_department_reads_it() -> None:
    request = new()
    comment(member(), request, "There is a big pothole here, a bicycle fell into it")
    assert ServiceRequest.objects.count() == 1 and not Delivery.objects.exists() and not Report.objects.exists()
    assert Update.objects.filter(request=request, note__contains="A neighbor writes: There is a big").count() == 1
    assert Conversation.objects.get().status == "done"


def test_danger_is_answered_once_and_a_question_waits_for_a_person() -> None:
    ana, request = member(), new()
    comment(ana, request, "I smell gas and people are fainting, help!")
    comment(ana, request, "Still smells of gas, somebody is unconscious!")
    assert "911" in Message.objects.get(direction="out").text
    assert Conversation.objects.get().attention == Attention.EMERGENCY
    comment(member("Ben"), request, "How long does the city take to fill a pothole?")
    asked = Conversation.objects.get(identity__name="Ben")
    assert (asked.attention, asked.status) == (Attention.ANSWER, "open")


def test_the_same_form_sent_twice_is_one_message() -> None:
    ana, thread, form = member(), threads.of_request(new().number), uuid4()
    first = saying.say(ana, thread, "The same here", form=form)
    assert saying.say(ana, thread, "The same here", form=form) == first
    assert saying.say(ana, thread, "The same here, and more", form=form) != first
    work()
    assert Message.objects.count() == 2


def test_an_answer_to_an_answer_stands_beside_it_and_only_in_its_thread() -> None:
    ana, ben, request, other = member(), member("Ben"), new(), new()
    first = comment(ana, request, "It is deeper now")
    second = comment(ben, request, "I saw it too", under=first)
    third = comment(ana, request, "When was that?", under=second)
    assert second.parent_network_id == third.parent_network_id == first.network_id
    assert third.conversation.status == "done", "a question to a neighbor asks nobody of the city"
    with pytest.raises(NotPossible):
        comment(ana, other, "Here", under=first)


def test_only_its_author_changes_it_and_the_earlier_text_stays() -> None:
    ana, request = member(), new()
    said = comment(ana, request, "It is deep")
    eve = member("Eve")
    with pytest.raises(NotPossible):
        saying.change(eve, said, "It is nothing")
    with pytest.raises(NotPossible):
        saying.take_back(eve, said)
    saying.change(ana, said, "It is very deep")
    work()
    said.refresh_from_db()
    assert said.text == "It is very deep" and Revision.objects.get().text == "It is deep"
    saying.take_back(ana, said)
    work()
    said.refresh_from_db()
    assert said.deleted_at and Revision.objects.filter(kind="deleted").exists()
    with pytest.raises(NotPossible):
        saying.change(ana, said, "Back")


def test_a_forged_change_of_somebody_elses_words_is_refused_by_the_inbox() -> None:
    said = comment(member(), new(), "It is deep")
    eve = member("Eve")
    saying._store(eve, said.conversation.thread, {"what": "edit", "id": said.network_id, "event": "x", "text": "no"})
    work()
    said.refresh_from_db()
    assert said.text == "It is deep" and Heard.objects.filter(state="refused").count() == 1


def test_where_and_when_nobody_can_write() -> None:
    ana, request = member(), new()
    thread = threads.of_request(request.number)
    for wrong in ("request:none", "topic:1", "topic:x", "elsewhere", "request:"):
        with pytest.raises(NotPossible, match="no such"):
            saying.say(ana, wrong, "Hello", form=uuid4())
    with pytest.raises(NotPossible, match="too long"):
        saying.say(ana, thread, "a" * 3001, form=uuid4())
    with pytest.raises(NotPossible, match="Write"):
        saying.say(ana, thread, "  ", form=uuid4())
    ServiceRequest.objects.update(closed_at=timezone.now() - timedelta(days=29))
    saying.say(ana, thread, "Good work", form=uuid4())
    ServiceRequest.objects.update(closed_at=timezone.now() - timedelta(days=31))
    with pytest.raises(NotPossible, match="30 days"):
        saying.say(ana, thread, "Good work again", form=uuid4())
    ServiceRequest.objects.update(closed_at=None, public=False)
    with pytest.raises(NotPossible, match="no such"):
        saying.say(ana, thread, "Good work again", form=uuid4())


def test_switched_off_nobody_writes_and_who_left_never() -> None:
    ana, thread = member(), threads.of_request(new().number)
    saying.account()
    Account.objects.filter(network="community").update(enabled=False)
    assert not saying.is_open()
    with pytest.raises(NotPossible):
        saying.say(ana, thread, "Hello", form=uuid4())
    Account.objects.filter(network="community").update(enabled=True)
    with pytest.raises(NotPossible):
        saying.say(member("Gone", left_at=timezone.now()), thread, "Hello", form=uuid4())


def test_a_topic_has_a_thread_too() -> None:
    ana = member()
    now = timezone.now()
    topic = Topic.objects.create(
        kind="idea", title="Benches", by=ana, form=uuid4(), opened_at=now, changed_at=now, state="shown"
    )
    said = comment(ana, topic.thread, "Two benches at the square would be good.")
    assert said.conversation.thread == topic.thread and said.url.endswith(f"/topics/{topic.pk}/")
