"""Following: with one press, news once a day by mail and never twice, ended with one click and no sign-in."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from openline.channels.base import Outgoing
from openline.community import digest, following, mails, members
from openline.community.models import Follow, Member
from openline.outbox import events
from openline.outbox.models import Delivery, State
from openline.records.models import Record
from openline.service_requests.models import ServiceRequest
from openline.service_requests.states import Status
from tests.community.joined import browser, mail_account, neighbor, request_here
from tests.open311.test_georeport import new

pytestmark = [pytest.mark.usefixtures("philadelphia"), pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _mail() -> None:
    mail_account()


def rosa(**more: object) -> Member:
    """A member who wants the mails, and was told last the day before."""
    found = neighbor(digest=True, **more)
    Member.objects.update(told_at=timezone.now() - timedelta(days=1))
    found.refresh_from_db()
    return found


def tell(request: ServiceRequest, words: str) -> None:
    """Something public happens to it."""
    request.updates.create(at=timezone.now(), to_status=Status.IN_PROGRESS, public_text=words)


def noon() -> datetime:
    """Some hour after the mails leave, later than all that happened."""
    day = timezone.now() + timedelta(days=1)
    return day.replace(hour=16, minute=0)


class TestPressing:
    def test_one_press_follows_and_one_ends_it(self) -> None:
        found, me = new(), neighbor()
        client, path = browser(me), f"/requests/{found.number}/"
        assert 'name="stop"' not in client.get(path).content.decode()
        answer = client.post("/following/", {"request": found.number, "next": path})
        assert answer["Location"] == path and following.follows(me, request=found)
        client.post("/following/", {"request": found.number, "next": path})
        assert Follow.objects.count() == 1 and 'name="stop"' in client.get(path).content.decode()
        assert found.number in client.get("/me/").content.decode()
        client.post("/following/", {"request": found.number, "stop": "1", "next": "//evil.test/"})
        assert not Follow.objects.exists()

    def test_an_area(self) -> None:
        me = neighbor()
        client = browser(me)
        client.post("/following/", {"area": "nb-bridesburg", "next": "/neighborhoods/nb-bridesburg/"})
        assert 'name="stop"' in client.get("/neighborhoods/nb-bridesburg/").content.decode()
        assert client.post("/following/", {"area": "nowhere"}).status_code == 404

    def test_who_has_not_joined_is_led_there(self) -> None:
        found = new()
        page = Client().get(f"/requests/{found.number}/").content.decode()
        assert f"/join/?next=%2Frequests%2F{found.number}%2F" in page
        assert Client().post("/following/", {"request": found.number}).status_code == 302
        assert not Follow.objects.exists()

    def test_what_is_not_public_cannot_be_followed(self) -> None:
        found = new()
        ServiceRequest.objects.update(public=False)
        assert browser(neighbor()).post("/following/", {"request": found.number}).status_code == 404

    def test_not_without_end(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(following, "MOST", 1)
        me = neighbor()
        following.follow(me, area="nb-bridesburg")
        with pytest.raises(following.TooMany):
            following.follow(me, request=new())

    def test_who_has_not_joined_costs_no_question(self) -> None:
        path, client = f"/requests/{new().number}/", browser(neighbor())
        client.get(path)
        asked = []
        for one in (Client(), client):
            with CaptureQueriesContext(connection) as captured:
                one.get(path)
            asked.append([query["sql"] for query in captured])
        tables = ("django_session", 'FROM "community_member"', 'FROM "community_follow"')
        assert [sum(table in sql for sql in asked[0]) for table in tables] == [0, 0, 0]
        assert [sum(table in sql for sql in asked[1]) for table in tables] == [1, 1, 1]


class TestNews:
    def test_come_once_a_day(self) -> None:
        me, found = rosa(), new()
        following.follow(me, request=found)
        tell(found, "A crew is on its way.")
        assert digest.send_due(noon()) == 1 and digest.send_due(noon() + timedelta(hours=3)) == 0
        said = Outgoing.from_json(Delivery.objects.get().outgoing)
        assert said.to_handle == me.email and "A crew is on its way." in said.text and found.number in said.text
        assert said.unsubscribe == digest.address(me) and said.automatic

    def test_no_news_no_mail(self) -> None:
        following.follow(rosa(), request=new())
        Member.objects.update(told_at=timezone.now() + timedelta(seconds=1))
        assert digest.send_due(noon()) == 0 and not Delivery.objects.exists()

    def test_not_before_morning(self) -> None:
        me, found = rosa(), new()
        following.follow(me, request=found)
        tell(found, "Done.")
        assert digest.send_due(noon().replace(hour=9)) == 0  # five in the morning, or four

    def test_the_same_day_is_never_two_mails_though_two_workers_send(self) -> None:
        me, found = rosa(), new()
        following.follow(me, request=found)
        tell(found, "Done.")
        before = me.told_at
        assert digest.send_due(noon()) == 1
        Member.objects.update(told_at=before)  # as if the other had looked before
        assert digest.send_due(noon()) == 0 and Delivery.objects.count() == 1

    def test_of_an_area(self) -> None:
        found, code = request_here()
        me = rosa(language="es", area=code)
        Member.objects.update(told_at=found.requested_at - timedelta(hours=1))
        assert digest.send_due(noon()) == 1
        text = Delivery.objects.get().outgoing["text"]
        assert "1 solicitud nueva" in text and found.number in text and f"/neighborhoods/{code}/" in text
        assert me.language == "es"

    def test_only_of_what_is_public(self) -> None:
        me, found = rosa(), new()
        following.follow(me, request=found)
        tell(found, "Done.")
        ServiceRequest.objects.update(public=False)
        assert digest.send_due(noon()) == 0

    def test_only_for_who_wants_them(self) -> None:
        me, found = rosa(), new()
        following.follow(me, request=found)
        tell(found, "Done.")
        Member.objects.update(digest=False)
        assert digest.send_due(noon()) == 0

    def test_no_address_is_on_the_record_or_stays_in_the_outbox(self) -> None:
        me, found = rosa(), new()
        following.follow(me, request=found)
        tell(found, "Done.")
        digest.send_due(noon())
        assert not any(me.email in str(one.body) for one in Record.objects.all())
        Delivery.objects.update(created_at=timezone.now() - timedelta(days=3))
        assert mails.forget_old() == 1 and me.email not in str(Delivery.objects.get().outgoing)

    def test_a_mailbox_that_is_gone_gets_no_more(self) -> None:
        me, found = rosa(), new()
        following.follow(me, request=found)
        tell(found, "Done.")
        digest.send_due(noon())
        Delivery.objects.update(state=State.FAILED)
        failed = Delivery.objects.get()
        events.failed.publish(events.DeliveryFailed(failed.pk, failed.account_id, "no such mailbox"))
        me.refresh_from_db()
        failed.refresh_from_db()
        assert not me.digest and failed.state == State.CANCELLED


class TestEnding:
    def path(self, me: Member) -> str:
        found = re.search(r"/news-by-mail/.+", digest.address(me))
        assert found
        return found[0]

    def test_one_click_without_signing_in(self) -> None:
        me = rosa()
        path, client = self.path(me), Client(enforce_csrf_checks=True)
        assert client.get(path).status_code == 200
        me.refresh_from_db()
        assert me.digest, "looking changes nothing"
        assert client.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
        me.refresh_from_db()
        assert not me.digest
        client.post(path, {"again": "1"})
        me.refresh_from_db()
        assert me.digest

    def test_nobody_ends_anothers(self) -> None:
        path = self.path(rosa())
        assert Client().post(path.replace(":", ":x")).status_code == 404

    def test_not_for_who_has_left(self) -> None:
        me = rosa()
        path = self.path(me)
        members.leave(me)
        assert Client().post(path, {"again": "1"}).status_code == 404
