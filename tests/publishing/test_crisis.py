"""The crisis switch: nothing scheduled leaves any more, nothing is lost, and nothing goes out by itself afterwards."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from openline.channels.base import NetworkDown
from openline.outbox import sending
from openline.outbox.models import Delivery, State
from openline.publishing import changing, held, leaving, pausing, repairing, scheduling, writing
from openline.publishing.errors import NotPossible
from openline.publishing.models import Pause, Post, Variant
from openline.publishing.states import Kind, PostState, VariantState
from openline.records.models import Record
from tests.publishing.conftest import Newsroom
from tests.world import FileNetwork

SOON = timedelta(hours=1)


def test_a_pause_holds_all_that_is_scheduled(newsroom: Newsroom) -> None:
    later = newsroom.post("Concert on Sunday.")
    newsroom.publish(later, timezone.now() + SOON)
    pause = pausing.begin("A fire at the refinery.", by=newsroom.person("sam"))
    variant = newsroom.variant(later)
    assert (variant.state, variant.pause) == (VariantState.HELD, pause)
    record = Record.objects.get(body__what="publishing paused")
    assert record.actor == "sam"
    assert record.body["reason"] == "A fire at the refinery."
    assert record.body["held"] == 1
    newsroom.publish(newsroom.post("Come to the park!"))  # what is scheduled during the pause is held too
    Variant.objects.update(leave_at=timezone.now())
    newsroom.work()
    assert newsroom.said() == []


def test_a_pause_needs_a_reason_and_is_one(newsroom: Newsroom) -> None:
    with pytest.raises(NotPossible, match="why"):
        pausing.begin("  ", by=newsroom.person("sam"))
    pausing.begin("A fire.", by=newsroom.person("sam"))
    with pytest.raises(NotPossible, match="sam has paused"):
        pausing.begin("A fire!", by=newsroom.person("ann"))
    pausing.end(by=newsroom.person("ann"))
    with pytest.raises(NotPossible, match="over"):
        pausing.end(by=newsroom.person("sam"))
    assert Pause.objects.get().ended_by == newsroom.person("ann")


def test_what_nobody_began_to_send_is_withdrawn_and_can_go_out_later(newsroom: Newsroom) -> None:
    post = newsroom.post("Concert tonight.")
    scheduling.hand_in(post.pk, None, by=newsroom.person("carla"))
    assert leaving.leave() == 1  # with the outbox, not sent yet
    first = newsroom.variant(post).delivery_id
    pausing.begin("A fire.", by=newsroom.person("sam"))
    assert Delivery.objects.get(pk=first).state == State.CANCELLED
    variant = newsroom.variant(post)
    assert (variant.state, variant.delivery_id) == (VariantState.HELD, None)
    post.refresh_from_db()
    assert post.state == PostState.SCHEDULED  # nothing of it left: it can be changed again
    newsroom.work()
    assert newsroom.said() == []
    held.release([variant.pk], None, by=newsroom.person("sam"))  # one by one, also during the pause
    newsroom.work()
    assert newsroom.said() == ["Concert tonight."]
    assert newsroom.variant(post).delivery_id != first


def test_after_the_pause_only_what_is_still_to_come_goes_out_by_itself(newsroom: Newsroom) -> None:
    now, sam = timezone.now(), newsroom.person("sam")
    due, later = newsroom.post("Due meanwhile."), newsroom.post("Later.")
    newsroom.publish(due, now + SOON)
    newsroom.publish(later, now + SOON)
    pausing.begin("A fire.", by=sam)
    Variant.objects.filter(post=due).update(leave_at=now - timedelta(minutes=1))
    pausing.end(by=sam)
    newsroom.work()
    assert newsroom.said() == []
    assert newsroom.variant(due).state == VariantState.HELD
    assert newsroom.variant(later).state == VariantState.PLANNED
    assert held.waiting() == 1
    [group] = held.groups()
    assert group.label == Kind.SHORT.label
    assert [variant.post for variant in group.variants] == [due]
    with pytest.raises(NotPossible, match="over"):
        held.release([newsroom.variant(due).pk], now - SOON, by=sam)
    held.cancel([newsroom.variant(due).pk], by=sam)
    assert newsroom.variant(due).state == VariantState.CANCELLED
    assert held.waiting() == 0


def test_alerts_edits_and_deletions_go_on(newsroom: Newsroom) -> None:
    old = newsroom.post("Parade at noon.")
    newsroom.publish(old)
    pausing.begin("A fire.", by=newsroom.person("sam"))
    newsroom.publish(newsroom.post("Leave the area.", kind=Kind.ALERT))
    changing.edit(newsroom.variant(old).pk, "No parade today.", by=newsroom.person("carla"))
    newsroom.work()
    assert newsroom.said() == ["Parade at noon.", "Leave the area.", "No parade today."]
    changing.take_down(newsroom.variant(old).pk, "It is off.", by=newsroom.person("carla"))
    newsroom.work()
    assert newsroom.variant(old).state == VariantState.DELETED


def test_a_try_under_way_that_fails_is_held_and_not_tried_again(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = newsroom.post("Concert tonight.")
    scheduling.hand_in(post.pk, None, by=newsroom.person("carla"))
    leaving.leave()
    real = FileNetwork.send

    def pause_meanwhile(*_: Any, **__: Any) -> None:
        pausing.begin("A fire.", by=newsroom.person("sam"))
        raise NetworkDown("away")

    monkeypatch.setattr(FileNetwork, "send", pause_meanwhile)
    holder = sending.Holder()
    assert sending.send_next(holder.id)
    monkeypatch.setattr(FileNetwork, "send", real)
    [going] = held.under_way(Pause.objects.get())
    assert going.state == VariantState.QUEUED  # shown as on its way
    newsroom.hurry()
    holder.close()
    assert newsroom.said() == []
    variant = newsroom.variant(post)
    assert (variant.state, variant.delivery_id) == (VariantState.HELD, None)
    held.release([variant.pk], None, by=newsroom.person("sam"))
    newsroom.work()
    assert newsroom.said() == ["Concert tonight."]


def test_a_lost_answer_is_looked_up_during_the_pause(newsroom: Newsroom) -> None:
    post = newsroom.post("Concert tonight.")
    (newsroom.folder / "news.faults").write_text("1")
    newsroom.publish(post)
    assert Delivery.objects.get().state == State.UNCLEAR
    pausing.begin("A fire.", by=newsroom.person("sam"))
    newsroom.hurry()
    assert newsroom.variant(post).state == VariantState.SENT
    assert len(newsroom.said()) == 1


def test_nobody_else_sends_past_the_pause(newsroom: Newsroom) -> None:
    carla, failed, missed = newsroom.person("carla"), newsroom.post("One."), newsroom.post("Two.")
    Variant.objects.filter(post=failed).update(state=VariantState.FAILED)
    Variant.objects.filter(post=missed).update(state=VariantState.MISSED)
    pausing.begin("A fire.", by=newsroom.person("sam"))
    with pytest.raises(NotPossible, match="paused"):
        repairing.retry(newsroom.variant(failed).pk, by=carla)
    with pytest.raises(NotPossible, match="paused"):
        repairing.plan_again(newsroom.variant(missed).pk, None, by=carla)


def test_two_people_cannot_decide_the_same_one(newsroom: Newsroom) -> None:
    post, other = newsroom.post("One."), newsroom.post("Two.")
    for one in (post, other):
        newsroom.publish(one, timezone.now() + SOON)
    pausing.begin("A fire.", by=newsroom.person("sam"))
    mine, theirs = newsroom.variant(post).pk, newsroom.variant(other).pk
    held.cancel([mine], by=newsroom.person("ann"))
    with pytest.raises(NotPossible, match="not so any more"):
        held.release([theirs, mine], None, by=newsroom.person("sam"))
    assert newsroom.variant(other).state == VariantState.HELD  # all or nothing


def test_nothing_leaves_after_the_pause_is_committed(newsroom: Newsroom) -> None:
    """Planners, the worker's loop and senders run while the switch is thrown."""
    carla, sam = newsroom.person("carla"), newsroom.person("sam")
    stop, some_sent, rounds = threading.Event(), threading.Event(), dict.fromkeys(("leave", "send", "plan"), 0)
    broken: list[BaseException] = []
    holder = sending.Holder()
    handles = ["news", "mayor", "water"]
    for handle in handles:
        newsroom.account(handle)

    def run(name: str, step: Callable[[], object]) -> threading.Thread:
        def loop() -> None:
            try:
                while not stop.is_set():
                    step()
                    rounds[name] += 1
            except BaseException as error:
                broken.append(error)
            finally:
                connection.close()

        thread = threading.Thread(target=loop)
        thread.start()
        return thread

    def plan() -> None:
        if Post.objects.count() < 120:
            post = writing.create(newsroom.content("A post.", *handles), by=carla)
            scheduling.hand_in(post.pk, None, by=carla)

    def send() -> None:
        if sending.send_next(holder.id):
            some_sent.set()

    threads = [run("plan", plan), run("leave", lambda: leaving.leave(5)), run("leave", lambda: leaving.leave(5))]
    threads += [run("send", send), run("send", send)]
    try:
        assert some_sent.wait(60)
        with transaction.atomic():
            pause = pausing.begin("A fire.", by=sam)
            may = set(Delivery.objects.filter(state__in=[State.SENT, State.SENDING]).values_list("pk", flat=True))
        goal = {name: count + 20 for name, count in rounds.items()}
        while any(rounds[name] < count for name, count in goal.items()) and not broken:
            stop.wait(0.01)
    finally:
        stop.set()
        for thread in threads:
            thread.join(60)
        holder.close()
    assert not broken
    sent = set(Delivery.objects.filter(state=State.SENT).values_list("pk", flat=True))
    assert sent and sent <= may
    assert not Delivery.objects.filter(state__in=[State.WAITING, State.SENDING, State.UNCLEAR]).exists()
    assert sum(len(newsroom.said(handle)) for handle in handles) == len(sent)
    states = set(Variant.objects.values_list("state", flat=True))
    assert states <= {VariantState.HELD, VariantState.SENT, VariantState.DRAFT}
    assert Variant.objects.filter(state=VariantState.HELD, pause=pause).exists()
