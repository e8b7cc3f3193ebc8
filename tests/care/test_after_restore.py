"""After a restore from an older backup nothing is said twice (docs/decisions/0071-after-a-restore.md)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from openline.accounts.models import Account
from openline.care.process import process
from openline.channels.base import Incoming
from openline.inbox import regaining
from openline.inbox.models import CaughtUp, Conversation, Message, Regained
from openline.inbox.receiving import store
from openline.outbox import actions, restoring, sending
from openline.outbox.models import HELD, Delivery, State
from openline.service_requests import actions as request_actions
from openline.service_requests.models import ServiceRequest
from openline.service_requests.opening import skip_numbers
from tests import world
from tests.world import FileNetwork, city_account, post

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk(tmp_path: Path, philadelphia: None) -> Iterator[Account]:
    """The service desk's account, on a database that was brought back from a backup three hours old."""
    yield city_account(tmp_path / "net")
    restoring.forget()


def said_then(desk: Account, text: str, to: str, ago: timedelta = timedelta(hours=1)) -> str:
    """What the city said on the network in the time that is lost."""
    network_id = f"1-{(datetime.now(UTC) - ago).timestamp()}"
    with open(desk.server, "a") as file:
        file.write(f'{{"id": "{network_id}", "text": "{text}", "to": "{to}"}}\n')
    return network_id


def restored(desk: Account) -> None:
    """The backup is brought back, and the account hears again."""
    restoring.begin(timezone.now() - timedelta(hours=3))
    regaining.catch_up(desk)


def hear(desk: Account, *items: Incoming) -> None:
    store(desk.pk, items)
    while process():
        pass


def send_all() -> None:
    holder = sending.Holder()
    while sending.send_next(holder.id):
        pass
    holder.close()


def old(network_id: str, text: str, ago: timedelta = timedelta(hours=1, minutes=5), **more: object) -> Incoming:
    return post(network_id, text, posted_at=(datetime.now(UTC) - ago).isoformat(), **more)


POTHOLE = "@Philly311 huge pothole at 13th & Market, bent my rim"


def test_what_stands_on_the_network_is_not_said_again(desk: Account) -> None:
    answer = said_then(desk, "Thank you! Request 26-000777 is open.", "1")
    restored(desk)
    hear(desk, old("1", POTHOLE))
    send_all()
    assert len(world.posts(desk.server)) == 1
    delivery = Delivery.objects.get()
    assert delivery.state == State.SENT and delivery.receipt["network_id"] == answer
    message = Message.objects.get(direction="out")
    assert message.text == "Thank you! Request 26-000777 is open." and message.network_id == answer
    assert ServiceRequest.objects.count() == 1


def test_what_is_not_found_waits_for_a_person_and_is_looked_for_before_it_goes(desk: Account) -> None:
    restored(desk)
    hear(desk, old("1", POTHOLE))
    send_all()
    assert world.posts(desk.server) == []
    held = Delivery.objects.get()
    assert held.state == State.FAILED and held.error_kind == HELD and "shows no answer" in held.error
    boss = User.objects.create_user("boss")
    assert actions.retry_account(desk, boss) == 0  # a renewed token sends nothing of it
    assert actions.decide_held([held.pk], send=True, by=boss) == 1
    said_then(desk, held.outgoing["text"].replace("\n", "\\n"), "1")
    send_all()
    assert len(world.posts(desk.server)) == 1
    assert Delivery.objects.get().state == State.SENT


def test_a_person_lets_it_be(desk: Account) -> None:
    restored(desk)
    hear(desk, old("1", POTHOLE))
    boss = User.objects.create_user("boss")
    assert actions.decide_held([Delivery.objects.get().pk], send=False, by=boss) == 1
    assert actions.decide_held([Delivery.objects.get().pk], send=True, by=boss) == 0
    send_all()
    assert world.posts(desk.server) == []


def test_what_is_posted_after_the_restore_is_answered_as_ever(desk: Account) -> None:
    restored(desk)
    hear(desk, post("1", POTHOLE))
    send_all()
    assert len(world.posts(desk.server)) == 1


def test_a_conversation_of_the_lost_time_is_one_conversation_again(desk: Account) -> None:
    asked = said_then(desk, "Where is it?", "1", timedelta(minutes=50))
    said_then(desk, "Thank you! Request 26-000777 is open.", "2", timedelta(minutes=40))
    restored(desk)
    ago = timedelta(minutes=55)
    hear(desk, old("1", "street light is out again!", ago), old("2", "2300 block of Aspen St", ago, to=asked))
    send_all()
    assert len(world.posts(desk.server)) == 2
    assert Conversation.objects.count() == 1
    texts = Message.objects.filter(direction="out").order_by("posted_at").values_list("text", flat=True)
    assert list(texts) == ["Where is it?", "Thank you! Request 26-000777 is open."]
    assert ServiceRequest.objects.get().description == "street light is out again!"
    assert not Regained.objects.filter(used=False).exists()


def test_what_staff_said_stands_in_the_conversation_again(desk: Account) -> None:
    said_then(desk, "On Tuesday. Ana", "1")
    restored(desk)
    hear(desk, old("1", "what day is trash pickup in Fishtown this week?"))
    assert Message.objects.get(direction="out").text == "On Tuesday. Ana"
    assert not Delivery.objects.exists()


def test_fresh_danger_is_answered_if_the_network_shows_no_answer(desk: Account) -> None:
    restored(desk)
    hear(
        desk,
        old("1", "gas smell and hissing at 5th and Lombard", timedelta(minutes=10)),
        old("2", "gas smell and hissing at 5th and Lombard", timedelta(hours=2), by="devon"),
    )
    send_all()
    assert [one["to"] for one in world.posts(desk.server)] == ["1"]


def test_a_network_that_does_not_tell_holds_danger_too(desk: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    mute = FileNetwork.capabilities.__class__(500, True, True, True, "poll", idempotent_send=False)
    monkeypatch.setattr(FileNetwork, "capabilities", mute)
    waiting = Delivery.objects.create(
        account=desk, key="k", thread="t", outgoing={"text": "It waits."}, next_try_at=timezone.now(),
        created_at=timezone.now() - timedelta(hours=4),
    )  # fmt: skip
    restored(desk)
    hear(desk, old("1", "gas smell and hissing at 5th and Lombard", timedelta(minutes=10)))
    send_all()
    assert world.posts(desk.server) == []
    assert not CaughtUp.objects.get().listed
    waiting.refresh_from_db()
    assert waiting.error_kind == HELD and "does not tell" in waiting.error
    held = Delivery.objects.exclude(pk=waiting.pk).get()
    assert held.error_kind == HELD and "does not tell" in held.error
    assert Conversation.objects.get().attention == 4


def test_what_waited_at_the_backup_is_looked_for(desk: Account) -> None:
    now = timezone.now()
    for number in "ab":
        Delivery.objects.create(
            account=desk, key=number, thread=number, outgoing={"text": f"It waits: {number}", "in_reply_to": "1"},
            next_try_at=now, created_at=now - timedelta(hours=4),
        )  # fmt: skip
    said_then(desk, "It waits: a", "1")
    restored(desk)
    send_all()
    assert sorted(one["text"] for one in world.posts(desk.server)) == ["It waits: a", "It waits: b"]
    assert Delivery.objects.filter(state=State.SENT).count() == 2


def test_old_news_that_come_up_again_are_held(desk: Account, django_user_model: type[User]) -> None:
    hear(desk, old("1", POTHOLE, timedelta(hours=5)))
    send_all()
    restored(desk)
    request = ServiceRequest.objects.get()
    request_actions.move(request.pk, "closed", by=None, outcome="done", public_text="The hole is filled.")
    send_all()
    assert len(world.posts(desk.server)) == 1
    assert Delivery.objects.get(state=State.FAILED).error_kind == HELD


def test_numbers_that_residents_hold_are_not_given_again(desk: Account) -> None:
    hear(desk, post("1", POTHOLE), post("2", "graffiti at Broad and Snyder", by="devon"))
    first = ServiceRequest.objects.order_by("number").last()
    assert first and skip_numbers(timezone.now() - timedelta(hours=3)) == 1000
    hear(desk, post("3", "pothole at 5th and Lombard", by="sam"))
    following = ServiceRequest.objects.order_by("number").last()
    assert following and int(following.number[3:]) - int(first.number[3:]) > 1000
