"""WhatsApp by itself, without Meta's document: batches, windows, reports, files, reactions, refusals, once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from django.test import Client
from django.urls import reverse

from openline.accounts.models import Account
from openline.channels.base import (
    AccountRef,
    ChannelError,
    Incoming,
    NotAllowed,
    Outgoing,
    OutgoingMedia,
    Pushed,
    RateLimited,
    Refused,
    Rejected,
    Unclear,
    Unverified,
)
from openline.channels.graph.errors import Told
from openline.channels.graph.signing import make_signed_request, signature, verify_token
from openline.channels.whatsapp import connecting, errors, window, writing
from openline.channels.whatsapp.channel import WhatsAppChannel
from openline.channels.whatsapp.emulator import APP, NUMBER, SECRET, TOKEN, WABA, Emulator
from openline.inbox.models import Heard
from tests.channels.nets.base import Memory
from tests.channels.nets.whatsapp import WhatsAppNet, standing

CHANNEL = WhatsAppChannel()


@pytest.fixture(scope="module")
def net() -> Iterator[WhatsAppNet]:
    with standing() as found:
        yield found


def message(kind: str = "text", **more: Any) -> dict[str, Any]:
    said = {"from": "12155550101", "id": "wamid.1", "timestamp": "1700000000", "type": kind}
    return said | ({"text": {"body": "pothole"}} if kind == "text" else {}) | more


def wrapped(said: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"number": NUMBER, "contact": {"profile": {"name": "Maria"}}, "message": said, **more}).encode()


def read(said: dict[str, Any]) -> Incoming:
    found = CHANNEL.parse(wrapped(said))
    assert isinstance(found, Incoming)
    return found


def call(*values: dict[str, Any], secret: str = SECRET, kind: str = "whatsapp_business_account") -> Pushed:
    changes = [{"field": "messages", "value": value} for value in values]
    body = json.dumps({"object": kind, "entry": [{"id": WABA, "changes": changes}]}).encode()
    return Pushed("POST", "", {"x-hub-signature-256": signature(body, secret)}, {}, body)


def value(number: str, *messages: dict[str, Any]) -> dict[str, Any]:
    return {"metadata": {"phone_number_id": number}, "messages": list(messages)}


# In


def test_a_batch_is_told_apart_by_number_and_kept_in_its_order() -> None:
    one, other = Emulator().city, replace(Emulator().city, id="other", author_id="222")
    batch = call(
        value(NUMBER, message(), message(id="wamid.2")), value("222", message(id="wamid.3")), value("3", message())
    )
    items = CHANNEL.share([one, other], batch).items
    found = {account: [item.event_id for item in items[account] if isinstance(item, Incoming)] for account in items}
    assert found == {"whatsapp": ["wamid.1", "wamid.2"], "other": ["wamid.3"]}


def test_a_forged_batch_and_one_of_another_app_is_nobodys() -> None:
    for accounts, batch in (([Emulator().city], call(secret="guess")), ([], call())):
        with pytest.raises(Unverified):
            CHANNEL.share(accounts, batch)
    assert not CHANNEL.share([Emulator().city], call(value(NUMBER, message()), kind="page")).items


def test_the_challenge_is_answered_by_the_word_that_follows_from_the_secret() -> None:
    asked = {"hub.mode": "subscribe", "hub.verify_token": verify_token(SECRET), "hub.challenge": "42"}
    assert CHANNEL.share([Emulator().city], Pushed("GET", "", {}, asked, b"")).body == "42"
    with pytest.raises(Unverified):
        CHANNEL.share([Emulator().city], Pushed("GET", "", {}, asked | {"hub.verify_token": "x"}, b""))


def test_a_withdrawal_ends_the_account_of_who_connected_it() -> None:
    account = replace(Emulator().city, settings={"user_id": "77"})
    request = make_signed_request({"algorithm": "HMAC-SHA256", "user_id": "77"}, SECRET)
    headers = {"content-type": "application/x-www-form-urlencoded"}
    ended = CHANNEL.share(
        [account], Pushed("POST", "", headers, {"about": "erase"}, f"signed_request={request}".encode())
    )
    assert ended.withdrawn == ("whatsapp",) and ended.erase


@pytest.mark.parametrize(
    ("said", "text", "facts"),
    [
        (message("image", image={"id": "5", "caption": "here"}), "here", {}),
        (message("document", document={"id": "5", "filename": "a.pdf"}), "a.pdf", {}),
        (message("location", location={"latitude": "x", "longitude": 1}), "A place on the map.", {}),
        (message("location", location={"latitude": 91, "longitude": 1, "name": "n"}), "n", {}),
        (message("interactive", interactive={"button_reply": {"id": "b", "title": "Yes"}}), "Yes", {"chosen": "b"}),
        (message("interactive"), "An answer that cannot be shown.", {}),
        (message("button", button={"text": "Yes", "payload": "p"}), "Yes", {"chosen": "p"}),
        (message("order", order={}), "An order from a catalogue.", {}),
        (message(context={"forwarded": True}), "pothole", {"forwarded": "yes"}),
        (message("poll"), "Something that WhatsApp does not pass on to businesses (poll).", {"unread": "yes"}),
    ],
)  # fmt: skip
def test_every_kind_of_message_is_words_for_staff(said: dict[str, Any], text: str, facts: dict[str, str]) -> None:
    found = read(said)
    assert (found.text, found.facts, found.visibility) == (text, facts, "private")
    assert found.thread == f"{NUMBER}:12155550101" and found.author_handle == "+12155550101"
    assert found.latitude is None


def test_a_person_without_a_number_is_known_by_the_id_that_whatsapp_gives() -> None:
    found = CHANNEL.parse(wrapped({"id": "wamid.1", "type": "text", "from_user_id": "US.13491208655302741918",
                                   "text": {"body": "hi"}}))  # fmt: skip
    assert isinstance(found, Incoming) and found.author_handle == "US.13491208655302741918"
    assert writing.receiver(Outgoing("x", to_handle=found.author_handle)) == {"recipient": found.author_id}


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", wrapped({"id": "1"}), wrapped(message(group_id="g"))])
def test_what_cannot_be_read_is_refused_with_a_reason(raw: bytes) -> None:
    found = CHANNEL.parse(raw)
    assert isinstance(found, Refused) and found.reason and found.raw == raw


def test_a_sign_below_our_message_can_be_answered_and_taken_back(net: WhatsAppNet) -> None:
    item = net.heard_of(net.post("hello"))
    ours = net.channel.send(net.account, net.answer(item, "hello, too"), "sign", Memory()).network_id
    maria = net.emulator.residents[0]
    net.emulator.react(maria, ours, "👍")
    sign = net.hook.wait(lambda one: one.text == "👍")
    assert sign.in_reply_to == ours and sign.facts == {"reaction": "👍"}
    net.channel.send(net.account, net.answer(sign, "you are welcome"), "sign 2", Memory())
    assert net.thread(item.network_id)[-1].in_reply_to == ours
    net.emulator.react(maria, ours, "")
    assert net.hook.wait(lambda one: one.kind == "delete").network_id == sign.network_id


# What became of it


def test_reports_say_what_became_of_a_message(net: WhatsAppNet) -> None:
    item = net.heard_of(net.post("hello"))
    receipt = net.channel.send(net.account, net.answer(item, "seen?"), "report", Memory())
    net.emulator.read(receipt.network_id)
    seen = net.hook.wait(lambda one: one.kind == "receipt" and one.event_id.endswith(":read"))
    assert (seen.network_id, seen.status, seen.uri) == (receipt.network_id, "delivered", receipt.uri)
    states = {one.event_id for one in net.hook.items if one.network_id == receipt.network_id}
    assert states == {f"{receipt.uri}:{state}" for state in ("sent", "delivered", "read")}


def test_what_does_not_arrive_is_told_afterwards(net: WhatsAppNet) -> None:
    who = net.emulator.residents[4]
    net.emulator.state.blocked.add(who.id)
    receipt = net.channel.send(net.account, Outgoing("x", "private", to_handle=f"+{who.id}"), "blocked", Memory())
    failed = net.hook.wait(lambda one: one.network_id == receipt.network_id and one.status == "failed")
    assert "131026" in failed.reason
    never = net.emulator.residents[6]
    receipt = net.channel.send(net.account, Outgoing("x", "private", to_handle=never.id), "first", Memory())
    failed = net.hook.wait(lambda one: one.network_id == receipt.network_id and one.status == "failed")
    assert "24 hours" in failed.reason and "131047" in failed.reason


# The window


def test_within_24_hours_anything_may_be_answered_later_only_in_a_template() -> None:
    said_at = datetime(2026, 11, 1, 12, tzinfo=UTC)
    raw = wrapped(message(timestamp=str(int(said_at.timestamp()))))
    inside = window.can_answer({}, raw, said_at, said_at + timedelta(hours=23))
    assert not inside.reason and inside.until == said_at + timedelta(hours=24) and inside.note
    late = said_at + timedelta(hours=24)
    closed = window.can_answer({}, raw, late, late)
    assert closed.reason and "template" in closed.instead[0]
    offered = window.can_answer({"template": "city_news"}, raw, late, late)
    assert not offered.reason and "city_news" in offered.note


def old_message(net: WhatsAppNet) -> Incoming:
    """A message of two days ago."""
    item = net.heard_of(net.post("hello", who=7))
    net.emulator.age(item.network_id, timedelta(days=2))
    raw = json.loads(item.raw)
    raw["message"]["timestamp"] = str(int((datetime.now(UTC) - timedelta(days=2)).timestamp()))
    old = CHANNEL.parse(json.dumps(raw).encode())
    assert isinstance(old, Incoming)
    net.hook.items[net.hook.items.index(item)] = old
    return old


def test_a_late_answer_goes_out_as_one_line_in_the_template(net: WhatsAppNet) -> None:
    old = old_message(net)
    receipt = net.channel.send(net.account, net.answer(old, "It is mended.\n\nThank   you."), "late", Memory())
    net.hook.wait(lambda one: one.network_id == receipt.network_id and one.status == "delivered")
    assert net.emulator.state.messages[receipt.network_id].text == "[city_news] It is mended. Thank you."
    without = replace(net.account, settings={**net.account.settings, "template": ""})
    with pytest.raises(NotAllowed, match="24 hours"):
        net.channel.send(without, net.answer(old, "x"), "late 2", Memory())
    with pytest.raises(Rejected, match="1024"):
        net.channel.send(net.account, net.answer(old, "x" * 1025), "late 3", Memory())


# Out


def test_files_go_out_after_a_long_text_and_below_a_short_one(net: WhatsAppNet) -> None:
    item = net.heard_of(net.post("hello", who=3))
    picture, sound = OutgoingMedia("p", "image/jpeg", alt="A road"), OutgoingMedia("s", "audio/ogg")
    files = {"p": b"\xff\xd8", "s": b"OggS"}

    def said(text: str, *media: OutgoingMedia) -> list[tuple[str, str]]:
        receipt = net.channel.send(
            net.account, net.answer(item, text, media=media), f"{text[:9]} {len(media)}", Memory(files)
        )
        messages = net.emulator.state.messages
        return [(messages[one].said["type"], messages[one].text) for one in (receipt.network_id, *receipt.parts)]

    assert said("short", picture) == [("image", "short")]
    assert said("short", picture, picture) == [("image", "short"), ("image", "A road")]
    assert said("short", sound) == [("text", "short"), ("audio", "")]
    assert said("x" * 1025, picture) == [("text", "x" * 1025), ("image", "A road")]


@pytest.mark.parametrize(
    ("outgoing", "field"),
    [
        (Outgoing("x", to_handle="nobody"), "to_handle"),
        (Outgoing("", to_handle="12155550101"), "text"),
        (Outgoing("x\x00", to_handle="12155550101"), "text"),
        (Outgoing("x", to_handle="12155550101", media=(OutgoingMedia("g", "image/gif"),)), "media"),
    ],
)
def test_what_cannot_go_is_refused_before_anything_is_sent(net: WhatsAppNet, outgoing: Outgoing, field: str) -> None:
    before = len(net.emulator.state.messages)
    with pytest.raises(Rejected) as caught:
        net.channel.send(net.account, outgoing, "k", Memory())
    assert caught.value.field_name == field and len(net.emulator.state.messages) == before


def test_nothing_is_changed_or_taken_back(net: WhatsAppNet) -> None:
    for action in ("edit", "delete", "hide"):
        with pytest.raises(NotAllowed):
            net.channel.send(net.account, Outgoing("x", action=action, about="wamid.1"), "k", Memory())  # type: ignore[arg-type]


def test_a_lost_answer_is_found_in_the_history_where_no_report_comes(net: WhatsAppNet) -> None:
    """The line to us is down, too: the report with our mark never arrives."""
    item = net.heard_of(net.post("hello", who=2))
    outgoing, memory = net.answer(item, "once only"), Memory()
    with net.hook.failing(500):
        net.emulator.calls.held = True
        receipt = WhatsAppChannel().send(net.account, outgoing, "lost", memory)
        del memory.kept["post"]
        found = WhatsAppChannel().find_sent(net.account, outgoing, "lost", memory, datetime.now(UTC))
        net.emulator.calls.release()
    assert found and found.network_id == receipt.network_id
    net.hook.ledger.known.add(receipt.network_id)
    assert WhatsAppChannel().find_sent(net.account, outgoing, "another", _begun(), datetime.now(UTC)) is None


def _begun() -> Memory:
    memory = Memory()
    memory.kept = {"begin": datetime.now(UTC).isoformat(), "plan": [{"text": "x"}]}
    return memory


def test_without_reports_and_history_nobody_can_tell(net: WhatsAppNet, monkeypatch: pytest.MonkeyPatch) -> None:
    item = net.heard_of(net.post("hello", who=1))
    monkeypatch.setattr("openline.channels.whatsapp.sending._MOST_SEEN", 1)
    account = replace(net.account, author_id="999")  # a number whose history is not ours to see
    with pytest.raises(Unclear):
        WhatsAppChannel().find_sent(account, net.answer(item, "x"), "k", _begun(), datetime.now(UTC))


@pytest.mark.parametrize(
    ("code", "kind"),
    [(130429, RateLimited), (131048, RateLimited), (131056, RateLimited), (131047, NotAllowed), (131026, NotAllowed),
     (131031, NotAllowed), (131000, Unclear), (132001, Rejected), (131053, Rejected)],
)  # fmt: skip
def test_whatsapps_codes_are_told_in_our_errors(code: int, kind: type[ChannelError]) -> None:
    assert isinstance(errors.refine(Told(400, code, words="words"), True), kind)
    assert errors.refine(Told(400, 190, words="words"), True) is None


def test_a_file_is_asked_for_only_by_an_id_and_only_at_metas_own_servers(net: WhatsAppNet) -> None:
    item = net.heard_of(net.post("hello", photos=(b"\xff\xd8photo",), who=5))
    assert net.channel.fetch(net.account, item.raw, item.media[0], 100) == b"\xff\xd8photo"
    with pytest.raises(Rejected, match="larger"):
        net.channel.fetch(net.account, item.raw, item.media[0], 3)
    with pytest.raises(Rejected):
        net.channel.fetch(net.account, item.raw, replace(item.media[0], url="inside:../me"), 100)
    with connecting.connected(net.account) as graph, pytest.raises(Rejected):
        graph.download("https://evil.example/whatsapp_business/attachments/?mid=1", 100)


# The account


def test_connecting_names_the_field_that_is_wrong(net: WhatsAppNet) -> None:
    good = {"phone_number_id": NUMBER, "waba_id": WABA, "app_id": APP, "app_secret": SECRET, "access_token": TOKEN,
            "server": net.emulator.url, "template": "city_news"}  # fmt: skip
    found = CHANNEL.connect(good)
    assert (found.handle, found.who.author_id, found.who.name) == ("+12155550311", NUMBER, "Philly311")
    for name in ("phone_number_id", "waba_id", "app_id", "app_secret", "access_token"):
        with pytest.raises(Rejected) as caught:
            CHANNEL.connect(good | {name: ""})
        assert caught.value.field_name == name


def test_it_is_looked_at_whether_we_are_called_and_late_answers_are_possible(net: WhatsAppNet) -> None:
    assert all(one.good for one in CHANNEL.inspect(net.account))
    late = replace(net.account, settings={**net.account.settings, "template": "late", "app_id": "5"})
    words = [one.words for one in CHANNEL.inspect(late) if not one.good]
    assert "Template late: REJECTED." in words and any("does not tell" in one for one in words)


def test_trying_out_says_what_to_do_and_sends_nothing(net: WhatsAppNet) -> None:
    before = len(net.emulator.state.messages)
    assert "https://wa.me/12155550311" in CHANNEL.try_out(net.account, "x", "k")
    assert len(net.emulator.state.messages) == before


@pytest.mark.django_db
def test_the_screens_connect_a_number_and_its_calls_come_in(net: WhatsAppNet, admin_client: Client) -> None:
    page = reverse("console:account_connect", args=["whatsapp"])
    shown = admin_client.get(page).content.decode()
    assert "Phone number ID" in shown and "system user" in shown
    asked = {"phone_number_id": NUMBER, "waba_id": WABA, "app_id": APP, "app_secret": SECRET, "access_token": TOKEN,
             "server": net.emulator.url, "name": "City", "mandate": "service_desk"}  # fmt: skip
    hook = net.emulator.calls.hook
    answer = admin_client.post(page, asked)
    net.emulator.calls.hook = hook
    account = Account.objects.get(network="whatsapp")
    assert answer.status_code == 302 and account.handle == "+12155550311"
    told = admin_client.get(reverse("console:account", args=[account.pk])).content.decode()
    assert "/hooks/whatsapp/<" in told and TOKEN not in told and SECRET not in told
    batch = call(value(NUMBER, message()))
    headers = {"X-Hub-Signature-256": batch.headers["x-hub-signature-256"]}
    taken = Client().post("/hooks/whatsapp/", batch.body, "application/json", headers=headers)
    assert taken.status_code == 200 and Heard.objects.get().account == account


def test_the_training_page_shows_the_conversation_and_the_calls(net: WhatsAppNet) -> None:
    page = httpx.get(net.emulator.url + "/sandbox/").text
    assert "WhatsApp" in page and "hello" in page
    known: AccountRef = net.emulator.city
    assert known.author_id == NUMBER
