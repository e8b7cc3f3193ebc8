"""Whether the network lets the city answer: said where the answer is written, and kept to when it is sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from openline.channels.base import Answerable
from openline.channels.mastodon.channel import MastodonChannel
from openline.inbox.models import Message
from openline.outbox.models import Delivery
from tests.console import world

pytestmark = pytest.mark.django_db
SHUT = Answerable("The city was not mentioned, so it may not answer here.", instead=("Write a post of its own.",))
OPEN = Answerable(until=timezone.now() + timedelta(hours=20), note="After that only templates.")


@pytest.fixture
def rule(monkeypatch: pytest.MonkeyPatch) -> Callable[[Answerable, Answerable], None]:
    """Gives the network a rule: what it says of a public answer, and of a private one."""

    def set_to(public: Answerable, private: Answerable) -> None:
        found = {False: public, True: private}
        monkeypatch.setattr(MastodonChannel, "can_answer", lambda self, account, raw, at, private: found[private])
        can = replace(MastodonChannel.capabilities, private_answers=True)
        monkeypatch.setattr(MastodonChannel, "capabilities", can)

    return set_to


def page(client: Client, talk: object) -> str:
    return client.get(reverse("console:conversation", args=[talk.pk])).content.decode()  # type: ignore[attr-defined]


def send(client: Client, talk: object, **fields: str) -> str:
    data = {"client_id": str(uuid4()), "text": "Here is how.", **fields}
    return client.post(reverse("console:answer", args=[talk.pk]), data, follow=True).content.decode()  # type: ignore[attr-defined]


def test_where_the_city_may_not_answer_it_is_told_why_and_what_else_to_do(
    login: Callable[[str], Client], rule: Callable[[Answerable, Answerable], None]
) -> None:
    talk, client = world.conversation("Maria Santos", "pothole"), login("agent")
    assert 'id="reply-form"' in page(client, talk)
    rule(SHUT, SHUT)
    shown = page(client, talk)
    assert SHUT.reason in shown and SHUT.instead[0] in shown and 'id="reply-form"' not in shown
    assert SHUT.reason in send(client, talk) and not Delivery.objects.exists()


def test_what_cannot_be_answered_in_public_may_be_in_private(
    login: Callable[[str], Client], rule: Callable[[Answerable, Answerable], None]
) -> None:
    talk, client = world.conversation("Maria Santos", "pothole"), login("agent")
    rule(SHUT, OPEN)
    shown = page(client, talk)
    assert SHUT.reason in shown and 'type="hidden" name="private" value="1"' in shown and OPEN.note in shown
    assert "Send privately" in shown and "Send in public" not in shown
    send(client, talk, private="1")
    said = Message.objects.get(direction="out")
    assert said.visibility == "private" and Delivery.objects.get().outgoing["visibility"] == "private"


def test_a_window_that_closes_is_shown(
    login: Callable[[str], Client], rule: Callable[[Answerable, Answerable], None]
) -> None:
    talk = world.conversation("Maria Santos", "pothole")
    rule(OPEN, OPEN)
    shown = page(login("agent"), talk)
    assert "Can be answered here until" in shown and OPEN.note in shown


def test_a_network_without_private_answers_gets_none(
    login: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    never = replace(MastodonChannel.capabilities, private_answers=False)
    monkeypatch.setattr(MastodonChannel, "capabilities", never)
    talk, client = world.conversation("Maria Santos", "pothole"), login("agent")
    assert 'name="private"' not in page(client, talk)
    assert "answered in public" in send(client, talk, private="1") and not Delivery.objects.exists()


def test_both_ways_of_answering_cost_one_look_at_what_was_heard(
    login: Callable[[str], Client], rule: Callable[[Answerable, Answerable], None]
) -> None:
    talk, client = world.conversation("Maria Santos", "pothole"), login("agent")
    rule(OPEN, OPEN)
    with CaptureQueriesContext(connection) as asked:
        page(client, talk)
    assert sum("JOIN inbox_heard" in query["sql"] for query in asked) == 1


def test_a_photo_is_offered_where_answers_take_one(
    login: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    talk, client = world.conversation("Maria Santos", "pothole"), login("agent")
    assert 'id="reply-photo"' in page(client, talk)
    words_alone = replace(MastodonChannel.capabilities, answer_photos=False)
    monkeypatch.setattr(MastodonChannel, "capabilities", words_alone)
    assert 'id="reply-photo"' not in page(client, talk)
