"""The inbox: order, views, pages, counts, searching, and how many questions a page asks the database."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from openline.inbox import queries
from openline.inbox.models import Attention, Conversation, Status
from tests.console import world

pytestmark = pytest.mark.django_db
INBOX = "/console/"


def names(page: bytes) -> list[str]:
    """The people in the list, in the order of the screen."""
    return re.findall(r'<bdi class="who">(.*?)</bdi>', page.decode())


def test_emergencies_stand_above_every_list(login: Callable[[str], Client]) -> None:
    world.story()
    client = login("agent")
    for view in ("answer", "look", "waiting", "done", "all"):
        assert names(client.get(f"{INBOX}?view={view}").content)[0] == "Rosa Delgado", view
    page = client.get(f"{INBOX}?view=look").content.decode()
    first = page[page.index('class="row') :].split("</li>")[0]
    assert "emergency" in first and "Emergency" in first and "#warning" in first


def test_the_most_urgent_and_newest_come_first(login: Callable[[str], Client]) -> None:
    world.story()
    found = names(login("agent").get(f"{INBOX}?view=answer").content)
    assert found == ["Rosa Delgado", "Kwame Boateng", "Maria Santos"]


def test_every_view_counts_what_it_shows(staff: dict[str, User]) -> None:
    world.story()
    counted = queries.counts(Conversation.objects.all())
    assert counted == {"emergencies": 1, "answer": 2, "look": 3, "waiting": 1, "later": 0, "unsent": 1, "refused": 1}
    for view in queries.VIEWS:
        if view.counted:
            assert len(queries.page(Conversation.objects.all(), view)[0]) == counted[view.key]


def test_pages_by_key_show_each_conversation_once(staff: dict[str, User]) -> None:
    for number in range(queries.PAGE * 2 + 5):
        world.conversation(f"Resident {number}", "a word", minutes=number // 3, attention=number % 2)
    for key in ("look", "all"):
        view, seen, before = queries.view_named(key), [], ""
        while True:
            rows, before = queries.page(Conversation.objects.all(), view, before)
            seen += [row.pk for row in rows]
            if not before:
                break
        assert len(seen) == len(set(seen)) == queries.PAGE * 2 + 5
        expected = queries.ordered(Conversation.objects.filter(view.where), view)
        assert seen == list(expected.values_list("pk", flat=True))


@pytest.mark.parametrize("key", ["", "x", "1.2.3", "9" * 400 + ".1.00000000000000000000000000000000", "\0", "é.é.é"])
def test_a_broken_page_key_shows_the_first_page(login: Callable[[str], Client], key: str) -> None:
    world.conversation("Maria Santos", "pothole")
    assert names(login("agent").get(INBOX, {"view": "look", "before": key}).content) == ["Maria Santos"]


def test_search_finds_people_and_words(login: Callable[[str], Client]) -> None:
    world.story()
    client = login("agent")
    assert names(client.get(INBOX, {"q": "dumping TIRES"}).content) == ["Dana Kowalski"]
    assert names(client.get(INBOX, {"q": "boateng"}).content) == ["Kwame Boateng"]
    assert names(client.get(INBOX + "?q=%00%25_%ED%A0%80").content) == []


def test_empty_views_say_what_to_do_next(login: Callable[[str], Client]) -> None:
    page = login("agent").get(f"{INBOX}?view=mine").content.decode()
    assert "Assign to me" in page


@pytest.mark.parametrize("rows", [3, 39])
def test_the_inbox_asks_a_few_questions_however_much_it_shows(
    login: Callable[[str], Client], rows: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(rows):
        talk = world.conversation(f"Resident {number}", "pothole", attention=Attention.LOOK)
        world.request_from(talk)
    client = login("supervisor")
    client.get(INBOX)  # the city's facts are read once a minute
    with django_assert_max_num_queries(13):
        assert len(names(client.get(f"{INBOX}?view=look").content)) == rows


@pytest.mark.parametrize("messages", [1, 60])
def test_an_open_conversation_asks_as_few_however_long_it_is(
    login: Callable[[str], Client], messages: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    talk = world.conversation("Maria Santos", "pothole", unread=False)
    for number in range(messages):
        world.message(talk, f"and another word {number}")
        world.said(talk, f"answer {number}")
    world.assess(talk, "question", "answer", "Reads like a question.")
    for _again in range(1 + messages % 5):
        world.request_from(talk)
    client = login("supervisor")
    address = reverse("console:conversation", args=[talk.pk])
    client.get(address)  # articles, their passages and the city's facts are read once and kept
    with django_assert_max_num_queries(29):
        assert client.get(address).status_code == 200


def test_opening_marks_as_read_but_watching_does_not(login: Callable[[str], Client]) -> None:
    talk = world.conversation("Maria Santos", "pothole")
    address = reverse("console:conversation", args=[talk.pk])
    login("official").get(address)
    login("agent").get(address + "?watching=1", headers={"HX-Request": "true"})
    assert Conversation.objects.get().unread
    login("agent").get(address)
    assert not Conversation.objects.get().unread


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> \u202e\"'><b>&amp; {{ 7|add:7 }} {% now 'Y' %}"


def test_hostile_words_are_only_words(login: Callable[[str], Client]) -> None:
    talk = world.conversation('<b onclick="x">Mallory</b>', HOSTILE, why=HOSTILE)
    world.message(talk, HOSTILE, media=[{"url": "javascript:alert(3)", "kind": "<i>", "alt": HOSTILE}])
    world.assess(talk, "request", "look", HOSTILE, services=(("X", HOSTILE, 0.5),))
    world.said(talk, HOSTILE, "failed", error=HOSTILE, kind="Rejected")
    request = world.request_from(talk, place=world.PLACE | {"name": HOSTILE})
    world.refused(reason=HOSTILE, raw=HOSTILE.encode("utf-16"))
    client = login("administrator")
    for address in (
        INBOX + "?view=look",
        reverse("console:conversation", args=[talk.pk]),
        "/console/unsent/",
        "/console/unread/",
        "/console/requests/",
        reverse("console:request", args=[request.number]),
    ):
        page = client.get(address).content.decode()
        body = page[page.index("<main") :]
        assert "<script>alert" not in body and "<img" not in body and not re.findall(r"<b\b[^>]*>", body)
        assert 'href="javascript:' not in body and 'onclick="x"' not in body, address


def test_an_address_that_is_no_web_address_is_no_link(login: Callable[[str], Client]) -> None:
    talk = world.conversation("Mallory", "look")
    talk.messages.update(url="javascript:alert(1)")
    assert "javascript:" not in login("agent").get(reverse("console:conversation", args=[talk.pk])).content.decode()


def test_words_of_the_resident_carry_their_language_and_direction(login: Callable[[str], Client]) -> None:
    talk = world.conversation("ليلى حداد", "هناك حفرة كبيرة", language="ar")
    page = login("agent").get(reverse("console:conversation", args=[talk.pk])).content.decode()
    assert '<p class="text" dir="auto" lang="ar">هناك حفرة كبيرة</p>' in page


def test_public_and_private_answers_cannot_be_mistaken(login: Callable[[str], Client]) -> None:
    public = world.conversation("Maria Santos", "pothole")
    private = world.conversation("Dana Kowalski", "secret", visibility="private")
    client = login("agent")
    shown = client.get(reverse("console:conversation", args=[public.pk])).content.decode()
    assert "everybody can read it" in shown and "Send in public" in shown and "Send privately" not in shown
    hidden = client.get(reverse("console:conversation", args=[private.pk])).content.decode()
    assert "only @dana reads it" in hidden and "Send privately" in hidden and "Send in public" not in hidden


def test_a_handled_conversation_cannot_be_handled_again(login: Callable[[str], Client]) -> None:
    talk = world.conversation("Maria Santos", "pothole", status=Status.DONE)
    page = login("agent").get(reverse("console:conversation", args=[talk.pk])).content.decode()
    assert 'id="handled"' not in page


def test_the_inbox_is_narrowed_to_an_account_and_to_a_person(
    login: Callable[[str], Client], staff: dict[str, User]
) -> None:
    other = world.account("@parks")
    world.conversation("Ana", "Who cuts the grass?", attention=Attention.ANSWER, on=other)
    mine = world.conversation("Ben", "When is trash day?", attention=Attention.ANSWER)
    Conversation.objects.filter(pk=mine.pk).update(assigned_to=staff["supervisor"])
    client = login("agent")

    def shown(**asked: str) -> list[str]:
        return names(client.get(INBOX, {"view": "answer", **asked}).content)

    assert shown(account=str(other.pk)) == ["Ana"]
    assert shown(whose="supervisor") == ["Ben"] and shown(whose="-") == ["Ana"]
    assert shown(account=str(other.pk), whose="supervisor") == []
    for wrong in ({"account": "none"}, {"whose": "nobody.at.all"}, {"account": "x" * 500}, {"whose": "\x00"}):
        assert shown(**wrong) in ([], ["Ben", "Ana"], ["Ana", "Ben"])
    assert shown(account="none") == [] == shown(whose="nobody.at.all")


def test_the_next_page_and_the_rows_keep_the_filter(login: Callable[[str], Client]) -> None:
    for number in range(queries.PAGE + 1):
        world.conversation(f"Resident {number}", "a word", attention=Attention.ANSWER)
    page = login("agent").get(INBOX, {"view": "answer", "whose": "-"}).content.decode()
    following = re.search(r'rel="next" href="([^"]+)"', page)
    assert following and following[1].endswith("&amp;whose=-")
    assert re.search(r'<a id="row-[^"]+" href="[^"]+&amp;whose=-"', page)
