"""Partners with a mailbox: a real mail server gets the mail, and the link in it is how they answer."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any
from uuid import uuid4

import pytest
from aiosmtpd.controller import Controller
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from openline.files.models import Attachment
from openline.foundation.mail import from_environment
from openline.partners import actions, forwarding
from openline.partners.mail import links
from openline.partners.models import Connector, Forwarding, Reply, State
from openline.service_requests.jurisdiction import local
from openline.service_requests.models import Contact, Service, Update
from tests.files import samples
from tests.partners.conftest import due_now, opened, partner

pytestmark = pytest.mark.django_db


class Postbox:
    """What the mail server does with a mail; `answer` is its reply to the content."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.answer = "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        if self.answer == "hang up":
            session.peer = None
            server.transport.abort()
        return self.answer

    def link(self) -> str:
        """The path of the link in the newest mail."""
        found = re.search(r"https?://[^/\s]+(/partners/answer/\S+/)", self.mails[-1].get_content())
        assert found
        return found.group(1)


@pytest.fixture
def postbox(settings: Settings) -> Iterator[Postbox]:
    """A real SMTP server on loopback, and settings that lead to it."""
    box = Postbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    found = from_environment({"OPENLINE_SMTP": f"smtp://127.0.0.1:{port}", "OPENLINE_MAIL_FROM": "311@city.example"})
    for name, value in found.items():
        setattr(settings, name, value)
    yield box
    server.stop()


@pytest.fixture
def mailbox(light: Service) -> Connector:
    return partner(light, name="Quarry Ltd", kind="email", address="desk@quarry.example", private_network=False)


def one() -> Forwarding:
    return Forwarding.objects.select_related("connector", "request").get()


def answered(client: Client, path: str, answer: str, text: str = "", **more: Any) -> Any:
    return client.post(path, {"client_id": str(uuid4()), "answer": answer, "text": text, **more})


def test_they_get_a_mail_with_what_they_need_and_nothing_personal(
    postbox: Postbox, mailbox: Connector, light: Service
) -> None:
    request = opened(light, "Lamp out at the corner")
    Contact.objects.create(request=request, name="Jane Roe", email="jane@example.org", may_be_shared=True)
    forwarding.send_next()
    [mail] = postbox.mails
    text = mail.get_content()
    assert mail["To"] == "desk@quarry.example" and mail["From"] == "311@city.example"
    assert request.number in mail["Subject"] and mail["Auto-Submitted"] == "auto-generated"
    for words in (request.number, "1234 S BROAD ST", "Lamp out at the corner", "39.930000", "are not read"):
        assert words in text
    assert f"Reported: {local(request.requested_at):%Y-%m-%d %H:%M}" in text  # the city's time, not the server's
    assert "Jane" not in text and "&" not in text.split("http")[0]
    assert one().state == State.SENT and one().sent_at
    assert str(one().pk) in mail["Message-ID"]


def test_looking_at_the_link_changes_nothing_and_an_answer_is_on_the_record(
    postbox: Postbox, mailbox: Connector, light: Service, client: Client
) -> None:
    request = opened(light)
    forwarding.send_next()
    path = postbox.link()
    shown = client.get(path)
    assert shown.status_code == 200 and request.number in shown.content.decode()
    assert shown["Referrer-Policy"] == "no-referrer" and "no-store" in shown["Cache-Control"]
    assert client.head(path).status_code == 200 and one().state == State.SENT and not Reply.objects.exists()
    assert answered(client, path, "accepted", "We go on Monday", their_id="Q-17").status_code == 302
    request.refresh_from_db()
    assert request.status == "accepted" and one().state == State.ACKNOWLEDGED and one().their_id == "Q-17"
    assert Update.objects.filter(request=request).latest("at").public_text == "We go on Monday"
    assert "We go on Monday" in client.get(path).content.decode()
    answered(client, path, "done", "New lamp")
    request.refresh_from_db()
    assert (request.status, request.outcome) == ("resolved", "done")


def test_the_same_form_twice_is_one_answer(
    postbox: Postbox, mailbox: Connector, light: Service, client: Client
) -> None:
    opened(light)
    forwarding.send_next()
    form = {"client_id": str(uuid4()), "answer": "accepted", "text": "ours"}
    client.post(postbox.link(), form)
    client.post(postbox.link(), form)
    assert Reply.objects.count() == 1 and Update.objects.filter(public_text="ours").count() == 1


def test_an_incomplete_answer_is_refused_and_keeps_what_was_typed(
    postbox: Postbox, mailbox: Connector, light: Service, client: Client
) -> None:
    opened(light)
    forwarding.send_next()
    refused = answered(client, postbox.link(), "not_ours")
    assert refused.status_code == 422 and "write a few words" in refused.content.decode()
    refused = client.post(postbox.link(), {"client_id": str(uuid4()), "text": "kept words"})
    assert refused.status_code == 422 and "kept words" in refused.content.decode()
    assert not Reply.objects.exists()


@pytest.mark.parametrize("answer", ["not_ours", "not_found"])
def test_not_ours_and_not_found_go_to_a_person(
    postbox: Postbox, mailbox: Connector, light: Service, client: Client, answer: str
) -> None:
    request = opened(light)
    forwarding.send_next()
    answered(client, postbox.link(), answer, "ask PennDOT")
    request.refresh_from_db()
    assert request.status == "received" and one().state == State.STUCK and "PennDOT" in one().error


def test_photos_come_with_an_answer_for_staff_alone(
    postbox: Postbox, mailbox: Connector, light: Service, client: Client
) -> None:
    request = opened(light)
    forwarding.send_next()
    photo = SimpleUploadedFile("after.jpg", samples.photo(), "image/jpeg")
    answered(client, postbox.link(), "done", "see", photos=[photo])
    [kept] = Attachment.objects.filter(request_id=request.pk)
    assert kept.file and not kept.public
    bad = SimpleUploadedFile("virus.exe", b"MZ" + b"\0" * 100, "image/jpeg")
    refused = answered(client, postbox.link(), "", "more", photos=[bad])
    assert refused.status_code == 422 and not Reply.objects.filter(text="more").exists()


def test_links_end_are_revoked_and_cannot_be_made_up(
    postbox: Postbox, mailbox: Connector, light: Service, client: Client, django_user_model: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    ana = django_user_model.objects.create_user("ana")
    opened(light)
    forwarding.send_next()
    old = postbox.link()
    assert client.get(old[:-3] + "xx/").status_code == 410
    with monkeypatch.context() as later:
        later.setattr("django.core.signing.time.time", lambda: timezone.now().timestamp() + 61 * 86_400)
        assert client.get(old).status_code == 410
    actions.retry(one().pk, by=ana, sure=True)
    due_now()
    forwarding.send_next()
    assert client.get(old).status_code == 410 and client.get(postbox.link()).status_code == 200
    actions.cancel(one().pk, by=ana)
    assert answered(client, postbox.link(), "done").status_code == 410 and not Reply.objects.exists()
    assert links.DAYS == 60


def test_a_mail_server_that_refuses_or_is_away(postbox: Postbox, mailbox: Connector, light: Service,
                                              settings: Settings) -> None:  # fmt: skip
    postbox.answer = "550 no such user"
    opened(light)
    forwarding.send_next()
    assert one().state == State.STUCK and "550" in one().error
    postbox.answer = "451 later"
    Forwarding.objects.update(state=State.QUEUED, next_try_at=timezone.now())
    due_now()
    forwarding.send_next()
    assert one().state == State.FAILED and not one().unclear_at
    settings.EMAIL_PORT = 9
    due_now()
    forwarding.send_next()
    assert one().state == State.FAILED and "does not answer" in one().error


def test_a_mail_that_may_have_gone_out_is_not_sent_twice_by_itself(
    postbox: Postbox, mailbox: Connector, light: Service
) -> None:
    postbox.answer = "hang up"
    opened(light)
    forwarding.send_next()
    assert one().state == State.STUCK and one().unclear_at and len(postbox.mails) == 1
    due_now()
    assert not forwarding.send_next()


def test_without_a_mail_server_a_person_is_told(mailbox: Connector, light: Service, settings: Settings) -> None:
    settings.EMAIL_BACKEND = from_environment({})["EMAIL_BACKEND"]
    opened(light)
    forwarding.send_next()
    assert one().state == State.STUCK and "OPENLINE_SMTP" in one().error


def test_mail_settings() -> None:
    found = from_environment({"OPENLINE_SMTP": "smtp+tls://me%40x:p%2Fw@mail.example"})
    assert (found["EMAIL_PORT"], found["EMAIL_USE_TLS"], found["EMAIL_HOST_USER"]) == (587, True, "me@x")
    assert found["EMAIL_HOST_PASSWORD"] == "p/w"
    with pytest.raises(ValueError, match="smtps") as caught:
        from_environment({"OPENLINE_SMTP": "http://me:secret@mail.example"})
    assert "secret" not in str(caught.value)
