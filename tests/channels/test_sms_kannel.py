"""SMS through a real Kannel and its fake carrier: what is peculiar to a gateway of our own."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from openline.channels.base import (
    AccountRef,
    Incoming,
    NetworkDown,
    NotAllowed,
    Outgoing,
    Pushed,
    RateLimited,
    Rejected,
    TokenExpired,
    Unclear,
    Unverified,
)
from openline.channels.sms import gsm
from openline.channels.sms.channel import SmsChannel
from openline.channels.sms.providers import kannel_reading
from openline.sandbox.servers import free_port
from tests.channels import faults
from tests.channels.faults import FaultProxy
from tests.channels.nets.base import Memory
from tests.channels.nets.sms import NUMBER, SECRET, account, gateway, resident
from tests.channels.pushing import Hook
from tests.servers.kannel import Kannel, Phones

CHANNEL = SmsChannel()
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class World:
    """A gateway that joins nothing by itself, phones, and our hook."""

    def __init__(self, hook: Hook, kannel: Kannel, phones: Phones) -> None:
        self.hook, self.kannel, self.phones, self.account = hook, kannel, phones, hook.account
        self.memory = Memory()

    def send(self, text: str, to: str = resident(1), key: str = "") -> str:
        outgoing = Outgoing(text, "private", in_reply_to_author=to)
        return CHANNEL.send(self.account, outgoing, key or f"k {text} {time.monotonic()}", Memory()).network_id

    def message(self, text: str) -> Incoming:
        return self.hook.wait(lambda item: item.kind == "post" and text in item.text)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with gateway(tmp_path_factory.mktemp("kannel"), combine=False) as (hook, kannel):
        phones = Phones(kannel.carrier)
        yield World(hook, kannel, phones)
        phones.close()


@pytest.mark.parametrize(
    "text",
    [
        "a" * 160,
        "b" * 161,
        "c" * 152 + "€" + "c" * 155,
        "{d}" * 60,
        "é" * 160,
        "á" * 70,
        "í" * 71,
        "🕳" * 36,
        "ó" * 66 + "😀" + "ó" * 70,
    ],
    ids=lambda text: f"{text[0]}{len(text)}",
)
def test_the_gateway_cuts_as_we_count(world: World, text: str) -> None:
    world.send(text)
    got = world.phones.wait(text)
    assert got.text == text and got.sender == NUMBER and got.receiver == resident(1)
    assert got.segments == gsm.measure(text).segments


def test_a_message_says_who_when_and_to_whom(world: World) -> None:
    world.phones.text(resident(1), NUMBER, "A pothole on Elm & 5th: 100% deep? ¡ñ!")
    item = world.message("100% deep? ¡ñ!")
    assert item.text == "A pothole on Elm & 5th: 100% deep? ¡ñ!"
    assert item.author_id == item.author_handle == resident(1) and item.thread == f"{NUMBER}:{resident(1)}"
    assert item.posted_at and abs(datetime.now(UTC) - item.posted_at) < timedelta(minutes=1)
    assert item.visibility == "private" and not item.automatic and CHANNEL.parse(item.raw) == item


def test_nothing_that_we_answer_to_the_gateway_reaches_a_phone(world: World) -> None:
    before = len(world.phones.lines)
    world.phones.text(resident(1), NUMBER, "say nothing back")
    world.message("say nothing back")
    world.send("but this")
    world.phones.wait("but this")
    assert len(world.phones.lines) == before + 1


@pytest.mark.parametrize(
    ("sender", "known_as"), [("12155551002", "+12155551002"), ("0012155551003", "+12155551003"), ("31100", "31100")]
)
def test_senders_are_numbers_in_any_form_or_short_codes(world: World, sender: str, known_as: str) -> None:
    world.phones.text(sender, NUMBER, f"from {sender}")
    item = world.message(f"from {sender}")
    assert item.author_id == known_as and item.automatic == (known_as == "31100")


def test_stop_and_start_are_facts(world: World) -> None:
    for text, facts in (("Stop", {"opt_out": "yes"}), ("START", {"opt_out": "no"}), ("Ayuda", {"asks": "help"})):
        world.phones.text(resident(8), NUMBER, text)
        assert world.message(text).facts == facts


def parts(reference: int, *texts: str, sender: str = resident(4)) -> list[str]:
    """The lines of a long message in parts, as the fake carrier takes them."""
    return [
        f"{sender} {NUMBER} udh-text %05%00%03%{reference:02x}%{len(texts):02x}%{n:02x} {text}"
        for n, text in enumerate(texts, 1)
    ]


def test_parts_are_joined_in_whatever_order_they_come_and_however_often(world: World) -> None:
    world.phones.text(resident(4), NUMBER, "first of all")
    world.message("first of all")
    one, two, three = parts(33, "The hole ", "in Elm Street ", "is deep")
    other = parts(34, "Another ", "message")
    for line in (three, three, other[1], one, one, other[0], two):
        world.phones.line(line)
    whole = world.message("The hole")
    assert whole.text == "The hole in Elm Street is deep" and CHANNEL.parse(whole.raw) == whole
    assert world.message("Another").text == "Another message"
    posts = {item.event_id: item.text for item in world.hook.items if item.author_id == resident(4)}
    assert sorted(posts.values()) == ["Another message", "The hole in Elm Street is deep", "first of all"]


def test_a_character_torn_over_two_parts_is_whole_again(world: World) -> None:
    body = "x" * 66 + "😀y"
    raw = body.encode("utf-16-be")
    for n, part in enumerate((raw[:134], raw[134:]), 1):
        query = (
            f"kind=message&id=t{n}&from=1&to=2&coding=2&charset=UTF-16BE&udh=%05%00%03%09%02%0{n}&text={quote(part)}"
        )
        taken = CHANNEL.take(world.account, call(world.account, query))
    assert [item.text for item in taken.items if isinstance(item, Incoming)] == [body]


def test_a_part_whose_others_never_came_can_be_read_alone(world: World) -> None:
    query = "kind=message&id=alone&from=%2B12155551000&to=2&coding=0&charset=UTF-8&udh=%05%00%03%08%02%01&text=half"
    item = kannel_reading.parse(query.encode())
    assert isinstance(item, Incoming) and item.text == "(1/2) half"


def test_what_we_could_not_take_comes_again_and_is_one_message(world: World) -> None:
    with world.hook.failing(503):
        calls = len(world.hook.calls)
        world.phones.text(resident(1), NUMBER, "once more please")
        until = time.monotonic() + 10
        while len(world.hook.calls) < calls + 2 and time.monotonic() < until:
            time.sleep(0.02)
    item = world.message("once more please")
    assert sum(other.event_id == item.event_id for other in world.hook.items) == 1


def test_delivery_reports_tell_the_fate_by_our_own_id(world: World) -> None:
    sent = world.send("tell me that it arrived")
    report = world.hook.wait(lambda item: item.network_id == sent and item.status == "delivered")
    assert report.kind == "receipt" and CHANNEL.parse(report.raw) == report
    world.hook.wait(lambda item: item.network_id == sent and item.status == "")
    reports = [item for item in world.hook.items if item.network_id == sent]
    assert len({item.event_id for item in reports}) == len(reports)


@pytest.mark.parametrize(
    ("state", "status", "words"),
    [("1", "delivered", ""), ("2", "failed", "NO ROUTE"), ("4", "", "carrier"), ("8", "", "has it"),
     ("16", "failed", "refused")],
)  # fmt: skip
def test_every_type_of_report_is_understood(state: str, status: str, words: str) -> None:
    item = kannel_reading.parse(f"kind=receipt&mark=olx&status={state}&answer=NACK%2FNO+ROUTE&at=1795805265".encode())
    assert isinstance(item, Incoming) and item.status == status and words in item.reason


def call(ref: AccountRef, query: str, *, secret: str = SECRET, remote: str = "127.0.0.1") -> Pushed:
    login = base64.b64encode(f"openline:{secret}".encode()).decode()
    return Pushed("GET", f"{ref.hook}?{query}", {"authorization": f"Basic {login}"}, {}, b"", remote)


MESSAGE = "kind=message&id=1&from=%2B12155551000&to=2&text=forged&coding=0&charset=UTF-8&udh=&at=1"


def test_a_call_without_the_secret_is_refused(world: World) -> None:
    heard = len(world.hook.items)
    for headers in ({}, {"Authorization": "Basic b3BlbmxpbmU6d3Jvbmc="}, {"Authorization": f"Bearer {SECRET}"}):
        answer = httpx.get(f"{world.account.hook}?{MESSAGE}", headers=headers)
        assert answer.status_code == 403
    assert len(world.hook.items) == heard
    without = replace(world.account, credentials={"password": "pw", "hook_secret": ""})
    with pytest.raises(Unverified):
        CHANNEL.take(without, call(without, MESSAGE, secret=""))


@pytest.mark.parametrize(("remote", "good"), [("10.0.0.7", True), ("10.0.1.7", False), ("::1", True), ("", False)])
def test_calls_can_be_limited_to_the_gateway_s_address(world: World, remote: str, good: bool) -> None:
    limited = replace(world.account, settings={**world.account.settings, "allowed_from": "10.0.0.0/24, ::1"})
    if good:
        assert len(CHANNEL.take(limited, call(limited, MESSAGE, remote=remote)).items) == 1
    else:
        with pytest.raises(Unverified):
            CHANNEL.take(limited, call(limited, MESSAGE, remote=remote))


def test_secrets_stand_in_no_address_and_no_message_of_ours(world: World) -> None:
    sent = world.send("no secrets here")
    world.hook.wait(lambda item: item.network_id == sent)
    assert not any(SECRET in pushed.url for pushed in world.hook.calls)
    assert not any(SECRET.encode() in item.raw for item in world.hook.items)
    assert SECRET not in repr(world.account)


# Exactly once


def lose_the_answer(world: World, ref: AccountRef, text: str, memory: Memory) -> Outgoing:
    """Send; the gateway takes it, and its answer never arrives."""
    outgoing = Outgoing(text, "private", in_reply_to_author=resident(6))
    with FaultProxy(world.kannel.sendsms) as proxy, proxy.striking(faults.CUT_AFTER), pytest.raises(Unclear):
        CHANNEL.send(replace(ref, server=f"http://127.0.0.1:{proxy.port}"), outgoing, text, memory)
    world.phones.wait(text)
    return outgoing


def test_a_lost_answer_is_found_by_the_report(world: World) -> None:
    outgoing = lose_the_answer(world, world.account, "lost and found", memory := Memory())
    found = CHANNEL.find_sent(world.account, outgoing, "lost and found", memory, LONG_AGO)
    assert found and found.uri == f"openline:sms:{found.network_id}"
    assert CHANNEL.send(world.account, outgoing, "lost and found", memory) == found
    assert sum(sms.text == "lost and found" for sms in world.phones.got) == 1


def test_without_a_report_nothing_is_claimed_and_nothing_repeated(world: World) -> None:
    """Reports do not reach us: the gateway has counted something, so it may be ours. A person has to look."""
    with world.hook.failing(503):
        outgoing = lose_the_answer(world, world.account, "who knows", memory := Memory())
        with pytest.raises(Unclear):
            CHANNEL.find_sent(world.account, outgoing, "who knows", memory, LONG_AGO)
    assert CHANNEL.find_sent(world.account, outgoing, "who knows", memory, LONG_AGO)  # the reports came after all


def test_without_the_status_page_absence_is_never_proved(world: World) -> None:
    blind = replace(world.account, settings={k: v for k, v in world.account.settings.items() if k != "status_server"})
    outgoing, memory = Outgoing("never came", "private", in_reply_to_author=resident(6)), Memory()
    with FaultProxy(world.kannel.sendsms) as proxy, proxy.striking(faults.CUT_BEFORE), pytest.raises(Unclear):
        CHANNEL.send(replace(blind, server=f"http://127.0.0.1:{proxy.port}"), outgoing, "n", memory)
    with pytest.raises(Unclear):
        CHANNEL.find_sent(blind, outgoing, "n", memory, LONG_AGO)
    assert CHANNEL.find_sent(blind, outgoing, "another", Memory(), LONG_AGO) is None  # not even begun


def test_the_gateway_s_log_names_each_message_for_whoever_has_to_look(world: World) -> None:
    sent = world.send("look for me")
    world.phones.wait("look for me")
    until = time.monotonic() + 5
    while sent not in world.kannel.marks() and time.monotonic() < until:
        time.sleep(0.02)
    assert sent in world.kannel.marks()


# Refusals


def test_refusals_are_told_apart(world: World) -> None:
    wrong = replace(world.account, credentials={**world.account.credentials, "password": "wrong"})
    with pytest.raises(TokenExpired):
        CHANNEL.send(wrong, Outgoing("x", to_handle=resident(1)), "k", Memory())
    with pytest.raises(NotAllowed, match="Not routable"):
        world.send("x", to="+998901234567")
    with pytest.raises(NetworkDown):
        CHANNEL.check(replace(world.account, server=f"http://127.0.0.1:{free_port()}"))
    with pytest.raises(NetworkDown):
        CHANNEL.poll(replace(world.account, server=f"http://127.0.0.1:{world.kannel.admin}"), "")


# The account


def values(world: World, **more: str) -> dict[str, str]:
    return {"provider": "kannel", "server": world.account.server, "sender": NUMBER, "username": "city",
            "password": "pw", "hook_secret": SECRET, "test_number": resident(9), **more}  # fmt: skip


def test_connecting_asks_the_gateway(world: World) -> None:
    found = CHANNEL.connect(values(world))
    assert found.handle == NUMBER and found.settings["provider"] == "kannel"
    assert set(found.credentials) == {"password", "hook_secret"}
    assert not {"password", "hook_secret"} & set(found.settings)
    ref = AccountRef("new", found.handle, found.server, found.credentials, found.settings)
    assert CHANNEL.check(ref) == found.who


@pytest.mark.parametrize(
    ("field", "value"),
    [("server", "ftp://x"), ("hook_secret", "short"), ("hook_secret", "with spaces and more than 24 signs"),
     ("sender", "?"), ("allowed_from", "not an address"), ("test_number", "x")],
)  # fmt: skip
def test_connecting_names_the_field_that_is_wrong(world: World, field: str, value: str) -> None:
    with pytest.raises(Rejected) as raised:
        CHANNEL.connect(values(world, **{field: value}))
    assert raised.value.field_name == field


def test_connecting_with_a_wrong_password_fails(world: World) -> None:
    with pytest.raises(TokenExpired):
        CHANNEL.connect(values(world, password="wrong"))


def test_trying_out_sends_to_the_city_s_own_phone(world: World) -> None:
    words = CHANNEL.try_out(world.account, "Openline says hello", "try 1")
    assert world.phones.wait("Openline says hello").receiver == resident(9) and resident(9) in words
    with pytest.raises(Rejected):
        CHANNEL.try_out(replace(world.account, settings={**world.account.settings, "test_number": ""}), "x", "k")


def test_inspecting_tells_of_the_way_back_and_the_carriers(world: World) -> None:
    found = CHANNEL.inspect(world.account)
    assert all(finding.good for finding in found)
    assert any("phones: online" in finding.words for finding in found)
    assert any("get-url" in finding.words and SECRET not in finding.words for finding in found)
    blind = CHANNEL.inspect(replace(account(), server=world.account.server))
    assert [finding.good for finding in blind] == [False, False]
    wrong = {**world.account.credentials, "status_password": "wrong"}
    assert not CHANNEL.inspect(replace(world.account, credentials=wrong))[1].good


def test_a_queue_that_is_full_is_a_wait(tmp_path: Path) -> None:
    full = pytest.raises(RateLimited, match="Temporal failure")
    with gateway(tmp_path, core="sms-outgoing-queue-limit = 2") as (hook, _kannel), full:
        for n in range(5):
            CHANNEL.send(hook.account, Outgoing(f"{n}", to_handle=resident(1)), f"{n}", Memory())
