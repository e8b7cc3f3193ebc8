"""What broke for others, proved not to break here: through the real rooms and a real server, with faults between.

The name of each test says what residents or staff of other systems met. Not repeated here is what has its proof
elsewhere: 8, single-use tokens burnt by renewing too often (`accounts/test_keeper.py`, and the scenario "token
renewed"); 15, forged calls (`hooks/test_take.py`, `channels/test_sms_twilio.py`, both from the network's own vectors);
24, descriptions, warnings and languages that get lost (the scenario "media with alt text out", and each channel's own
tests of warning and language); a person's retry (`console/test_forms.py`).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from openline.accounts import connecting
from openline.accounts.models import Account, Line
from openline.channels.base import Heard, Incoming
from openline.channels.registry import channel_for
from openline.console.permissions import create_demo_users
from openline.inbox import keeping, queries, receiving
from openline.inbox.models import Message
from openline.outbox import events, sending
from openline.outbox.models import RETRY_AFTER, Delivery, State
from openline.records.models import Kind, Record
from tests.channels import faults
from tests.channels.conftest import Nets
from tests.channels.faults import FaultProxy
from tests.channels.nets.base import Net
from tests.channels.nets.sms_twilio import TwilioNet

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def net(nets: Nets) -> Net:
    return nets("mastodon")


@pytest.fixture
def proxy(net: Net) -> Iterator[FaultProxy]:
    with FaultProxy(net.port, net.is_send) as running:
        yield running


@pytest.fixture
def account(net: Net, proxy: FaultProxy) -> Account:
    return kept(net, net.through(proxy.port).server)


def kept(net: Net, server: str, **credentials: str) -> Account:
    account = Account(network=net.network, handle=net.account.handle, server=server, name="desk")
    account.credentials = net.account.credentials | credentials
    account.save()
    return account


def words() -> str:
    return f"words {uuid.uuid4()}"


def asked(net: Net) -> Incoming:
    net.post(text := words())
    return net.heard(text)


def answered(net: Net, account: Account, item: Incoming, text: str) -> Delivery:
    now = timezone.now()
    return Delivery.objects.create(
        account=account,
        key=text,
        thread=item.network_id,
        outgoing=net.answer(item, text).as_json(),
        next_try_at=now,
        created_at=now,
    )


def send(delivery: Delivery, rounds: int = 1, due: Sequence[Delivery] = ()) -> Delivery:
    """As a worker does, but without its pauses; only what is `due`, where that is said."""
    holder = sending.Holder()
    open_ones = Delivery.objects.filter(state__in=[State.WAITING, State.UNCLEAR])
    try:
        for _ in range(rounds):
            Account.objects.update(paused_until=None)
            (open_ones.filter(pk__in=[one.pk for one in due]) if due else open_ones).update(next_try_at=timezone.now())
            sending.send_next(holder.id)
    finally:
        holder.close()
    delivery.refresh_from_db()
    return delivery


def times_said(net: Net, item: Incoming, text: str) -> int:
    return sum(text in said.text for said in net.thread(item.network_id) if said.by_city)


def hear(account: Account, *items: Incoming) -> None:
    receiving.receive(account.pk, Heard(items, ""))
    keeping.keep(keeping.claim(100), {account.pk: account})


@pytest.mark.parametrize("fault", [faults.CUT_AFTER, faults.CUT_BEFORE, faults.CUT_WITHIN], ids=lambda f: f.kind)
def test_1_a_retry_after_a_broken_line_posts_twice(
    net: Net, account: Account, proxy: FaultProxy, fault: faults.Fault
) -> None:
    item, text = asked(net), words()
    delivery = answered(net, account, item, text)
    with proxy.striking(fault, 1):
        assert send(delivery).state != State.SENT
    assert send(delivery, 3).state == State.SENT
    assert times_said(net, item, text) == 1


def test_2_what_fails_after_publishing_makes_it_post_again_and_again(net: Net, account: Account) -> None:
    item, text = asked(net), words()
    delivery = answered(net, account, item, text)

    def broken(_event: object) -> None:
        raise RuntimeError("a side effect fails")

    events.sent.subscribe(broken)
    try:
        for _ in range(3):
            assert send(delivery).state == State.UNCLEAR
    finally:
        events.sent._handlers.remove(broken)
    assert send(delivery, 3).state == State.SENT
    assert times_said(net, item, text) == 1


def test_3_reported_as_refused_and_yet_published(net: Net, account: Account, proxy: FaultProxy) -> None:
    """A server that says 503 may have published: an error is no proof of absence."""
    item, text = asked(net), words()
    net.channel.send(net.account, net.answer(item, text), "the try whose answer was 503", _Nothing())
    delivery = answered(net, account, item, text)
    with proxy.striking(faults.UNAVAILABLE, 1):
        assert send(delivery).state == State.UNCLEAR
    assert send(delivery, 3).state == State.SENT
    assert times_said(net, item, text) == 1


class _Nothing:
    """A send of which nothing is remembered, as if its worker had died."""

    def step(self, name: str, call: Callable[[], object]) -> object:
        return call()

    def done(self, name: str) -> object:
        return None

    def open(self, file: str) -> object:
        raise FileNotFoundError(file)


def test_5_what_was_due_is_never_sent_and_nobody_is_told(net: Net, account: Account, proxy: FaultProxy) -> None:
    """A worker died with it in hand; another was due for days while none ran; a third has failed for a day."""
    items, texts = [asked(net) for _ in range(3)], [words() for _ in range(3)]
    held, overdue, hopeless = (answered(net, account, *each) for each in zip(items, texts, strict=True))
    days_ago, all_of_them = timezone.now() - timedelta(days=3), Delivery.objects.order_by("pk")
    all_of_them.update(created_at=days_ago, next_try_at=days_ago)
    all_of_them.filter(pk=held.pk).update(state=State.SENDING, claimed_by=404)
    all_of_them.filter(pk=hopeless.pk).update(attempts=len(RETRY_AFTER), next_try_at=timezone.now() + timedelta(days=1))
    assert sending.recover() == 1 and [one.pk for one in queries.unsent()] == [held.pk, overdue.pk, hopeless.pk]
    send(held, 3, [held, overdue])
    assert [times_said(net, *each) for each in zip(items, texts, strict=True)] == [1, 1, 0]
    with proxy.down():
        assert send(hopeless).state == State.FAILED
    assert [one.pk for one in queries.unsent()] == [hopeless.pk] and hopeless.error
    assert Record.objects.get(kind=Kind.NOT_SAID).body["delivery"] == str(hopeless.pk)


def test_6_every_time_knows_its_zone(net: Net, account: Account) -> None:
    item = asked(net)
    hear(account, item)
    message = Message.objects.get(network_id=item.network_id)
    assert message.posted_at.utcoffset() is not None and message.posted_at == item.posted_at


def test_7_connecting_again_wipes_the_refresh_token(net: Net) -> None:
    account = kept(net, net.account.server, refresh_token="given once")
    connected = net.channel.connect({"server": net.account.server, **net.account.credentials})
    again = connecting.keep(net.network, replace(connected, credentials={**connected.credentials, "refresh_token": ""}),
                            connecting.About(), by="ana")  # fmt: skip
    account.refresh_from_db()
    assert again.pk == account.pk
    assert account.credentials == {**net.account.credentials, "refresh_token": "given once"}
    assert send(answered(net, account, item := asked(net), text := words())).state == State.SENT
    assert times_said(net, item, text) == 1


def test_9_a_blip_of_the_network_is_taken_for_a_dead_token(net: Net, account: Account, proxy: FaultProxy) -> None:
    item, text = asked(net), words()
    delivery = answered(net, account, item, text)
    with proxy.down():
        tried = send(delivery)
        assert tried.state == (State.UNCLEAR if tried.steps else State.WAITING)
    account.refresh_from_db()
    assert account.speaking == Line.DOWN
    assert send(delivery, 2).state == State.SENT
    account.refresh_from_db()
    assert account.speaking == Line.OK and times_said(net, item, text) == 1


def test_10_and_11_a_refused_token_is_recognised_and_hearing_goes_on(net: Net, proxy: FaultProxy) -> None:
    account = kept(net, net.through(proxy.port).server, access_token="revoked")
    item = asked(net)
    assert send(answered(net, account, item, words())).state == State.FAILED
    account.refresh_from_db()
    assert account.speaking == Line.REFUSED
    hear(account, item)
    assert Message.objects.filter(network_id=item.network_id).count() == 1
    account.refresh_from_db()
    assert account.speaking == Line.REFUSED and account.hearing == Line.OK


def test_13_only_some_peoples_messages_arrive(nets: Nets) -> None:
    """A network that calls us: what its calls did not bring is found by asking it, and nothing is there twice."""
    net = nets("sms_twilio")
    assert isinstance(net, TwilioNet)
    account, before = kept(net, net.account.server), len(net.hook.items)
    texts = [words() for _ in range(6)]
    for who, text in enumerate(texts):
        with net.hook.failing(500) if who % 2 else nullcontext():
            net.post(text, who=who)
    called = net.hook.items[before:]
    assert [item.text for item in called] == texts[::2]
    receiving.receive_pushed(account.pk, called)
    receiving.receive(account.pk, net.channel.poll(net.account, ""))
    while keeping.keep(keeping.claim(100), {account.pk: account}):
        pass
    assert sorted(Message.objects.filter(text__in=texts).values_list("text", flat=True)) == sorted(texts)


def test_16_a_delivery_that_comes_again_is_a_second_message(net: Net, account: Account) -> None:
    item = asked(net)
    for _ in range(3):
        hear(account, item, item)
    assert Message.objects.filter(network_id=item.network_id).count() == 1


@pytest.mark.usefixtures("philadelphia")
def test_17_on_a_weak_line_the_answer_of_staff_goes_out_twice(net: Net, account: Account) -> None:
    """The browser sends the form again when the line broke: it bears the id that it had when it was shown."""
    hear(account, item := asked(net))
    conversation, clerk = Message.objects.get(network_id=item.network_id).conversation, Client()
    clerk.force_login(next(user for user in create_demo_users("only for this") if user.username == "agent"))
    form = {"text": (text := words()), "client_id": str(uuid.uuid4())}
    for _line in range(3):
        assert clerk.post(f"/console/conversations/{conversation.pk}/answer/", form).status_code in (200, 302)
    for delivery in Delivery.objects.all():
        assert send(delivery, 2).state == State.SENT
    assert times_said(net, item, text) == 1


def test_18_shown_as_sent_and_never_sent(net: Net, account: Account, proxy: FaultProxy) -> None:
    """No receipt of the network, no "sent"; and what a server refuses is shown with its reason."""
    item = asked(net)
    with net.refusing():
        delivery = send(answered(net, account, item, words()))
    assert delivery.state == State.FAILED and delivery.error and delivery.receipt is None
    done = send(answered(net, account, item, text := words()))
    assert done.state == State.SENT
    assert done.receipt["network_id"] in {said.network_id for said in net.thread(item.network_id)}
    assert times_said(net, item, text) == 1


def test_21_replies_that_come_before_what_they_answer(net: Net, account: Account) -> None:
    item = asked(net)
    net.post(text := words(), in_reply_to=item.network_id)
    reply = net.heard(text)
    hear(account, reply)
    hear(account, item)
    assert Message.objects.filter(direction="in").values("conversation_id").distinct().count() == 1


def test_22_new_posts_are_missed_behind_many_old_ones(net: Net, account: Account) -> None:
    """The cursor is each account's own, and moves only over what was handed on."""
    channel, other = channel_for(net.network), replace(net.account, id="other")
    cursor = net.position()
    old = [net.post(words()) for _ in range(41)]  # more than a page
    heard = channel.poll(net.account, cursor)
    net.post(newest := words())
    texts = [i.text for i in channel.poll(net.account, heard.cursor).items if isinstance(i, Incoming)]
    assert any(newest in text for text in texts)
    ids = {i.network_id for i in channel.poll(other, cursor).items if isinstance(i, Incoming)}
    assert set(old) <= ids


def test_23_lengths_are_counted_by_each_networks_own_rule() -> None:
    link = "https://city.example/" + "a" * 100
    assert channel_for("mastodon").length(link) == 23
    assert channel_for("bluesky").length("é" * 20) == 20 == channel_for("mastodon").length("e\u0301" * 20)
    assert channel_for("mastodon").length("👨‍👩‍👧‍👦é") == 2
