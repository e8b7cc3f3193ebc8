"""What a Facebook page says: posts, films, stories, answers and messages, each once, and what may be changed of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from openline.channels.base import (
    Incoming,
    NetworkDown,
    NotAllowed,
    Outgoing,
    OutgoingMedia,
    Receipt,
    Rejected,
    Unclear,
)
from openline.channels.facebook import filming, rules
from openline.channels.facebook.emulator import PAGES, Emulator
from openline.channels.graph.errors import SaidAlready, Unreachable, WindowClosed
from tests.channels import faults
from tests.channels.facebook_tools import VTT, film, moving, photo, picture, words
from tests.channels.faults import FaultProxy
from tests.channels.nets.base import Memory, answer_to
from tests.channels.nets.facebook import FacebookNet, standing

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
PAGE = PAGES[0].id


@pytest.fixture(scope="module")
def running() -> Iterator[FacebookNet]:
    with standing() as net:
        yield net


@pytest.fixture
def net(running: FacebookNet, monkeypatch: pytest.MonkeyPatch) -> Iterator[FacebookNet]:
    monkeypatch.setattr(filming, "LOOK_SECONDS", 0.05)
    yield running
    running.tidy()


@pytest.fixture
def network(net: FacebookNet) -> Emulator:
    return net.emulator


def send(net: FacebookNet, outgoing: Outgoing, files: dict[str, bytes] | None = None) -> Receipt:
    return net.channel.send(net.account, outgoing, words(), Memory(files))


def heard(net: FacebookNet, *, private: bool = False) -> Incoming:
    net.post(text := words(), private=private)
    return net.heard(text)


def node(network: Emulator, receipt: Receipt) -> Any:
    return network.state.nodes[receipt.network_id]


# Posts


def test_a_post_with_pictures_is_one_post_with_their_descriptions(net: FacebookNet, network: Emulator) -> None:
    media = (picture("a.jpg", "A road", "before"), picture("b.jpg", "The same road", "after"))
    outgoing = Outgoing(text := words(), media=media, form="album", title="Repairs", tags=("Streets", "Repairs"))
    receipt = send(net, outgoing, {"a.jpg": photo(), "b.jpg": photo()})
    post = node(network, receipt)
    assert post.text == f"Repairs\n\n{text}\n\n#Streets #Repairs" and post.is_public
    photos = [network.state.nodes[one] for one in post.files]
    assert [(one.alt, one.title) for one in photos] == [("A road", "before"), ("The same road", "after")]
    assert receipt.network_id.startswith(f"{PAGE}_") and receipt.url == f"https://www.facebook.com/{receipt.network_id}"


def test_a_link_is_shown_as_a_card_the_chosen_one_before_the_first(net: FacebookNet, network: Emulator) -> None:
    text = f"Read https://city.example/news/1. {words()}"
    assert node(network, send(net, Outgoing(text))).link == "https://city.example/news/1"
    chosen = Outgoing(f"{text} too", options={"link": "https://city.example/2"})
    assert node(network, send(net, chosen)).link == "https://city.example/2"
    with_picture = Outgoing(text, media=(picture("a.jpg"),))
    assert node(network, send(net, with_picture, {"a.jpg": photo()})).link == ""
    with pytest.raises(Rejected):
        send(net, Outgoing(words(), options={"link": "city.example"}))


def test_a_planned_post_waits_at_the_network_and_can_be_found_and_taken_back(
    net: FacebookNet, network: Emulator
) -> None:
    at = datetime.now(UTC) + timedelta(days=2)
    outgoing, memory = Outgoing(words(), media=(picture("a.jpg"),), publish_at=at), Memory({"a.jpg": photo()})
    receipt = net.channel.send(net.account, outgoing, "k", memory)
    post = node(network, receipt)
    assert not post.is_public and post.publish_at == at.replace(microsecond=0)
    again = net.channel.find_sent(net.account, outgoing, "k", Memory(), LONG_AGO)
    assert again and again.network_id == receipt.network_id
    later = replace(outgoing, action="edit", about=receipt.network_id, publish_at=at + timedelta(hours=3))
    send(net, later)
    assert post.publish_at == (at + timedelta(hours=3)).replace(microsecond=0)
    send(net, Outgoing("", action="delete", about=receipt.network_id))
    assert receipt.network_id not in network.state.nodes


@pytest.mark.parametrize("ahead", [timedelta(minutes=5), timedelta(days=31)])
def test_a_time_that_facebook_does_not_take_is_refused_before_anything_is_sent(
    net: FacebookNet, ahead: timedelta
) -> None:
    memory = Memory({"a.jpg": photo()})
    outgoing = Outgoing(words(), media=(picture("a.jpg"),), publish_at=datetime.now(UTC) + ahead)
    with pytest.raises(Rejected) as caught:
        net.channel.send(net.account, outgoing, "k", memory)
    assert caught.value.field_name == "publish_at" and not memory.kept


@pytest.mark.parametrize(
    "outgoing",
    [
        Outgoing(""),
        Outgoing("x" * (rules.TEXT_LIMIT + 1)),
        Outgoing("two", media=(picture("a.jpg"), moving())),
        Outgoing("a file", media=(OutgoingMedia("a.pdf", "application/pdf"),)),
        Outgoing("", form="story"),
        Outgoing("", form="story", media=(picture("a.jpg"), picture("b.jpg"))),
        Outgoing("", form="story", media=(moving(seconds=61),)),
        Outgoing("", form="video", media=(moving(seconds=91),), options={"as": "reel"}),
        Outgoing("c" * (rules.COMMENT_LIMIT + 1), in_reply_to=f"{PAGE}_1"),
        Outgoing("c", in_reply_to=f"{PAGE}_1", media=(picture("a.jpg"), picture("b.jpg"))),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_is_sent(net: FacebookNet, outgoing: Outgoing) -> None:
    before, memory = len(net.recorder.exchanges), Memory({})
    with pytest.raises(Rejected):
        net.channel.send(net.account, outgoing, "k", memory)
    assert len(net.recorder.exchanges) == before and not memory.kept


def test_what_facebook_calls_a_duplicate_is_looked_for_and_may_have_been_us(
    net: FacebookNet, network: Emulator
) -> None:
    outgoing = Outgoing(words())
    first = send(net, outgoing)
    assert send(net, outgoing).network_id == first.network_id
    net.hook.ledger.known.add(first.network_id)  # known to be another message of ours: so this one was not sent
    with pytest.raises(SaidAlready):
        send(net, outgoing)
    assert len([one for one in network.state.posts(PAGE) if one.text == outgoing.text]) == 1


def test_a_lost_answer_to_a_post_with_pictures_is_found_by_its_pictures(net: FacebookNet, network: Emulator) -> None:
    """Two posts of the same words: the pictures tell which of them was this try."""
    send(net, Outgoing("Good morning", media=(picture("a.jpg"),)), {"a.jpg": photo()})
    outgoing, memory = Outgoing("Good morning", media=(picture("a.jpg"),)), Memory({"a.jpg": photo()})
    with FaultProxy(net.port) as proxy, proxy.striking(faults.CUT_AFTER, 2), pytest.raises(Unclear):
        net.channel.send(net.through(proxy.port), outgoing, "k", memory)
    found = net.channel.find_sent(net.account, outgoing, "k", memory, datetime.now(UTC) - timedelta(minutes=1))
    assert found and node(network, found).files == (memory.kept["photo 0"],)


# Films and stories


@pytest.mark.parametrize("options", [{}, {"as": "reel"}], ids=["video", "reel"])
def test_a_film_goes_up_in_parts_with_its_captions(
    net: FacebookNet, network: Emulator, options: dict[str, str]
) -> None:
    content = film()
    outgoing = Outgoing(
        words(), media=(moving(captions=VTT),), form="video", title="Open", language="es", options=options
    )
    receipt = send(net, outgoing, {"f.mp4": content})
    post = node(network, receipt)
    made = network.state.nodes[post.files[0]]
    assert made.content == content and made.title == "Open" and made.text == outgoing.text
    assert made.edge == ("video_reels" if options else "videos") and receipt.facts == {"captions": "added"}
    assert "00:00:00,000 --> 00:00:02,000\nThe road is open." in made.captions


@pytest.mark.parametrize("nth", range(1, 8))
@pytest.mark.parametrize("options", [{}, {"as": "reel"}], ids=["video", "reel"])
def test_a_film_whose_upload_breaks_anywhere_goes_on_and_is_public_once(
    net: FacebookNet, network: Emulator, options: dict[str, str], nth: int
) -> None:
    outgoing = Outgoing(words(), media=(moving(captions=VTT),), form="video", options=options)
    memory, since = Memory({"f.mp4": film()}), datetime.now(UTC) - timedelta(minutes=1)
    with FaultProxy(net.port) as proxy, proxy.striking(faults.CUT_AFTER, nth):
        account = net.through(proxy.port)
        for _ in range(4):
            try:
                receipt = net.channel.send(account, outgoing, "k", memory)
                break
            except Unclear:
                if found := net.channel.find_sent(account, outgoing, "k", memory, since):
                    receipt = found
                    break
    posts = [one for one in network.state.posts(PAGE) if outgoing.text in one.text]
    assert [one.id for one in posts] == [receipt.network_id]
    assert network.state.nodes[posts[0].files[0]].content == film()


def test_a_film_that_takes_long_is_waited_for_without_doing_anything_twice(
    net: FacebookNet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filming, "WAIT_SECONDS", 0.0)
    outgoing, memory = Outgoing(words(), media=(moving(),), form="video"), Memory({"f.mp4": film(1000)})
    with pytest.raises(NetworkDown):
        net.channel.send(net.account, outgoing, "k", memory)
    before = len(net.recorder.exchanges)
    monkeypatch.setattr(filming, "WAIT_SECONDS", 10.0)
    net.channel.send(net.account, outgoing, "k", memory)
    assert {one.method for one in net.recorder.exchanges[before:]} == {"GET"}


def test_stories_of_a_picture_and_of_a_film(net: FacebookNet, network: Emulator) -> None:
    one, memory = Outgoing("", form="story", media=(picture("a.jpg", "A road"),)), Memory({"a.jpg": photo()})
    receipt = net.channel.send(net.account, one, "k", memory)
    found = net.channel.find_sent(net.account, one, "k", memory, LONG_AGO)
    assert found and found.network_id == receipt.network_id
    other = Outgoing("", form="story", media=(moving(seconds=30),))
    send(net, other, {"f.mp4": film(5000)})
    assert sorted(one.kind for one in network.state.nodes.values() if one.edge == "story") == ["photo", "video"]


# Answers


def test_a_comment_is_answered_in_private_once_and_the_conversation_goes_on(
    net: FacebookNet, network: Emulator
) -> None:
    item = heard(net)
    private = answer_to(item, text := words(), visibility="private")
    receipt = send(net, private)
    assert receipt.network_id.startswith("m_")
    (message,) = [one for one in network.state.nodes.values() if one.text == text]
    assert message.to == item.author_id and node(network, receipt) is message
    again = send(net, private)  # Facebook says that it was answered: we look, and it was us
    assert again.network_id == receipt.network_id
    with pytest.raises(SaidAlready):
        send(net, replace(private, text=words()))
    found = net.channel.find_sent(net.account, private, "k", Memory(), datetime.now(UTC) - timedelta(minutes=1))
    assert found and found.network_id == receipt.network_id


def test_a_private_answer_to_a_comment_is_one_message(net: FacebookNet) -> None:
    private = answer_to(heard(net), "x" * 2001, visibility="private")
    with pytest.raises(Rejected):
        send(net, private)
    with_file = replace(private, text="short", media=(picture("a.jpg"),))
    with pytest.raises(Rejected):
        send(net, with_file, {"a.jpg": photo()})


def test_a_comment_of_more_than_seven_days_is_answered_in_public_only(net: FacebookNet, network: Emulator) -> None:
    item = heard(net)
    network.age(item.network_id, timedelta(days=8))
    with pytest.raises(NotAllowed):
        send(net, answer_to(item, words(), visibility="private"))
    send(net, answer_to(item, words()))


def test_long_messages_and_files_are_several_messages_and_a_break_repeats_none(
    net: FacebookNet, network: Emulator
) -> None:
    item = heard(net, private=True)
    sentence = "The road at the corner is closed until Friday. "
    outgoing = answer_to(
        item, f"{words()} {sentence * 60}", media=(picture("a.jpg"), OutgoingMedia("b.pdf", "application/pdf"))
    )
    memory, since = Memory({"a.jpg": photo(), "b.pdf": b"%PDF-1.7"}), datetime.now(UTC) - timedelta(minutes=1)
    for nth in (1, 2, 3, 4):
        with FaultProxy(net.port) as proxy, proxy.striking(faults.CUT_AFTER, 1), pytest.raises(Unclear):
            net.channel.send(net.through(proxy.port), outgoing, "k", memory)
        found = net.channel.find_sent(net.account, outgoing, "k", memory, since)
        assert bool(found) == (nth == 4)
    messages = network.state.messages(item.author_id, PAGE)
    sent = messages[[one.id for one in messages].index(item.network_id) + 1 :]
    assert [bool(one.text) for one in sent] == [True, True, False, False]
    assert found and [found.network_id, *found.parts] == [one.id for one in sent]


@pytest.mark.parametrize(("hours", "allowed", "automatic", "goes"), [
    (23, "", False, True),
    (25, "", False, False),
    (25, "yes", False, True),
    (25, "yes", True, False),
    (24 * 8, "yes", False, False),
])  # fmt: skip
def test_messages_within_their_windows(
    net: FacebookNet, network: Emulator, hours: int, allowed: str, automatic: bool, goes: bool
) -> None:
    who = network.residents[5]
    for one in network.state.messages(who.id, PAGE):
        network.age(one.id, timedelta(days=30))
    net.post(text := words(), private=True, who=5)
    item = net.heard(text)
    network.age(item.network_id, timedelta(hours=hours))
    account = replace(net.account, settings={**net.account.settings, "human_agent": allowed})
    outgoing = answer_to(item, words(), automatic=automatic)
    before = len(network.state.messages(who.id, PAGE))
    if goes:
        net.channel.send(account, outgoing, "k", Memory())
    else:
        with pytest.raises(WindowClosed):
            net.channel.send(account, outgoing, "k", Memory())
    assert len(network.state.messages(who.id, PAGE)) == before + goes


def test_a_person_who_takes_no_messages_is_told_as_such(net: FacebookNet, network: Emulator) -> None:
    item = heard(net, private=True)
    network.messenger.blocked.add(item.author_id)
    try:
        with pytest.raises(Unreachable):
            send(net, answer_to(item, words()))
    finally:
        network.messenger.blocked.clear()


def test_a_private_message_is_never_answered_in_public(net: FacebookNet) -> None:
    with pytest.raises(NotAllowed):
        send(net, answer_to(heard(net, private=True), words(), visibility="public"))


# Changes


def test_words_are_changed_hidden_and_taken_back(net: FacebookNet, network: Emulator) -> None:
    item = heard(net)
    answer = send(net, answer_to(item, words()))
    send(net, Outgoing(better := words(), action="edit", about=answer.network_id))
    assert node(network, answer).text == better
    net.post(bad := words(), in_reply_to=item.network_id, who=3)
    comment = net.heard(bad)
    hiding = Outgoing("", action="hide", about=comment.network_id)
    assert net.channel.find_sent(net.account, hiding, "k", Memory(), LONG_AGO) is None
    send(net, hiding)
    assert net.channel.find_sent(net.account, hiding, "k", Memory(), LONG_AGO)
    assert bad not in [one.text for one in net.thread(item.network_id)]
    assert bad in [one.text for one in net.thread(item.network_id, who=3)], "its author still sees it"
    showing = Outgoing("", action="show", about=comment.network_id)
    assert net.channel.find_sent(net.account, showing, "k", Memory(), LONG_AGO) is None
    send(net, showing)
    assert net.channel.find_sent(net.account, showing, "k", Memory(), LONG_AGO)
    assert bad in [one.text for one in net.thread(item.network_id)]
    gone = Outgoing("", action="delete", about=answer.network_id)
    send(net, gone)
    assert net.channel.find_sent(net.account, gone, "k", Memory(), LONG_AGO)
    assert send(net, gone).network_id == answer.network_id, "what is gone already is done"


def test_messages_cannot_be_changed(net: FacebookNet) -> None:
    can = net.channel.capabilities_of_post("m_1", True)
    assert not (can.edit or can.delete or can.hide)
    for action in ("edit", "delete", "hide"):
        with pytest.raises(NotAllowed):
            send(net, Outgoing("x", action=action, about="m_1", visibility="private"))  # type: ignore[arg-type]


# What came of it


def test_metrics_of_posts_and_answers_and_none_of_what_is_gone(net: FacebookNet, network: Emulator) -> None:
    post = send(net, Outgoing(words()))
    comment = network.say(network.residents[0], words(), in_reply_to=post.network_id)
    answer = send(net, Outgoing(words(), in_reply_to=comment))
    gone = send(net, Outgoing(words()))
    send(net, Outgoing("", action="delete", about=gone.network_id))
    ids = [post.network_id, answer.network_id, gone.network_id]
    found = net.channel.metrics(net.account, ids)
    assert found[post.network_id] == {"likes": 0, "reposts": 0, "replies": 2, "views": 42}
    assert found[answer.network_id] == {"likes": 0, "replies": 0} and gone.network_id not in found


def test_what_we_may_not_see_is_not_taken_for_gone(net: FacebookNet, network: Emulator) -> None:
    """Graph says of what a token may not see that it does not exist."""
    receipt = send(net, Outgoing(words()))
    blind = network.state.token("PAGE", PAGES[1].id)
    account = replace(net.account, credentials=net.account.credentials | {"access_token": blind})
    gone = Outgoing("", action="delete", about=f"{PAGE}_404")
    for do in (
        lambda: net.channel.send(account, gone, "k", Memory()),
        lambda: net.channel.find_sent(account, gone, "k", Memory(), LONG_AGO),
        lambda: net.channel.metrics(account, [f"{PAGE}_404"]),
    ):
        with pytest.raises(NotAllowed):
            do()
    assert node(network, receipt)


def test_a_planned_film_has_its_post_and_can_be_taken_back(net: FacebookNet, network: Emulator) -> None:
    at = datetime.now(UTC) + timedelta(hours=2)
    for options in ({}, {"as": "reel"}):
        outgoing = Outgoing(words(), media=(moving(),), form="video", publish_at=at, options=options)
        memory = Memory({"f.mp4": film(5000)})
        receipt = net.channel.send(net.account, outgoing, "k", memory)
        assert receipt.network_id.startswith(f"{PAGE}_") and not node(network, receipt).is_public
        found = net.channel.find_sent(net.account, outgoing, "k", memory, LONG_AGO)
        assert found and found.network_id == receipt.network_id
        send(net, Outgoing("", action="delete", about=receipt.network_id))
        assert receipt.network_id not in network.state.nodes


def test_captions_that_facebook_does_not_take_are_told_and_fail_nothing(net: FacebookNet) -> None:
    """What comes after a film is public can only be said, never undone by trying all of it again."""
    outgoing = Outgoing(words(), media=(moving(captions="no captions at all"),), form="video")
    receipt = send(net, outgoing, {"f.mp4": film(5000)})
    assert "did not take the captions" in receipt.facts["captions"] and receipt.network_id
