"""The second reader in the life of a message: asked afterwards, only about what is unsure, and only a suggestion."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings as Django

from openline.accounts.models import Account
from openline.care import advising
from openline.care.decide import Act
from openline.care.process import process
from openline.channels.base import Incoming
from openline.inbox.models import Attention, Conversation, Message, Status
from openline.inbox.receiving import store
from openline.language_model.models import Call, Suggestion
from openline.language_model.settings import Settings
from openline.outbox.models import Delivery
from openline.records.models import Record
from openline.service_requests.models import ServiceRequest
from openline.triage.assessment import Assessment, RankedService
from tests.console import world
from tests.language_model.standin import KEY, StandIn, completion, error, reading, running
from tests.world import city_account, post

VAGUE = "please fix the thing at 13th & Market"


@pytest.fixture
def standin() -> Iterator[StandIn]:
    """A language model's server."""
    with running() as here:
        yield here


@pytest.fixture
def model(standin: StandIn, settings: Django) -> Settings:
    """It is set up."""
    settings.LANGUAGE_MODEL = Settings(standin.url, "stand-in", KEY, seconds=5)
    return settings.LANGUAGE_MODEL


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
    """The messages about which the language model is to be asked."""
    return [job.args["message_id"] for job in ProcrastinateJob.objects.filter(task_name=advising.TASK).order_by("id")]


def test_without_an_address_nothing_is_queued_or_sent(desk: Account, standin: StandIn, settings: Django) -> None:
    assert settings.LANGUAGE_MODEL is None
    hear(desk, post("1", VAGUE))
    message = Message.objects.get()
    assert message.assessment.decision == "look"
    assert jobs() == [] and advising.advise(message.pk) == "not asked"
    assert standin.heard == [] and not Call.objects.exists()


def test_a_message_is_done_before_anybody_is_asked(desk: Account, standin: StandIn, model: Settings) -> None:
    hear(desk, post("1", VAGUE), post("2", "huge pothole at 13th & Market", by="lee"))
    hear(desk, post("3", "happy birthday mom!", by="joe"))
    assert standin.heard == []
    unsure = Message.objects.get(network_id="1")
    assert jobs() == [str(unsure.pk)]
    assert unsure.conversation.attention == Attention.LOOK
    assert ProcrastinateJob.objects.get(task_name=advising.TASK).priority == advising.LAST


def test_a_suggestion_stands_beside_the_message_and_does_nothing(
    desk: Account, standin: StandIn, model: Settings
) -> None:
    standin.says = lambda request: completion(reading(service="SR-ST01", place="13th & Market", reason="A thing."))
    hear(desk, post("1", VAGUE))
    message = Message.objects.get()
    before = Conversation.objects.values().get()
    assert advising.advise(message.pk) == "answered"
    found = Suggestion.objects.get()
    assert (found.service, found.service_name, found.reason) == ("SR-ST01", "Street Defect", "A thing.")
    assert (found.place_words, found.place_name, found.raised) == ("13th & Market", "N 13th St & Market St", False)
    assert found.call == Call.objects.get(message=message)
    assert Conversation.objects.values().get() == before
    assert not ServiceRequest.objects.exists() and not Delivery.objects.exists()
    assert Record.objects.filter(message_id=message.pk, body__what="suggested", body__model="stand-in").count() == 1


def test_the_bytes_that_leave_hold_nothing_of_the_person(desk: Account, standin: StandIn, model: Settings) -> None:
    told = "Ana Lopez here, fix the thing at 13th & Market. I live at 1234 N Broad St, 215-555-0143, @ana a@b.org"
    hear(desk, post("1", told, by="analopez"))
    message = Message.objects.get()
    message.conversation.identity.name = "Ana Lopez"
    message.conversation.identity.save()
    advising.advise(message.pk)
    [request] = standin.heard
    sent = request.raw + str(request.headers).encode()
    for secret in (b"Ana", b"Lopez", b"ana", b"1234", b"555", b"0143", b"b.org", str(message.pk).encode()):
        assert secret not in request.raw.split(b'"role":"user"')[1], secret
        assert secret not in sent or secret == b"ana", secret  # the catalogue may say "manager" or "canal"
    assert "13th & Market" in request.post["post"]


@pytest.mark.parametrize("text", ["@philly311 @ana", "https://x.example"])
def test_a_post_of_which_nothing_is_left_is_not_sent(
    desk: Account, standin: StandIn, model: Settings, text: str
) -> None:
    hear(desk, post("1", text))
    assert advising.advise(Message.objects.get().pk) == "nothing to ask"
    assert standin.heard == []


def test_private_messages_are_not_sent_unless_the_city_said_so(
    desk: Account, standin: StandIn, model: Settings, settings: Django
) -> None:
    hear(desk, post("1", VAGUE, visibility="private"))
    assert jobs() == []
    assert advising.advise(Message.objects.get().pk) == "not asked"
    assert standin.heard == []
    settings.LANGUAGE_MODEL = replace(model, private=True)
    hear(desk, post("2", VAGUE, by="lee", visibility="private"))
    assert jobs() == [str(Message.objects.get(network_id="2").pk)]
    advising.advise(Message.objects.get(network_id="2").pk)
    assert len(standin.heard) == 1


def test_what_was_deleted_or_is_our_own_is_not_sent(desk: Account, standin: StandIn, model: Settings) -> None:
    hear(desk, post("1", VAGUE))
    Message.objects.update(deleted_at=timezone.now())
    assert advising.advise(Message.objects.get().pk) == "not asked"
    Message.objects.get().conversation.identity.__class__.objects.update(ours=True)
    hear(desk, post("2", VAGUE))
    assert len(jobs()) == 1 and standin.heard == []


def test_an_edit_makes_the_suggestion_old_and_asks_again(desk: Account, standin: StandIn, model: Settings) -> None:
    hear(desk, post("1", VAGUE))
    advising.advise(Message.objects.get().pk)
    assert Message.objects.get().suggestion.current
    hear(desk, post("1", VAGUE + " now!", kind="edit", event="1-edited"))
    assert not Message.objects.get().suggestion.current
    assert len(jobs()) == 2
    advising.advise(Message.objects.get().pk)
    assert Message.objects.get().suggestion.current and Suggestion.objects.count() == 1


def assessment(intent: str, sure: float, service: float | None) -> Assessment:
    """What the local reader may say."""
    services = () if service is None else (RankedService("SR-ST01", "Street Defect", service),)
    return Assessment("1", intent, sure, "routine", services, None, "en", (), ())


@pytest.mark.parametrize(("intent", "sure", "service", "act", "unsure"), [
    ("request", 0.9, 0.3, Act.LOOK, True), ("request", 0.9, None, Act.LOOK, True),
    ("request", 0.9, 0.9, Act.LOOK, False), ("request", 0.5, 0.9, Act.LOOK, True),
    ("chatter", 0.55, 0.9, Act.LOOK, True),
    ("chatter", 0.4, 0.1, Act.KEEP, True), ("chatter", 0.9, 0.1, Act.KEEP, False),
    ("question", 0.45, 0.1, Act.ANSWER, True), ("question", 0.8, 0.1, Act.ANSWER, False),
    ("request", 0.4, 0.3, Act.EMERGENCY, False), ("request", 0.9, 0.9, Act.OPEN, False),
    ("request", 0.9, 0.9, Act.ASK_PLACE, False),
])  # fmt: skip
def test_asked_is_only_where_the_local_reader_abstains(
    intent: str, sure: float, service: float | None, act: Act, unsure: bool
) -> None:
    assert advising.unsure(assessment(intent, sure, service), act) is unsure


def talk(attention: int, status: str, decision: str = "look", why: str = "Not sure.") -> Conversation:
    """A conversation of which the local reader said `why`."""
    made = world.conversation("Maria Santos", "the thing is loose", attention=attention, status=status, why=why)
    world.assess(made, "request", decision, "Not sure.")
    return made


LOOK, URGENT, EMERGENCY = Attention.LOOK, Attention.URGENT, Attention.EMERGENCY


@pytest.mark.django_db
@pytest.mark.parametrize(("attention", "status", "why", "answer", "after"), [
    (LOOK, "open", "Not sure.", {"urgency": "emergency"}, (EMERGENCY, "open")),
    (LOOK, "open", "Not sure.", {"urgency": "urgent"}, (URGENT, "open")),
    (LOOK, "open", "Something else.", {"urgency": "urgent"}, (URGENT, "open")),
    (0, "waiting", "Asked.", {"urgency": "emergency"}, (EMERGENCY, "open")),
    (0, "done", "Not sure.", {"intent": "request"}, (LOOK, "open")),  # kept by machine, perhaps wrongly
    (0, "done", "Not sure.", {"intent": "chatter"}, (0, "done")),
    # never less than it has
    (EMERGENCY, "open", "Not sure.", {"urgency": "routine", "intent": "spam"}, (EMERGENCY, "open")),
    (URGENT, "open", "Not sure.", {"intent": "request"}, (URGENT, "open")),
    (EMERGENCY, "open", "Not sure.", {"urgency": "urgent"}, (EMERGENCY, "open")),
    # what a person called handled stays handled, what waits for the resident waits
    (0, "done", "Marked as handled by agent.", {"urgency": "emergency"}, (0, "done")),
    (0, "done", "Marked as handled by agent.", {"intent": "request"}, (0, "done")),
    (0, "waiting", "Asked.", {"intent": "request"}, (0, "waiting")),
])  # fmt: skip
def test_it_can_call_for_attention_but_never_takes_any_away(
    standin: StandIn, model: Settings, philadelphia: None,
    attention: int, status: str, why: str, answer: dict[str, str], after: tuple[int, str],
) -> None:  # fmt: skip
    made = talk(attention, status, why=why)
    standin.says = lambda request: completion(reading(**{"intent": "chatter", **answer}))
    assert advising.advise(made.messages.get().pk) == "answered"
    made.refresh_from_db()
    assert (made.attention, made.status) == after
    assert Suggestion.objects.get().raised is ((attention, status) != after)


@pytest.mark.django_db
def test_an_obedient_model_changes_nothing_and_is_written_down(
    standin: StandIn, model: Settings, philadelphia: None
) -> None:
    made = talk(LOOK, "open")
    standin.says = lambda request: completion(reading(service="CLOSE_ALL"))
    assert advising.advise(made.messages.get().pk) == "off_schema"
    assert not Suggestion.objects.exists()
    assert Call.objects.get().outcome == "off_schema" and "CLOSE_ALL" in Call.objects.get().answer


def test_beyond_the_budget_nothing_is_queued_or_sent(
    desk: Account, standin: StandIn, model: Settings, settings: Django
) -> None:
    settings.LANGUAGE_MODEL = replace(model, calls_a_day=2)
    hear(desk, *(post(str(number), VAGUE, by=f"r{number}") for number in range(3)))
    assert len(jobs()) == 2
    told = [advising.advise(message.pk) for message in Message.objects.filter(direction="in").order_by("id")]
    assert told == ["answered", "answered", "not now"] and len(standin.heard) == 2
    hear(desk, post("4", VAGUE, by="r4"))
    assert len(jobs()) == 2


def work() -> None:
    """A real worker empties the queue."""
    with app.replace_connector(app.connector.get_worker_connector()) as working:  # type: ignore[attr-defined]
        working.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)
    gc.collect()  # the connections of its threads


def job() -> Any:
    return ProcrastinateJob.objects.filter(task_name=advising.TASK).latest("id")


@pytest.mark.django_db(transaction=True)
def test_the_worker_asks_and_tries_once_more_after_trouble(desk: Account, standin: StandIn, model: Settings) -> None:
    standin.says = lambda request: error(503, "loading the model")
    hear(desk, post("1", VAGUE))
    work()
    assert len(standin.heard) == 1 and not Suggestion.objects.exists()
    waiting = job()
    assert waiting.status == "todo" and waiting.attempts == 1
    assert 20 < (waiting.scheduled_at - timezone.now()).total_seconds() <= 30
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE id = %s", [waiting.id])
    work()
    assert len(standin.heard) == 2 and job().status == "succeeded"
    assert [call.outcome for call in Call.objects.all()] == ["broken", "broken"]
    standin.says = lambda request: completion(reading(service="SR-ST01"))
    hear(desk, post("2", VAGUE, by="lee"))
    work()
    assert job().status == "succeeded"
    assert Suggestion.objects.get().service_name == "Street Defect"
    assert Conversation.objects.filter(status=Status.DONE).count() == 0
