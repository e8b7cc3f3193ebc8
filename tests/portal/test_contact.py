"""The form and its private page: everybody can write, once; only who holds the address reads; machines stay out."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from openline.accounts.models import Account
from openline.care import correcting, speaking
from openline.care.fetching import fetch_photos
from openline.care.models import Report
from openline.care.process import process
from openline.care.showing import Shown, outgoing
from openline.channels.base import Media
from openline.channels.registry import channel_for
from openline.files.keeping import keep
from openline.files.models import Attachment
from openline.foundation.callers import address_of
from openline.inbox.models import Conversation, Heard, Message
from openline.outbox.models import Delivery
from openline.outbox.sending import Holder, send_next
from openline.portal.contact import door, guard, tokens
from openline.portal.models import Bucket, Talk
from tests.files import samples

pytestmark = [pytest.mark.usefixtures("philadelphia"), pytest.mark.django_db(transaction=True)]
STAMP = re.compile(r'name="stamp" value="([^"]+)"')


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests write as fast as they can; the one about the stamp sets its own time."""
    monkeypatch.setattr(guard, "NOT_BEFORE", timedelta(0))


def stamp_of(path: str = "/contact/", client: Client | None = None) -> str:
    found = STAMP.search((client or Client()).get(path).content.decode())
    assert found
    return found[1]


def write(text: str = "There is a pothole", stamp: str = "", path: str = "/contact/", **more: Any) -> HttpResponse:
    values = {"stamp": stamp or stamp_of(path), "about": "report", "text": text, "language": "en", "email": "",
              "place": "", "website": ""}  # fmt: skip
    headers = more.pop("headers", {})
    return Client(enforce_csrf_checks=True).post(path, values | more, headers=headers, **more.pop("extra", {}))


def began(text: str = "There is a pothole", **more: Any) -> str:
    """The path of the private page of a new conversation."""
    answer = write(text, **more)
    assert answer.status_code == 302, answer.content.decode()
    return answer["Location"]


def page(path: str, status: int = 200) -> str:
    answer = Client().get(path)
    assert answer.status_code == status
    return answer.content.decode()


def said() -> None:
    """The worker's turn: reads what waits, sends what is to be said."""
    while process():
        pass
    holder = Holder()
    while send_next(holder.id):
        pass
    holder.close()


def test_what_is_written_becomes_a_request_and_is_answered_on_its_page() -> None:
    path = began("There is a big pothole in the road", place="13th and Market St", about="report")
    first = page(path)
    assert "There is a big pothole in the road" in first and "being read" in first and "We have your message" in first
    heard = Heard.objects.get()
    assert heard.account.network == "web" and b"big pothole" in bytes(heard.raw)
    said()
    report = Report.objects.get()
    assert "13th" in report.request.place_name and report.conversation.visibility == "private"
    shown = page(path)
    assert report.request.number in shown and "being read" not in shown and "We have your message" not in shown
    assert Delivery.objects.get().state == "sent"


def test_the_conversation_goes_on_both_ways(django_user_model: Any) -> None:
    path = began("where can I drop off old paint?", about="question")
    said()
    talk = Conversation.objects.get()
    speaking.say(talk, "At the centre on State Rd.\nSee https://example.org/paint", purpose="reply:1", by=None)
    assert "State Rd" not in page(path), "what is not sent yet is not shown"
    said()
    assert '<a href="https://example.org/paint" rel="nofollow">' in page(path)
    answer = write("Thank you <b>", path=path)
    assert answer.status_code == 302
    said()
    assert "Thank you &lt;b&gt;" in page(answer["Location"])
    messages = list(talk.messages.order_by("posted_at", "id"))
    assert Conversation.objects.count() == 1 and messages[-1].text == "Thank you <b>"
    assert messages[-1].parent_network_id in {m.network_id for m in messages if m.direction == "out"}


def test_what_the_city_said_is_corrected_and_taken_back_on_the_page(django_user_model: Any) -> None:
    ana = django_user_model.objects.create_user("ana")
    path = began("where can I drop off old paint?", about="question")
    said()
    message = speaking.say(Conversation.objects.get(), "At State St.", purpose="reply:1", by=ana)
    said()
    assert message
    message.refresh_from_db()
    correcting.correct(message, "At State Rd.", by=ana, key="1")
    said()
    html = page(path)
    assert "At State Rd." in html and "At State St." not in html and "Corrected" in html
    message.refresh_from_db()
    correcting.take_back(message, "wrong place", by=ana, key="2")
    said()
    html = page(path)
    assert "State Rd" not in html and "was taken back" in html and "wrong place" not in html


def test_a_photo_of_the_city_stands_on_the_page_with_its_description() -> None:
    path = began("where can I drop off old paint?", about="question")
    said()
    talk = Conversation.objects.get()
    shown = Shown(keep(samples.photo(3)).file, "The gate of the centre")
    message = speaking.say(talk, "Here", purpose="reply:1", by=None, media=(outgoing(talk, shown),))
    assert message
    said()
    assert page(path).count('alt="The gate of the centre"') == 1
    answer = Client().get(f"{path}sent/{message.pk}/0/")
    assert answer["Content-Type"] == "image/jpeg" and answer.content.startswith(b"\xff\xd8")
    for wrong in (f"{path}sent/{message.pk}/1/", f"{began()}sent/{message.pk}/0/"):
        assert Client().get(wrong).status_code == 404


def test_two_people_are_two_conversations() -> None:
    one, other = began("pothole at 5th and Lombard"), began("pothole at 5th and Lombard")
    said()
    assert Conversation.objects.count() == 2 and Talk.objects.count() == 2
    assert one.split("/")[2].split(".")[0] != other.split("/")[2].split(".")[0]


def test_a_form_that_is_sent_twice_is_one_message_and_a_changed_one_another() -> None:
    stamp = stamp_of()
    first, second = began("the light is out", stamp=stamp), began("the light is out", stamp=stamp)
    assert Heard.objects.count() == 1 and Talk.objects.count() == 1
    third = began("the light is out again", stamp=stamp)
    assert Heard.objects.count() == 2 and Talk.objects.count() == 1
    said()
    assert "the light is out again" in page(first) and "the light is out again" in page(second)
    assert "the light is out again" in page(third)
    assert Conversation.objects.count() == 1


def test_an_answer_that_is_sent_twice_is_one_message() -> None:
    path = began()
    said()
    stamp = stamp_of(path)
    for _time in range(2):
        assert write("at 13th and Market", stamp=stamp, path=path).status_code == 302
    assert Heard.objects.count() == 2


def test_photos_come_along_and_are_shown_on_the_page_alone() -> None:
    files = [SimpleUploadedFile("a.jpg", samples.photo(1), "text/html"), SimpleUploadedFile("b.pdf", samples.PDF)]
    path = began("this pothole at 13th and Market St", photos=files)
    said()
    message = Message.objects.get(direction="in")
    assert [one["url"] for one in message.media] == ["inside:0", "inside:1"]
    raw = bytes(Heard.objects.get().raw)
    channel, ref = channel_for("web"), message.account.ref()
    assert channel.fetch(ref, raw, Media("inside:0"), 20_000_000) == samples.photo(1)
    assert channel.fetch(ref, raw, Media("inside:1"), 20_000_000) == samples.PDF
    assert channel.fetch(ref, raw, Media("inside:2"), 1) is None
    assert fetch_photos(message.pk, again=False) == 2
    photo = Attachment.objects.get(message_id=message.pk, request_id=None, position=0)
    shown = f"{path}photos/{photo.pk}/thumbnail/"
    assert f"/photos/{photo.pk}/thumbnail/" in page(path)
    answer = Client().get(shown)
    assert (
        answer.status_code == 200 and answer["Content-Type"] == "image/webp" and "no-store" in answer["Cache-Control"]
    )
    assert Client().get(f"{began()}photos/{photo.pk}/thumbnail/").status_code == 404, "another conversation's"
    assert Client().get(f"{path}photos/{photo.pk}/original/").status_code == 404, "it could say where it was taken"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"text": " "}, "This field is required"),
        ({"text": "x" * 4001}, "at most 4000 characters"),
        ({"email": "nobody"}, "valid email"),
        ({"about": "politics"}, "not one of the available choices"),
        ({"language": "tlh"}, "not one of the available choices"),
        ({"website": "https://spam.example"}, "has to stay empty"),
        ({"stamp": "made:up:x"}, "too long or too short"),
        ({"photos": SimpleUploadedFile("a.svg", samples.SVG)}, "Only pictures"),
        ({"photos": [SimpleUploadedFile(f"{n}.jpg", samples.photo(n)) for n in range(6)]}, "at most 5"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(more: dict[str, Any], words: str) -> None:
    answer = write(**({"text": "my words stay", "place": "13th & Market"} | more))
    html = answer.content.decode()
    assert answer.status_code == 422 and words in html and "13th &amp; Market" in html
    assert not Heard.objects.exists() and not Talk.objects.exists()
    if "text" not in more:
        assert "my words stay" in html


def test_a_form_that_comes_back_at_once_or_after_a_day_is_sent_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "NOT_BEFORE", timedelta(seconds=2))
    stamp = stamp_of()
    early = write("quick", stamp=stamp)
    assert early.status_code == 422 and b"once more" in early.content
    again = STAMP.search(early.content.decode())
    assert again and guard.read(again[1]).form == guard.read(stamp).form  # type: ignore[union-attr]
    with patch("django.core.signing.time.time", return_value=timezone.now().timestamp() - 90_000):
        old = stamp_of()
    assert write("slow", stamp=old).status_code == 422 and not Heard.objects.exists()
    monkeypatch.setattr(guard, "NOT_BEFORE", timedelta(0))
    assert write("slow", stamp=again[1]).status_code == 302


def test_one_connection_cannot_send_without_end_and_its_address_is_kept_nowhere(settings: Settings) -> None:
    settings.BEHIND_PROXY = True
    here = {"X-Forwarded-For": "6.6.6.6, 203.0.113.9"}
    answers = [write(f"pothole {n}", headers=here).status_code for n in range(12)]
    assert answers == [302] * 10 + [422] * 2
    assert write("pothole", headers={"X-Forwarded-For": "203.0.113.9, 203.0.113.10"}).status_code == 302
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(b::text, ' ') FROM portal_bucket b")
        assert "203.0.113" not in cursor.fetchone()[0]  # a digest may well have a "203" in it
    assert not any(b"203.0.113" in bytes(one.raw) for one in Heard.objects.all())
    Bucket.objects.update(counted_at=timezone.now() - timedelta(days=3))
    assert guard.forget_old() == 2


def test_a_line_of_ipv6_is_one_sender(rf: Any, settings: Settings) -> None:
    asked = [rf.get("/", REMOTE_ADDR=f"2001:db8:1:2::{n}") for n in range(11)]
    assert [guard.may_send(one, guard.WRITING) for one in asked] == [True] * 10 + [False]
    assert guard.may_send(rf.get("/", REMOTE_ADDR="2001:db8:1:3::1"), guard.WRITING)
    settings.BEHIND_PROXY = False
    assert address_of(rf.get("/", REMOTE_ADDR="192.0.2.1", headers={"X-Forwarded-For": "6.6.6.6"})) == "192.0.2.1"


def test_nobody_indexes_the_private_page_and_it_tells_no_site_where_one_came_from() -> None:
    for path in (began(), "/contact/"):
        answer = Client().get(path)
        assert "noindex" in answer["X-Robots-Tag"] and answer["Referrer-Policy"] == "no-referrer"
        assert answer["Cache-Control"] == "no-store" and answer["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]


@pytest.mark.parametrize("change", ["x" * 5, "cut", "other", "signature"])
def test_no_address_can_be_guessed(change: str) -> None:
    token = began().split("/")[2]
    other = began().split("/")[2]
    body, _colon, signature = token.rpartition(":")
    made = {
        "cut": token[:-1],
        "other": f"{other.split('.')[0]}.{token.split('.')[1]}",
        "signature": f"{body}:{'A' * len(signature)}",
    }.get(change, change)
    assert page(f"/talk/{made}/", 404) and Client().post(f"/talk/{made}/", {"choose": "no_mails"}).status_code == 404


def test_a_new_address_ends_all_older_ones() -> None:
    path = began()
    answer = Client().post(path, {"choose": "new_address"})
    assert page(answer["Location"]) and page(path, 404)


def test_an_address_ends_and_a_new_one_comes_by_mail_only() -> None:
    mail = Account.objects.create(network="email", handle="311@city.example", server="", name="Mail")
    path = began("There is a pothole", email="maria@example.org")
    with patch("django.core.signing.time.time", return_value=timezone.now().timestamp() + 91 * 86_400):
        html = page(path, 410)
        assert "pothole" not in html and "maria@" not in html and "Send me a new address" in html
        assert write("more", path=path, stamp="x").status_code == 410
        asked = Client().post(path, {"choose": "by_mail"})
    assert asked.status_code == 410 and b"on its way" in asked.content
    [sent] = Delivery.objects.filter(account=mail)
    assert sent.outgoing["to_handle"] == "maria@example.org" and "/talk/" in sent.outgoing["text"]


def test_who_gave_an_address_is_told_once_of_each_answer_where_to_read_it() -> None:
    mail = Account.objects.create(network="email", handle="311@city.example", server="", name="Mail", enabled=True)
    path = began("where can I drop off old paint?", about="question", email="maria@example.org", language="es")
    assert "maria@example.org" in page(path)
    process()
    speaking.say(Conversation.objects.get(), "At State Rd.", purpose="reply:1", by=None)
    holder = Holder()
    while Delivery.objects.filter(account__network="web", state="waiting").exists():
        send_next(holder.id)
    holder.close()
    told = Delivery.objects.filter(account=mail)
    assert len(told) == Delivery.objects.filter(account__network="web", state="sent").count() >= 1
    outgoing = told[0].outgoing
    assert outgoing["to_handle"] == outgoing["in_reply_to_author"] == "maria@example.org"
    assert outgoing["visibility"] == "private" and "State Rd" not in outgoing["text"] and outgoing["language"] == "es"
    link = re.search(r"(/talk/[^ \n]+)", outgoing["text"])
    assert link and "At State Rd." in page(link[1])


def test_mails_can_be_ended_and_without_an_account_none_are_promised() -> None:
    assert "sends no e-mail yet" in page("/contact/")
    path = began(email="maria@example.org")
    assert "look here again" in page(path)
    said()
    speaking.say(Conversation.objects.get(), "Hello", purpose="reply:1", by=None)
    said()
    assert not Delivery.objects.exclude(account__network="web").exists()
    Client().post(path, {"choose": "no_mails"})
    assert Talk.objects.get().email == ""


def test_addresses_are_forgotten_when_a_conversation_is_quiet() -> None:
    began(email="maria@example.org")
    began(email="devon@example.org")
    Talk.objects.filter(email__startswith="maria").update(active_at=timezone.now() - tokens.FORGET_AFTER)
    assert tokens.forget_old() == 1
    assert set(Talk.objects.values_list("email", flat=True)) == {"", "devon@example.org"}
    assert not any(b"@example.org" in bytes(one.raw) for one in Heard.objects.all())


def test_danger_is_answered_at_once() -> None:
    assert "911" in page(began("gas smell and hissing at 5th and Lombard")).split("Keep this address")[0]


def test_a_city_can_close_the_form() -> None:
    door.account()
    Account.objects.filter(network="web").update(enabled=False)
    assert "closed" in page("/contact/", 503)
    assert write(stamp="x").status_code == 503
