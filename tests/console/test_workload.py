"""The supervisor's look at the desk."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from openline.inbox.models import Attention, Conversation, Message, Status
from openline.inbox.workload import loads
from tests.console import world

pytestmark = pytest.mark.django_db
Login = Callable[[str], Client]


def give(talk: Conversation, to: User, **more: object) -> None:
    """`talk` lies with `to`."""
    Conversation.objects.filter(pk=talk.pk).update(assigned_to=to, **more)


def test_what_lies_with_whom_and_how_long(staff: dict[str, User]) -> None:
    agent, boss, now = staff["agent"], staff["supervisor"], timezone.now()
    give(world.conversation("Ana", "Wire down", minutes=5, attention=Attention.EMERGENCY), agent)
    old = world.conversation("Ben", "When is trash day?", minutes=300, attention=Attention.ANSWER)
    give(old, agent)
    give(world.conversation("Eva", "Later", attention=Attention.ANSWER), agent, put_off_until=now + timedelta(hours=1))
    give(world.conversation("Dan", "Done", status=Status.DONE), boss)
    world.conversation("Zoe", "Nobody's", attention=Attention.LOOK)
    nobody, with_agent, with_boss = loads([agent, boss])
    assert (nobody.user, nobody.open, nobody.urgent) == (None, 1, 0)
    assert (with_agent.open, with_agent.urgent, with_agent.oldest) == (2, 1, old.last_message_at)
    assert (with_boss.open, with_boss.oldest) == (0, None)


def test_answers_are_counted_by_the_day_and_the_week(staff: dict[str, User]) -> None:
    agent, talk = staff["agent"], world.conversation("Ana", "When?")
    for days in (0, 0, 3, 8):
        world.said(talk, "Then.", by=agent)
        sent = Message.objects.filter(direction="out").latest("kept_at")
        at = timezone.now() - timedelta(days=days, minutes=1)
        Message.objects.filter(pk=sent.pk).update(id=UUID(int=(int(at.timestamp() * 1000) << 80) + sent.pk.int % 2**80))
    world.said(talk, "By the machine.")
    load = loads([agent])[1]
    assert (load.answers_day, load.answers_week) == (2, 3)


def test_the_name_leads_to_what_lies_there(
    login: Login, staff: dict[str, User], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    give(world.conversation("Ana", "Wire down", status=Status.OPEN, attention=Attention.LOOK), staff["agent"])
    world.conversation("Zoe", "Nobody's", attention=Attention.LOOK)
    client = login("supervisor")
    with django_assert_max_num_queries(9):
        page = client.get("/console/workload/").content.decode()
    assert "?view=open&amp;whose=agent" in page
    shown = client.get("/console/?view=open&whose=agent").content.decode()
    assert re.findall(r'<bdi class="who">(.*?)</bdi>', shown) == ["Ana"]


@pytest.mark.parametrize("role", ["agent", "crew", "communications", "official"])
def test_it_is_for_supervisors(login: Login, role: str) -> None:
    assert login(role).get("/console/workload/").status_code == 403
