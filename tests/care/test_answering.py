"""Questions answered by machine: only where everything allows it, always marked, never twice, a way to a person."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import pgettext

from openline.accounts.models import Account
from openline.care import answers, texts
from openline.care.process import process
from openline.geography.models import Area
from openline.inbox.models import Attention, Conversation, Message, Status
from openline.inbox.receiving import store
from openline.knowledge.models import Article, Fact, Lookup, Outcome, PlaceAsked, Question
from tests.world import city_account, post

pytestmark = pytest.mark.usefixtures("philadelphia")
ASKED = "How do I get a library card?"


@pytest.fixture
def account(tmp_path: Path) -> Account:
    made = city_account(tmp_path / "net")
    Account.objects.filter(pk=made.pk).update(answers_by_itself=True)
    return made


def heard(account: Account, key: str, text: str, **more: str) -> Conversation:
    store(account.pk, [post(key, text, **more)])
    process()
    found = Message.objects.filter(account=account, direction="in", network_id=key).get()
    return Conversation.objects.get(pk=found.conversation_id)


def said(conversation: Conversation) -> list[str]:
    return list(conversation.messages.filter(direction="out").order_by("kept_at", "id").values_list("text", flat=True))


def test_a_sure_answer_goes_out_by_itself_marked_and_with_a_way_to_a_person(account: Account) -> None:
    conversation = heard(account, "1", ASKED)
    [text] = said(conversation)
    assert text.startswith("Automatic answer: A library card is free") and "Write PERSON" in text
    assert (conversation.status, conversation.attention) == (Status.DONE, Attention.NONE)
    question = Question.objects.get(conversation=conversation)
    assert (question.outcome, question.article.slug) == (Outcome.SENT, "library")


def test_without_the_accounts_leave_a_person_answers(account: Account) -> None:
    Account.objects.update(answers_by_itself=False)
    conversation = heard(account, "1", ASKED)
    assert said(conversation) == [] and conversation.attention == Attention.ANSWER
    assert Question.objects.get(conversation=conversation).outcome == Outcome.PROPOSED


@pytest.mark.parametrize("change", [{"safe": False}, {"state": "withdrawn"}, {"expires_on": "2020-01-01"}])
def test_an_article_that_is_not_safe_or_no_more_shown_is_not_sent(account: Account, change: dict[str, object]) -> None:
    Article.objects.filter(slug="library").update(**change)
    conversation = heard(account, "1", ASKED)
    assert said(conversation) == [] and conversation.attention == Attention.ANSWER


def test_the_same_article_is_never_sent_twice(account: Account) -> None:
    first = heard(account, "1", ASKED)
    again = heard(account, "2", "Sorry, how do I get a library card??", to="1")
    assert first == again and len(said(again)) == 1
    assert again.attention == Attention.ANSWER


def test_who_wants_a_person_gets_one_and_no_machine_answers_any_more(account: Account) -> None:
    heard(account, "1", ASKED)
    conversation = heard(account, "2", "PERSON", to="1")
    assert conversation.attention == Attention.ANSWER and "person" in conversation.why
    later = heard(account, "3", "Where can I find free wifi?", to="1")
    assert len(said(later)) == 1 and later.attention == Attention.ANSWER


def test_what_residents_say_of_an_answer_is_kept(account: Account) -> None:
    one = heard(account, "1", ASKED, by="a")
    heard(account, "2", "yes, it helped, thank you", to="1", by="a")
    other = heard(account, "3", ASKED, by="b")
    unhappy = heard(account, "4", "No, that is not what I asked", to="3", by="b")
    assert [Question.objects.get(conversation=c).helped for c in (one, other)] == [True, False]
    assert unhappy.attention == Attention.ANSWER


def test_an_emergency_is_never_a_question(account: Account) -> None:
    conversation = heard(account, "1", "Someone collapsed at the library, not breathing, how do I get help?")
    assert conversation.attention == Attention.EMERGENCY and not Question.objects.exists()


def test_an_answer_that_depends_on_the_place_asks_for_it_once_and_is_completed(account: Account) -> None:
    Lookup.objects.update_or_create(code="polling-place", defaults={"name": "Polling place"})
    Fact.objects.all().delete()
    codes = Area.objects.filter(kind="zip").values_list("code", flat=True)
    Fact.objects.bulk_create([Fact(lookup_id="polling-place", area=code, value="the school") for code in codes])
    conversation = heard(account, "1", "Where is my polling place?")
    [text] = said(conversation)
    assert "Reply with it" in text and "{{" not in text
    told = heard(account, "2", "1500 Market St", to="1")
    assert "the school" in said(told)[1] and told.status == Status.DONE
    assert not PlaceAsked.objects.get(conversation=told).open
    unknown = heard(account, "3", "Where is my polling place?", by="c")
    later = heard(account, "4", "no idea what it is called", to="3", by="c")
    assert later == unknown and later.attention == Attention.ANSWER and len(said(later)) == 1


def test_with_a_place_in_the_question_the_fact_is_filled_in(account: Account) -> None:
    Lookup.objects.update_or_create(code="polling-place", defaults={"name": "Polling place"})
    Fact.objects.filter(lookup_id="polling-place").delete()
    Fact.objects.create(lookup_id="polling-place", area="zip-19102", value="the library")
    conversation = heard(account, "1", "Where is the polling place for 1500 Market St?")
    assert all("the library" in text for text in said(conversation)) and not PlaceAsked.objects.exists()


def test_questions_of_a_batch_are_looked_up_in_one_go(account: Account) -> None:
    def queries(name: str, texts: list[str]) -> int:
        store(account.pk, [post(f"{name}{n}", text, by=f"{name}{n}") for n, text in enumerate(texts)])
        with CaptureQueriesContext(connection) as captured:
            process()
        return len(captured)

    queries("warm", [ASKED])
    few, many = queries("few", [ASKED] * 2), queries("many", [ASKED] * 30)
    assert many <= few
    plain = queries("plain", ["what a game last night"] * 5)
    assert plain < few


@pytest.mark.parametrize("language", texts.LOCALES)
def test_the_word_for_a_person_is_understood_in_every_language(language: str) -> None:
    with texts.speaking(language):
        said = texts.automatic("x")
    with texts.speaking(language):
        wanted = pgettext("what a resident writes to talk to a person", "PERSON")
    assert wanted in said and answers.wants_person(wanted) and answers.wants_person(wanted.lower() + "!")


@pytest.mark.parametrize("text", [
    "Can I talk to a human please", "quiero hablar con una persona", "je veux parler à quelqu'un", "转人工",
    "хочу поговорить с оператором", "상담원 연결", "is this a bot?",
])  # fmt: skip
def test_a_wish_for_a_person_is_recognised(text: str) -> None:
    assert answers.wants_person(text)


@pytest.mark.parametrize("text", [
    "a person fell off the bridge", "there is a person living in the empty house", "who can I talk to about my taxes",
    "How do I speak with someone at the water department about my bill?", "the agent was rude",
])  # fmt: skip
def test_the_word_person_alone_is_no_wish(text: str) -> None:
    assert not answers.wants_person(text)
