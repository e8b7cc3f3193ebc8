"""The console's doors to the public: an answer, an update, a closing text; asked before personal data goes out."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from openline.inbox.models import Conversation, Message
from openline.outbox.models import Delivery
from openline.records.models import Record
from openline.service_requests.models import ServiceRequest, Update
from tests.console import world

pytestmark = pytest.mark.django_db
SAYS = "Call Joe at 215-555-0142 & ask"
Login = Callable[[str], Client]


def post(client: Client, name: str, *args: object, **fields: Any) -> Any:
    """Send a form."""
    return client.post(reverse(f"console:{name}", args=args), {"client_id": str(uuid4()), **fields})


def field(page: str, name: str) -> str:
    """The value of a hidden field, or of a text area."""
    found = re.search(rf'name="{name}" value="([^"]*)"|<textarea[^>]*name="{name}"[^>]*>([^<]*)<', page)
    assert found
    return (found[1] or found[2] or "").replace("&amp;", "&")


def said() -> list[str]:
    return [message.text for message in Message.objects.filter(direction="out")]


@pytest.fixture
def talk(staff: Any) -> Conversation:
    return world.conversation("Rosa Delgado", "Pothole at 13th and Market")


def test_an_answer_is_asked_about_then_sent_masked(login: Login, talk: Conversation) -> None:
    answer = post(login("agent"), "answer", talk.pk, text=SAYS)
    page = answer.content.decode()
    assert answer.status_code == 422 and not said() and not Delivery.objects.exists()
    assert '(personal: </span>215-555-0142<span class="sr"' in page and "a telephone number" in page
    assert field(page, "as_typed") == SAYS and field(page, "text") == "Call Joe at [phone removed] & ask"
    assert post(login("agent"), "answer", talk.pk, text=field(page, "text")).status_code == 302
    assert said() == ["Call Joe at [phone removed] & ask"]


def test_as_it_is_needs_a_reason_that_is_kept(login: Login, talk: Conversation) -> None:
    asked: dict[str, Any] = {"text": "Call Joe at [phone removed] & ask", "as_typed": SAYS, "publish": "as_it_is"}
    again = post(login("agent"), "answer", talk.pk, **asked, because=" ")
    assert again.status_code == 422 and not said() and field(again.content.decode(), "as_typed") == SAYS
    assert post(login("agent"), "answer", talk.pk, **asked, because="the block captain's own wish").status_code == 302
    assert said() == [SAYS]
    assert any("the block captain's own wish" in str(body) for body in Record.objects.values_list("body", flat=True))


def test_private_answers_are_not_touched(login: Login) -> None:
    talk = world.conversation("Dana Kowalski", "My neighbour dumps tires", visibility="private")
    assert post(login("agent"), "answer", talk.pk, text=SAYS).status_code == 302
    assert said() == [SAYS]


def test_an_answer_may_name_whom_it_is_for_and_what_an_article_says(login: Login, talk: Conversation) -> None:
    world.article("permit-desk", body="Call the permit desk: 215-555-0177.")
    text = "@rosa Rosa, call the permit desk: 215-555-0177."
    assert post(login("agent"), "answer", talk.pk, text=text).status_code == 302
    assert said() == [text]


@pytest.mark.parametrize("door", ["update", "move"])
def test_a_public_word_on_a_request_is_masked_everywhere(login: Login, talk: Conversation, door: str) -> None:
    request = world.request_from(talk)
    fields = {"public_text": SAYS} | ({"to": "closed", "outcome": "done"} if door == "move" else {})
    answer = post(login("agent"), door, request.number, **fields)
    page = answer.content.decode()
    assert answer.status_code == 422 and not Update.objects.exclude(public_text="").exists()
    masked = next(m for m in re.findall(r"<textarea[^>]*name=\"public_text\"[^>]*>([^<]*)<", page) if m)
    assert masked == "Call Joe at [phone removed] &amp; ask"
    assert post(login("agent"), door, request.number, **fields | {"public_text": masked}).status_code == 302
    pages = [f"/requests/{request.number}/", "/requests/", f"/open311/v2/requests/{request.number}.json",
             f"/open311/v2/requests/{request.number}.json?extensions=true", "/open311/v2/requests.json"]  # fmt: skip
    shown = "".join(Client().get(address).content.decode() for address in pages)
    assert "0142" not in shown and "[phone removed]" in shown and "0142" not in " ".join(said())


def test_the_reason_stands_in_the_history_for_staff_alone(login: Login, talk: Conversation) -> None:
    request = world.request_from(talk)
    post(login("crew"), "update", request.number, public_text="[phone removed]", as_typed=SAYS, publish="as_it_is",
         because="the contractor's line")  # fmt: skip
    assert not Update.objects.exclude(public_text="").exists()  # not of the crew's department
    post(login("agent"), "update", request.number, public_text="x", as_typed=SAYS, publish="as_it_is",
         because="the contractor's line")  # fmt: skip
    assert "contractor" in login("agent").get(reverse("console:request", args=[request.number])).content.decode()
    shown = Client().get(f"/requests/{request.number}/").content.decode()
    assert "0142" in shown and "contractor" not in shown
    assert ServiceRequest.objects.get(pk=request.pk).version == 2
