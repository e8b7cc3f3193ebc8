"""Question hours on the console: who comes to the board, and a question's way over it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from openline.publishing.models import QuestionHour, QuestionState
from openline.publishing.question_hours import board, planning
from tests.console import world
from tests.world import city_account

pytestmark = pytest.mark.django_db
Login = Callable[[str], Client]


@pytest.fixture
def hour(staff: dict[str, User], tmp_path: Path) -> QuestionHour:
    """An hour that is on, hosted by an official, with one question."""
    account, now = city_account(tmp_path / "news", "@news"), timezone.now()
    plan = planning.Plan("Ask the mayor", "AskMayor", now - timedelta(hours=1), now + timedelta(hours=1), [account],
                         [staff["official"]])  # fmt: skip
    made = planning.save(plan, by=staff["communications"])
    world.conversation("maria", "Why is it cold? #AskMayor", on=account)
    return made


def test_it_is_planned_with_its_announcement(login: Login, tmp_path: Path, staff: dict[str, User]) -> None:
    account = city_account(tmp_path / "news", "@news")
    client, at = login("communications"), timezone.localtime()
    data = {"client_id": uuid4(), "name": "Ask", "hashtag": "#Ask", "begins_at": at.strftime("%Y-%m-%dT%H:%M"),
            "ends_at": at.strftime("%Y-%m-%dT%H:%M"), "accounts": [account.pk], "announcement": "Ask us."}  # fmt: skip
    assert client.post("/console/question-hours/new/", data).status_code == 422
    data["ends_at"] = (at + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")
    assert client.post("/console/question-hours/new/", data).status_code == 302
    hour = QuestionHour.objects.get()
    assert hour.announcement and hour.announcement.texts.get().text == "Ask us. #Ask"
    assert login("official").get("/console/question-hours/new/").status_code == 403


def test_hosts_and_writers_come_to_the_board_and_nobody_else(login: Login, hour: QuestionHour) -> None:
    address = f"/console/question-hours/{hour.pk}/"
    for role in ("official", "communications"):
        assert "Why is it cold?" in login(role).get(address).content.decode()
    assert login("agent").get(address).status_code == 403
    assert login("crew").get(address).status_code == 403


def test_a_question_is_taken_answered_and_told(login: Login, hour: QuestionHour) -> None:
    host, address = login("official"), f"/console/question-hours/{hour.pk}/"
    assert "Why is it cold?" in host.get(f"{address}new/").content.decode()
    [question] = board.questions(hour)
    act = f"{address}{question.pk}/"
    assert host.post(act, {"client_id": uuid4(), "what": "aside", "reason": ""}).status_code == 422
    assert host.post(act, {"client_id": uuid4(), "what": "take"}).status_code == 302
    other = login("communications").post(act, {"client_id": uuid4(), "what": "take"})
    assert other.status_code == 422 and "answers this question already" in other.content.decode()
    personal = host.post(act, {"client_id": uuid4(), "what": "answer", "text": "Call Joe: 215-555-0123"})
    assert personal.status_code == 422 and "Personal data in your text" in personal.content.decode()
    assert host.post(act, {"client_id": uuid4(), "what": "answer", "text": "It is winter."}).status_code == 302
    question.refresh_from_db()
    assert question.state == QuestionState.ANSWERED
    client = login("communications")
    assert client.post(f"{address}tell/", {"client_id": uuid4()}).status_code == 302
    assert "The transcript is an article" in client.get(address).content.decode()
