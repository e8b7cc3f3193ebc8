"""What a Facebook page hears: batches, repeats and disorder, by call and by looking; and whether it may answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openline.channels.accounts import AccountRef
from openline.channels.base import Incoming, Outgoing, Refused, Rejected, Unverified
from openline.channels.facebook import reading
from openline.channels.facebook.answering import can_answer
from openline.channels.facebook.channel import FacebookChannel
from openline.channels.facebook.emulator import APP, PAGES, SECRET, Emulator
from openline.channels.graph.signing import signature
from tests.channels.facebook_tools import call, words
from tests.channels.nets.base import Memory, answer_to
from tests.channels.nets.facebook import FacebookNet, standing

CHANNEL = FacebookChannel()
PAGE, PARKS = PAGES[0].id, PAGES[1].id
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def running() -> Iterator[FacebookNet]:
    with standing() as net:
        yield net


@pytest.fixture
def net(running: FacebookNet) -> Iterator[FacebookNet]:
    yield running
    running.tidy()


@pytest.fixture
def network(net: FacebookNet) -> Emulator:
    return net.emulator


def ref(one: str, page: str, secret: str = SECRET, **settings: str) -> AccountRef:
    credentials = {"access_token": "t", "app_secret": secret}
    return AccountRef(one, one, "", credentials, {"app_id": APP, **settings}, author_id=page)


def comment(number: int, **more: Any) -> dict[str, Any]:
    value = {"from": {"id": "24", "name": "Maria Straße"}, "post_id": f"{PAGE}_1", "comment_id": f"1_{number}",
             "parent_id": f"{PAGE}_1", "created_time": 1_764_000_000 + number, "item": "comment", "verb": "add",
             "message": f"number {number} ä"}  # fmt: skip
    return {"field": "feed", "value": value | more}


def message(**what: Any) -> dict[str, Any]:
    event = {"sender": {"id": "24"}, "recipient": {"id": PAGE}, "timestamp": 1_764_000_000_123}
    return event | (what or {"message": {"mid": "m_1", "text": "hello"}})


def entry(page: str = PAGE, **more: Any) -> dict[str, Any]:
    return {"id": page, "time": 1_764_000_001, **more}


# Calls


def test_a_batch_is_taken_whole_and_each_page_gets_its_own() -> None:
    accounts = [ref("a", PAGE), ref("b", PARKS), ref("c", PAGE, "another app"), ref("d", "")]
    parts = [
        entry(changes=[comment(1), comment(2), comment(3, verb="remove")]),
        entry(messaging=[message(), message(message_edit={"mid": "m_1", "text": "hi", "num_edit": 1})]),
        entry(PARKS, changes=[comment(4)]),
        entry("999", changes=[comment(5)]),
    ]
    shared = CHANNEL.share(accounts, call(parts))
    assert shared.status == 200 and set(shared.items) == {"a", "b"}
    told = [(one.kind, one.network_id, one.text) for one in shared.items["a"] if isinstance(one, Incoming)]
    assert told == [
        ("post", "1_1", "number 1 ä"),
        ("post", "1_2", "number 2 ä"),
        ("delete", "1_3", ""),
        ("post", "m_1", "hello"),
        ("edit", "m_1", "hi"),
    ]
    assert [one.network_id for one in shared.items["b"] if isinstance(one, Incoming)] == ["1_4"]


def test_a_call_brought_again_or_in_other_parts_is_the_same() -> None:
    once = CHANNEL.share([ref("a", PAGE)], call([entry(changes=[comment(1), comment(2, verb="edited")])]))
    again = CHANNEL.share(
        [ref("a", PAGE)],
        call([entry(changes=[comment(2, verb="edited")]), entry(changes=[comment(1)], time=1_764_000_777)]),
    )
    ids = lambda shared: {one.event_id for one in shared.items["a"]}  # noqa: E731
    assert ids(once) == ids(again) and len(ids(once)) == 2


@pytest.mark.parametrize(
    "change",
    [
        comment(1, item="reaction", reaction_type="like"),
        comment(1, verb="hide"),
        comment(1, **{"from": {"id": PAGE, "name": "City"}}),
        {"field": "ratings", "value": {"item": "rating"}},
    ],
)
def test_likes_and_what_the_page_says_itself_are_not_heard(change: dict[str, Any]) -> None:
    assert CHANNEL.share([ref("a", PAGE)], call([entry(changes=[change])])).items == {"a": ()}


def test_what_staff_answers_in_facebooks_own_apps_is_heard_and_our_own_words_are_not() -> None:
    def echo(app: int) -> dict[str, Any]:
        said = {"mid": f"m_{app}", "text": "from the inbox", "is_echo": True, "app_id": app}
        return {"sender": {"id": PAGE}, "recipient": {"id": "24"}, "timestamp": 1, "message": said}

    items = CHANNEL.share([ref("a", PAGE)], call([entry(messaging=[echo(int(APP)), echo(26_390_203)])])).items["a"]
    assert [(one.network_id, one.author_id, one.thread) for one in items if isinstance(one, Incoming)] == [
        ("m_26390203", PAGE, "dm:24")
    ]


def test_messages_with_files_buttons_reports_and_another_app_in_control() -> None:
    picture = {"type": "image", "payload": {"url": "https://scontent.xx.fbcdn.net/v/1.jpg?oh=1"}}
    place = {"type": "fallback", "title": "Pothole", "payload": {"url": "https://maps.example/1"}}
    parts = entry(
        messaging=[
            message(
                message={"mid": "m_2", "attachments": [picture, {"type": "image", "payload": {"url": "javascript:1"}}]}
            ),
            message(message={"mid": "m_3", "attachments": [place], "reply_to": {"mid": "m_2"}}),
            message(postback={"mid": "m_4", "title": "Report a problem", "payload": "REPORT"}),
            message(delivery={"mids": ["m_5", "m_6"], "watermark": 1}),
            message(read={"watermark": 1}),
            message(message={"mid": "m_7", "is_deleted": True}),
        ],
        standby=[message(message={"mid": "m_8", "text": "to the other app"})],
    )
    items = CHANNEL.share([ref("a", PAGE)], call([parts])).items["a"]
    assert all(isinstance(one, Incoming) for one in items)
    told = [(one.kind, one.network_id, one.text, len(one.media)) for one in items if isinstance(one, Incoming)]
    assert told == [
        ("post", "m_2", "", 1),
        ("post", "m_3", "Pothole https://maps.example/1", 0),
        ("post", "m_4", "Report a problem", 0),
        ("receipt", "m_5", "", 0),
        ("receipt", "m_6", "", 0),
        ("delete", "m_7", "", 0),
        ("post", "m_8", "to the other app", 0),
    ]
    first = items[0]
    assert isinstance(first, Incoming) and first.visibility == "private" and first.posted_at
    assert first.posted_at.microsecond == 123_000 and CHANNEL.parse(first.raw) == first


def test_a_call_that_is_not_metas_is_not_believed() -> None:
    good = call([entry(changes=[comment(1)])])
    accounts = [ref("a", PAGE)]
    for wrong in (
        call([entry(changes=[comment(1)])], "another secret"),
        replace(good, headers={}),
        replace(good, body=good.body.replace(b"number", b"Number")),
        replace(good, body=json.dumps(json.loads(good.body), ensure_ascii=False).encode()),
        replace(good, method="GET"),
    ):
        with pytest.raises(Unverified):
            CHANNEL.share(accounts, wrong)
    assert CHANNEL.share(accounts, good).items["a"]
    with pytest.raises(Rejected):
        CHANNEL.share(accounts, _signed(b"[1, 2"))
    assert (
        CHANNEL.share(accounts, _signed(b'{"object": "instagram", "entry": [{"id": "%s"}]}' % PAGE.encode())).items
        == {}
    )


def _signed(body: bytes) -> Any:
    return replace(call([]), body=body, headers={"x-hub-signature-256": signature(body, SECRET)})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = [
    "item",
    "verb",
    "from",
    "message",
    "comment_id",
    "post_id",
    "parent_id",
    "created_time",
    "photo",
    "photos",
    "link",
]
FEW = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@FEW
@given(st.sampled_from(["feed", "mention", "event", "comment", "post", "message", "else"]), JSON, JSON)
def test_no_delivery_breaks_the_reading(about: str, one: Any, other: Any) -> None:
    if not (_small(one) and _small(other)):
        return
    told = {"value": one, "event": other, "post": one, "comment": other, "message": one}
    raw = orjson.dumps({"about": about, "page": PAGE, **told})
    found = CHANNEL.parse(raw)
    assert isinstance(found, Incoming | Refused) and found.raw == raw


@FEW
@given(st.sampled_from(FIELDS), JSON, st.sampled_from(["comment", "post", "photo", "video"]))
def test_any_value_in_any_field_of_a_change(name: str, value: Any, item: str) -> None:
    if not _small(value):
        return
    change = comment(1, item=item) if name == "item" else comment(1, item=item, **{name: value})
    shared = CHANNEL.share([ref("a", PAGE)], call([entry(changes=[change])]))
    for one in shared.items["a"]:
        assert CHANNEL.parse(one.raw) == one


def _small(value: Any) -> bool:
    try:
        orjson.dumps(value)
    except (TypeError, orjson.JSONEncodeError):
        return False
    return True


# By looking


def test_the_same_things_by_call_and_by_looking_are_the_same(net: FacebookNet, network: Emulator) -> None:
    cursor = (datetime.now(UTC) - timedelta(minutes=5)).isoformat()
    visit = net.post(words(), photos=(b"\xff\xd8\xff picture",))
    told = {
        visit,
        net.post(words(), in_reply_to=visit),
        net.post(words(), private=True),
        network.mention(network.residents[2], words()),
    }
    brought = {one: net.hook.wait(lambda item, one=one: item.network_id == one) for one in told}  # type: ignore[misc]
    looked = {one.network_id: one for one in CHANNEL.poll(net.account, cursor).items if isinstance(one, Incoming)}
    for one in told:
        for name in ("event_id", "network_id", "text", "author_id", "in_reply_to", "visibility", "kind", "references"):
            assert getattr(brought[one], name) == getattr(looked[one], name), name
        assert [media.kind for media in brought[one].media] == [media.kind for media in looked[one].media]
        assert CHANNEL.parse(looked[one].raw) == looked[one]


def test_looking_finds_what_the_calls_did_not_bring_and_not_our_own(net: FacebookNet, network: Emulator) -> None:
    network.calls.held = True
    start = CHANNEL.poll(net.account, "").cursor
    post = CHANNEL.send(net.account, Outgoing(words()), "k", Memory()).network_id
    lost = [net.post(words(), in_reply_to=post), net.post(words(), private=True, who=1)]
    ours = CHANNEL.send(net.account, replace(Outgoing(words()), in_reply_to=lost[0]), "k", Memory()).network_id
    network.calls.release()
    heard = CHANNEL.poll(net.account, start)
    found = {one.network_id for one in heard.items if isinstance(one, Incoming)}
    assert set(lost) <= found and not {post, ours} & found
    assert CHANNEL.poll(net.account, heard.cursor).cursor == heard.cursor


def test_a_long_conversation_is_looked_up_whole(net: FacebookNet, network: Emulator) -> None:
    network.calls.held = True
    start = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
    said = [net.post(words(), private=True, who=6) for _ in range(60)]
    network.calls.release()
    found = [one.network_id for one in CHANNEL.poll(net.account, start).items if isinstance(one, Incoming)]
    assert set(said) <= set(found)


# May we answer?


def heard(at: datetime, private: bool) -> bytes:
    if private:
        return reading.wrap(reading.EVENT, PAGE, event=message() | {"timestamp": int(at.timestamp() * 1000)})
    return reading.wrap(reading.FEED, PAGE, value=comment(1, created_time=int(at.timestamp()))["value"])


@pytest.mark.parametrize(("private", "hours", "human", "open_", "until"), [
    (True, 1, "", True, 23),
    (True, 1, "yes", True, 24 * 7 - 1),
    (True, 25, "", False, None),
    (True, 25, "yes", True, 24 * 7 - 25),
    (True, 24 * 8, "yes", False, None),
    (False, 1, "", True, 24 * 7 - 1),
    (False, 24 * 8, "", False, None),
])  # fmt: skip
def test_whether_something_may_be_answered_in_private(
    private: bool, hours: int, human: str, open_: bool, until: int | None
) -> None:
    found = can_answer({"human_agent": human}, heard(NOW - timedelta(hours=hours), private), NOW, True, NOW)
    assert (found.reason == "") is open_ and bool(found.note) is open_ and bool(found.instead) is not open_
    assert found.until == (NOW + timedelta(hours=until) if until is not None else None)


def test_what_the_console_offers_when_the_window_is_closed() -> None:
    found = can_answer({}, heard(NOW - timedelta(hours=30), True), NOW, True, NOW)
    assert "Meta Business Suite" in found.instead[0] and "2026-12-04 06:00 UTC" in found.instead[0]
    assert not any(
        "Business Suite" in one for one in can_answer({}, heard(NOW - timedelta(days=8), True), NOW, True, NOW).instead
    )


def test_in_public_a_comment_can_always_be_answered_and_a_message_never() -> None:
    account = ref("a", PAGE)
    assert CHANNEL.can_answer(account, heard(NOW - timedelta(days=99), False), NOW, False).reason == ""
    assert CHANNEL.can_answer(account, heard(NOW, True), NOW, False).reason
    assert CHANNEL.can_answer(account, b"nonsense", NOW, False).reason == ""


def test_an_answer_in_the_thread_names_its_place(net: FacebookNet) -> None:
    visit = net.post(text := words())
    item = net.heard(text)
    assert item.network_id == visit and item.url == f"https://www.facebook.com/{visit}"
    receipt = CHANNEL.send(net.account, answer_to(item, words()), "k", Memory())
    assert receipt.url == f"https://www.facebook.com/{visit}?comment_id={receipt.network_id.partition('_')[2]}"


def test_a_missing_permission_makes_deaf_for_nothing_else(net: FacebookNet, network: Emulator) -> None:
    start = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
    visit, private = net.post(words()), net.post(words(), private=True)
    network.forbidden.add("conversations")
    try:
        found = {one.network_id for one in CHANNEL.poll(net.account, start).items if isinstance(one, Incoming)}
    finally:
        network.forbidden.clear()
    assert visit in found and private not in found
