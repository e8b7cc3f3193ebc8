"""Private messages, by a stand-in for the chat service that Bluesky's XRPC server holds to the official lexicons."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from openline.channels.base import NotAllowed, Outgoing, OutgoingMedia, Rejected, Unclear
from openline.channels.bluesky.client import Session
from tests.channels.nets.base import Memory, answer_to
from tests.channels.nets.bluesky import BlueskyNet, Person

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def private(net: BlueskyNet, words: str) -> Any:
    net.post(words, private=True)
    return net.heard(words)


def test_an_answer_stands_in_the_conversation_with_its_links(net: BlueskyNet, words: str) -> None:
    item = private(net, words)
    answer = answer_to(item, f"see https://example.org/a/very/long/path/to/read {words}")
    receipt = net.channel.send(net.account, answer, words, Memory())
    convo = receipt.network_id.split("/")[0]
    assert convo == item.thread
    [said] = [one for one in _messages(net, convo) if one["sender"]["did"] == net.city.did and words in one["text"]]
    [link] = said["facets"][0]["features"]
    assert link["uri"] == "https://example.org/a/very/long/path/to/read"


def _messages(net: BlueskyNet, convo: str) -> list[dict[str, Any]]:
    found = net.residents[0].ask("chat.bsky.convo.getMessages", chat=True, convoId=convo, limit=100)
    return list(found["messages"])


def test_what_we_say_ourselves_is_not_heard(net: BlueskyNet, words: str) -> None:
    item = private(net, words)
    cursor = net.channel.poll(net.account, "").cursor
    net.channel.send(net.account, answer_to(item, f"ours {words}"), words, Memory())
    assert not any("ours" in one.text for one in net.hearing(cursor=cursor))


def test_a_private_answer_to_a_public_post_opens_a_conversation(net: BlueskyNet, words: str) -> None:
    item = net.heard(net.post(words, who=1) and words)
    answer = replace(answer_to(item, f"between us {words}"), visibility="private")
    receipt = net.channel.send(net.account, answer, words, Memory())
    assert any(f"between us {words}" in said.text for said in net.thread(receipt.network_id, who=1))


def test_a_lost_answer_is_found_and_not_said_again(
    net: BlueskyNet, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    item, memory = private(net, words), Memory()
    before = net.channel.send(net.account, answer_to(item, "Thank you."), words + "before", Memory())
    post = Session.post

    def lose(session: Session, method: str, *args: Any, **more: Any) -> Any:
        post(session, method, *args, **more)
        raise Unclear("the answer was lost")

    monkeypatch.setattr(Session, "post", lose)
    with pytest.raises(Unclear):
        net.channel.send(net.account, answer_to(item, "Thank you."), words, memory)
    monkeypatch.setattr(Session, "post", post)
    found = net.channel.find_sent(net.account, answer_to(item, "Thank you."), words, memory, LONG_AGO)
    assert found and found.network_id != before.network_id  # the same words of an earlier message are not taken for it
    again = Memory()
    again.kept = {"convo": memory.kept["convo"]}
    assert net.channel.send(net.account, answer_to(item, "Thank you."), words, again) == found
    assert net.channel.find_sent(net.account, answer_to(item, "never said"), "k", Memory(), LONG_AGO) is None


def test_a_long_private_message_is_several(net: BlueskyNet, words: str) -> None:
    item = private(net, words)
    receipt = net.channel.send(net.account, answer_to(item, "Every word counts here. " * 90), words, Memory())
    assert len(receipt.parts) == 2


def test_files_and_people_who_take_no_messages(net: BlueskyNet, words: str) -> None:
    outgoing = Outgoing("x", "private", in_reply_to_author=net.residents[0].did)
    with pytest.raises(Rejected, match="no pictures"):
        files = (OutgoingMedia("a", "image/png"),)
        net.channel.send(net.account, replace(outgoing, media=files), words, Memory())
    with pytest.raises(Rejected, match="Nobody"):
        nobody = replace(outgoing, in_reply_to_author="", to_handle="@nobody-at-all.test")
        net.channel.send(net.account, nobody, words, Memory())
    shy = Person(net.servers, "shy")
    httpx.post(f"http://127.0.0.1:{net.servers.ports['chat']}/deaf/{shy.did}").raise_for_status()
    with pytest.raises(NotAllowed, match="disabled"):
        net.channel.send(net.account, replace(outgoing, in_reply_to_author=shy.did), words, Memory())


def test_a_chat_service_that_is_away_does_not_stop_hearing(net: BlueskyNet, words: str) -> None:
    account = replace(net.account, settings={**net.account.settings, "chat_service": "did:web:localhost%3A9#bsky_chat"})
    net.post(words)
    assert any(words in item.text for item in net.hearing(account))
    assert any(not one.good for one in net.channel.inspect(account))


def test_what_is_unread_at_first_is_heard(net: BlueskyNet, words: str) -> None:
    person = Person(net.servers, "newcity", limited=True)
    account = net.account_of(person, {"app_password": person.app_password()})
    resident = net.residents[0]
    convo = resident.ask("chat.bsky.convo.getConvoForMembers", chat=True, members=[person.did])["convo"]["id"]
    for n in range(3):
        body = {"convoId": convo, "message": {"text": f"{words} {n}"}}
        resident.ask("chat.bsky.convo.sendMessage", body, chat=True)
    heard = net.channel.poll(account, "")
    assert [item.text for item in heard.items] == [f"{words} {n}" for n in range(3)]  # type: ignore[union-attr]
    assert not net.channel.poll(account, heard.cursor).items
