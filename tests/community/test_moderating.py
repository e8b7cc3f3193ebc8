"""What staff see and decide of discussions, and what the record hands out."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from openline.community import moderation, queue
from openline.community.models import ClosedThread, Comment, Flag
from openline.console.permissions import create_roles
from openline.exports import records
from openline.inbox.models import Conversation
from openline.records.models import Record
from tests.community.world import comment, member, page, work
from tests.open311.test_georeport import new

pytestmark = [pytest.mark.usefixtures("philadelphia"), pytest.mark.django_db]


def console(role: str = "agent") -> Client:
    """Signed in as somebody with that role."""
    create_roles()
    user = User.objects.create(username=role)
    user.groups.add(Group.objects.get(name=role))
    browser = Client()
    browser.force_login(user)
    return browser


def decide(browser: Client, comment_: Comment, **fields: str) -> Any:
    return browser.post(f"/console/discussions/{comment_.pk}/", {"client_id": str(uuid4()), **fields})


def test_what_waits_stands_there_with_who_where_why_and_what_was_said_before() -> None:
    request, eve = new(), member("Eve")
    first = comment(member(), request, "It is deeper than in May")
    said = comment(eve, request, "The house with the blue door did it", under=first)
    hidden = comment(eve, request, "Rosa Parker did it")
    browser = console()
    moderation.hide(hidden.pk, "personal", by=_agent(), key="1")
    moderation.flag(said.pk, "personal", by=member("Ben"))
    moderation.flag(said.pk, "personal", by=member("Cleo"))
    html = page("/console/discussions/", browser)
    for words in ("The house with the blue door", "Reported by 2 neighbors", "No personal data of others (2)",
                  "It is deeper than in May", "1 hidden before", f"request:{request.number}"):  # fmt: skip
        assert words in html, words
    [item] = queue.waiting()
    assert item.likely == "personal" and queue.count() == 1
    assert "Reported by neighbors" in page("/console/", browser)


def _agent() -> User:
    return User.objects.get(username="agent")


def test_one_click_keeps_and_one_hides_by_a_rule_alone() -> None:
    request, browser = new(), console()
    for name in ("Eve", "Finn"):
        said = comment(member(name), request, f"{name} says that the city sleeps")
        moderation.flag(said.pk, "insult", by=member(f"{name} Two"))
    one, two = Comment.objects.order_by("at")
    assert decide(browser, one, decision="keep").status_code == 302
    assert decide(browser, two, decision="hide", rule="because").status_code == 422
    assert decide(browser, two, decision="hide", rule="insult").status_code == 302
    work()
    assert not Flag.objects.filter(settled_at=None).exists() and queue.count() == 0
    shown = page(f"/requests/{request.number}/")
    assert "Eve says" in shown and "Finn says" not in shown and "No insults" in shown
    kinds = [*Record.objects.filter(message_id__in=[one.pk, two.pk]).values_list("body__what", flat=True)]
    assert {"flagged", "kept", "hide"} <= {*kinds}


@pytest.mark.parametrize("role", ["crew", "communications", "official", "records"])
def test_only_the_desk_decides(role: str) -> None:
    said = comment(member("Eve"), new(), "The city sleeps and sleeps")
    browser = console(role)
    assert browser.get("/console/discussions/").status_code == 403
    assert decide(browser, Comment.objects.get(), decision="hide", rule="insult").status_code == 403
    closing = {"thread": said.comment.thread, "reason": "x"}
    assert browser.post("/console/discussions/close/", closing).status_code == 403
    assert Comment.objects.get().state == "shown" and not ClosedThread.objects.exists()


def test_staff_see_a_comment_with_its_request_and_what_others_said_before() -> None:
    request, browser = new(), console()
    comment(member(), request, "It is deeper than in May")
    comment(member("Ben"), request, "When is it filled?")
    talk = Conversation.objects.get(identity__name="Ben")
    html = page(f"/console/conversations/{talk.pk}/", browser)
    assert request.number in html and "It is deeper than in May" in html and "Said in a discussion" in html
    at_request = page(f"/console/requests/{request.number}/", browser)
    assert "When is it filled?" in at_request and "What neighbors say" in at_request


def test_the_hide_button_of_a_conversation_asks_for_a_published_rule_here() -> None:
    request, browser = new(), console()
    said = comment(member("Eve"), request, "It is as deep as the roses are red")
    path = f"/console/messages/{said.pk}/hide/"
    assert 'name="rule"' in page(f"/console/conversations/{said.conversation_id}/", browser)
    browser.post(path, {"client_id": str(uuid4()), "rule": "because"})
    assert Comment.objects.get().state == "shown"
    browser.post(path, {"client_id": str(uuid4()), "rule": "spam"})
    assert Comment.objects.get().state == "hidden" and Comment.objects.get().rule == "spam"


def test_staff_close_a_discussion_with_a_reason_and_open_it_again() -> None:
    request, browser = new(), console()
    thread, path = f"request:{request.number}", "/console/discussions/close/"
    assert browser.post(path, {"client_id": str(uuid4()), "thread": thread, "reason": ""}).status_code == 422
    back = {"client_id": str(uuid4()), "thread": thread, "reason": "All was said.", "back": "//evil.example/"}
    assert browser.post(path, back)["Location"] == "/console/discussions/"
    assert "All was said." in page(f"/requests/{request.number}/")
    assert "All was said." in page(f"/console/requests/{request.number}/", browser)
    browser.post(path, {"client_id": str(uuid4()), "thread": thread, "decision": "open"})
    assert not ClosedThread.objects.exists()


def test_the_record_of_a_request_has_what_neighbors_said_under_it() -> None:
    request = new()
    comment(member(), request, "It is deeper than in May")
    comment(member("Ben"), new(), "Something else entirely")
    found = [*records.find(records.Asked(number=request.number, private=False))]
    said = " ".join(records.words_of(one) for one in found)
    assert "It is deeper than in May" in said and "Something else" not in said
