"""Which place is meant: asked where the words name several, never guessed, and chosen by the resident's answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from openline.accounts.models import Account
from openline.care import again, texts
from openline.care.choosing import Choice, dump, load, pick, question
from openline.care.models import Intake
from openline.geography.place import Place
from openline.inbox.models import Conversation
from openline.service_requests.models import ServiceRequest
from openline.triage.language import detect
from tests.care.test_main_job import answers, hear
from tests.world import city_account, post

pytestmark = pytest.mark.usefixtures("philadelphia")


def _choice(name: str, around: str) -> Choice:
    return Choice(f"{name} ({around})", Place("address", name, 39.9, -75.1, 0.95, (0, 0), 30, ("nb-x",)))


OFFERED = (_choice("1500 S Broad St", "Newbold"), _choice("1500 N Broad St", "North Central"))


@pytest.mark.parametrize(
    ("said", "chosen"),
    [
        ("2", 1), ("#1", 0), ("Number 2 please", 1), ("the second one", 1), ("First!", 0), ("la segunda", 1),
        ("第一个", 0), ("второе", 1), ("South Broad", 0), ("north", 1), ("1500 N. Broad street", 1), ("newbold", 0),
        ("the one in North Central", 1), ("S Broad", 0), ("it is number 1, thank you", 0), ("الثاني", 1),
        ("3", None), ("1 or 2", None), ("neither", None), ("", None), ("1500 Broad", None), ("yes", None),
        ("Broad St", None), ("north or south?", None),
    ],
)  # fmt: skip
def test_the_answer_chooses(said: str, chosen: int | None) -> None:
    assert pick(said, OFFERED) == (None if chosen is None else OFFERED[chosen])


def test_choices_are_kept_as_they_were_asked() -> None:
    assert load(dump(OFFERED) or "") == OFFERED
    assert dump(()) is None and load("") == ()
    assert question(OFFERED) == "1: 1500 S Broad St (Newbold), 2: 1500 N Broad St (North Central)"


@pytest.mark.parametrize("language", ["en", "es", "zh", "vi", "ru", "fr", "ar", "pt", "ht", "ko"])
def test_the_question_is_asked_in_the_residents_language(language: str) -> None:
    with texts.speaking(language):
        asked = texts.ask_which(question(OFFERED))
    assert "1: 1500 S Broad St (Newbold)" in asked and len(asked) < 300
    assert detect(asked.replace(question(OFFERED), "")) == language


@pytest.fixture
def desk(tmp_path: Path) -> Account:
    return city_account(tmp_path / "net")


def test_north_or_south_is_asked_and_the_number_files_it(desk: Account) -> None:
    hear(desk, post("1", "huge pothole at 1500 Broad St, bent my rim"))
    assert not ServiceRequest.objects.exists()
    assert "1500 N Broad St" in answers("1")[0] and "1500 S Broad St" in answers("1")[0]
    order = answers("1")[0].index("1500 N Broad") < answers("1")[0].index("1500 S Broad")
    hear(desk, post("2", "@philly311 2", to="1"))
    assert ServiceRequest.objects.get().place_name == ("1500 S Broad St" if order else "1500 N Broad St")
    assert not Intake.objects.get().open


def test_the_answer_may_also_name_it(desk: Account) -> None:
    hear(desk, post("1", "huge pothole at 1500 Broad St, bent my rim"))
    hear(desk, post("2", "south broad", to="1"))
    assert ServiceRequest.objects.get().place_name == "1500 S Broad St"


def test_an_answer_that_chooses_none_is_asked_once_more_then_a_person_looks(desk: Account) -> None:
    hear(desk, post("1", "huge pothole at 1500 Broad St, bent my rim"))
    hear(desk, post("2", "the one by the bank", to="1"))
    assert len(answers("1")) == 2 and "address" in answers("1")[1]
    hear(desk, post("3", "where my cousin lives", to="2"))
    assert Conversation.objects.get().status == "open" and not ServiceRequest.objects.exists()
    assert len(answers("1")) == 2


def test_two_problems_in_one_post_are_for_a_person_who_sees_both(desk: Account) -> None:
    hear(desk, post("1", "huge potholes at 5th & Lehigh and also at 8th & Cambria"))
    why = Conversation.objects.get().why
    assert "Lehigh" in why and "Cambria" in why and not ServiceRequest.objects.exists()


def test_where_somebody_lives_is_not_where_the_problem_is(desk: Account) -> None:
    hear(desk, post("1", "I live at 1234 Pine St. There is a huge pothole at 22nd and Tasker, it bent my rim"))
    assert ServiceRequest.objects.get().place_name == "S 22nd St & Tasker St"


@pytest.mark.parametrize(
    "said",
    [
        "same place as last time, another pothole", "huge pothole, same spot again", "en el mismo lugar de siempre",
        "pothole again where it was last time", "trash at the same corner I reported",
        "même endroit que la dernière fois",
        "яма на том же месте, что и в прошлый раз", "上次那个地方", "지난번과 같은 곳", "نفس المكان السابق",
        "menm kote ak dènye fwa", "mesmo lugar da última vez", "cùng chỗ như lần trước", "same as last time",
    ],
)  # fmt: skip
def test_same_place_is_understood(said: str) -> None:
    assert again.says_again(said)


@pytest.mark.parametrize("said", ["they park in the same place", "same", "place", "last time I saw a bus", "mismo"])
def test_other_words_say_nothing_of_the_kind(said: str) -> None:
    assert not again.says_again(said)


def test_the_same_place_is_that_of_the_residents_own_last_request(desk: Account) -> None:
    hear(desk, post("1", "huge pothole at 13th & Market, bent my rim"))
    hear(desk, post("2", "mattress and tires dumped at 5th & Lehigh", by="sam"))
    hear(desk, post("3", "another huge pothole, same place as last time, bent my rim again"))
    newest = ServiceRequest.objects.order_by("number").last()
    assert newest and newest.place_name == "N 13th St & Market St" and newest.number in answers("3")[0]
    assert "N 13th St & Market St" in answers("3")[0] or "13th" in answers("3")[0]


def test_who_never_reported_anything_is_asked_for_the_place(desk: Account) -> None:
    hear(desk, post("1", "huge pothole at 13th & Market, bent my rim"))
    hear(desk, post("2", "huge pothole, same place as last time, bent my rim", by="sam"))
    assert ServiceRequest.objects.count() == 1 and "Where is it" in answers("2")[0]
