"""A place that only an outside geocoder knows: asked after the message, shown to staff, confirmed by a person."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings as Django

from openline.accounts.models import Account
from openline.care import locating, places
from openline.care.process import process
from openline.channels.base import Incoming
from openline.geography.models import OutsideAnswer
from openline.inbox.models import Attention, Conversation, Message, Status
from openline.inbox.receiving import store
from openline.records.models import Record
from openline.service_requests.actions import NotPossible
from openline.service_requests.models import ServiceRequest
from tests.geography.outside import Outside, Said, nominatim, running
from tests.world import city_account, post

NAME = "Zelda's Water Ice, Germantown Avenue"


@pytest.fixture
def outside(settings: Django) -> Iterator[Outside]:
    """An outside geocoder, set up."""
    with running() as here:
        settings.GEOCODER = here.settings()
        here.says = lambda _: Said(nominatim("Zelda's Water Ice", house=""))
        yield here


@pytest.fixture
def desk(tmp_path: Path, philadelphia: None) -> Account:
    """The service desk's account."""
    return city_account(tmp_path / "net")


def hear(account: Account, *items: Incoming) -> None:
    """Deliver and process."""
    store(account.pk, items)
    while process():
        pass


def jobs() -> list[str]:
    """The messages about which the outside geocoder is to be asked."""
    return [job.args["message_id"] for job in ProcrastinateJob.objects.filter(task_name=locating.TASK).order_by("id")]


def ask_and_answer(desk: Account, answer: str, **more: str) -> Message:
    """A report without a place, our question, and the resident's answer."""
    hear(desk, post("1", "there is a huge pothole, please fix it", **more))
    assert Message.objects.get(direction="in").assessment.decision == "ask_place"
    hear(desk, post("2", answer, to="1", **more))
    return Message.objects.get(text=answer, direction="in")


def test_off_unless_it_is_set_up(desk: Account, settings: Django) -> None:
    assert settings.GEOCODER is None
    message = ask_and_answer(desk, "by Zeldas Water Ice")
    assert jobs() == [] and locating.locate(message.pk) == "not asked"
    assert places.look_outside("Zeldas Water Ice") is None


def test_an_answer_is_looked_up_afterwards_and_a_person_confirms(desk: Account, outside: Outside) -> None:
    message = ask_and_answer(desk, "@city it's right by the Zeldas Water Ice!")
    assert jobs() == [str(message.pk)] and outside.heard == [], "nothing is asked on the way of a message"
    assert locating.locate(message.pk) == "found"
    assert outside.heard[0].parameters["q"] == "zeldas water ice, Philadelphia, PA"
    conversation = Conversation.objects.get()
    assert (conversation.status, conversation.attention) == (Status.OPEN, Attention.LOOK)
    assert "OpenStreetMap finds “Zelda's Water Ice" in conversation.why
    message.assessment.refresh_from_db()
    assert message.assessment.place["name"] == NAME and message.assessment.place["confidence"] < 0.75
    assert f"place: OpenStreetMap finds {NAME}" in message.assessment.reasons
    assert Record.objects.filter(body__what="found outside").count() == 1
    assert not ServiceRequest.objects.exists(), "a person opens it"
    assert places.resolve(NAME)["found_by"] == "OpenStreetMap" and len(outside.heard) == 1


@pytest.mark.parametrize(
    "answer",
    [
        "13th and Market",
        "I really do not know what it is called, my sister and I were walking home late from a birthday party there",
        "call me at 215-555-0142",
    ],
)
def test_what_is_no_unknown_place_stays_here(desk: Account, outside: Outside, answer: str) -> None:
    message = ask_and_answer(desk, answer)
    for job in jobs():
        assert locating.locate(message.pk).startswith("not "), job
    assert outside.heard == [] and not OutsideAnswer.objects.exists()


def test_posts_and_private_answers_stay_here(desk: Account, outside: Outside) -> None:
    ask_and_answer(desk, "Zeldas Water Ice", visibility="private")
    hear(desk, post("3", "big pothole by the Zeldas Water Ice", by="lee"))
    assert jobs() == [] and outside.heard == []


def test_what_holds_personal_data_stays_here(outside: Outside, philadelphia: None) -> None:
    assert places.may_leave(" Zeldas  Water Ice, Germantown ") == "Zeldas Water Ice, Germantown"
    for words in ("Zeldas Water Ice, ask for me at 215-555-0142", "maria@example.org", "a"):
        assert places.may_leave(words) == "" and places.look_outside(words) is None
    assert outside.heard == []


def test_what_the_city_knows_is_not_asked(outside: Outside, philadelphia: None) -> None:
    assert places.look_outside("1234 S Broad St") is None and outside.heard == []
    assert places.resolve("1234 S Broad St")["found_by"] == ""


def test_a_dead_service_is_as_if_there_were_none(outside: Outside, philadelphia: None) -> None:
    outside.says = lambda _: Said(b"oops", 500)
    assert places.look_outside("Zeldas Water Ice") is None
    with pytest.raises(NotPossible):
        places.resolve("Zeldas Water Ice")
