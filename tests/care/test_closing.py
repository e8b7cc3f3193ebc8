"""Closing that residents accept: asked before and after, opened again once, how it was, and what silence means."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from openline.accounts.models import Account
from openline.care import answers, silence, surveys
from openline.care.models import Survey
from openline.inbox.models import Attention, Status
from openline.records.models import Record
from openline.service_requests import actions
from openline.service_requests.models import ResponseTemplate, ServiceRequest, Team
from tests.care.test_main_job import answers as told
from tests.care.test_main_job import conversation, hear
from tests.world import city_account, post

pytestmark = pytest.mark.usefixtures("philadelphia")


@pytest.fixture
def desk(tmp_path: Path, philadelphia: None) -> Account:
    return city_account(tmp_path / "net")


@pytest.fixture
def ana(db: None) -> User:
    return User.objects.create_user("ana")


@pytest.fixture
def pothole(desk: Account) -> ServiceRequest:
    hear(desk, post("1", "pothole at Broad and Snyder swallowed my hubcap"))
    return ServiceRequest.objects.get()


def close(request: ServiceRequest, by: User, outcome: str = "done", **more: Any) -> ServiceRequest:
    return actions.move(request.pk, "closed", by=by, outcome=outcome, **more)


def say(desk: Account, number: str, text: str, **more: Any) -> ServiceRequest:
    hear(desk, post(number, text, to="1", **more))
    return ServiceRequest.objects.get()


def test_done_asks_whether_it_is_fixed_and_yes_closes(desk: Account, pothole: ServiceRequest, ana: User) -> None:
    resolved = close(pothole, ana, public_text="The hole is filled.")
    assert (resolved.status, resolved.outcome) == ("resolved", "done") and resolved.closed_at
    assert "The hole is filled. Is it fixed? Reply yes or no." in told("1")[-1]
    closed = say(desk, "2", "@philly311 Yes, thank you!")
    assert (closed.status, closed.outcome, closed.closed_at) == ("closed", "done", resolved.closed_at)
    assert len(told("1")) == 3 and "How was it, from 1 (bad) to 5 (good)?" in told("1")[-1]
    assert conversation("1").status == Status.DONE
    assert Survey.objects.get().fixed is True
    assert Record.objects.filter(kind="decided", body__what="survey").count() == 2


@pytest.mark.parametrize("outcome", ["not_done", "not_ours", "withdrawn", "referred"])
def test_other_outcomes_close_at_once(desk: Account, pothole: ServiceRequest, ana: User, outcome: str) -> None:
    assert close(pothole, ana, outcome).status == "closed"
    assert "yes or no" not in told("1")[-1] and "Just answer here" in told("1")[-1]


def test_no_opens_it_once_with_somebody_else_and_then_supervisors_look(
    desk: Account, pothole: ServiceRequest, ana: User
) -> None:
    ben, boss = User.objects.create_user("ben"), User.objects.create_user("boss")
    boss.groups.add(Group.objects.get_or_create(name="supervisor")[0])
    pothole.department.members.add(ana, ben)
    close(pothole, ana)
    again = say(desk, "2", "no")
    assert (again.status, again.reason, again.reopened) == ("reopened", "not_fixed", 1)
    assert again.assigned_to == ben and conversation("1").attention == Attention.LOOK
    assert close(again, ben).status == "resolved"
    assert "Is it fixed?" in told("1")[-1]
    still = say(desk, "3", "no, it is still there")
    assert still.status == "resolved" and still.reopened == 1
    assert "A supervisor looks" in told("1")[-1] and conversation("1").attention == Attention.ANSWER
    assert boss.mentions.get().request == pothole
    said = len(told("1"))
    assert say(desk, "4", "no!!").status == "resolved" and len(told("1")) == said
    assert silence.follow_up(timezone.now() + timedelta(days=30)) == 0  # a person looks: nothing is closed over it
    survey = Survey.objects.get()
    assert survey.opened_again and survey.disputed and survey.fixed is False


def test_of_a_team_the_colleague_with_the_least_to_do_gets_it(
    desk: Account, pothole: ServiceRequest, ana: User
) -> None:
    people = [ana, *(User.objects.create_user(name) for name in ("ben", "cleo", "dora"))]
    team = Team.objects.create(code="crew", name="Crew", department=pothole.department)
    team.members.set(people[:3])
    pothole.department.members.set(people)
    hear(desk, post("9", "street light is out at 1500 Market St", by="sam"))
    ServiceRequest.objects.exclude(pk=pothole.pk).update(assigned_to=people[1])
    ServiceRequest.objects.filter(pk=pothole.pk).update(team=team, assigned_to=ana)
    close(pothole, ana)
    hear(desk, post("2", "not fixed", to="1"))
    again = ServiceRequest.objects.get(pk=pothole.pk)
    assert (again.team, again.assigned_to) == (team, people[2])


def test_without_a_colleague_the_supervisors_are_told(desk: Account, pothole: ServiceRequest, ana: User) -> None:
    boss = User.objects.create_user("boss")
    boss.groups.add(Group.objects.get_or_create(name="supervisor")[0])
    close(pothole, ana)
    assert say(desk, "2", "no").assigned_to is None
    assert boss.mentions.get().request == pothole


def test_two_residents_say_no_in_one_batch_and_it_is_opened_once(
    desk: Account, pothole: ServiceRequest, ana: User
) -> None:
    hear(desk, post("5", "same here", by="sam", to="1"))
    close(pothole, ana)
    hear(desk, post("6", "no", to="1"), post("7", "no", by="sam", to="5"))
    again = ServiceRequest.objects.get()
    assert (again.status, again.reopened) == ("reopened", 1)
    assert all("opened request" in told(number)[-1] for number in ("1", "5"))


def test_after_one_yes_another_resident_may_still_say_no(desk: Account, pothole: ServiceRequest, ana: User) -> None:
    hear(desk, post("5", "same here", by="sam", to="1"))
    close(pothole, ana)
    hear(desk, post("6", "yes", to="1"), post("7", "yes", by="sam", to="5"))
    assert ServiceRequest.objects.get().status == "closed"
    assert sum("How was it" in text for number in ("1", "5") for text in told(number)) == 1
    hear(desk, post("8", "no", by="sam", to="5"))
    assert ServiceRequest.objects.get().status == "reopened"


def test_how_it_was_is_asked_once_though_it_is_closed_twice(desk: Account, pothole: ServiceRequest, ana: User) -> None:
    close(pothole, ana)
    say(desk, "2", "yes")
    actions.move(pothole.pk, "reopened", by=ana, reason="came_back")
    assert close(pothole, ana).status == "resolved" and "Is it fixed?" in told("1")[-1]
    assert Survey.objects.get().fixed is None
    assert say(desk, "3", "yes").status == "closed"
    assert sum("How was it" in text for text in told("1")) == 1 and told("1")[-1].endswith("is closed.")


def test_silence_closes_what_was_done(desk: Account, pothole: ServiceRequest, ana: User) -> None:
    close(pothole, ana)
    said = len(told("1"))
    assert silence.follow_up(timezone.now() + timedelta(days=6, hours=23)) == 0
    assert silence.follow_up(timezone.now() + timedelta(days=7, hours=1)) == 1
    closed = ServiceRequest.objects.get()
    assert (closed.status, closed.outcome) == ("closed", "done") and len(told("1")) == said
    assert say(desk, "2", "still not fixed").status == "reopened"  # late, but heard


def test_not_found_asks_the_resident_and_the_answer_brings_the_place(
    desk: Account, pothole: ServiceRequest, ana: User
) -> None:
    asked = close(pothole, ana, "not_found")
    assert (asked.status, asked.reason, asked.outcome) == ("waiting", "not_found", "")
    assert asked.paused_at and asked.closed_at is None
    assert "We could not find" in told("1")[-1] and "a nearer address, a photo" in told("1")[-1]
    back = say(desk, "2", "it is at 13th and Market")
    assert (back.status, back.place_name, back.paused_at) == ("in_progress", "N 13th St & Market St", None)
    assert conversation("1").attention == Attention.LOOK and "13th" in told("1")[-1]
    assert close(back, ana, "not_found").status == "closed"  # asked once: now it closes


def test_an_answer_without_a_place_goes_back_to_work_too(desk: Account, pothole: ServiceRequest, ana: User) -> None:
    close(pothole, ana, "not_found")
    back = say(desk, "2", "right behind the blue van, the deep one")
    assert back.status == "in_progress" and back.place_name == pothole.place_name
    assert "We go on with request" in told("1")[-1]
    assert back.updates.get(to_status="in_progress").note == "right behind the blue van, the deep one"


def test_a_photo_alone_is_an_answer_and_thanks_are_none(desk: Account, pothole: ServiceRequest, ana: User) -> None:
    actions.move(pothole.pk, "waiting", by=ana, reason="photo", public_text="Can you send a photo?")
    assert say(desk, "2", "ok, will do").status == "waiting"
    picture = {"kind": "image", "url": "https://net.example/1.jpg"}
    assert say(desk, "3", "", media=[picture]).status == "in_progress"


def test_another_problem_told_meanwhile_is_another_request(desk: Account, pothole: ServiceRequest, ana: User) -> None:
    actions.move(pothole.pk, "waiting", by=ana, reason="access", public_text="When can we come in?")
    hear(desk, post("2", "also there is graffiti all over the wall at 22nd and Diamond", to="1"))
    assert ServiceRequest.objects.count() == 2
    assert ServiceRequest.objects.get(pk=pothole.pk).status == "waiting"
    hear(desk, post("3", "tomorrow after five is fine", to="1"))
    assert ServiceRequest.objects.get(pk=pothole.pk).status == "waiting"  # the graffiti was the last talk


def test_silence_is_reminded_of_once_and_then_closed_as_not_found(
    desk: Account, pothole: ServiceRequest, ana: User
) -> None:
    close(pothole, ana, "not_found")
    now = timezone.now()
    assert silence.follow_up(now + timedelta(days=1)) == 0
    assert silence.follow_up(now + timedelta(days=7)) == 1 and "We still need your answer" in told("1")[-1]
    assert silence.follow_up(now + timedelta(days=7, hours=1)) == 0
    assert silence.follow_up(now + timedelta(days=15)) == 1
    closed = ServiceRequest.objects.get()
    assert (closed.status, closed.outcome) == ("closed", "not_found")
    assert "could not find it. We asked you, and had no answer." in told("1")[-1]


def test_any_other_question_goes_back_to_work_after_silence(desk: Account, pothole: ServiceRequest, ana: User) -> None:
    actions.move(pothole.pk, "waiting", by=ana, reason="photo", public_text="Can you send a photo?")
    assert silence.follow_up(timezone.now() + timedelta(days=15)) == 1
    back = ServiceRequest.objects.get()
    assert back.status == "in_progress" and back.paused_at is None
    assert "No answer" in back.updates.order_by("-at")[0].note


def test_without_a_conversation_nobody_is_asked(ana: User) -> None:
    from tests.open311.test_georeport import new

    assert close(new(), ana).status == "closed"
    assert close(new(), ana, "not_found").status == "closed"
    assert not Survey.objects.exists()


def test_each_reporter_is_told_the_template_in_their_language(
    desk: Account, pothole: ServiceRequest, ana: User
) -> None:
    ResponseTemplate.objects.all().delete()
    for language, text in (("en", "{department} filled it."), ("es", "{department} lo tapó el {day}.")):
        ResponseTemplate.objects.create(outcome="done", language=language, text=text)
    hear(desk, post("5", "aquí también por favor", by="lu", to="1"))
    filled = close(pothole, ana)
    assert filled.status_note == "Streets Department filled it."
    assert "Streets Department filled it. Is it fixed?" in told("1")[-1]
    assert "Streets Department lo tapó el " in told("5")[-1] and "¿Está arreglado?" in told("5")[-1]
    actions.move(pothole.pk, "reopened", by=ana, reason="mistake")
    close(pothole, ana, public_text="Streets Department filled it.")  # as the form filled it in
    assert "lo tapó el" in told("5")[-1]
    actions.move(pothole.pk, "reopened", by=ana, reason="mistake")
    close(pothole, ana, public_text="My own words.")
    assert "My own words." in told("5")[-1] and "My own words." in told("1")[-1]


@pytest.fixture
def link(desk: Account, pothole: ServiceRequest, ana: User) -> str:
    close(pothole, ana)
    say(desk, "2", "yes")
    found = re.search(r"/how-was-it/\S+", told("1")[-1])
    assert found
    return found[0]


def test_one_click_says_how_it_was_and_opening_the_page_says_nothing(link: str) -> None:
    client = Client(enforce_csrf_checks=False)
    page = client.get(link)
    assert page.status_code == 200 and page["X-Robots-Tag"] == "noindex"
    assert Survey.objects.get().satisfaction is None
    answer = client.post(link, {"satisfaction": "4"}, follow=True)
    assert Survey.objects.get().satisfaction == 4 and "Your answer is kept" in answer.content.decode()
    client.post(link, {"comment": "Quick work. Call me at 215-555-0143"})
    assert "Quick work" in Survey.objects.get().comment and "0143" not in Survey.objects.get().comment
    assert client.post(link, {"satisfaction": "6"}).status_code == 302 and Survey.objects.get().satisfaction == 4
    Survey.objects.update(rated_at=timezone.now() - timedelta(hours=2))
    assert client.post(link, {"satisfaction": "1"}).status_code == 409 and Survey.objects.get().satisfaction == 4


def test_an_address_that_is_not_ours_leads_nowhere(link: str, pothole: ServiceRequest) -> None:
    for token in ("x", f"{pothole.number}:abc", link.split("/")[2][:-1]):
        assert Client().get(f"/how-was-it/{token}/").status_code == 404


def test_the_number_in_the_thread_counts_too(desk: Account, link: str) -> None:
    hear(desk, post("3", "@philly311 5", to="1"))
    assert Survey.objects.get().satisfaction == 5
    assert conversation("1").status == Status.DONE and surveys.figures("service", 7)[0]["mean"] == 5
    hear(desk, post("4", "2", to="1"))
    assert Survey.objects.get().satisfaction == 5  # answered: a number alone means nothing more


def test_the_page_speaks_the_residents_language(desk: Account, ana: User) -> None:
    hear(desk, post("1", "hay un bache enorme en Broad y Snyder, por favor vengan a repararlo"))
    request = ServiceRequest.objects.get()
    close(request, ana)
    assert "¿Está arreglado?" in told("1")[-1]
    assert say(desk, "2", "sí, gracias").status == "closed"
    found = re.search(r"/how-was-it/\S+", told("1")[-1])
    assert found
    page = Client().get(found[0]).content.decode()
    assert "¿Qué tal fue?" in page and "Muy bien" in page and 'lang="es"' in page


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("yes", True), ("Yes, thank you!", True), ("it's fixed now, thanks", True), ("sí", True), ("да", True),
        ("修好了", True), ("ya está arreglado", True), ("no", False), ("not yet", False), ("todavía no", False),
        ("no, still there", False), ("нет", False), ("chưa", False), ("وقت", None), ("no problem, thank you", None),
        ("yes but the other one is out", None), ("different", None), ("thanks!", None), ("3", None),
    ],
)  # fmt: skip
def test_yes_and_no_to_fixed(text: str, expected: bool | None) -> None:
    assert answers.fixed(text) is expected


def test_a_service_may_ask_for_a_photo_of_the_work_done(pothole: ServiceRequest, ana: User) -> None:
    from openline.files import attaching, keeping
    from tests.files.samples import photo as sample

    pothole.service.after_photo = True
    pothole.service.save()
    for to in ("closed", "resolved"):
        with pytest.raises(actions.NotPossible, match="closed with a photo"):
            actions.move(pothole.pk, to, by=ana, outcome="done")
    photo = keeping.keep(sample()).file
    attaching.add(pothole.pk, [photo], by=ana, kind="before")
    with pytest.raises(actions.NotPossible, match="closed with a photo"):
        close(pothole, ana)
    attaching.add(pothole.pk, [photo], by=ana, kind="after")
    assert close(pothole, ana).status == "resolved"
