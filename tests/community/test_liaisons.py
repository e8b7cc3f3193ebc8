"""Liaisons: the one rule of who is one, appointing, looking, proposing, asking, and that rights end."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from openline.accounts.models import Account
from openline.care.models import Survey
from openline.community import liaisons, living, looking, proposing, reminding, weekly
from openline.community.liaisons import Terms
from openline.community.looking import Saw
from openline.community.models import Liaison, Look, Member, Proposal
from openline.outbox.models import Delivery
from openline.records.models import Record
from openline.service_requests import actions
from openline.service_requests.actions import NotPossible
from openline.service_requests.jurisdiction import today
from openline.service_requests.models import ServiceRequest
from openline.service_requests.states import Outcome, Status
from tests.community.world import member
from tests.open311.test_georeport import PLACE, new

pytestmark = [pytest.mark.usefixtures("philadelphia"), pytest.mark.django_db]


@pytest.fixture
def ana(area: str, boss: User) -> Member:
    """A liaison."""
    who = member()
    liaisons.appoint(who, Terms(area, today()), by=boss)
    return who


def here(area: str, **more: object) -> ServiceRequest:
    """An open public request in the area."""
    return new(place=PLACE | {"areas": [area]}, **more)


def saw(request: ServiceRequest, by: Member, found: str, words: str = "") -> Look:
    """`by` looked at `request`."""
    return looking.look(request.pk, Saw(found, words), by=by, form=uuid4())


def close(request: ServiceRequest, boss: User, days_ago: int = 0) -> None:
    """The request was closed so many days ago."""
    actions.move(request.pk, Status.CLOSED, by=boss, outcome=Outcome.NOT_DONE)
    ServiceRequest.objects.update(closed_at=timezone.now() - timedelta(days=days_ago))


days = st.integers(-40, 40)


@given(since=days, until=st.none() | days, ended=st.booleans(), left=st.booleans(), day=days)
def test_an_appointment_holds_from_its_first_through_its_last_day_until_it_is_ended_or_the_member_leaves(
    since: int, until: int | None, ended: bool, left: bool, day: int
) -> None:
    base = date(2026, 6, 15)
    who = member(f"N{uuid4().hex}", left_at=timezone.now() if left else None)
    Liaison.objects.create(
        member=who, area="x", since=base + timedelta(since), ended_at=timezone.now() if ended else None,
        until=None if until is None else base + timedelta(until),
    )  # fmt: skip
    holds = since <= day and (until is None or day <= until) and not ended and not left
    assert liaisons.in_force(base + timedelta(day)).filter(member=who).exists() == holds


def test_appointing_is_on_the_record_and_twice_is_refused_until_the_last_day_has_passed(area: str, boss: User) -> None:
    who, terms = member(), Terms(area, today() - timedelta(9), today() - timedelta(1), "Intake", today())
    first = liaisons.appoint(who, terms, by=boss)
    assert Record.objects.get(body__what="liaison appointed").body["area"] == area
    assert liaisons.areas_of(who) == frozenset() and liaisons.of_area(area) == []
    second = liaisons.appoint(who, Terms(area, today()), by=boss)
    assert liaisons.areas_of(who) == {area} and liaisons.of_area(area) == [who]
    first.refresh_from_db()
    assert first.ended_at and first.pk != second.pk
    with pytest.raises(NotPossible, match="already"):
        liaisons.appoint(who, Terms(area, today()), by=boss)


@pytest.mark.parametrize("wrong", [{"area": "nowhere"}, {"area": "council-1"}, {"until": date(2000, 1, 1)}])
def test_terms_that_make_no_sense_are_refused(area: str, boss: User, wrong: dict[str, object]) -> None:
    with pytest.raises(NotPossible):
        liaisons.appoint(member(), Terms(area, today())._replace(**wrong), by=boss)
    assert not Liaison.objects.exists()


def test_ending_needs_a_reason_and_takes_every_right_at_once(area: str, boss: User, ana: Member) -> None:
    request, held = here(area), Liaison.objects.get()
    with pytest.raises(NotPossible, match="why"):
        liaisons.end(held.pk, " ", by=boss)
    saw(request, ana, "still")
    liaisons.end(held.pk, "Moved away", by=boss)
    with pytest.raises(NotPossible, match="liaison"):
        saw(request, ana, "still")
    with pytest.raises(NotPossible, match="liaison"):
        proposing.ask(request.pk, "When?", by=ana)
    assert Record.objects.get(body__what="liaison ended").body["why"] == "Moved away"


def test_the_list_says_who_is_trained_until_when_and_where_nobody_is(area: str, boss: User) -> None:
    liaisons.appoint(member(), Terms(area, today(), today() + timedelta(9), "Intake", today() - timedelta(1)), by=boss)
    [row] = liaisons.listed()
    assert row.ends_soon and row.training_over and not row.begins_later
    assert living.names()[area] not in liaisons.without() and len(liaisons.without()) > 100


def test_a_liaison_of_one_area_has_no_right_in_another_nor_on_what_is_private(area: str, ana: Member) -> None:
    elsewhere = new()
    secret = here(area)
    ServiceRequest.objects.filter(pk=secret.pk).update(public=False)
    for request in (elsewhere, secret):
        with pytest.raises(NotPossible):
            saw(request, ana, "gone")
        with pytest.raises(NotPossible):
            proposing.ask(request.pk, "When?", by=ana)
    with pytest.raises(NotPossible, match="number of the other"):
        proposing.same(here(area).pk, secret.number, "", by=ana)
    assert not Look.objects.exists() and not Proposal.objects.exists()


def test_a_look_is_kept_once_without_personal_data_and_the_department_reads_it(area: str, ana: Member) -> None:
    request, form = here(area), uuid4()
    words = Saw("still", "Call 215-867-5309, it is deep")
    first = looking.look(request.pk, words, by=ana, form=form)
    assert looking.look(request.pk, words, by=ana, form=form) == first
    assert "867" not in first.words and "it is deep" in first.words
    note = request.updates.get(note__contains="looked").note
    assert "Ana" in note and "867" not in note
    assert request.updates.filter(public_text="").count() == 2, "who reported it is not told of every look"


def test_gone_proposes_to_close_and_one_click_closes(area: str, ana: Member, boss: User) -> None:
    request = here(area)
    saw(request, ana, "gone", "Swept")
    saw(request, ana, "gone", "Still swept")
    waits = Proposal.objects.get()
    assert waits.kind == "close" and waits.words == "Swept"
    proposing.agree(waits.pk, by=boss)
    request.refresh_from_db()
    waits.refresh_from_db()
    assert (request.status, request.outcome) == (Status.CLOSED, Outcome.NO_ACTION_NEEDED)
    assert waits.agreed and waits.settled_by == boss
    with pytest.raises(NotPossible, match="settled"):
        proposing.agree(waits.pk, by=boss)


def test_what_is_closed_otherwise_waits_no_more(area: str, ana: Member, boss: User) -> None:
    request = here(area)
    saw(request, ana, "gone")
    close(request, boss)
    waits = Proposal.objects.get()
    assert waits.settled_at and waits.agreed is None


def test_still_there_opens_a_closed_one_again_once_then_a_supervisor_looks(area: str, ana: Member, boss: User) -> None:
    request = here(area)
    close(request, boss, days_ago=29)
    saw(request, ana, "still", "Not swept at all")
    request.refresh_from_db()
    assert request.status == Status.REOPENED and request.reopened == 1
    assert "liaison" in request.updates.get(to_status=Status.REOPENED).public_text
    close(request, boss)
    saw(request, ana, "still")
    request.refresh_from_db()
    assert request.status == Status.CLOSED and Survey.objects.get().disputed
    saw(request, ana, "still")
    assert request.updates.filter(note__contains="not fixed").count() == 1


def test_after_thirty_days_it_is_a_new_problem(area: str, ana: Member, boss: User) -> None:
    request = here(area)
    close(request, boss, days_ago=31)
    with pytest.raises(NotPossible, match="new problem"):
        saw(request, ana, "still")
    saw(request, ana, "gone")
    assert not Proposal.objects.exists()


def test_the_same_problem_is_joined_by_one_click_or_kept_apart(area: str, ana: Member, boss: User) -> None:
    one, two, three = here(area), here(area), here(area)
    proposing.same(one.pk, two.number, "Same hole", by=ana)
    assert proposing.same(one.pk, two.number, "Same hole", by=ana) == Proposal.objects.get()
    proposing.same(three.pk, two.number, "", by=ana)
    proposing.agree(Proposal.objects.get(request=one).pk, by=boss)
    one.refresh_from_db()
    assert one.status == Status.DUPLICATE and one.duplicate_of == two
    proposing.decline(Proposal.objects.get(request=three).pk, by=boss)
    three.refresh_from_db()
    assert three.closed_at is None and Proposal.objects.get(request=three).agreed is False
    for other in (one.number, "26-999999", three.number):
        with pytest.raises(NotPossible):
            proposing.same(three.pk, other, "", by=ana)


def test_asking_is_for_what_is_overdue_once_in_fourteen_days_and_the_answer_is_public(
    area: str, ana: Member, boss: User
) -> None:
    from django.contrib.auth.models import Group

    chief = User.objects.create_user("chief")
    chief.groups.add(Group.objects.get_or_create(name="supervisor")[0])
    request = here(area)
    with pytest.raises(NotPossible, match="not"):
        proposing.ask(request.pk, "When?", by=ana)
    ServiceRequest.objects.update(due_at=timezone.now() - timedelta(days=1))
    asked = proposing.ask(request.pk, "When is it done?", by=ana)
    assert chief.mentions.get().request == request, "the supervisors find it in their list"
    with pytest.raises(NotPossible, match="14 days"):
        proposing.ask(request.pk, "And now?", by=ana)
    proposing.agree(asked.pk, by=boss, answer="On Monday.")
    asked.refresh_from_db()
    assert asked.answer == "On Monday." and request.updates.filter(public_text="On Monday.").exists()
    Proposal.objects.update(at=timezone.now() - timedelta(days=15))
    assert proposing.ask(request.pk, "It is Tuesday.", by=ana) != asked


def test_the_last_day_and_the_week_are_told_once(area: str, boss: User) -> None:
    Account.objects.create(network="email", handle="help@city.test", name="Help")
    held = liaisons.appoint(member(digest=True), Terms(area, today(), today() + timedelta(10)), by=boss)
    liaisons.appoint(member("Ben"), Terms(area, today(), today() + timedelta(100)), by=boss)
    assert (reminding.remind(), reminding.remind()) == (1, 0)
    liaisons.change(held.pk, Terms(area, today(), today() + timedelta(12)), by=boss)
    assert reminding.remind() == 1, "another last day is another reminder"
    assert weekly.send() == 0, "nothing to do, no mail"
    here(area)
    assert (weekly.send(), weekly.send()) == (1, 0), "once a week, and only to who wants mails"
    last = Delivery.objects.order_by("-created_at", "-id")[0].outgoing["text"]
    assert "All open, overdue first: 1" in last and "/liaison/" in last
