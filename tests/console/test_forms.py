"""What staff do with forms: each once, however often it is sent; refused with the words kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from openline.care import places
from openline.channels.base import Room
from openline.channels.mastodon.channel import MastodonChannel
from openline.console.models import Submission
from openline.console.once import forget_old
from openline.inbox import queries
from openline.inbox.models import Conversation, Message, Status
from openline.knowledge.models import Article, ArticleVersion
from openline.outbox.models import Delivery, State
from openline.service_requests.actions import NotPossible
from openline.service_requests.models import ServiceRequest, Update
from openline.triage.models import Correction
from tests.console import world

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def gazetteer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gazetteer of one corner, found under any name that has a 13 in it."""

    def resolve(text: str) -> dict[str, Any]:
        if "13" not in text:
            raise NotPossible("No such place is known. Try a corner.")
        return dict(world.PLACE)

    monkeypatch.setattr(places, "resolve", resolve)


def send(client: Client, name: str, key: object, *, htmx: bool = True, **fields: Any) -> Any:
    """Send the form `name` of the conversation or request `key`."""
    return client.post(
        reverse(f"console:{name}", args=[key]), {"client_id": uuid4(), **fields}, headers=HTMX if htmx else {}
    )


# --- answering ------------------------------------------------------------------------------------


def test_an_answer_goes_into_the_thread_and_on_its_way(login: Callable[[str], Client]) -> None:
    talk = world.conversation("Maria Santos", "How do I get a permit?", attention=2)
    answer = send(login("agent"), "answer", talk.pk, text="Here is how.", done="1")
    assert answer.status_code == 200 and "Your answer is on its way." in answer.content.decode()
    said = Message.objects.get(direction="out")
    assert (said.text, said.written_by.username, said.delivery.state) == ("Here is how.", "agent", "waiting")  # type: ignore[union-attr]
    talk.refresh_from_db()
    assert (talk.status, talk.attention) == (Status.DONE, 0)


def test_an_answer_can_leave_the_conversation_open(login: Callable[[str], Client]) -> None:
    talk = world.conversation("Maria Santos", "How do I get a permit?", attention=2)
    send(login("agent"), "answer", talk.pk, text="We are asking a colleague.")
    talk.refresh_from_db()
    assert talk.status == Status.OPEN


@pytest.mark.parametrize("times", [2, 5])
def test_a_form_sent_several_times_is_done_once(login: Callable[[str], Client], times: int) -> None:
    talk, client, same = world.conversation("Maria Santos", "permit?"), login("agent"), uuid4()
    for _time in range(times):
        assert send(client, "answer", talk.pk, text="Here.", client_id=same).status_code == 200
    assert Message.objects.filter(direction="out").count() == Delivery.objects.count() == 1


def test_without_javascript_a_form_redirects_to_the_conversation(login: Callable[[str], Client]) -> None:
    talk = world.conversation("Maria Santos", "permit?")
    answer = send(login("agent"), "answer", talk.pk, htmx=False, text="Here.", view="answer")
    assert answer.status_code == 302
    assert answer["Location"] == reverse("console:conversation", args=[talk.pk]) + "?view=answer"


@pytest.mark.parametrize("htmx", [True, False])
def test_an_answer_that_is_too_long_is_refused_and_kept(
    login: Callable[[str], Client], htmx: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = replace(MastodonChannel.capabilities, too_long="reject")  # a network that has no threads
    monkeypatch.setattr(MastodonChannel, "capabilities", alone)
    talk, words = world.conversation("Maria Santos", "permit?"), "word <b> " * 100
    answer = send(login("agent"), "answer", talk.pk, htmx=htmx, text=words)
    page = answer.content.decode()
    assert answer.status_code == 422 and "Please shorten it" in page and "word &lt;b&gt; word" in page
    assert not Delivery.objects.exists() and not Submission.objects.exists()


@pytest.mark.parametrize(("visibility", "limit"), [("public", 8000), ("private", 2000)])
def test_an_answer_may_be_as_long_as_its_kind_and_no_longer(
    login: Callable[[str], Client], visibility: str, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    can = replace(MastodonChannel.capabilities, answers=Room(8000, "reject"), messages=Room(2000, "reject"))
    monkeypatch.setattr(MastodonChannel, "capabilities", can)
    talk = world.conversation("Maria Santos", "permit?", visibility=visibility)
    limit -= len(talk.identity.handle) + 2
    page = login("agent").get(reverse("console:conversation", args=[talk.pk])).content.decode()
    assert f"At most {limit} characters" in page.replace(",", "")
    assert send(login("agent"), "answer", talk.pk, text="x" * (limit + 1)).status_code == 422
    assert send(login("agent"), "answer", talk.pk, text="x" * limit).status_code in (200, 302)


@pytest.mark.parametrize("text", ["", "   \n", "\0\0"])
def test_an_empty_answer_is_refused(login: Callable[[str], Client], text: str) -> None:
    talk = world.conversation("Maria Santos", "permit?")
    answer = send(login("agent"), "answer", talk.pk, text=text)
    assert answer.status_code == 422 and "Write the answer first." in answer.content.decode()


@pytest.mark.parametrize("client_id", ["", "7", "x" * 5000, "\0"])
def test_a_form_without_its_identifier_is_refused(login: Callable[[str], Client], client_id: str) -> None:
    talk = world.conversation("Maria Santos", "permit?")
    answer = send(login("agent"), "answer", talk.pk, text="Here.", client_id=client_id)
    assert answer.status_code == 422 and "The form is not complete" in answer.content.decode()
    assert not Delivery.objects.exists()


def test_ten_megabytes_are_turned_away(login: Callable[[str], Client]) -> None:
    talk = world.conversation("Maria Santos", "permit?")
    assert (
        send(login("agent"), "answer", talk.pk, text="x" * 10_000_000).status_code == 413
        or not Delivery.objects.exists()
    )


def test_a_file_in_the_place_of_a_text_is_an_empty_text(login: Callable[[str], Client]) -> None:
    talk = world.conversation("Maria Santos", "permit?")
    assert send(login("agent"), "answer", talk.pk, text=SimpleUploadedFile("a.txt", b"x")).status_code == 422


# --- proposals ------------------------------------------------------------------------------------


def test_a_question_comes_with_answers_to_send(login: Callable[[str], Client]) -> None:
    Article.objects.update(translation_of=None)
    ArticleVersion.objects.all().delete()
    Article.objects.all().delete()
    world.article()
    world.article("trash", "Your trash day", "The day depends on your address.", "trash; pickup")
    talk = world.conversation("Maria Santos", "How do I get a permit for a block party?")
    world.assess(talk, "question", "answer", "Reads like a question.")
    page = login("agent").get(reverse("console:conversation", args=[talk.pk])).content.decode()
    assert "Apply to the Streets Department some weeks before the party." in page and "Send this answer" in page
    assert "Your trash day" not in page


def test_a_request_comes_without_proposals(login: Callable[[str], Client]) -> None:
    talk = world.conversation("Maria Santos", "block party left a pothole")
    world.assess(talk, "request", "open", "Street Defect")
    assert b"Send this answer" not in login("agent").get(reverse("console:conversation", args=[talk.pk])).content


# --- conversations --------------------------------------------------------------------------------


def test_handled_and_assigned(login: Callable[[str], Client], staff: dict[str, User]) -> None:
    talk, client = world.conversation("Maria Santos", "thanks", attention=1), login("agent")
    send(client, "assign", talk.pk, to="me")
    assert Conversation.objects.get().assigned_to == staff["agent"]
    assert b"Maria Santos" in client.get("/console/?view=mine").content
    send(client, "assign", talk.pk, to="nobody")
    send(client, "done", talk.pk)
    found = Conversation.objects.get()
    assert (found.assigned_to, found.status) == (None, Status.DONE)
    assert found.why == "Marked as handled by agent."


def test_opening_a_request_from_a_message(login: Callable[[str], Client], gazetteer: None) -> None:
    talk, street = world.conversation("Maria Santos", "pothole at 13th and Market"), world.service()
    fields: dict[str, Any] = {"message": talk.messages.get().pk, "other_service": street.name.upper(), "tell": "1"}
    client = login("agent")
    first = send(client, "open_request", talk.pk, place="13th and market", **fields)
    assert first.status_code == 422 and "Found: S 13TH ST &amp; MARKET ST. If that is right" in first.content.decode()
    assert 'name="confirmed" value="S 13TH ST &amp; MARKET ST"' in first.content.decode()
    again = send(client, "open_request", talk.pk, place="13th and market", confirmed=world.PLACE["name"], **fields)
    opened = ServiceRequest.objects.get()
    assert again.status_code == 200 and opened.number in again.content.decode()
    assert (opened.service, opened.place_name) == (street, world.PLACE["name"])
    assert opened.number in Message.objects.get(direction="out").text
    assert Correction.objects.get().after == street.code


def test_a_request_opened_twice_by_a_double_click_is_one(login: Callable[[str], Client], gazetteer: None) -> None:
    talk, client, same = world.conversation("Maria Santos", "pothole"), login("agent"), uuid4()
    world.service()
    for _click in range(2):
        send(
            client,
            "open_request",
            talk.pk,
            message=talk.messages.get().pk,
            service="SR-ST01",
            place=world.PLACE["name"],
            client_id=same,
        )
    assert ServiceRequest.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"service": ""}, "Choose a service."),
        ({"other_service": "Nonsense <i>"}, "“Nonsense &lt;i&gt;” is no service of the catalogue"),
        ({"service": "SR-ST01", "place": ""}, "This service needs a place."),
        ({"service": "SR-ST01", "place": "the moon"}, "No such place is known."),
    ],
)
def test_a_request_that_cannot_be_opened_says_why(
    login: Callable[[str], Client], gazetteer: None, fields: dict[str, Any], said: str
) -> None:
    talk = world.conversation("Maria Santos", "pothole")
    world.service()
    answer = send(login("agent"), "open_request", talk.pk, message=talk.messages.get().pk, **fields)
    assert answer.status_code == 422 and said in answer.content.decode()
    assert not ServiceRequest.objects.exists()


def test_a_message_of_another_conversation_is_refused(login: Callable[[str], Client], gazetteer: None) -> None:
    world.service()
    one, other = world.conversation("Maria Santos", "a"), world.conversation("Lee Nguyen", "b")
    answer = send(
        login("agent"),
        "open_request",
        one.pk,
        message=other.messages.get().pk,
        service="SR-ST01",
        place=world.PLACE["name"],
    )
    assert answer.status_code == 422 and "not part of this conversation" in answer.content.decode()


# --- requests -------------------------------------------------------------------------------------


@pytest.fixture
def reported(db: None) -> ServiceRequest:
    """A pothole that Maria reported."""
    return world.request_from(world.conversation("Maria Santos", "pothole at 13th and Market"))


def test_only_the_allowed_states_are_offered(login: Callable[[str], Client], reported: ServiceRequest) -> None:
    page = login("agent").get(reverse("console:request", args=[reported.number])).content.decode()
    assert '<button name="to" value="in_progress">' in page and 'value="reopened"' not in page


def test_moving_and_closing_with_outcome_and_words(login: Callable[[str], Client], reported: ServiceRequest) -> None:
    client = login("crew")
    world.department().members.add(User.objects.get(username="crew"))
    send(client, "move", reported.number, to="in_progress", version=reported.version)
    reported.refresh_from_db()
    assert reported.status == "in_progress"
    refused = send(client, "move", reported.number, to="closed", version=reported.version, public_text="Filled it.")
    assert refused.status_code == 422 and "Choose an outcome" in refused.content.decode()
    assert "Filled it.</textarea>" in refused.content.decode()
    send(
        client, "move", reported.number, to="closed", outcome="done", public_text="Filled it.", version=reported.version
    )
    reported.refresh_from_db()
    assert (reported.status, reported.outcome, reported.status_note) == ("resolved", "done", "Filled it.")
    assert "Filled it." in Message.objects.filter(direction="out").order_by("-posted_at")[0].text


def test_a_transition_that_is_not_allowed_is_refused(login: Callable[[str], Client], reported: ServiceRequest) -> None:
    for to in ("reopened", "nonsense", ""):
        assert send(login("agent"), "move", reported.number, to=to).status_code == 422


def test_who_saves_on_an_old_page_keeps_the_words_and_sees_the_change(
    login: Callable[[str], Client], reported: ServiceRequest
) -> None:
    send(login("supervisor"), "move", reported.number, to="in_progress", version=reported.version)
    late = send(
        login("agent"),
        "move",
        reported.number,
        to="closed",
        outcome="done",
        public_text="My words.",
        version=reported.version,
    )
    page = late.content.decode()
    assert late.status_code == 422 and "Somebody else changed this request meanwhile" in page
    assert "My words.</textarea>" in page and "In progress" in page
    assert Update.objects.filter(to_status="closed").count() == 0


def test_a_double_click_on_move_is_no_conflict(login: Callable[[str], Client], reported: ServiceRequest) -> None:
    client, same = login("agent"), uuid4()
    for _click in range(2):
        answer = send(client, "move", reported.number, to="accepted", version=reported.version, client_id=same)
        assert answer.status_code == 200
    assert Update.objects.filter(to_status="accepted").count() == 1


def test_public_updates_are_told_and_notes_are_not(login: Callable[[str], Client], reported: ServiceRequest) -> None:
    client = login("agent")
    send(client, "update", reported.number, note="Caller is upset.")
    assert not Message.objects.filter(direction="out").exists()
    send(client, "update", reported.number, public_text="A crew comes on Friday.")
    assert "A crew comes on Friday." in Message.objects.get(direction="out").text
    assert send(client, "update", reported.number, note=" ").status_code == 422


def test_correcting_the_service_teaches(login: Callable[[str], Client], reported: ServiceRequest) -> None:
    tree = world.service("SR-PR08", "Street Trees", department=world.department("parks", "Parks"))
    send(login("agent"), "service", reported.number, other_service="Street Trees", version=reported.version)
    reported.refresh_from_db()
    assert (reported.service, reported.department.code) == (tree, "parks")
    assert Correction.objects.get().before == "SR-ST01"


def test_correcting_the_place_shows_it_first(
    login: Callable[[str], Client], reported: ServiceRequest, gazetteer: None
) -> None:
    ServiceRequest.objects.update(place_name="somewhere")
    client = login("agent")
    assert send(client, "place", reported.number, place="13 & market").status_code == 422
    send(client, "place", reported.number, place="13 & market", confirmed=world.PLACE["name"])
    reported.refresh_from_db()
    assert reported.place_name == world.PLACE["name"]
    found = client.get(reverse("console:find_place"), {"place": "13 & market"}).content.decode()
    assert "Found:" in found and "MARKET" in found
    assert "No such place" in client.get(reverse("console:find_place"), {"place": "moon"}).content.decode()


def test_handing_over_needs_a_reason(login: Callable[[str], Client], reported: ServiceRequest) -> None:
    world.department("parks", "Parks")
    client = login("agent")
    assert send(client, "department", reported.number, department="parks").status_code == 422
    send(client, "department", reported.number, department="parks", reason="It is in the park.")
    reported.refresh_from_db()
    assert (reported.department.code, reported.routing_reason) == ("parks", "It is in the park.")


def test_a_request_form_in_a_conversation_shows_the_conversation_again(
    login: Callable[[str], Client], reported: ServiceRequest
) -> None:
    talk = reported.reports.get().conversation
    answer = send(login("agent"), "update", reported.number, note="Called back.", conversation=talk.pk)
    page = answer.content.decode()
    assert 'id="conversation"' in page and "Called back." in page and "Saved." in page


@pytest.mark.parametrize("number", ["26-000000", "x" * 200])
def test_an_unknown_request_is_not_here(login: Callable[[str], Client], number: str) -> None:
    assert login("agent").get(f"/console/requests/{number}/").status_code == 404


def test_the_list_filters_and_pages(login: Callable[[str], Client], reported: ServiceRequest) -> None:
    late = world.request_from(world.conversation("Lee Nguyen", "old pothole", minutes=99), overdue=True)
    client = login("agent")

    def shown(**query: str) -> set[str]:
        page = client.get(reverse("console:requests"), query).content.decode()
        return {number for number in (reported.number, late.number) if f"/{number}/" in page}

    assert shown() == {reported.number, late.number}
    assert shown(overdue="1") == {late.number}
    assert shown(status="closed") == shown(department="nobody") == shown(service="\0no such") == set()
    assert shown(q=reported.number) == {reported.number}
    assert shown(before="rubbish") == {reported.number, late.number}


# --- deliveries -----------------------------------------------------------------------------------


def test_unsent_is_grouped_by_cause_and_can_be_sent_again(login: Callable[[str], Client]) -> None:
    talk, client = world.conversation("Tom O'Brien", "hello?"), login("supervisor")
    lost = [world.said(talk, f"answer {n}", State.FAILED, error="Token refused.", kind="TokenExpired") for n in (1, 2)]
    world.said(talk, "perhaps", State.UNCLEAR, error="The answer was lost.", kind="Unclear")
    page = client.get(reverse("console:unsent")).content.decode()
    assert page.count("<h2") == 3 and "connect the account again" in page
    client.post(reverse("console:retry", args=[lost[0].pk]))
    assert Delivery.objects.get(pk=lost[0].pk).state == State.UNCLEAR
    client.post(reverse("console:cancel", args=[lost[1].pk]))
    assert Delivery.objects.get(pk=lost[1].pk).state == State.CANCELLED
    again = client.post(reverse("console:cancel", args=[lost[1].pk]), follow=True)
    assert "Too late" in again.content.decode()


def test_sending_again_from_the_conversation_stays_there(login: Callable[[str], Client]) -> None:
    talk = world.conversation("Tom O'Brien", "hello?")
    lost = world.said(talk, "answer", State.FAILED, error="x", kind="Rejected")
    answer = send(login("supervisor"), "retry", lost.pk, conversation=talk.pk)
    assert 'id="conversation"' in answer.content.decode() and "It will be tried again." in answer.content.decode()


def test_retrying_an_account_tries_all(login: Callable[[str], Client]) -> None:
    talk = world.conversation("Tom O'Brien", "hello?")
    for number in range(3):
        world.said(talk, f"answer {number}", State.FAILED, error="x", kind="TokenExpired")
    login("supervisor").post(reverse("console:retry_account", args=[talk.account_id]))
    assert Delivery.objects.filter(state=State.UNCLEAR).count() == 3


def test_what_could_not_be_read_is_shown_as_it_came(login: Callable[[str], Client]) -> None:
    world.refused("No post in it.", b"\xff\xfe\x00<b>raw")
    page = login("supervisor").get(reverse("console:refused")).content.decode()
    assert "No post in it." in page and "&lt;b&gt;raw" in page and "\0" not in page


def test_a_resident_is_folded_into_a_known_request_and_taken_out_again(login: Callable[[str], Client]) -> None:
    known = world.request_from(world.conversation("Maria Santos", "Light out at 13th and Market"))
    talk, client = world.conversation("Tom O'Brien", "same here"), login("agent")
    message = talk.messages.get()
    refused = send(client, "fold", talk.pk, message=message.pk, number="26-999999")
    assert refused.status_code == 422 and "There is no such request" in refused.content.decode()
    send(client, "fold", talk.pk, message=message.pk, number=known.number)
    report = talk.reports.get()
    page = client.get(reverse("console:request", args=[known.number])).content.decode()
    assert report.folded and "Reported in 2 conversations" in page and "take out" in page
    send(client, "take_out", known.number, report=report.pk)
    talk.refresh_from_db()
    assert not talk.reports.exists() and (talk.status, talk.attention) == (Status.OPEN, 1)
    again = send(client, "take_out", known.number, report=report.pk)
    assert again.status_code == 422 and "does not follow this request any more" in again.content.decode()


def test_marks_of_old_forms_are_forgotten(login: Callable[[str], Client]) -> None:
    talk = world.conversation("Maria Santos", "permit?")
    send(login("agent"), "answer", talk.pk, text="Here.")
    assert forget_old() == 0
    Submission.objects.update(at="2020-01-01T00:00Z")
    assert forget_old() == 1


@pytest.mark.parametrize(("name", "can_be_corrected"), [("ab" * 32, False), (f"34236:{'cd' * 32}:film", True)])
def test_a_correction_is_offered_only_for_posts_that_can_be_changed(
    login: Callable[[str], Client], name: str, can_be_corrected: bool
) -> None:
    """On Nostr a film has an address, under which a newer one takes its place; a note has none."""
    talk, client = world.conversation("Maria Santos", "When?", on=world.account("desk", "nostr")), login("agent")
    send(client, "answer", talk.pk, text="On Monday.")
    Message.objects.filter(direction="out").update(network_id=name)
    page = client.get(reverse("console:conversation", args=[talk.pk])).content.decode()
    assert "Take it back on the network" in page and ("Correct it on the network" in page) == can_be_corrected
    said = Message.objects.get(direction="out")
    answer = send(client, "correct_message", said.pk, text="On Tuesday.")
    assert (answer.status_code == 200) == can_be_corrected
    assert Delivery.objects.count() == 1 + can_be_corrected
    refusal = "Nostr has no corrections of a message of this kind." in answer.content.decode()
    assert refusal == (not can_be_corrected)


def test_what_waits_because_a_network_is_away_is_among_the_unsent_and_is_tried_at_once(
    login: Callable[[str], Client],
) -> None:
    talk, client = world.conversation("Tom O'Brien", "hello?"), login("supervisor")
    waits = world.said(talk, "answer", State.WAITING, error="The server does not answer.", kind="NetworkDown")
    fresh = world.said(talk, "just now", State.WAITING)
    later, now = timezone.now() + timedelta(hours=1), timezone.now()
    Delivery.objects.filter(pk=waits.pk).update(created_at=now - timedelta(minutes=5), next_try_at=later)
    Delivery.objects.filter(pk=fresh.pk).update(created_at=now)
    page = client.get(reverse("console:unsent")).content.decode()
    assert "The server does not answer." in page and "tried again by itself" in page and "just now" not in page
    assert queries.counts(Conversation.objects.all())["unsent"] == 1
    client.post(reverse("console:retry", args=[waits.pk]))
    tried = Delivery.objects.get(pk=waits.pk)
    assert tried.state == State.WAITING and tried.next_try_at < later
    Delivery.objects.filter(pk=waits.pk).update(next_try_at=later)
    client.post(reverse("console:retry_account", args=[talk.account_id]))
    assert Delivery.objects.get(pk=waits.pk).next_try_at < later
    talk.account.enabled = False
    talk.account.save()
    assert "switched off" not in page
    Delivery.objects.filter(pk=waits.pk).update(error="", error_kind="")
    assert "This account is switched off" in client.get(reverse("console:unsent")).content.decode()
