"""E-mail through the city's rooms: mails become messages in conversations, answers go out once, fates come back."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from email.message import EmailMessage

import pytest

from openline.accounts.models import Account
from openline.care import process
from openline.channels.base import Heard
from openline.inbox import keeping, receiving
from openline.inbox.models import Direction, Message
from openline.outbox import sending
from openline.outbox.models import Delivery
from tests.channels.nets.email import DESK, EmailNet, start
from tests.servers.mail import PEOPLE, RESIDENTS

pytestmark = pytest.mark.django_db
MARIA = f"maria@{RESIDENTS}"


@pytest.fixture(scope="module")
def net(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmailNet]:
    with start(tmp_path_factory.mktemp("email-rooms")) as running:
        yield running


@pytest.fixture
def account(net: EmailNet, philadelphia: None) -> Account:
    made = Account(network="email", handle=DESK, server=net.account.server, settings=dict(net.account.settings))
    made.credentials = net.account.credentials
    made.save()
    made.cursor = net.channel.poll(made.ref(), "").cursor
    made.save()
    return made


def hear(net: EmailNet, account: Account) -> None:
    account.refresh_from_db()
    receiving.receive(account.pk, net.channel.poll(account.ref(), account.cursor))


def test_a_mail_is_answered_in_its_thread_and_an_answer_by_the_address_alone_belongs_to_it(
    net: EmailNet, account: Account
) -> None:
    network_id = net.post("There is a big pothole, cars swerve around it.")
    hear(net, account)
    while process.process():
        pass
    first = Message.objects.get(network_id=network_id)
    while sending.send_next(1):
        pass
    answer = Message.objects.filter(conversation=first.conversation, direction=Direction.OUT).first()
    assert answer and answer.network_id, Delivery.objects.values_list("error", flat=True)
    net.arrived(answer.network_id, "maria")
    [mail] = [one for one in net.mails("maria", "INBOX") if one["Message-ID"] == answer.network_id]
    assert mail["In-Reply-To"] == network_id and mail["Subject"] == "Re: Something in my street"
    assert mail["Auto-Submitted"] == "auto-replied"

    reply = EmailMessage()
    reply["From"], reply["To"], reply["Subject"] = MARIA, mail["Reply-To"], "it is at"
    reply["Message-ID"] = f"<{uuid.uuid4()}@{RESIDENTS}>"
    reply.set_content("Broad and Snyder\n\n-- \nMaria")
    net.submit(reply, to=mail["Reply-To"].addresses[0].addr_spec)
    hear(net, account)
    while process.process():
        pass
    second = Message.objects.get(network_id=str(reply["Message-ID"]))
    assert second.conversation_id == first.conversation_id and second.text == "Broad and Snyder"


def test_an_answer_that_bounces_goes_to_a_person(net: EmailNet, account: Account) -> None:
    net.post(text := f"The lamp is out. {uuid.uuid4()}", who=PEOPLE.index("gone"))
    hear(net, account)
    while process.process():
        pass
    while sending.send_next(1):
        pass
    heard = Message.objects.get(text__contains=text.split()[-1])
    answer = Message.objects.get(conversation=heard.conversation, direction=Direction.OUT)
    until = time.monotonic() + 15
    while "fate" not in (answer.details or {}):
        assert time.monotonic() < until
        hear(net, account)
        process.process()
        answer.refresh_from_db()
    assert answer.details and answer.details["fate"] == "failed"
    assert answer.details["fate_reason"].startswith("There is no such mailbox.")


def test_an_auto_reply_is_kept_and_never_answered(net: EmailNet, account: Account) -> None:
    away = EmailMessage()
    away["From"], away["To"], away["Subject"] = MARIA, DESK, "Automatic reply: pothole"
    away["Message-ID"], away["Auto-Submitted"] = f"<{uuid.uuid4()}@{RESIDENTS}>", "auto-replied"
    away.set_content("There is a big pothole at Broad and Snyder. I am away until Monday.")
    net.submit(away)
    hear(net, account)
    while process.process():
        pass
    kept = Message.objects.get(network_id=str(away["Message-ID"]))
    assert not Message.objects.filter(conversation=kept.conversation, direction=Direction.OUT).exists()


def test_copies_of_one_mail_are_one_message(net: EmailNet, account: Account) -> None:
    network_id = net.post("The lamp is out.")
    hear(net, account)
    raw = net.heard("The lamp is out.").raw
    receiving.receive(
        account.pk, Heard((net.channel.parse(raw.replace(b"Delivered-To: help", b"Delivered-To: parks")),), "")
    )
    keeping.keep(keeping.claim(100), {account.pk: account})
    assert Message.objects.filter(network_id=network_id).count() == 1
