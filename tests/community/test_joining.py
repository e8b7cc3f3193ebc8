"""Joining: who holds the mailbox comes in, once; nobody learns who is a member, and no session is given to others."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from openline.accounts.models import Account
from openline.channels.base import Outgoing, Receipt
from openline.community import joining, mails, members, naming
from openline.community.models import Follow, Member, SignIn
from openline.inbox.models import Identity, Resident
from openline.outbox import events
from openline.outbox.models import Delivery, State
from openline.portal.community import joining as pages
from openline.portal.contact import guard
from openline.records.models import Record
from tests.community.joined import browser, mail_account, neighbor

pytestmark = [pytest.mark.usefixtures("philadelphia"), pytest.mark.django_db]
PROFILE = {"name": "Rosa of Fishtown", "street": "", "area": "", "language": "en", "rules": "on"}


@pytest.fixture(autouse=True)
def _mail() -> None:
    mail_account()


def ask(client: Client, email: str = "rosa@residents.test", **more: str) -> HttpResponse:
    return client.post("/join/", {"email": email} | more)


def words() -> str:
    """The text of the newest mail that waits to go out."""
    return str(Delivery.objects.order_by("-id")[0].outgoing["text"])


def link() -> str:
    found = re.search(r"/join/[^/\s]+:[^/\s]+/", words())
    assert found
    return found[0]


def code() -> str:
    found = re.search(r"\b\d{6}\b", words())
    assert found
    return found[0]


def wrong(right: str) -> str:
    return f"{(int(right) + 1) % 1_000_000:06d}"


class TestComingIn:
    def test_joins_by_the_link(self) -> None:
        client = Client()
        answer = ask(client, " Rosa@Residents.Test ", next="/requests/?area=fishtown")
        assert answer.status_code == 302 and answer["Location"] == "/join/code/"
        assert "rosa@residents.test" in client.get("/join/code/").content.decode()
        assert client.get(link()).status_code == 200 and not SignIn.objects.exclude(used_at=None).exists()
        assert client.post(link())["Location"] == "/join/profile/"
        assert not Member.objects.exists()
        answer = client.post("/join/profile/", PROFILE)
        assert answer.status_code == 302 and answer["Location"] == "/requests/?area=fishtown"
        rosa = Member.objects.get()
        assert (rosa.email, rosa.name) == ("rosa@residents.test", "Rosa of Fishtown")
        assert "Rosa of Fishtown" in client.get("/me/").content.decode()
        assert timezone.now() + timedelta(days=59) < Session.objects.get(pk=client.session.session_key).expire_date

    def test_a_member_comes_in_with_nothing_to_fill_in(self) -> None:
        rosa, client = neighbor(), Client()
        ask(client)
        before = client.session.session_key
        assert client.post(link())["Location"] == "/me/"
        assert client.session["member"] == rosa.pk.hex and client.session.session_key != before
        assert Member.objects.count() == 1

    def test_the_link_opens_in_another_browser(self) -> None:
        neighbor()
        ask(Client())
        other = Client()
        assert other.post(link())["Location"] == "/me/" and other.get("/me/").status_code == 200

    def test_the_code_does_as_well_where_it_was_asked_for(self) -> None:
        neighbor()
        client = Client()
        ask(client)
        arabic = code().translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
        assert client.post("/join/code/", {"code": f" {arabic[:3]} {arabic[3:]}"})["Location"] == "/me/"

    def test_the_address_chooses_the_neighborhood_and_is_not_kept(self) -> None:
        client = Client()
        ask(client)
        client.post(link())
        street = "1400 John F Kennedy Blvd"
        assert client.post("/join/profile/", PROFILE | {"street": "nowhere at all"}).status_code == 422
        assert client.post("/join/profile/", PROFILE | {"street": street}).status_code == 302
        rosa = Member.objects.get()
        assert rosa.area and Follow.objects.get().area == rosa.area
        assert not any("Kennedy" in str(one.body) for one in Record.objects.all())

    def test_the_rules_have_to_be_agreed_to(self) -> None:
        client = Client()
        ask(client)
        client.post(link())
        assert client.post("/join/profile/", PROFILE | {"rules": ""}).status_code == 422 and not Member.objects.exists()


class TestNobodyElse:
    def test_the_answer_is_the_same_whether_the_address_is_known(self) -> None:
        neighbor()
        known, unknown = Client(), Client()
        pages_seen = []
        for client, email in ((known, "rosa@residents.test"), (unknown, "wei2@residents.test")):
            answer = ask(client, email)
            assert (answer.status_code, answer["Location"]) == (302, "/join/code/")
            page = re.sub(r'value="[^"]{20,}"', "", client.get("/join/code/").content.decode()).replace(email, "")
            said = re.sub(r"\b\d{6}\b|/join/\S+", "", words())
            pages_seen.append((page, said, Delivery.objects.order_by("-id")[0].outgoing["subject"]))
        assert pages_seen[0] == pages_seen[1]

    def test_as_many_questions_are_asked_for_a_known_address_as_for_another(self) -> None:
        neighbor()
        counts = []
        for email in ("rosa@residents.test", "wei2@residents.test"):
            client = Client()
            with CaptureQueriesContext(connection) as asked:
                ask(client, email)
            counts.append(len(asked))
        assert counts[0] == counts[1]

    def test_a_link_works_once(self) -> None:
        neighbor()
        ask(Client())
        path = link()
        assert Client().post(path).status_code == 302
        assert Client().post(path).status_code == 410 and Client().get(path).status_code == 410

    def test_the_code_of_a_used_link_is_used(self) -> None:
        neighbor()
        client = Client()
        ask(client)
        typed = code()
        Client().post(link())
        assert client.post("/join/code/", {"code": typed})["Location"] == "/join/"

    def test_a_link_ends(self, monkeypatch: pytest.MonkeyPatch) -> None:
        neighbor()
        client = Client()
        ask(client)
        path, typed = link(), code()
        monkeypatch.setattr(joining, "VALID_FOR", timedelta(seconds=-1))
        assert client.post(path).status_code == 410
        assert client.post("/join/code/", {"code": typed}).status_code == 422

    def test_a_changed_link_is_none(self) -> None:
        ask(Client())
        head, _colon, signature = link().strip("/").rpartition(":")
        assert Client().post(f"/{head}:{signature[::-1]}/").status_code == 410
        assert Client().post("/join/" + "f" * 300 + "/").status_code == 410

    def test_the_code_is_nothing_in_another_browser(self) -> None:
        neighbor()
        client, other = Client(), Client()
        ask(client)
        typed = code()
        assert other.post("/join/code/", {"code": typed})["Location"] == "/join/"
        ask(other, "mallory@residents.test")
        assert other.post("/join/code/", {"code": typed}).status_code == 422
        assert client.post("/join/code/", {"code": typed}).status_code == 302

    def test_codes_cannot_be_guessed(self) -> None:
        neighbor()
        client = Client()
        ask(client)
        right = code()
        for _try in range(joining.MOST_TRIES):
            assert client.post("/join/code/", {"code": wrong(right)}).status_code == 422
        assert client.post("/join/code/", {"code": right}).status_code == 422

    def test_nor_by_asking_again_and_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(pages, "ONE_ADDRESS", guard.Limit("join-address", 100, 100))
        neighbor()
        for _mail in range(2):
            client = Client()
            ask(client)
            for _try in range(joining.MOST_TRIES):
                client.post("/join/code/", {"code": wrong(code())})
        client = Client()
        ask(client)
        assert client.post("/join/code/", {"code": code()}).status_code == 422
        assert client.post(link()).status_code == 302, "the link works all the same"

    def test_one_address_gets_few_mails_and_one_sender_asks_for_few(self) -> None:
        assert [ask(Client()).status_code for _n in range(6)] == [302] * 5 + [422]
        assert [ask(Client(), f"n{n}@residents.test").status_code for n in range(6)] == [302] * 4 + [422] * 2
        assert Delivery.objects.count() == 9

    def test_it_leads_to_our_own_pages_only(self) -> None:
        neighbor()
        others = ("https://evil.test/", "//evil.test/", "/\\evil.test", "javascript:alert(1)", "evil")
        for bad in (*others, "/" + "x" * 400):
            client = Client()
            guard.Bucket.objects.all().delete()
            ask(client, next=bad)
            assert client.post(link())["Location"] == "/me/", bad
            assert client.get("/join/", {"next": bad})["Location"] == "/me/", bad

    def test_a_form_of_another_site_does_nothing(self) -> None:
        rosa = neighbor()
        ask(Client())
        assert Client(enforce_csrf_checks=True).post(link()).status_code == 403
        strict = browser(rosa, enforce_csrf_checks=True)
        for path in ("/join/", "/join/code/", "/me/", "/me/sign-out/", "/me/leave/"):
            assert strict.post(path, {"everywhere": "1"}).status_code == 403, path
        rosa.refresh_from_db()
        assert rosa.version == 1 and rosa.left_at is None

    def test_without_an_e_mail_account_it_says_so(self) -> None:
        Account.objects.all().update(enabled=False)
        assert "not possible yet" in ask(Client()).content.decode() and not SignIn.objects.exists()

    def test_the_mail_is_kept_without_its_way_in(self) -> None:
        ask(Client())
        found = Delivery.objects.get()
        said = Outgoing.from_json(found.outgoing)
        sent = (found.pk, found.account_id, "email", found.key, said, Receipt("<1@city.test>"), timezone.now())
        events.sent.publish(events.DeliverySent(*sent))
        found.refresh_from_db()
        assert found.outgoing == {"text": ""}

    def test_an_address_that_does_not_exist_is_no_work_for_staff(self) -> None:
        ask(Client())
        Delivery.objects.update(state=State.FAILED)
        found = Delivery.objects.get()
        events.failed.publish(events.DeliveryFailed(found.pk, found.account_id, "no such mailbox"))
        found.refresh_from_db()
        assert found.state == State.CANCELLED and "rosa" not in str(found.outgoing)

    def test_addresses_of_who_only_asked_are_forgotten(self) -> None:
        ask(Client())
        SignIn.objects.update(asked_at=timezone.now() - timedelta(days=2))
        Delivery.objects.update(created_at=timezone.now() - timedelta(days=3))
        assert joining.forget_old() == 1 and mails.forget_old() == 1
        assert not SignIn.objects.exclude(email="").exists() and "rosa" not in str(Delivery.objects.get().outgoing)


class TestSessions:
    def test_everywhere_ends_all(self) -> None:
        rosa = neighbor()
        one, two = browser(rosa), browser(rosa)
        assert one.post("/me/sign-out/", {"everywhere": "1"}).status_code == 302
        assert [client.get("/me/").status_code for client in (one, two)] == [302, 302]

    def test_here_ends_one(self) -> None:
        rosa = neighbor()
        one, two = browser(rosa), browser(rosa)
        one.post("/me/sign-out/")
        assert [client.get("/me/").status_code for client in (one, two)] == [302, 200]

    def test_who_has_not_joined_is_sent_to_join_and_back(self) -> None:
        assert Client().get("/me/?before=1")["Location"] == "/join/?next=%2Fme%2F%3Fbefore%3D1"
        assert Client().post("/me/sign-out/", {"next": "/requests/"})["Location"] == "/join/?next=%2Frequests%2F"
        assert Client().post("/me/sign-out/", {"next": "//evil.test"})["Location"] == "/join/?next=%2F"

    def test_a_member_is_no_staff(self) -> None:
        client = browser(neighbor())
        for path in ("/console/", "/console/people/", "/console/posts/"):
            answer = client.get(path)
            assert answer.status_code in (302, 404) and "/accounts/login/" in answer.get("Location", "/accounts/login/")

    def test_staff_are_no_members_and_their_session_grows_no_longer(self, django_user_model: type[User]) -> None:
        user = django_user_model.objects.create_user("ana", password="a long password")
        client = Client()
        client.force_login(user)
        assert client.get("/me/").status_code == 302
        rosa, client = neighbor(), Client()
        client = browser(rosa)
        client.force_login(user)
        assert client.session.get_expiry_age() <= 14 * 86400 and client.get("/me/").status_code == 200
        client.post("/me/sign-out/")
        assert client.get("/me/").status_code == 302 and "_auth_user_id" in client.session

    def test_who_sends_no_cookie_has_no_session_looked_at(self) -> None:
        with CaptureQueriesContext(connection) as asked:
            Client().get("/about/")
        assert not any("session" in one["sql"] or "community_member" in one["sql"] for one in asked)
        assert settings_cookie(Client().get("/about/")) == ""


def settings_cookie(answer: HttpResponse) -> str:
    return answer.cookies["sessionid"].value if "sessionid" in answer.cookies else ""


class TestNames:
    @pytest.mark.parametrize(
        "name",
        ["x", "x" * 41, "rosa@residents.test", "Call 215-555-0182", "www.rosa.com", "Admin", "аdmin", "Philadelphia",
         "City of Philadelphia", "The Mayor", "Rоsa", "M0derator", "Streets Department", "🙂🙂🙂", "...", "مدير"],
    )  # fmt: skip
    def test_that_are_none(self, name: str) -> None:
        assert naming.checked(name)[1]

    @pytest.mark.parametrize(
        "name", ["Rosa M.", "José Núñez", "Dương", "Мария", "علي حسن", "王小明", "O’Neil 52", "さくらハル"]
    )
    def test_that_are_fine(self, name: str) -> None:
        assert naming.checked(name) == (name, "")

    def test_staff_and_accounts_are_not_played(self) -> None:
        User.objects.create_user("ana.ruiz", first_name="Ana", last_name="Ruiz")
        assert naming.checked("Ana Ruiz")[1] and naming.checked("ana ruiz")[1]

    def test_no_two_look_alike(self) -> None:
        neighbor("Rosa Bell")
        for name in ("rosa bell", "R0sa Be11", "Rósa  Bell", "ROSA-BELL"):
            with pytest.raises(members.Refused):
                neighbor(name, "other@residents.test")


class TestLeaving:
    def test_the_address_and_the_name_are_forgotten(self) -> None:
        rosa = neighbor(area="FISHTOWN")
        who = Resident.objects.create(created_at=timezone.now())
        name = {"handle": rosa.name, "name": rosa.name}
        Identity.objects.create(resident=who, network="community", network_user_id=rosa.author, **name)
        client, other = browser(rosa), browser(rosa)
        page = client.get("/me/leave/").content.decode()
        assert "public records" in page and "a former member" in page
        assert client.post("/me/leave/").status_code == 302
        rosa.refresh_from_db()
        assert (rosa.email, rosa.name, rosa.area, rosa.digest) == ("", "a former member", "", False) and rosa.left_at
        assert Identity.objects.get().name == "a former member" and not Follow.objects.exists()
        assert other.get("/me/").status_code == 302
        assert not any("rosa@" in str(one.body) for one in Record.objects.all())
        assert neighbor().pk != rosa.pk, "the same address and name can be a member again"

    def test_all_that_is_kept_can_be_taken_along(self) -> None:
        rosa = neighbor(area="FISHTOWN")
        answer = browser(rosa).get("/me/everything.json")
        kept = answer.json()
        assert kept["member"]["email"] == "rosa@residents.test" and kept["follows"][0]["area"] == "FISHTOWN"
        assert "attachment" in answer["Content-Disposition"] and answer["Cache-Control"] == "no-store"


def test_what_a_member_changes_is_on_the_record() -> None:
    rosa = neighbor()
    client = browser(rosa)
    taken = neighbor("Wei", "wei@residents.test")
    assert client.post("/me/", PROFILE | {"name": taken.name}).status_code == 422
    assert client.post("/me/", PROFILE | {"name": "Rosa B.", "digest": "on", "language": "es"}).status_code == 302
    rosa.refresh_from_db()
    assert (rosa.name, rosa.language, rosa.digest) == ("Rosa B.", "es", True) and rosa.told_at
    body = Record.objects.order_by("-id")[0].body
    assert body["name"] == ["Rosa of Fishtown", "Rosa B."] and "email" not in str(body)
