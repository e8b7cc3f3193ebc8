"""Who may speak as whom, whose approval counts, and that nothing unapproved ever goes out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from pytest_django import Settings

from openline.publishing import approval, leaving, rules, scheduling, telling, writing
from openline.publishing import content as contents
from openline.publishing.content import Words
from openline.publishing.errors import Conflict, NotPossible
from openline.publishing.models import Needs, Post, PostVersion, Review, Right, Variant
from openline.publishing.states import Kind, PostState, VariantState
from openline.records.models import Record
from tests.publishing.conftest import Newsroom

TOMORROW = timedelta(days=1)


@pytest.fixture
def room(db: None, tmp_path: Path) -> Newsroom:
    """The newsroom in one transaction: quick, for all that needs no sender."""
    return Newsroom(tmp_path)


def _handed_in(room: Newsroom, *handles: str, needs: str = "one", **more: object) -> Post:
    """A post of carla's that waits for approval, to go out tomorrow."""
    rules.set_rule(None, "", needs, by=room.person("ada", "administrator"))
    post = room.post("Snow is coming.", *handles, **more)
    scheduling.hand_in(post.pk, timezone.now() + TOMORROW, by=room.person("carla"))
    return Post.objects.get(pk=post.pk)


def _state(post: Post) -> str:
    return Post.objects.get(pk=post.pk).state


def test_who_wrote_or_changed_a_post_never_approves_it(room: Newsroom) -> None:
    post = _handed_in(room)
    with pytest.raises(NotPossible, match="another person"):
        scheduling.approve(post.pk, by=room.person("carla"), seen=1)
    writing.change(post.pk, room.content("Much snow is coming."), by=room.person("omar"), seen=1)
    for author in ("carla", "omar"):
        with pytest.raises(NotPossible, match="another person"):
            scheduling.approve(post.pk, by=room.person(author), seen=2)
    scheduling.approve(post.pk, by=room.person("dana"), seen=2)
    assert _state(post) == PostState.SCHEDULED


def test_one_who_says_yes_twice_is_one_person(room: Newsroom) -> None:
    post = _handed_in(room, needs="two")
    for _ in range(2):
        scheduling.approve(post.pk, by=room.person("omar"), seen=1)
    assert _state(post) == PostState.REVIEW
    scheduling.approve(post.pk, by=room.person("dana"), seen=1)
    assert _state(post) == PostState.SCHEDULED


def test_sending_back_takes_earlier_approvals_away(room: Newsroom) -> None:
    post = _handed_in(room, needs="two")
    scheduling.approve(post.pk, by=room.person("omar"), seen=1)
    with pytest.raises(NotPossible, match="Say what should change"):
        scheduling.send_back(post.pk, by=room.person("dana"), seen=1, comment=" ")
    scheduling.send_back(post.pk, by=room.person("dana"), seen=1, comment="Which streets?")
    scheduling.hand_in(post.pk, timezone.now() + TOMORROW, by=room.person("carla"))
    scheduling.approve(post.pk, by=room.person("dana"), seen=1)
    assert _state(post) == PostState.REVIEW


def test_a_scheduled_post_that_is_sent_back_leaves_the_plan(room: Newsroom) -> None:
    post = _handed_in(room)
    scheduling.approve(post.pk, by=room.person("omar"), seen=1)
    scheduling.send_back(post.pk, by=room.person("dana"), seen=1, comment="Wait for the mayor.")
    assert _state(post) == PostState.DRAFT
    assert room.variant(post).state == VariantState.DRAFT


def test_an_approval_of_who_left_counts_no_more(room: Newsroom) -> None:
    post = _handed_in(room, needs="two")
    scheduling.approve(post.pk, by=room.person("omar"), seen=1)
    User.objects.filter(username="omar").update(is_active=False)
    scheduling.approve(post.pk, by=room.person("dana"), seen=1)
    assert _state(post) == PostState.REVIEW


def test_each_account_hears_its_own_people(room: Newsroom) -> None:
    ada, omar, olga = room.person("ada", "administrator"), room.person("omar"), room.person("olga", "official")
    mayor = room.account("mayor")
    rules.set_speaker(mayor, room.person("carla"), Right.WRITE, by=ada)
    rules.set_speaker(mayor, olga, Right.OFFICE, by=ada)
    rules.set_rule(mayor, "", Needs.OFFICE, by=ada)
    post = _handed_in(room, "news", "mayor")
    assert approval.missing(post) == Needs.OFFICE
    assert set(telling.approvers(post)) == {ada, omar, olga}
    scheduling.approve(post.pk, by=omar, seen=1)
    assert _state(post) == PostState.REVIEW
    assert approval.missing(post) == Needs.OFFICE
    assert approval.waiting_for(omar, [post]) == []
    assert approval.waiting_for(olga, [post]) == [post]
    scheduling.approve(post.pk, by=olga, seen=1)
    assert _state(post) == PostState.SCHEDULED


def test_an_office_needs_somebody_in_it(room: Newsroom) -> None:
    ada, mayor = room.person("ada", "administrator"), room.account("mayor")
    with pytest.raises(NotPossible, match="office"):
        rules.set_rule(mayor, "", Needs.OFFICE, by=ada)
    speaker = rules.set_speaker(mayor, room.person("olga"), Right.OFFICE, by=ada)
    rules.set_rule(mayor, "", Needs.OFFICE, by=ada)
    with pytest.raises(NotPossible, match="another person"):
        rules.drop_speaker(speaker, by=ada)
    with pytest.raises(NotPossible, match="another person"):
        rules.set_speaker(mayor, room.person("olga"), Right.WRITE, by=ada)


def test_only_who_may_speak_as_an_account_acts_for_it(room: Newsroom) -> None:
    post = room.post("Snow is coming.")
    carla, omar = room.person("carla"), room.person("omar")
    soon = timezone.now() + TOMORROW
    scheduling.hand_in(post.pk, soon, by=carla)
    rules.set_speaker(room.account("news"), carla, Right.WRITE, by=room.person("ada"))
    variant = room.variant(post)
    from openline.publishing import changing, repairing

    Variant.objects.filter(pk=variant.pk).update(state=VariantState.SENT, network_id="1")
    actions = [
        lambda: scheduling.reschedule(post.pk, soon, by=omar),
        lambda: scheduling.hand_in(post.pk, soon, by=omar),
        lambda: writing.change(post.pk, room.content("Mine."), by=omar, seen=1),
        lambda: writing.put_back(post.pk, by=omar),
        lambda: writing.cancel(post.pk, by=omar),
        lambda: writing.create(room.content("Mine."), by=omar),
        lambda: changing.edit(variant.pk, "Mine.", by=omar),
        lambda: changing.take_down(variant.pk, "It is not mine.", by=omar),
    ]
    for action in actions:
        with pytest.raises(NotPossible, match="may not publish as"):
            action()
    Variant.objects.filter(pk=variant.pk).update(state=VariantState.HELD)
    for repair in (
        lambda: repairing.plan_again(variant.pk, None, by=omar),
        lambda: repairing.give_up(variant.pk, by=omar),
    ):
        with pytest.raises(NotPossible, match="may not publish as"):
            repair()
    assert _state(post) == PostState.SCHEDULED


def test_a_rule_that_changes_schedules_nothing_by_itself(room: Newsroom) -> None:
    post = _handed_in(room)
    ada = room.person("ada")
    rules.set_rule(None, "", Needs.NONE, by=ada)
    assert _state(post) == PostState.REVIEW
    assert approval.waiting_for(room.person("omar"), [post]) == [post]
    rules.set_rule(None, "", Needs.TWO, by=ada)
    scheduling.approve(post.pk, by=room.person("omar"), seen=1)
    assert _state(post) == PostState.REVIEW
    rules.drop_rule(ada_rule := rules.set_rule(None, "", Needs.TWO, by=ada), by=ada)
    assert ada_rule.pk is None
    assert _state(post) == PostState.REVIEW
    scheduling.hand_in(post.pk, timezone.now() + TOMORROW, by=room.person("carla"))
    assert _state(post) == PostState.SCHEDULED


def test_the_most_particular_rule_counts(room: Newsroom) -> None:
    ada, news = room.person("ada"), room.account("news")
    rules.set_rule(None, "", Needs.TWO, by=ada)
    rules.set_rule(None, Kind.SHORT, Needs.ONE, by=ada)
    post = room.post()
    assert approval.needed(post) == {str(news.pk): Needs.ONE}
    rules.set_rule(news, "", Needs.TWO, by=ada)
    assert approval.needed(post) == {str(news.pk): Needs.TWO}
    rules.set_rule(news, Kind.SHORT, Needs.NONE, by=ada)
    assert approval.needed(post) == {str(news.pk): Needs.NONE}


def test_what_is_approved_after_its_time_waits_for_a_new_one(room: Newsroom) -> None:
    post = _handed_in(room)
    Post.objects.update(leave_at=timezone.now() - timedelta(days=2))
    scheduling.approve(post.pk, by=room.person("omar"), seen=1)
    assert _state(post) == PostState.REVIEW
    scheduling.hand_in(post.pk, timezone.now() + TOMORROW, by=room.person("carla"))
    assert _state(post) == PostState.SCHEDULED


def test_at_once_means_as_soon_as_it_is_approved(room: Newsroom) -> None:
    rules.set_rule(None, "", Needs.ONE, by=room.person("ada"))
    post = room.post()
    scheduling.hand_in(post.pk, None, by=room.person("carla"))
    assert Post.objects.get().leave_at is None
    scheduling.approve(post.pk, by=room.person("omar"), seen=1)
    variant = room.variant(post)
    assert variant.state == VariantState.PLANNED
    assert variant.leave_at
    assert abs(variant.leave_at - timezone.now()) < timedelta(minutes=1)


def test_what_was_changed_under_review_is_checked_again(room: Newsroom) -> None:
    post = _handed_in(room)
    content = contents.read(post)
    writing.change(post.pk, replace(content, texts={"en": Words("")}), by=room.person("carla"), seen=1)
    with pytest.raises(NotPossible, match="Write the text"):
        scheduling.approve(post.pk, by=room.person("omar"), seen=2)
    embargo = timezone.now() + 3 * TOMORROW
    writing.change(post.pk, replace(content, embargo_until=embargo), by=room.person("carla"), seen=2)
    with pytest.raises(NotPossible, match="embargo"):
        scheduling.approve(post.pk, by=room.person("omar"), seen=3)
    assert not Review.objects.exists()


def test_moving_keeps_approvals_and_changing_loses_them(room: Newsroom) -> None:
    post = _handed_in(room)
    scheduling.approve(post.pk, by=room.person("omar"), seen=1)
    later = timezone.now() + 3 * TOMORROW
    scheduling.reschedule(post.pk, later, by=room.person("carla"), seen=1)
    assert _state(post) == PostState.SCHEDULED
    assert room.variant(post).leave_at == later
    assert contents.read(Post.objects.get()).forms[0].leave_at is None
    writing.change(post.pk, room.content("Other words."), by=room.person("carla"), seen=1)
    assert _state(post) == PostState.DRAFT
    assert approval.missing(Post.objects.get()) == Needs.ONE


def test_a_post_taken_out_of_the_plan_keeps_no_old_time(room: Newsroom) -> None:
    post, carla = room.post(), room.person("carla")
    scheduling.hand_in(post.pk, timezone.now() + 5 * TOMORROW, by=carla)
    writing.put_back(post.pk, by=carla)
    soon = timezone.now() + TOMORROW
    scheduling.hand_in(post.pk, soon, by=carla)
    assert room.variant(post).leave_at == soon


def test_an_own_time_moves_along_and_keeps_the_embargo(room: Newsroom) -> None:
    at = timezone.now() + 2 * TOMORROW
    content = room.content("Snow is coming.", "news", "mayor")
    mayor = str(room.account("mayor").pk)
    own = tuple(replace(f, leave_at=at - TOMORROW) if f.account == mayor else f for f in content.forms)
    carla = room.person("carla")
    post = writing.create(replace(content, forms=own, embargo_until=at - TOMORROW), by=carla)
    scheduling.hand_in(post.pk, at, by=carla)
    assert room.variant(post, "mayor").leave_at == at - TOMORROW
    scheduling.reschedule(post.pk, at + TOMORROW, by=carla)
    assert room.variant(post, "mayor").leave_at == at
    with pytest.raises(NotPossible, match="embargo"):
        scheduling.reschedule(post.pk, at - timedelta(hours=1), by=carla)
    assert room.variant(post, "mayor").leave_at == at


def test_who_moves_says_what_they_saw(room: Newsroom) -> None:
    post, carla = room.post(), room.person("carla")
    at = timezone.now() + TOMORROW
    scheduling.hand_in(post.pk, at, by=carla)
    scheduling.reschedule(post.pk, at + TOMORROW, by=carla, seen=1, seen_at=at)
    with pytest.raises(Conflict):
        scheduling.reschedule(post.pk, at + 2 * TOMORROW, by=room.person("omar"), seen=1, seen_at=at)
    with pytest.raises(NotPossible, match="past"):
        scheduling.reschedule(post.pk, timezone.now() - TOMORROW, by=carla)
    Post.objects.update(leave_at=timezone.now() - timedelta(minutes=5))
    with pytest.raises(NotPossible, match="on its way"):
        scheduling.reschedule(post.pk, at, by=carla)


def test_an_alert_may_go_out_without_approval_and_the_office_is_told(room: Newsroom) -> None:
    rules.set_rule(None, "", Needs.TWO, by=room.person("ada", "administrator"))
    sam, omar = room.person("sam", "supervisor"), room.person("omar")
    short = room.post()
    with pytest.raises(NotPossible, match="Only an alert"):
        scheduling.hand_in_urgently(short.pk, None, by=sam, reason="Now!")
    alert = room.post("Boil your water.", kind=Kind.ALERT)
    with pytest.raises(NotPossible, match="Say why"):
        scheduling.hand_in_urgently(alert.pk, None, by=sam, reason=" ")
    scheduling.hand_in_urgently(alert.pk, None, by=sam, reason="Nobody answers at night.")
    assert room.variant(alert).state == VariantState.PLANNED
    review = Review.objects.get()
    assert (review.verdict, review.comment, review.by) == ("overridden", "Nobody answers at night.", sam)
    told = telling.tell_of_override(alert.pk, sam.pk, "Nobody answers at night.")
    assert omar.email in told
    assert sam.email not in told
    assert mail.outbox[0].to == []
    assert "Nobody answers at night." in str(mail.outbox[0].body)
    assert Record.objects.filter(body__what="post overridden").exists()


def test_who_wrote_a_post_is_told_why_it_came_back(room: Newsroom) -> None:
    post, omar = room.post(), room.person("omar")
    told = telling.tell_of_return(post.pk, omar.pk, "Say Wednesday.")
    assert told == [room.person("carla").email]
    assert "Say Wednesday." in str(mail.outbox[0].body) and f"posts/{post.pk}/edit/" in str(mail.outbox[0].body)


@pytest.mark.django_db(transaction=True)
def test_who_can_approve_is_reminded_once(newsroom: Newsroom) -> None:
    olga = newsroom.person("olga", "official")
    post = _handed_in(newsroom)
    assert telling.remind() == 0
    Post.objects.update(leave_at=timezone.now() + timedelta(hours=2))
    assert telling.remind() == 1
    assert telling.remind() == 0
    assert len(mail.outbox) == 1
    assert olga.email in mail.outbox[0].bcc
    assert newsroom.person("carla").email not in mail.outbox[0].bcc
    assert str(post.pk) in str(mail.outbox[0].body)


def test_without_a_mail_server_nobody_is_mailed(room: Newsroom, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    alert = room.post("Boil your water.", kind=Kind.ALERT)
    room.person("omar")
    telling.tell_of_override(alert.pk, room.person("sam").pk, "Night.")
    assert mail.outbox == []


@pytest.mark.parametrize("count", [1, 40])
def test_a_page_of_posts_costs_a_fixed_number_of_queries(room: Newsroom, count: int) -> None:
    posts = [room.post(f"Post {n}") for n in range(count)]
    with CaptureQueriesContext(connection) as captured:
        approval.waiting_for(room.people["carla"], posts)
    assert len(captured) == 6


@pytest.mark.django_db(transaction=True)
def test_two_approve_at_the_same_moment(newsroom: Newsroom) -> None:
    post = _handed_in(newsroom, needs="two")
    people = [newsroom.person(name) for name in ("omar", "dana")]
    barrier = Barrier(2)

    def approve(user: User) -> None:
        barrier.wait()
        scheduling.approve(post.pk, by=user, seen=1)
        connection.close()

    threads = [Thread(target=approve, args=(user,)) for user in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _state(post) == PostState.SCHEDULED
    assert Record.objects.filter(body__what="post scheduled").count() == 1


@pytest.mark.django_db(transaction=True)
def test_what_is_being_changed_does_not_leave_meanwhile(newsroom: Newsroom) -> None:
    post = newsroom.post("Old words.")
    scheduling.hand_in(post.pk, None, by=newsroom.person("carla"))
    left: list[int] = []

    def leave() -> None:
        left.append(leaving.leave())
        connection.close()

    with transaction.atomic():
        writing.change(post.pk, newsroom.content("New words."), by=newsroom.people["carla"], seen=1)
        worker = Thread(target=leave)
        worker.start()
        worker.join()
    newsroom.work()
    assert left == [0]
    assert newsroom.said() == []
    assert _state(post) == PostState.DRAFT


PEOPLE = ("carla", "omar", "dana", "olga")
NEEDED = {Needs.NONE: 0, Needs.ONE: 1, Needs.TWO: 2}


class Office(RuleBasedStateMachine):
    """People do what they like with one post, in any order; what goes out was approved, as it is, by enough others."""

    folder: Path

    def __init__(self) -> None:
        super().__init__()
        self.sandbox = transaction.atomic()
        self.sandbox.__enter__()
        self.room = Newsroom(self.folder)
        self.needs: str = Needs.NONE
        for name in PEOPLE:
            self.room.person(name)
        self.post = self.room.post("text 1", kind=Kind.ALERT)
        self.authors = {"carla"}
        self.approved: dict[int, set[str]] = {}
        self.cleared: set[int] = set()
        self.overriding = False

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.sandbox.__exit__(None, None, None)

    def _now(self) -> Post:
        return Post.objects.get(pk=self.post.pk)

    def _try(self, act: object) -> bool:
        before = self._now()
        try:
            with transaction.atomic():
                act()  # type: ignore[operator]
        except NotPossible:
            after = self._now()
            assert (before.state, before.version, before.leave_at) == (after.state, after.version, after.leave_at)
            return False
        after = self._now()
        if after.state == PostState.SCHEDULED and before.state != PostState.SCHEDULED:
            enough = len(self.approved.get(after.version, set()) - self.authors) >= NEEDED[Needs(self.needs)]
            assert enough or self.overriding
            self.cleared.add(after.version)
        return True

    @rule(needs=st.sampled_from(list(NEEDED)))
    def change_the_rule(self, needs: str) -> None:
        rules.set_rule(None, "", needs, by=self.room.people["carla"])
        self.needs = needs

    @rule(name=st.sampled_from(PEOPLE), stale=st.booleans())
    def change(self, name: str, stale: bool) -> None:
        version = self._now().version
        content = self.room.content(f"text {version + 1}", kind=Kind.ALERT)
        seen = version - stale
        if self._try(lambda: writing.change(self.post.pk, content, by=self.room.people[name], seen=seen)):
            assert not stale
            self.authors.add(name)

    @rule(name=st.sampled_from(PEOPLE), hours=st.sampled_from([None, -2, 1, 24]))
    def hand_in(self, name: str, hours: int | None) -> None:
        at = None if hours is None else timezone.now() + timedelta(hours=hours)
        self._try(lambda: scheduling.hand_in(self.post.pk, at, by=self.room.people[name]))

    @rule(name=st.sampled_from(PEOPLE), stale=st.booleans())
    def approve(self, name: str, stale: bool) -> None:
        version = self._now().version
        given = self.approved.setdefault(version, set())
        fresh = name not in given
        given.add(name)
        done = self._try(lambda: scheduling.approve(self.post.pk, by=self.room.people[name], seen=version - stale))
        if done:
            assert not stale
            assert name not in self.authors
        elif fresh:
            given.discard(name)

    @rule(name=st.sampled_from(PEOPLE))
    def send_back(self, name: str) -> None:
        version = self._now().version
        if self._try(lambda: scheduling.send_back(self.post.pk, by=self.room.people[name], seen=version, comment="No")):
            self.approved[version] = set()

    @rule(name=st.sampled_from(PEOPLE), hours=st.sampled_from([-2, 1, 24]))
    def move(self, name: str, hours: int) -> None:
        at = timezone.now() + timedelta(hours=hours)
        self._try(lambda: scheduling.reschedule(self.post.pk, at, by=self.room.people[name]))

    @rule(what=st.sampled_from([writing.put_back, writing.cancel, writing.take_up]))
    def put(self, what: object) -> None:
        self._try(lambda: what(self.post.pk, by=self.room.people["carla"]))  # type: ignore[operator]

    @precondition(lambda self: self.needs == Needs.TWO)
    @rule(reason=st.sampled_from(["", "The dam breaks."]))
    def override(self, reason: str) -> None:
        self.overriding = True
        omar = self.room.people["omar"]
        done = self._try(lambda: scheduling.hand_in_urgently(self.post.pk, None, by=omar, reason=reason))
        self.overriding = False
        assert reason or not done

    @rule()
    def time_passes(self) -> None:
        moment = timezone.now() - timedelta(minutes=2)
        Variant.objects.filter(state=VariantState.PLANNED).update(leave_at=moment)
        leaving.leave()
        for variant in Variant.objects.filter(state=VariantState.QUEUED).select_related("delivery"):
            version = self._now().version
            assert version in self.cleared
            assert variant.delivery
            content = PostVersion.objects.get(post=self.post, number=version).content
            assert variant.delivery.outgoing["text"] == content["texts"]["en"]["text"] == f"text {version}"


def test_no_sequence_of_actions_lets_an_unapproved_version_out(db: None, tmp_path: Path) -> None:
    Office.folder = tmp_path
    run_state_machine_as_test(
        Office,
        settings=settings(
            max_examples=8,
            stateful_step_count=20,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
