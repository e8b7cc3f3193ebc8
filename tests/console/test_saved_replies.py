"""Saved replies: whose they are, what is filled in, and that nothing leaves with a hole in it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from openline.care.models import SavedReply
from openline.inbox.models import Attention, Conversation, Message
from tests.console import world

pytestmark = pytest.mark.django_db
Login = Callable[[str], Client]
PAGE = "/console/saved-replies/"


@pytest.fixture
def talk(staff: dict[str, User]) -> Conversation:
    """A question that waits for an answer."""
    return world.conversation("Maria Santos", "When is it fixed?", attention=Attention.ANSWER)


def saved(name: str, text: str, owner: User | None = None) -> SavedReply:
    """A saved reply; of all without an owner."""
    return SavedReply.objects.create(name=name, text=text, owner=owner, changed_at=timezone.now())


def post(client: Client, address: str, **fields: object) -> str:
    """Send a form; the page that answers."""
    return client.post(address, {"client_id": str(uuid4()), **fields}, follow=True).content.decode()


def put_in(client: Client, talk: Conversation, reply: object, text: str = "") -> str:
    """The page after "Put it in"."""
    return post(client, f"/console/conversations/{talk.pk}/answer/", fill="1", saved=str(reply), text=text)


def test_it_is_filled_in_below_what_was_typed_and_not_sent(login: Login, talk: Conversation) -> None:
    request = world.request_from(talk)
    text = "Hello {name}, {number} at {place} is with the {department}."
    page = put_in(login("agent"), talk, saved("Under way", text).pk, "Good morning!")
    assert (
        f"Good morning!\n\nHello Maria Santos, {request.number} at S 13TH ST &amp; MARKET ST"
        " is with the Streets Department.</textarea>" in page
    )
    assert "Not sent yet" in page and not Message.objects.filter(direction="out").exists()


def test_no_answer_leaves_with_a_hole(login: Login, talk: Conversation) -> None:
    client = login("agent")
    page = put_in(client, talk, saved("Number", "It is {number}.").pk)
    assert "It is ___.</textarea>" in page
    page = post(client, f"/console/conversations/{talk.pk}/answer/", text="It is ___.")
    assert "Something is left to fill in" in page and not Message.objects.filter(direction="out").exists()


def test_everybody_has_their_own_and_those_of_the_desk(
    login: Login, staff: dict[str, User], talk: Conversation
) -> None:
    post(login("agent"), f"{PAGE}new/", name="Mine", text="Of the agent")
    post(login("supervisor"), f"{PAGE}new/", name="Ours", text="Of all", for_all="on")
    mine, ours = SavedReply.objects.get(name="Mine"), SavedReply.objects.get(name="Ours")
    assert mine.owner == staff["agent"] and ours.owner is None
    page = login("agent").get(f"/console/conversations/{talk.pk}/").content.decode()
    assert ">Mine</option>" in page and ">Ours</option>" in page
    assert ">Mine</option>" not in login("supervisor").get(f"/console/conversations/{talk.pk}/").content.decode()
    assert "Choose a saved reply first." in put_in(login("supervisor"), talk, mine.pk)
    assert login("supervisor").get(f"{PAGE}{mine.pk}/").status_code == 404
    assert login("agent").get(f"{PAGE}{ours.pk}/").status_code == 404  # who may not write the desk's texts
    assert login("agent").post(f"{PAGE}{ours.pk}/delete/", {"client_id": str(uuid4())}).status_code == 404
    post(login("agent"), f"{PAGE}new/", name="Not for all", text="x", for_all="on")
    assert SavedReply.objects.get(name="Not for all").owner == staff["agent"]
    post(login("agent"), f"{PAGE}{mine.pk}/delete/")
    assert not SavedReply.objects.filter(name="Mine").exists()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": "a", "text": "Hello {nmae}"}, "{nmae} is no placeholder."),
        ({"name": "taken", "text": "x"}, "There is a saved reply of this name already."),
        ({"name": "", "text": "x"}, "This field is required."),
        ({"name": "a", "text": " \n"}, "This field is required."),
        ({"name": "a", "text": "x" * 5001}, "at most 5000"),
    ],
)
def test_wrong_input_keeps_nothing(login: Login, staff: dict[str, User], fields: dict[str, str], said: str) -> None:
    saved("Taken", "x", staff["agent"])
    assert said in post(login("agent"), f"{PAGE}new/", **fields)
    assert SavedReply.objects.count() == 1


@pytest.mark.parametrize("wrong", ["", "none", "999999", "1;2", "²"])
def test_a_reply_that_is_none_changes_nothing(login: Login, talk: Conversation, wrong: str) -> None:
    page = put_in(login("agent"), talk, wrong, "My words")
    assert "Choose a saved reply first." in page and "My words</textarea>" in page


def test_who_does_not_answer_has_none(login: Login) -> None:
    for role in ("crew", "official"):
        assert login(role).get(PAGE).status_code == 403
