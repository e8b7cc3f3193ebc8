"""What residents said below a post: found by its thread, counted once, never told of in private."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from openline.channels.base import Heard, Incoming
from openline.channels.registry import channel_for
from openline.inbox import keeping, receiving
from openline.inbox.models import Conversation, Identity, Message
from openline.publishing import public, replies
from openline.publishing.models import Post, Published
from tests.publishing.conftest import Newsroom


@pytest.fixture
def out(newsroom: Newsroom) -> Post:
    post = newsroom.post("Snow is coming. " * 50, "news")
    newsroom.publish(post)
    return post


def hear(newsroom: Newsroom, name: str, to: str, **more: Any) -> Conversation:
    """A resident's message on the account `news`; returns its conversation."""
    account = newsroom.account("news")
    raw = json.dumps({"id": name, "to": to, "by": more.pop("by", name), "text": "Thanks!", **more}).encode()
    item = channel_for("file").parse(raw)
    assert isinstance(item, Incoming)
    receiving.receive(account.pk, Heard((item,), ""))
    with transaction.atomic():
        keeping.keep(keeping.claim(10), {account.pk: account})
    return Message.objects.get(network_id=name).conversation


def test_replies_to_the_post_to_its_parts_and_to_replies_are_found(newsroom: Newsroom, out: Post) -> None:
    first, second = newsroom.variant(out).published.order_by("id").values_list("network_id", flat=True)
    hear(newsroom, "maria", first)
    hear(newsroom, "devon", second)
    hear(newsroom, "lan", "maria")
    hear(newsroom, "omar", "never heard", references=[first, "also never heard"])
    hear(newsroom, "elsewhere", "something else")
    found = replies.to_post(out, Conversation.objects.all())
    assert {one.identity.network_user_id for one in found} == {"maria", "devon", "lan", "omar"}
    assert replies.figures_of(out).people == 4


def test_what_we_say_ourselves_is_no_reply(newsroom: Newsroom, out: Post) -> None:
    conversation = hear(newsroom, "bot", newsroom.variant(out).network_id)
    Identity.objects.filter(pk=conversation.identity_id).update(ours=True)
    assert not replies.to_post(out, Conversation.objects.all()).exists()
    assert replies.figures_of(out).people == 0


def test_private_answers_are_counted_nowhere_but_show_their_post(newsroom: Newsroom, out: Post) -> None:
    variant = newsroom.variant(out)
    private = hear(newsroom, "maria", variant.network_id, visibility="private")
    assert replies.figures_of(out).people == 0
    assert replies.answered_post(private) == variant
    Conversation.objects.filter(pk=private.pk).update(thread=variant.network_id)  # whatever its thread is called
    assert replies.figures_of(out).people == 0
    assert not replies.requests_of(out).exists()


def test_open_ones_come_first(newsroom: Newsroom, out: Post) -> None:
    done = hear(newsroom, "maria", newsroom.variant(out).network_id)
    waiting = hear(newsroom, "devon", newsroom.variant(out).network_id)
    Conversation.objects.filter(pk=done.pk).update(status="done", last_message_at=timezone.now() + timedelta(hours=1))
    assert list(replies.to_post(out, Conversation.objects.all())) == [waiting, done]
    assert replies.figures_of(out).open == 1


def test_the_time_to_an_answer_is_counted_from_what_was_asked_first(newsroom: Newsroom, out: Post) -> None:
    asked = timezone.now() - timedelta(hours=2)
    conversation = hear(newsroom, "maria", newsroom.variant(out).network_id, posted_at=asked.isoformat())
    at = asked + timedelta(minutes=30)
    for minutes in (0, 60):
        said = at + timedelta(minutes=minutes)
        Message.objects.create(
            conversation=conversation, account=newsroom.account("news"), direction="out", posted_at=said, kept_at=said
        )
    figures = replies.figures_of(out)
    assert figures.answered == 1 and figures.messages == 1
    assert figures.wait == pytest.approx(1800, abs=1)


def test_conversations_are_found_by_index(newsroom: Newsroom, out: Post) -> None:
    hear(newsroom, "maria", newsroom.variant(out).network_id)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off") if connection.in_atomic_block else cursor.execute(
            "SET enable_seqscan = off"
        )
        try:
            plan = replies.to_post(out, Conversation.objects.all()).order_by().explain()
            back = Published.objects.filter(account=newsroom.account("news"), network_id="x").explain()
        finally:
            cursor.execute("RESET enable_seqscan")
    assert "conversation_once" in plan
    assert "published_once" in back


def test_the_public_figures_count_public_talk_alone(newsroom: Newsroom, out: Post) -> None:
    network_id = newsroom.variant(out).network_id
    hear(newsroom, "maria", network_id)
    hear(newsroom, "devon", network_id, visibility="private")
    assert public.count() == public.Talk(posts=1, people=1, answered=0, wait=None)
