"""Question hours: what residents ask in public comes on the board by itself, and each is answered once."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from openline.inbox.models import Conversation, Message
from openline.knowledge.models import Article, ArticleState
from openline.publishing import scheduling
from openline.publishing.errors import NotPossible
from openline.publishing.models import Published, Question, QuestionHour, QuestionState
from openline.publishing.question_hours import board, finding, planning, transcript
from openline.service_requests.publishing import PersonalFound
from tests.console import world
from tests.publishing.conftest import Newsroom


def plan(newsroom: Newsroom, **more: object) -> planning.Plan:
    now = timezone.now()
    return planning.Plan(
        **{  # type: ignore[arg-type]
            "name": "Ask the Water Department",
            "hashtag": "#AskWater",
            "begins_at": now - timedelta(minutes=30),
            "ends_at": now + timedelta(minutes=30),
            "accounts": [newsroom.account("news")],
            "hosts": [newsroom.person("hank"), newsroom.person("ines")],
            **more,
        }
    )


@pytest.fixture
def hour(newsroom: Newsroom) -> QuestionHour:
    return planning.save(plan(newsroom), by=newsroom.person("carla"))


def ask(newsroom: Newsroom, who: str, text: str, **more: object) -> Message:
    """`who` writes on the account of the hour."""
    talk = world.conversation(who, text, on=newsroom.account("news"), **more)  # type: ignore[arg-type]
    return talk.messages.get()


def found(hour: QuestionHour) -> list[str]:
    finding.find(hour)
    return [question.message.text for question in board.questions(hour)]


def test_public_messages_with_the_hashtag_are_questions(newsroom: Newsroom, hour: QuestionHour) -> None:
    ask(newsroom, "maria", "Is my pipe lead? #askwater", minutes=9)
    ask(newsroom, "bob", "#AskWater: why is it brown?", minutes=8)
    ask(newsroom, "eve", "Just #AskWatermelons", minutes=7)
    ask(newsroom, "ann", "Nothing to do with it", minutes=6)
    ask(newsroom, "kim", "In private #AskWater", minutes=5, visibility="private")
    ask(newsroom, "old", "Too early #AskWater", minutes=40)
    world.conversation("other", "Elsewhere #AskWater", on=newsroom.account("mayor"))
    assert found(hour) == ["Is my pipe lead? #askwater", "#AskWater: why is it brown?"]
    assert found(hour) == found(hour)  # nothing comes twice
    assert Question.objects.count() == 2


def test_answers_to_the_announcement_are_questions_too(newsroom: Newsroom) -> None:
    hour = planning.save(plan(newsroom, announcement="Ask us!"), by=newsroom.person("carla"))
    assert hour.announcement and hour.announcement.texts.get().text == "Ask us! #AskWater"
    scheduling.hand_in(hour.announcement.pk, None, by=newsroom.person("carla"))
    newsroom.work()
    message = ask(newsroom, "maria", "Is the river clean?", minutes=3)
    Conversation.objects.filter(pk=message.conversation_id).update(thread=Published.objects.get().network_id)
    assert found(hour) == ["Is the river clean?"]


def test_nothing_is_looked_for_outside_the_hour(newsroom: Newsroom) -> None:
    now = timezone.now()
    later = plan(newsroom, begins_at=now + timedelta(hours=1), ends_at=now + timedelta(hours=2))
    hour = planning.save(later, by=newsroom.person("carla"))
    ask(newsroom, "maria", "Is my pipe lead? #AskWater")
    assert found(hour) == [] and finding.find_all() == 0


def test_hosts_do_not_step_on_each_other(newsroom: Newsroom, hour: QuestionHour) -> None:
    hank, ines = newsroom.person("hank"), newsroom.person("ines")
    ask(newsroom, "maria", "Is my pipe lead? #AskWater")
    finding.find(hour)
    [question] = board.questions(hour)
    board.take(question.pk, by=hank)
    for step in (board.take, lambda pk, by: board.set_aside(pk, "No time.", by=by)):
        with pytest.raises(NotPossible, match="hank answers"):
            step(question.pk, by=ines)  # type: ignore[operator]
    with pytest.raises(NotPossible, match="hank answers"):
        board.answer(question.pk, "No.", by=ines, client_id=uuid4())
    board.give_back(question.pk, by=hank)
    board.take(question.pk, by=ines)
    question.refresh_from_db()
    assert (question.state, question.host) == (QuestionState.TAKEN, ines)


def test_an_answer_goes_out_in_the_residents_thread_as_from_the_inbox(newsroom: Newsroom, hour: QuestionHour) -> None:
    hank = newsroom.person("hank")
    message = ask(newsroom, "maria", "Is my pipe lead? #AskWater", minutes=10)
    finding.find(hour)
    [question] = board.questions(hour)
    with pytest.raises(PersonalFound):
        board.answer(question.pk, "Call Joe at 215-555-0123.", by=hank, client_id=uuid4())
    question.refresh_from_db()
    assert question.state == QuestionState.NEW  # nothing changed
    board.answer(question.pk, "You can look it up.", by=hank, client_id=uuid4())
    answer = message.conversation.messages.get(direction="out")
    assert answer.text == "You can look it up." and answer.written_by == hank
    newsroom.work()
    assert newsroom.said() == ["You can look it up."]
    figures = board.figures(hour)
    assert (figures.questions, figures.answered) == (1, 1)
    assert figures.median_minutes and 9 < figures.median_minutes < 12


def test_what_is_answered_in_the_inbox_is_answered_on_the_board(newsroom: Newsroom, hour: QuestionHour) -> None:
    message = ask(newsroom, "maria", "Is my pipe lead? #AskWater", minutes=10)
    finding.find(hour)
    world.said(message.conversation, "An automatic word.")
    finding.find(hour)
    assert board.questions(hour)[0].state == QuestionState.NEW
    world.said(message.conversation, "You can look it up.", by=newsroom.person("ines"))
    finding.find(hour)
    [question] = board.questions(hour)
    assert (question.state, question.host) == (QuestionState.ANSWERED, newsroom.person("ines"))
    with pytest.raises(NotPossible, match="answered already"):
        board.set_aside(question.pk, "No time.", by=newsroom.person("hank"))


def test_the_order_is_the_hosts(newsroom: Newsroom, hour: QuestionHour) -> None:
    for minutes, who in ((9, "maria"), (8, "bob"), (7, "ann")):
        ask(newsroom, who, f"{who} #AskWater", minutes=minutes)
    finding.find(hour)
    hank, last = newsroom.person("hank"), list(board.questions(hour))[-1]
    board.move(last.pk, up=True, by=hank)
    assert found(hour) == ["maria #AskWater", "ann #AskWater", "bob #AskWater"]
    board.move(last.pk, up=True, by=hank), board.move(last.pk, up=True, by=hank)
    assert found(hour) == ["ann #AskWater", "maria #AskWater", "bob #AskWater"]
    with pytest.raises(NotPossible, match="why"):
        board.set_aside(last.pk, " ", by=hank)
    board.set_aside(last.pk, "Not about water.", by=hank)
    names = [(state, len(questions)) for state, _label, questions in board.columns(hour)]
    assert names == [("new", 2), ("taken", 0), ("answered", 0), ("set_aside", 1)]


def test_the_transcript_is_a_draft_without_personal_data(newsroom: Newsroom, hour: QuestionHour) -> None:
    carla = newsroom.person("carla")
    with pytest.raises(NotPossible, match="No question"):
        transcript.draft(hour, by=carla)
    ask(newsroom, "maria", "Call me: 215-555-0123 <b>*now*</b> #AskWater", minutes=9)
    ask(newsroom, "bob", "Never answered #AskWater", minutes=8)
    finding.find(hour)
    board.answer(board.questions(hour)[0].pk, "It is clean.", by=newsroom.person("hank"), client_id=uuid4())
    slug = transcript.draft(hour, by=carla)
    article = Article.objects.get(slug=slug)
    assert article.state == ArticleState.DRAFT and article.title == "Ask the Water Department"
    assert "@maria" in article.body and "It is clean." in article.body
    for absent in ("215-555-0123", "Never answered", "<b>", "hank"):
        assert absent not in article.body
    with pytest.raises(NotPossible, match="already"):
        transcript.draft(hour, by=carla)


def test_a_plan_is_checked(newsroom: Newsroom) -> None:
    now = timezone.now()
    for wrong in ({"name": " "}, {"hashtag": "ask water"}, {"accounts": []}, {"ends_at": now - timedelta(hours=1)},
                  {"ends_at": now + timedelta(days=2)}):  # fmt: skip
        with pytest.raises(NotPossible):
            planning.save(plan(newsroom, **wrong), by=newsroom.person("carla"))
    assert not QuestionHour.objects.exists()
