"""Staff and neighbors: appointing liaisons, topics to look at, ideas to answer, proposals; each by who may."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from openline.community import ideas, liaisons, looking, proposing, topics
from openline.community.liaisons import Terms
from openline.community.models import Liaison, Member, Proposal, Topic, TopicState
from openline.geography.models import Area
from openline.service_requests.jurisdiction import today
from openline.service_requests.models import Department, ServiceRequest
from tests.community.world import member, work
from tests.open311.test_georeport import PLACE, new

pytestmark = [pytest.mark.usefixtures("philadelphia"), pytest.mark.django_db]
Login = Callable[[str], Client]


@pytest.fixture
def area() -> str:
    """The code of a neighborhood."""
    return Area.objects.filter(kind="neighborhood").order_by("name").values_list("code", flat=True)[0]


@pytest.fixture
def ana(area: str, staff: dict[str, User]) -> Member:
    """A liaison."""
    who = member()
    liaisons.appoint(who, Terms(area, today()), by=staff["supervisor"])
    return who


def post(client: Client, path: str, **fields: object) -> str:
    """Send a form of the console; the page that answers."""
    return client.post(f"/console/{path}", {"client_id": str(uuid4()), **fields}, follow=True).content.decode()


def idea(name: str = "Ida") -> Topic:
    """An idea that waits for a look, and was read."""
    made = topics.begin(topics.New("idea", "A bench", "Old people stand there."), by=member(name), form=uuid4())
    work()
    return made


def test_supervisors_and_administrators_appoint_nobody_else_does(login: Login, area: str) -> None:
    who = member("Rosa of the Yards")
    terms = {"area": area, "since": today().isoformat(), "until": "", "trained_for": "Intake", "trained_until": ""}
    for role in ("agent", "crew", "communications", "official", "records"):
        client = login(role)
        assert client.get("/console/liaisons/").status_code == 403
        assert client.post(f"/console/liaisons/new/{who.pk}/", terms).status_code == 403
    assert "/accounts/login/" in Client().get("/console/liaisons/")["Location"]
    boss = login("supervisor")
    assert "Rosa of the Yards" in boss.get("/console/liaisons/?q=yards").content.decode()
    assert "Choose a neighborhood" not in post(boss, f"liaisons/new/{who.pk}/", **terms)
    assert liaisons.areas_of(who) == {area}
    assert "already" in post(boss, f"liaisons/new/{who.pk}/", **terms)
    page = login("administrator").get("/console/liaisons/").content.decode()
    assert "Rosa of the Yards" in page and "Intake" in page and "neighborhoods without a liaison" in page


def test_changing_and_ending_an_appointment(login: Login, ana: Member) -> None:
    boss, held = login("supervisor"), Liaison.objects.get()
    soon = (today() + timedelta(days=9)).isoformat()
    post(boss, f"liaisons/{held.pk}/", since=today().isoformat(), until=soon, trained_for="Walks", trained_until="")
    assert "ends soon" in boss.get("/console/liaisons/").content.decode()
    post(boss, f"liaisons/{held.pk}/end/", why="")
    assert liaisons.areas_of(ana)
    post(boss, f"liaisons/{held.pk}/end/", why="Moved away")
    assert not liaisons.areas_of(ana) and "Moved away" in boss.get("/console/liaisons/").content.decode()


def test_topics_are_published_or_refused_by_the_desk_in_one_click(login: Login) -> None:
    one, two, desk = idea(), idea("Ike"), login("agent")
    page = desk.get("/console/neighbors/").content.decode()
    assert "A bench" in page and "Old people stand there." in page
    assert ">2</span>" in desk.get("/console/").content.decode(), "counted in the menu"
    assert "It is public" in post(desk, f"neighbors/topics/{one.pk}/", decision="publish")
    assert "Choose the rule" in post(desk, f"neighbors/topics/{two.pk}/", decision="refuse", why="No")
    post(desk, f"neighbors/topics/{two.pk}/", decision="refuse", rule="spam", why="It sells benches.")
    assert set(Topic.objects.values_list("state", flat=True)) == {TopicState.SHOWN, TopicState.REFUSED}
    assert "already" in post(desk, f"neighbors/topics/{two.pk}/", decision="publish")


def test_an_idea_is_answered_through_the_look_for_personal_data(login: Login) -> None:
    made, desk = idea(), login("agent")
    topics.publish(made.pk, by=User.objects.get(username="agent"))
    ideas.set_needed(1, by=User.objects.get(username="supervisor"))
    ideas.support(made.pk, by=member("Ben"))
    answer = f"neighbors/topics/{made.pk}/answer/"
    page = post(desk, answer, progress="done", public_text="Call Rosa at 215-867-5309.")
    assert "holds personal data" in page and not Topic.objects.get().answer
    post(desk, answer, progress="done", public_text="There they are.")
    public = Client().get(f"/topics/{made.pk}/").content.decode()
    assert "There they are." in public and "Done" in public and "Demo agent" in public


def test_who_may_not_decides_nothing(login: Login) -> None:
    made = idea()
    for role in ("crew", "communications", "official", "records"):
        client = login(role)
        for path in (f"neighbors/topics/{made.pk}/", f"neighbors/topics/{made.pk}/answer/", "neighbors/support/"):
            answer = client.post(f"/console/{path}", {"client_id": str(uuid4()), "decision": "publish", "needed": "1"})
            assert answer.status_code == 403, (role, path)
    assert login("agent").post("/console/neighbors/support/", {"needed": "1"}).status_code == 403
    made.refresh_from_db()
    assert made.state == TopicState.WAITING and ideas.needed() == 50
    post(login("supervisor"), "neighbors/support/", client_id=str(uuid4()), needed="7")
    assert ideas.needed() == 7


def test_proposals_are_settled_by_who_may_see_the_request(
    login: Login, ana: Member, area: str, staff: dict[str, User]
) -> None:
    request = new(place=PLACE | {"areas": [area]})
    looking.look(request.pk, looking.Saw("gone", "Swept"), by=ana, form=uuid4())
    waits, crew = Proposal.objects.get(), login("crew")
    assert request.number not in crew.get("/console/neighbors/").content.decode()
    assert "not for your role" in post(crew, f"neighbors/proposals/{waits.pk}/", decision="agree")
    Department.objects.get(pk=request.department_id).members.add(staff["crew"])
    assert "Swept" in crew.get("/console/neighbors/").content.decode()
    post(crew, f"neighbors/proposals/{waits.pk}/", decision="agree")
    assert ServiceRequest.objects.get(pk=request.pk).closed_at and Proposal.objects.get().agreed


def test_a_question_of_a_liaison_is_answered_in_public(login: Login, ana: Member, area: str) -> None:
    request, desk = new(place=PLACE | {"areas": [area]}), login("agent")
    ServiceRequest.objects.update(due_at=timezone.now() - timedelta(days=1))
    asked = proposing.ask(request.pk, "When?", by=ana)
    assert "Write the answer" in post(desk, f"neighbors/proposals/{asked.pk}/", decision="agree")
    post(desk, f"neighbors/proposals/{asked.pk}/", decision="agree", public_text="On Monday.")
    public = Client().get(f"/requests/{request.number}/").content.decode()
    assert "The city answered on" in public and "On Monday." in public
    assert "Reported by" in desk.get(f"/console/requests/{request.number}/").content.decode()


def test_a_public_topic_is_closed_with_a_reason_that_everybody_reads(login: Login) -> None:
    topic = idea()
    topics.publish(topic.pk, by=User.objects.get(username="supervisor"))
    desk = login("agent")
    refused = post(desk, f"neighbors/topics/{topic.pk}/close/", why=" ")
    assert "Say why" in refused and Topic.objects.get(pk=topic.pk).state == TopicState.SHOWN
    assert login("crew").post(f"/console/neighbors/topics/{topic.pk}/close/", {"why": "No"}).status_code == 403
    assert Topic.objects.get(pk=topic.pk).state == TopicState.SHOWN
    assert "The topic is closed" in post(desk, f"neighbors/topics/{topic.pk}/close/", why="The bench stands.")
    page = Client().get(f"/topics/{topic.pk}/").content.decode()
    assert "The bench stands." in page and Topic.objects.get(pk=topic.pk).state == TopicState.CLOSED
    assert "Close the topic" not in desk.get("/console/neighbors/").content.decode()
