"""What every channel must do, proved for each on a real server.

Each test is one scenario, or part of one, for every network in `nets`. What a network has no place for raises NotHere
and stands in the table with its reason (docs/channels/conformance.md).
"""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from PIL import Image, ImageDraw

from openline.channels.accounts import NoKeeper, Renew
from openline.channels.base import (
    AccountRef,
    ChannelError,
    Heard,
    Incoming,
    NetworkDown,
    Outgoing,
    OutgoingMedia,
    RateLimited,
    Receipt,
    Rejected,
    TokenExpired,
    Unclear,
)
from openline.inbox import keeping, receiving
from openline.inbox.models import Message
from tests.channels import faults
from tests.channels.faults import FaultProxy
from tests.channels.nets.base import Memory, Net, NotHere, Said

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
scenario = pytest.mark.scenario


@pytest.fixture(autouse=True)
def _tidy(net: Net) -> Iterator[None]:
    yield
    net.tidy()


def words() -> str:
    return f"words {uuid.uuid4()}"


def photo(word: str = "") -> bytes:
    """A picture like no other."""
    picture = Image.new("RGB", (320, 240), (random.randrange(256), 120, 90))
    ImageDraw.Draw(picture).text((20, 100), word or words())
    picture.save(buffer := BytesIO(), "JPEG")
    return buffer.getvalue()


def question(net: Net, **more: object) -> Incoming:
    """A resident's post, as it was heard."""
    net.post(text := words(), **more)  # type: ignore[arg-type]
    return net.heard(text)


def times_said(net: Net, network_id: str, text: str) -> int:
    return sum(said.by_city and text in said.text for said in net.thread(network_id))


@contextmanager
def proxied(net: Net, hearing: bool = False) -> Iterator[tuple[FaultProxy, AccountRef]]:
    """A proxy before the network's server (or the one by which it hears), and the account that goes through it."""
    with FaultProxy(net.hearing_port if hearing else net.port, net.is_send) as proxy:
        yield proxy, (net.hearing_through if hearing else net.through)(proxy.port)


# In


@scenario("mention in")
def test_a_mention_arrives_with_author_time_and_text(net: Net) -> None:
    text = words()
    network_id = net.post(text)
    item = net.heard(text)
    assert item.network_id == network_id
    assert item.author_id and item.author_handle
    assert item.in_reply_to == net.above and item.kind == "post"
    assert item.visibility == ("public" if net.channel.capabilities.public else "private")
    assert item.posted_at and abs((item.posted_at - datetime.now(UTC)).total_seconds()) < 60


@scenario("reply in")
def test_a_reply_to_our_answer_belongs_to_its_thread(net: Net) -> None:
    item = question(net)
    receipt = net.send(net.answer(item, f"where is it? {words()}"), words(), Memory())
    net.post(reply := words(), in_reply_to=receipt.network_id)
    found = net.heard(reply)
    ours = {receipt.network_id, *receipt.parts}
    assert found.in_reply_to in ours or ours & {*found.references} or (item.thread and found.thread == item.thread)


@scenario("private message in and out")
def test_a_private_message_comes_and_goes_privately(net: Net) -> None:
    if not net.channel.capabilities.direct_messages:
        raise NotHere("the network has no private messages")
    item = question(net, private=True)
    assert item.visibility == "private"
    receipt = net.send(net.answer(item, text := f"only for you {words()}"), words(), Memory())
    assert net.seen(receipt.network_id, text).private


@scenario("attachment in")
def test_a_private_message_brings_its_attachment(net: Net) -> None:
    picture = photo()
    item = question(net, photos=(picture,), private=net.channel.capabilities.direct_messages)
    assert [media.kind for media in item.media] == ["image"]
    found = Image.open(BytesIO(net.bytes_of(item, item.media[0])))
    assert found.size == (320, 240)


@scenario("edit in")
def test_an_edit_of_an_earlier_message_is_heard_once(net: Net) -> None:
    item = question(net)
    with net.following() as listener:
        net.edit(item.network_id, better := f"better {words()}")
        edit = listener.wait(lambda i: i.kind == "edit" and i.network_id == item.network_id, 15)
    assert better in edit.text and edit.event_id != item.event_id
    assert len({i.event_id for i in listener.items if i.kind == "edit" and i.network_id == item.network_id}) == 1
    assert net.channel.parse(edit.raw) == edit


@scenario("deletion in")
def test_a_deletion_of_an_earlier_message_is_heard(net: Net) -> None:
    with net.following() as listener:
        net.post(text := words())
        item = listener.hears(text, 15)
        net.delete(item.network_id)
        gone = listener.wait(lambda i: i.kind == "delete" and i.network_id == item.network_id, 15)
    assert gone.event_id != item.event_id
    assert net.channel.parse(gone.raw) == gone


@scenario("live hearing")
def test_listening_hears_within_seconds_and_stops(net: Net) -> None:
    with net.following() as listener:
        net.post(text := words())
        listener.hears(text, 15)


@scenario("text survives")
@pytest.mark.parametrize("text", ["é ü 漢字 🕳️ שלום", "<script>alert(1)</script> & <b>bold</b>", "line one\nline two"])
def test_text_survives_the_round_trip(net: Net, text: str) -> None:
    mark = uuid.uuid4().hex
    net.post(f"{text} {mark}")
    item = net.heard(mark)
    assert all(part in item.text for part in text.split("\n"))
    receipt = net.send(net.answer(item, f"{text} {mark}"), mark, Memory())
    seen = net.seen(receipt.network_id, mark).text
    assert all(part in seen for part in text.split("\n"))


@scenario("raw read again")
def test_raw_deliveries_are_read_the_same_again(net: Net) -> None:
    item = question(net)
    assert net.channel.parse(item.raw) == item


# Duplicates, order, cursors


@scenario("restart from the cursor")
def test_a_cursor_continues_where_it_stopped(net: Net) -> None:
    before = question(net)
    cursor = net.position()
    posts = [net.post(words()) for _ in range(3)]
    private = [net.post(words(), private=True)] if net.channel.capabilities.direct_messages else []
    wanted, until, heard = {*posts, *private}, time.monotonic() + net.patience, list[Incoming]()
    while not wanted <= {item.network_id for item in heard} and time.monotonic() < until:
        heard = net.hearing(cursor=cursor)
    assert wanted <= {item.network_id for item in heard}
    # A cursor may overlap: the door recognises what was heard before, by its event id.
    again = [item for item in heard if item.network_id == before.network_id]
    assert {item.event_id for item in again} <= {before.event_id}


@scenario("duplicates and disorder")
@pytest.mark.django_db
def test_the_same_delivery_again_and_in_any_order_is_one_message_in_one_thread(net: Net) -> None:
    item = question(net)
    replies = []
    for _ in range(2):
        net.post(text := words(), in_reply_to=item.network_id)
        replies.append(net.heard(text))
    account = net.stored()
    one, two = replies
    for delivery in (two, one, two, item, one, item, item):
        receiving.receive(account.pk, Heard((delivery,), ""))
        keeping.keep(keeping.claim(100), {account.pk: account})
    kept = Message.objects.filter(direction="in").order_by("network_id")
    assert [m.network_id for m in kept] == sorted({item.network_id, one.network_id, two.network_id})
    assert len({message.conversation_id for message in kept}) == 1


# Out


@scenario("answer in the thread")
def test_an_answer_stands_in_the_thread(net: Net) -> None:
    item = question(net)
    receipt = net.send(net.answer(item, text := f"thank you {words()}"), words(), Memory())
    said = net.seen(item.network_id, text)
    assert said.network_id == receipt.network_id and said.in_reply_to == item.network_id


@scenario("media with alt text out")
def test_a_picture_goes_out_with_its_description(net: Net) -> None:
    if not any(rule.kind == "image" for rule in net.channel.capabilities.media):
        raise NotHere("the channel sends no pictures")
    item = question(net)
    picture = OutgoingMedia("p.jpg", "image/jpeg", "p.jpg", alt := f"A mended road {words()}", width=320, height=240)
    outgoing = net.answer(item, text := f"it is mended {words()}", media=(picture,))
    net.send(outgoing, words(), Memory({"p.jpg": photo()}))
    alts = net.seen(item.network_id, text).alts
    assert alts == ((alt,) if net.channel.capabilities.alt_text_limit else ("",))


def _shown(net: Net, network_id: str, wanted: set[str], seconds: float = 30) -> dict[str, Said]:
    """The city's posts in the thread, once all that are `wanted` have arrived there."""
    until = time.monotonic() + seconds
    while True:
        said = {post.network_id: post for post in net.thread(network_id) if post.by_city}
        if wanted <= said.keys() or time.monotonic() > until:
            return said
        time.sleep(0.1)


@scenario("too long a text")
def test_too_long_a_text_is_split_shortened_or_refused(net: Net) -> None:
    can = net.channel.capabilities
    if not can.text_limit:
        raise NotHere("the network sets no limit")
    item, count = question(net), can.text_limit
    mark, sentence = uuid.uuid4().hex, "The road at the corner is closed until Friday. "
    text = f"{mark} " + sentence * (count // len(sentence) + 3)
    outgoing = net.answer(item, text, link="https://city.example/news/1")
    if can.too_long == "reject":
        with pytest.raises(Rejected):
            net.send(outgoing, words(), Memory())
        return
    receipt = net.send(outgoing, words(), Memory())
    if can.too_long == "link":
        assert "https://city.example/news/1" in net.seen(item.network_id, mark).text
        return
    said = _shown(net, item.network_id, {receipt.network_id, *receipt.parts})
    parts = [said[part] for part in (receipt.network_id, *receipt.parts)]
    assert len(parts) > 1 and all(net.channel.length(part.text) <= count for part in parts)
    assert sum(part.text.count("closed until Friday") for part in parts) == text.count("closed until Friday")
    assert [part.in_reply_to for part in parts] == [item.network_id, *(part.network_id for part in parts[:-1])]


@scenario("refused content")
def test_a_content_that_the_server_refuses_is_rejected(net: Net) -> None:
    item = question(net)
    with net.refusing() as content, pytest.raises(Rejected):
        net.send(content or net.answer(item, words()), words(), Memory())


@scenario("text that cannot be written")
def test_a_text_that_cannot_be_written_is_rejected(net: Net) -> None:
    with pytest.raises(Rejected):
        net.send(net.answer(question(net), "half a character: \ud83d"), words(), Memory())


@scenario("sent once")
def test_the_same_key_is_the_same_post(net: Net) -> None:
    item = question(net)
    outgoing, memory, key = net.answer(item, text := words()), Memory(), words()
    first = net.send(outgoing, key, memory)
    second = net.send(outgoing, key, memory)
    assert first.network_id == second.network_id
    net.seen(item.network_id, text)
    assert times_said(net, item.network_id, text) == 1


@scenario("sent once")
def test_find_sent_knows_what_was_sent_and_what_was_not(net: Net) -> None:
    item = question(net)
    outgoing, memory, key = net.answer(item, text := f"look me up {words()}"), Memory(), words()
    before = net.channel.find_sent(net.account, outgoing, key, memory, LONG_AGO)
    assert before is None or net.decided_before
    receipt = net.send(outgoing, key, memory)
    assert before is None or before.network_id == receipt.network_id
    net.seen(item.network_id, text)
    found = net.channel.find_sent(net.account, outgoing, key, memory, LONG_AGO)
    assert found and found.network_id == receipt.network_id


@scenario("many at once")
def test_many_threads_send_at_once(net: Net) -> None:
    item = question(net)
    texts = [f"part {n} {words()}" for n in range(16)]
    with ThreadPoolExecutor(8) as pool:
        receipts = list(pool.map(lambda text: net.send(net.answer(item, text), text, Memory()), texts))
    assert len({receipt.network_id for receipt in receipts}) == 16
    for text in texts:
        net.seen(item.network_id, text)
    assert sum(said.by_city for said in net.thread(item.network_id)) == 16


# The account


@scenario("who we are")
def test_who_we_are_is_who_posts(net: Net) -> None:
    who = net.channel.check(net.account)
    item = question(net)
    assert who.author_id and who.handle and who.author_id != item.author_id


@scenario("secrets named")
def test_the_secrets_that_an_account_needs_are_named(net: Net) -> None:
    assert set(net.account.credentials) <= set(net.channel.secrets)
    assert not any(secret in repr(net.account) for secret in net.account.credentials.values() if secret)


@scenario("token refused")
def test_refused_credentials(net: Net) -> None:
    account, item = net.refused(), question(net)
    with pytest.raises(TokenExpired):
        net.channel.check(account)
    if net.channel.capabilities.inbound != "push":
        with pytest.raises(TokenExpired):
            net.channel.poll(account, "")
    with pytest.raises(TokenExpired):
        net.send(net.answer(item, words()), words(), Memory(), account)


class Renewing(NoKeeper):
    """Counts renewals and remembers what came of them."""

    def __init__(self, credentials: dict[str, str]) -> None:
        super().__init__(credentials)
        self.renewed: list[dict[str, str]] = []

    def renew(self, renew: Renew) -> dict[str, str]:
        found = super().renew(renew)
        self.renewed.append(found)
        return found


@scenario("token renewed")
def test_an_expired_token_is_renewed_and_kept(net: Net) -> None:
    expired = net.expiring()
    keeper = Renewing(expired.credentials)
    account = replace(expired, keeper=keeper)
    item = question(net)
    net.send(net.answer(item, text := words()), words(), Memory(), account)
    assert net.seen(item.network_id, text)
    assert len(keeper.renewed) == 1, "renewed once, not for every call"
    fresh = replace(expired, credentials=keeper.renewed[0], keeper=Renewing(keeper.renewed[0]))
    assert fresh.credentials != expired.credentials
    net.channel.check(fresh)
    assert not fresh.keeper.renewed, "the kept token works by itself"  # type: ignore[attr-defined]


@scenario("rate limit")
def test_a_rate_limit_says_when_to_come_back(net: Net) -> None:
    item, text = question(net), words()
    with net.limited() as account, pytest.raises(RateLimited) as raised:
        for n in range(200):
            net.send(net.answer(item, f"{text} {n}"), f"{text} {n}", Memory(), account)
    assert timedelta(0) < raised.value.retry_at - datetime.now(UTC) < timedelta(days=1)


# Broken lines


@scenario("server down for a while")
def test_a_server_that_is_down_is_told_and_nothing_is_missed(net: Net) -> None:
    item = question(net)
    cursor, outgoing, key, memory = net.position(), net.answer(item, text := words()), words(), Memory()
    with proxied(net) as (proxy, account), proxied(net, hearing=True) as (ear, listener):
        with proxy.down(), ear.down():
            if net.channel.capabilities.inbound != "push":
                with pytest.raises(NetworkDown):
                    net.channel.poll(listener, cursor)
            with pytest.raises(NetworkDown):
                net.send(outgoing, key, memory, account)
            meanwhile = net.post(words())
        net.send(outgoing, key, memory, account)
        assert net.seen(item.network_id, text)
        until, heard = time.monotonic() + net.patience, list[str]()
        while meanwhile not in heard and time.monotonic() < until:
            heard = [i.network_id for i in net.hearing(listener, cursor)]
    assert meanwhile in heard and times_said(net, item.network_id, text) == 1


@scenario("server restarted")
def test_a_server_that_goes_and_comes_back(net: Net) -> None:
    before = question(net)
    cursor = net.position()
    with net.away(), pytest.raises(NetworkDown):
        net.send(net.answer(before, words()), words(), Memory())
    after = net.post(words())
    until, heard = time.monotonic() + net.patience, list[str]()
    while after not in heard and time.monotonic() < until:
        heard = [item.network_id for item in net.hearing(cursor=cursor)]
    assert after in heard


@scenario("server unavailable or slow")
@pytest.mark.parametrize("fault", [faults.CUT_WITHIN, faults.drip(0.0005)], ids=lambda fault: fault.kind)
def test_hearing_over_a_bad_line_loses_nothing(net: Net, fault: faults.Fault) -> None:
    if net.channel.capabilities.inbound == "push":
        raise NotHere("the network calls us")
    cursor = net.position()
    post, heard = net.post(words()), list[str]()
    with proxied(net, hearing=True) as (proxy, account):
        with proxy.striking(fault, 1, reads=True):
            try:
                batch = net.channel.poll(account, cursor)
                heard += [getattr(item, "network_id", "") for item in batch.items]
                cursor = batch.cursor
            except NetworkDown:
                pass
        assert proxy.struck
    until = time.monotonic() + net.patience
    while post not in heard and time.monotonic() < until:
        heard += [item.network_id for item in net.hearing(cursor=cursor)]
    assert post in heard


def send_until_done(
    net: Net, account: AccountRef, outgoing: Outgoing, key: str, memory: Memory
) -> tuple[Receipt, list[ChannelError]]:
    """As the outbox does it: after an error ask the network, then try again. Returns what went wrong on the way."""
    since, wrong = datetime.now(UTC) - timedelta(minutes=1), list[ChannelError]()
    while True:
        try:
            if wrong and (found := _found(net, account, outgoing, key, memory, since, wrong[-1])):
                return found, wrong
            return net.send(outgoing, key, memory, account), wrong
        except (Unclear, NetworkDown) as error:
            wrong.append(error)
            assert len(wrong) < 5, wrong


def _found(
    net: Net, account: AccountRef, outgoing: Outgoing, key: str, memory: Memory, since: datetime, error: ChannelError
) -> Receipt | None:
    """Only what is unclear is looked up: after NetworkDown nothing can be there."""
    if isinstance(error, Unclear):
        return net.channel.find_sent(account, outgoing, key, memory, since)
    return None


@scenario("cut after the server accepted")
def test_a_send_whose_answer_was_lost_is_found_and_not_said_twice(net: Net) -> None:
    """Every change that a send makes is cut in its turn, right after the server took it."""
    for nth in range(1, 10):
        item = question(net)
        outgoing = net.answer(item, text := f"lost and found {words()}")
        with proxied(net) as (proxy, account):
            with proxy.striking(faults.CUT_AFTER, nth):
                receipt, wrong = send_until_done(net, account, outgoing, words(), Memory())
            struck = bool(proxy.struck)
        assert net.seen(item.network_id, text).network_id == receipt.network_id
        assert times_said(net, item.network_id, text) == 1
        if not struck:
            break
        assert wrong, "a lost answer was not noticed"
    assert nth > 1, "no change was seen: is_send() does not fit this network"


@scenario("cut before the server got it")
def test_a_send_that_never_arrived_is_tried_again(net: Net) -> None:
    for nth in range(1, 10):
        item = question(net)
        outgoing = net.answer(item, text := f"second try {words()}")
        with proxied(net) as (proxy, account):
            with proxy.striking(faults.CUT_BEFORE, nth):
                receipt, wrong = send_until_done(net, account, outgoing, words(), Memory())
            struck = bool(proxy.struck)
        assert net.seen(item.network_id, text).network_id == receipt.network_id
        assert times_said(net, item.network_id, text) == 1
        if not struck:
            break
        assert wrong
    assert nth > 1


# Last, because it leaves every server full


@scenario("backlog of 10,000")
def test_a_long_backlog_is_read_whole_and_in_portions(net: Net, record_property: Callable[..., None]) -> None:
    record_property("said", f"{net.many:,}")
    record_property("why", net.why_no_more)
    cursor, heard = net.asleep(), dict[str, str]()
    posts = net.backlog(net.many)
    wanted, until = set(posts), time.monotonic() + 300
    assert len(wanted) == net.many
    while not wanted <= set(heard.values()):
        batch = net.ask(net.account, cursor)
        assert len(batch.items) <= 2000, "a portion must fit in memory"
        assert batch.cursor != cursor and time.monotonic() < until, f"heard {len(heard)} of {net.many}"
        # A cursor may overlap: the door recognises what was heard before, by its event id.
        heard |= {item.event_id: item.network_id for item in batch.items if isinstance(item, Incoming)}
        cursor = batch.cursor
    in_order = [network_id for network_id in heard.values() if network_id in wanted]
    assert len(in_order) == net.many, "none is heard twice under another name"
    assert not net.in_order or in_order == posts
