"""Instagram: posting in two steps, its windows, its calls to us, mentions, against the emulator."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from openline.channels.base import (
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
from openline.channels.graph import containers
from openline.channels.graph.emulated import signed
from openline.channels.graph.errors import SaidAlready, WindowClosed
from openline.channels.graph.signing import make_signed_request, verify_token
from openline.channels.instagram import allowing, reading
from openline.channels.instagram.channel import InstagramChannel
from openline.channels.instagram.emulator.api import APP_SECRET
from openline.channels.instagram.emulator.state import CITY, SCOPED
from tests.channels.nets.base import Memory, answer_to
from tests.channels.nets.instagram import InstagramNet, plain, standing
from tests.channels.test_conformance import photo, words
from tests.channels.test_threads import LONG_AGO, film, picture

CHANNEL = InstagramChannel()
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def running() -> Iterator[InstagramNet]:
    with standing() as net:
        yield net


@pytest.fixture
def net(running: InstagramNet) -> Iterator[InstagramNet]:
    yield running
    running.emulator.clock.ahead = timedelta()
    running.emulator.net.processing_seconds = 0.0
    running.emulator.net.posts.total = 100_000


def square(net: InstagramNet, width: int = 320, height: int = 320, kind: str = "JPEG") -> OutgoingMedia:
    from io import BytesIO

    from PIL import Image

    Image.new("RGB", (width, height), (200, 10, 10)).save(buffer := BytesIO(), kind)
    return picture(net, buffer.getvalue())


def published(net: InstagramNet, **more: Any) -> tuple[Outgoing, Memory, str]:
    outgoing, memory = Outgoing(words(), media=(picture(net),), **more), Memory()
    return outgoing, memory, CHANNEL.send(net.account, outgoing, "k", memory).network_id


def called(net: InstagramNet, text: str) -> Incoming:
    """What the network's call brought. (The network's clock is put forward here, so what is asked for is elsewhere.)"""
    return net.hook.wait(lambda item: text in item.text)


def push(net: InstagramNet, event: Any, secret: str = APP_SECRET, *accounts: Any) -> Any:
    body, headers = signed(event, secret)
    lower = {name.lower(): value for name, value in headers.items()}
    pushed = Pushed("POST", "https://c.example/hooks/instagram/", lower, {}, body)
    return CHANNEL.share(accounts or [net.account], pushed)


def entry(**more: Any) -> dict[str, Any]:
    return {"object": "instagram", "entry": [{"id": CITY.id, "time": 1764331200, **more}]}


# Posting


def test_an_album_waits_for_its_film_and_keeps_descriptions(net: InstagramNet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "_FIRST_PAUSE_SECONDS", 0.05)
    net.emulator.net.processing_seconds = 0.2
    outgoing = Outgoing(text := words(), media=(picture(net), film(net)))
    receipt = CHANNEL.send(net.account, outgoing, "k", Memory())
    said = net.thread(receipt.network_id)[0]
    assert said.text == text and said.alts == ("A road", ""), "films on Instagram have no description"
    assert receipt.url.endswith(f"/p/{plain(receipt.network_id)}/")


@pytest.mark.parametrize(("form", "product"), [("", "FEED"), ("story", "STORY")])
def test_a_post_and_a_story(net: InstagramNet, form: Any, product: str) -> None:
    _outgoing, _memory, network_id = published(net, form=form)
    assert net.emulator.net.media[plain(network_id)].product == product


def test_a_film_alone_is_a_reel_among_the_posts_or_not(net: InstagramNet) -> None:
    outgoing = Outgoing(text := words(), media=(film(net),), form="video", options={"share_to_feed": "no"})
    receipt = CHANNEL.send(net.account, outgoing, "k", Memory())
    assert net.emulator.net.media[plain(receipt.network_id)].product == "REELS"
    (made,) = [one for one in net.emulator.net.containers.values() if one.values.get("caption") == text]
    assert made.values["share_to_feed"] == "false" and [field.name for field in CHANNEL.options(net.account, "video")]


def test_media_are_really_fetched_from_our_public_address(net: InstagramNet) -> None:
    one = picture(net)
    CHANNEL.send(net.account, Outgoing(words(), media=(one,)), "k", Memory())
    assert one.url.rpartition("/")[2] in net.files.fetched
    with pytest.raises(Rejected, match="2207052"):
        CHANNEL.send(net.account, Outgoing(words(), media=(replace(one, url=f"{one.url}x"),)), "k", Memory())


@pytest.mark.parametrize("how", [{"kind": "PNG"}, {"width": 900, "height": 100}], ids=["no JPEG", "too wide"])
def test_what_instagram_shows_not_whole_or_not_at_all_is_refused_by_it(net: InstagramNet, how: dict[str, Any]) -> None:
    with pytest.raises(Rejected):
        CHANNEL.send(net.account, Outgoing(words(), media=(square(net, **how),)), "k", Memory())


def test_the_rule_for_pictures_tells_the_rooms_what_to_make() -> None:
    (pictures,) = [rule for rule in CHANNEL.capabilities.media if rule.kind == "image"]
    assert pictures.media_types == ("image/jpeg",) and pictures.ratios == (0.8, 1.91)
    assert CHANNEL.capabilities.fetches_media and CHANNEL.capabilities.needs_media


@pytest.mark.parametrize(
    "outgoing",
    [
        Outgoing("no picture"),
        Outgoing("x", media=(OutgoingMedia("p", "image/png", url="https://x"),)),
        Outgoing("x", media=(OutgoingMedia("p", "image/jpeg"),)),
        Outgoing("x", media=(OutgoingMedia("p", "audio/mpeg", url="https://x"),)),
        Outgoing("x" * 2201, media=(OutgoingMedia("p", "image/jpeg", url="https://x"),)),
        Outgoing("#a " * 31, media=(OutgoingMedia("p", "image/jpeg", url="https://x"),)),
        Outgoing("@a " * 21, media=(OutgoingMedia("p", "image/jpeg", url="https://x"),)),
        Outgoing("x", media=(OutgoingMedia("p", "image/jpeg", url="https://x"),) * 11),
        Outgoing("x", media=(OutgoingMedia("p", "image/jpeg", url="https://x"),) * 2, form="story"),
        Outgoing("x", media=(OutgoingMedia("p", "video/mp4", url="https://x", seconds=90.0),), form="story"),
        Outgoing("x", media=(OutgoingMedia("p", "video/mp4", url="https://x", seconds=1.0),)),
    ],
    ids=range(11),
)
def test_what_instagram_does_not_take_is_said_before(net: InstagramNet, outgoing: Outgoing) -> None:
    with pytest.raises(Rejected):
        CHANNEL.send(net.account, outgoing, "k", memory := Memory())
    assert not memory.kept


def test_how_many_hashtags_is_a_setting(net: InstagramNet) -> None:
    strict = replace(net.account, settings={**net.account.settings, "most_hashtags": "5"})
    outgoing = Outgoing("#a " * 6, media=(picture(net),))
    with pytest.raises(Rejected, match="5"):
        CHANNEL.send(strict, outgoing, "k", Memory())
    CHANNEL.send(net.account, outgoing, "k", Memory())


def test_the_day_s_allowance_is_asked_and_kept_to(net: InstagramNet) -> None:
    net.emulator.net.posts.total = net.emulator.net.posts.used
    with pytest.raises(RateLimited):
        CHANNEL.send(net.account, Outgoing(words(), media=(picture(net),)), "k", memory := Memory())
    assert "container.0" not in memory.kept, "nothing was prepared in vain"


# Never twice (postiz #1682: published, although the network said no)


def test_a_publication_whose_answer_was_lost_is_found_by_its_container(net: InstagramNet) -> None:
    outgoing, memory, network_id = published(net)
    del memory.kept["post"]
    assert CHANNEL.send(net.account, outgoing, "k", memory).network_id == network_id
    del memory.kept["post"]
    found = CHANNEL.find_sent(net.account, outgoing, "k", memory, LONG_AGO)
    assert found and found.network_id == network_id
    assert sum(one.caption == outgoing.text for one in net.emulator.net.media.values()) == 1


def test_called_spam_and_published_all_the_same_is_unclear_then_found(net: InstagramNet) -> None:
    outgoing, memory = Outgoing(words(), media=(picture(net),)), Memory()
    publish = net.emulator.net.publish

    def lying(creation_id: str) -> Any:
        from openline.channels.graph.emulated import GraphRefuses

        publish(creation_id)
        raise GraphRefuses(4, "We restrict certain activity to protect our community.", 2207051)

    net.emulator.net.publish = lying  # type: ignore[method-assign]
    try:
        with pytest.raises(Unclear):
            CHANNEL.send(net.account, outgoing, "k", memory)
    finally:
        net.emulator.net.publish = publish  # type: ignore[method-assign]
    assert CHANNEL.find_sent(net.account, outgoing, "k", memory, LONG_AGO)
    assert sum(one.caption == outgoing.text for one in net.emulator.net.media.values()) == 1


def test_published_and_not_shown_is_unclear_and_never_said_again(net: InstagramNet) -> None:
    outgoing, memory, network_id = published(net)
    del memory.kept["post"]
    del net.emulator.net.media[plain(network_id)]
    for _attempt in range(2):
        with pytest.raises(Unclear):
            CHANNEL.find_sent(net.account, outgoing, "k", memory, LONG_AGO)
        with pytest.raises(Unclear):
            CHANNEL.send(net.account, outgoing, "k", memory)
    assert not any(one.caption == outgoing.text for one in net.emulator.net.media.values())


def test_what_ran_out_before_it_was_published_is_made_anew(net: InstagramNet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "WAIT_SECONDS", 0.1)
    net.emulator.net.processing_seconds = 3600
    outgoing, memory = Outgoing(words(), media=(film(net),)), Memory()
    with pytest.raises(RateLimited):
        CHANNEL.send(net.account, outgoing, "k", memory)
    assert CHANNEL.find_sent(net.account, outgoing, "k", memory, LONG_AGO) is None
    net.emulator.net.processing_seconds = 0
    for one in net.emulator.net.containers.values():
        one.made -= timedelta(hours=25)
    assert CHANNEL.send(net.account, outgoing, "k", memory).network_id.removeprefix("post:") in net.emulator.net.media


# Answers


def test_a_long_answer_is_several_comments_below_the_same_comment(net: InstagramNet) -> None:
    net.post(text := words())
    item = called(net, text)
    receipt = CHANNEL.send(net.account, answer_to(item, "The road is closed until Friday. " * 20), "k", Memory())
    said = [one for one in net.thread(item.network_id) if one.by_city and one.in_reply_to]
    assert len(said) == 1 + len(receipt.parts) > 1
    assert all(len(one.text) <= 300 and one.in_reply_to == item.network_id for one in said)


def test_an_answer_to_an_answer_stands_in_its_thread(net: InstagramNet) -> None:
    net.post(text := words())
    item = called(net, text)
    receipt = CHANNEL.send(net.account, answer_to(item, words()), "k", Memory())
    net.post(reply := words(), in_reply_to=receipt.network_id)
    below = net.hook.wait(lambda found: found.text == reply)
    assert below.in_reply_to == item.network_id and below.thread == item.thread == net.above
    again = CHANNEL.send(net.account, answer_to(below, words()), "k2", Memory())
    assert again.network_id in {one.network_id for one in net.thread(item.network_id)}


def test_a_comment_is_answered_in_private_once(net: InstagramNet) -> None:
    net.post(text := words(), who=3)
    private = replace(answer_to(called(net, text), answer := words()), visibility="private")
    first = CHANNEL.send(net.account, private, "k", Memory())
    assert net.emulator.net.messages[first.network_id].person == net.emulator.residents[3]
    again = CHANNEL.send(net.account, private, "k", Memory())
    assert again.network_id == first.network_id, "the network's refusal is a proof that it was said"
    with pytest.raises(SaidAlready):
        CHANNEL.send(net.account, replace(private, text=f"other than {answer}"), "k3", Memory())


def test_a_comment_that_is_older_than_a_week_is_not_answered_in_private(net: InstagramNet) -> None:
    net.post(text := words())
    private = replace(answer_to(called(net, text), words()), visibility="private")
    net.emulator.clock.ahead = timedelta(days=8)
    with pytest.raises((NotAllowed, Rejected)):
        CHANNEL.send(net.account, private, "k", Memory())


@pytest.mark.parametrize(
    ("hours", "human", "automatic", "sent"),
    [(1, "no", True, True), (25, "no", False, False), (25, "yes", False, True), (25, "yes", True, False),
     (24 * 7 + 1, "yes", False, False)],
)  # fmt: skip
def test_the_windows_of_private_messages(
    net: InstagramNet, hours: float, human: str, automatic: bool, sent: bool
) -> None:
    net.post(text := words(), private=True, who=4)
    item = called(net, text)
    account = replace(net.account, settings={**net.account.settings, "human_agent": human})
    net.emulator.clock.ahead = timedelta(hours=hours)
    answer = answer_to(item, words(), automatic=automatic)
    if sent:
        assert CHANNEL.send(account, answer, "k", Memory())
    else:
        with pytest.raises(WindowClosed):
            CHANNEL.send(account, answer, "k", Memory())


@pytest.mark.parametrize(
    ("kind", "private", "hours", "human", "allowed", "until"),
    [
        ("message", True, 1, "no", True, 24),
        ("message", True, 1, "yes", True, 168),
        ("message", True, 25, "no", False, None),
        ("message", True, 25, "yes", True, 168),
        ("message", True, 169, "yes", False, None),
        ("message", False, 1, "no", False, None),
        ("comment", True, 25, "no", True, 168),
        ("comment", True, 169, "no", False, None),
        ("comment", False, 9999, "no", True, None),
        ("mention", True, 1, "no", False, None),
        ("mention", False, 9999, "no", True, None),
    ],
)
def test_whether_it_may_be_answered_is_said_before(
    kind: str, private: bool, hours: float, human: str, allowed: bool, until: float | None
) -> None:
    raw = {
        "message": reading.pack(reading.EVENT, {"sender": {"id": "9"}, "message": {"mid": "m_x", "text": "hi"}}),
        "comment": reading.pack(reading.COMMENT, {"id": "1", "text": "hi", "media": {"id": "2"}, "from": {"id": "9"}}),
        "mention": reading.pack(reading.MENTION, {"media_id": "2", "comment_id": "1"}),
    }[kind]
    found = allowing.can_answer({"human_agent": human}, raw, NOW - timedelta(hours=hours), private, NOW)
    assert bool(found.reason) is not allowed and (allowed or found.instead)
    assert (
        (found.until - NOW + timedelta(hours=hours) == timedelta(hours=until)) if until and found.until else not until
    )


def test_a_private_message_is_measured_in_bytes_and_pictures_go_with_it(net: InstagramNet) -> None:
    net.post(text := words(), private=True)
    item = called(net, text)
    receipt = CHANNEL.send(net.account, answer_to(item, "ü" * 800, media=(picture(net),)), "k", Memory())
    said = [net.emulator.net.messages[one] for one in (receipt.network_id, *receipt.parts)]
    assert len(said) == 3 and said[2].files and all(len(one.text.encode()) <= 1000 for one in said)


# Its calls to us


def test_a_private_message_that_is_edited_and_taken_back(net: InstagramNet) -> None:
    mid = net.post(words(), private=True)
    net.emulator.edit(mid, better := words())
    edit = net.hook.wait(lambda item: item.kind == "edit" and item.network_id == mid)
    net.emulator.delete(mid)
    gone = net.hook.wait(lambda item: item.kind == "delete" and item.network_id == mid)
    assert edit.text == better and edit.visibility == "private"
    assert CHANNEL.parse(edit.raw) == edit and CHANNEL.parse(gone.raw) == gone


def test_a_mention_in_somebody_s_comment_is_heard_with_its_words_and_answered_there(net: InstagramNet) -> None:
    media = net.emulator.post(net.emulator.residents[1], "look here", (photo(),))
    net.emulator.say(net.emulator.residents[2], text := f"@philly311 {words()}", in_reply_to=media)
    heard = net.hook.wait(lambda item: item.text == text)
    assert heard.author_handle == "linh" and heard.url
    answer = answer_to(heard, words())
    receipt = CHANNEL.send(net.account, answer, "k", memory := Memory())
    assert receipt.network_id in {one.network_id for one in net.thread(media)}
    assert CHANNEL.find_sent(net.account, answer, "k", memory, LONG_AGO)
    with pytest.raises(Unclear):
        CHANNEL.find_sent(net.account, answer, "k", Memory(), LONG_AGO)
    with pytest.raises(NotAllowed):
        CHANNEL.send(net.account, replace(answer, visibility="private"), "k", Memory())


def test_a_comment_of_ours_that_names_us_is_one_message_though_told_twice(net: InstagramNet) -> None:
    comment = net.post(text := f"@philly311 {words()}")
    assert net.emulator.calls.settled()
    found = [item for item in net.hook.items if item.text == text]
    assert len(found) == 2 and {item.event_id for item in found} == {comment}


def test_a_mention_whose_words_cannot_be_asked_for_is_heard_all_the_same(net: InstagramNet) -> None:
    broken = replace(net.account, server="http://127.0.0.1:9")
    change = {"field": "mentions", "value": {"media_id": "5", "comment_id": "6"}}
    began = time.monotonic()
    (item,) = push(net, entry(changes=[change]), APP_SECRET, broken).items[net.account.id]
    assert item.network_id == "mention:5:6" and item.facts and time.monotonic() - began < 1.0


def test_the_same_by_webhook_and_by_asking(net: InstagramNet) -> None:
    comment, mid = net.post(one := words()), net.post(two := words(), private=True)
    media = net.emulator.post(net.emulator.residents[1], three := words(), (photo(),))
    assert net.emulator.calls.settled()
    polled = {item.event_id: item for item in CHANNEL.poll(net.account, "").items if isinstance(item, Incoming)}
    for network_id, text in ((comment, one), (mid, two), (f"mention:{media}", three)):
        pushed = net.hook.wait(lambda item, wanted=network_id: item.network_id == wanted)  # type: ignore[misc]
        same = polled[pushed.event_id]
        for name in ("network_id", "author_id", "in_reply_to", "thread", "visibility", "references"):
            assert getattr(pushed, name) == getattr(same, name), (name, text)
        assert text in pushed.text and text in same.text


def test_echoes_reactions_and_our_own_comments_are_no_news(net: InstagramNet) -> None:
    sides = {"sender": {"id": "9"}, "recipient": {"id": CITY.id}, "timestamp": 1764331200000}
    events = [
        {**sides, "message": {"mid": "m1", "text": "ours", "is_echo": True}},
        {**sides, "reaction": {"mid": "m1", "action": "react"}},
        {**sides, "read": {"mid": "m1"}},
    ]
    own = {"field": "comments", "value": {"id": "7", "text": "x", "media": {"id": "8"}, "from": {"id": CITY.id}}}
    assert not push(net, entry(messaging=events)).items.get(net.account.id)
    assert not push(net, entry(changes=[own])).items.get(net.account.id)


def test_a_batch_brings_all_and_each_account_its_own(net: InstagramNet) -> None:
    other = replace(net.account, id="other", author_id="777", handle="@mayor")
    value = {"text": "ä", "media": {"id": "8"}, "from": {"id": "9", "username": "x"}}
    changes = [{"field": "comments", "value": {**value, "id": str(n)}} for n in range(3)]
    told = entry(changes=changes)
    told["entry"].append({"id": "777", "time": 1, "field": "comments", "value": {**value, "id": "99"}})
    found = push(net, told, APP_SECRET, net.account, other).items
    assert [item.network_id for item in found[net.account.id]] == ["0", "1", "2"]
    assert [item.network_id for item in found["other"]] == ["99"], "a change may stand right in the entry"
    with pytest.raises(Unverified):
        push(net, told, "other secret")


@pytest.mark.parametrize("about", ["", "erase"])
def test_a_permission_that_is_taken_back_ends_the_account(net: InstagramNet, about: str) -> None:
    said = {"user_id": SCOPED, "algorithm": "HMAC-SHA256", "issued_at": int(time.time())}
    body = f"signed_request={make_signed_request(said, APP_SECRET)}".encode()
    headers = {"content-type": "application/x-www-form-urlencoded"}
    shared = CHANNEL.share([net.account], Pushed("POST", "https://c.example/", headers, {"about": about}, body))
    assert shared.withdrawn == (net.account.id,) and shared.erase == (about == "erase")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}",
        b'{"kind": "comment"}',
        b'{"kind": "event", "value": {"message": 5}}',
        b'{"kind": "message", "value": {"id": []}}',
        b'{"kind": "mention", "value": []}',
    ],
)
def test_what_makes_no_sense_is_refused_and_never_raises(raw: bytes) -> None:
    assert isinstance(CHANNEL.parse(raw), Refused)


# The account, and what was said


def test_comments_are_hidden_and_deleted_and_nothing_else_is(net: InstagramNet) -> None:
    comment = net.post(words(), who=1)
    hide = Outgoing("", action="hide", about=comment)
    CHANNEL.send(net.account, hide, "k", Memory())
    assert CHANNEL.find_sent(net.account, hide, "k", Memory(), LONG_AGO)
    assert comment not in {one.network_id for one in net.thread(net.above)}
    assert comment in {one.network_id for one in net.thread(net.above, who=1)}, "who wrote it still sees it"
    show = Outgoing("", action="show", about=comment)
    assert CHANNEL.find_sent(net.account, show, "k", Memory(), LONG_AGO) is None
    CHANNEL.send(net.account, show, "k", Memory())
    assert CHANNEL.find_sent(net.account, show, "k", Memory(), LONG_AGO)
    assert comment in {one.network_id for one in net.thread(net.above)}
    with pytest.raises(NotAllowed, match="app"):
        CHANNEL.send(net.account, Outgoing("", action="delete", about=net.above), "k", Memory())
    with pytest.raises(NotAllowed):
        CHANNEL.send(net.account, Outgoing("x", action="edit", about=comment), "k", Memory())
    assert [
        CHANNEL.capabilities_of_post(one, private=private).delete
        for one, private in ((comment, False), (net.above, False), ("m_1", True))
    ] == [True, False, False]


def test_instagram_is_asked_to_call_us_and_the_rest_is_said(net: InstagramNet) -> None:
    account = replace(net.account, hook=f"https://city.example/hooks/instagram/{net.account.id}/")
    net.emulator.net.subscribed = []
    assert not CHANNEL.inspect(account)[2].good
    calls, hooks = CHANNEL.settle(account)
    assert calls.good and net.emulator.net.subscribed == ["comments", "mentions", "messages", "message_edit"]
    assert "https://city.example/hooks/instagram/ " in hooks.words and verify_token(APP_SECRET) in hooks.words
    assert all(one.good for one in CHANNEL.inspect(account))


def test_no_secret_stands_in_an_address(net: InstagramNet, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    published(net)
    assert "/v26.0/me/media" in caplog.text
    assert not any(net.account.credentials[name] in caplog.text for name in ("access_token", "app_secret"))
