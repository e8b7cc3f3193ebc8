"""Servers that are like Mastodon but are not: the city on one snac2, residents on another, ActivityPub between them."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from openline.channels.base import (
    AccountRef,
    Incoming,
    NotAllowed,
    Outgoing,
    OutgoingMedia,
    Poll,
    Rejected,
    TokenExpired,
    Unclear,
)
from openline.channels.mastodon import finding
from openline.channels.mastodon.channel import MastodonChannel
from openline.channels.mastodon.client import Server
from tests.channels import faults
from tests.channels.conftest import Memory, answer_to, listening
from tests.channels.faults import FaultProxy
from tests.channels.nets.snac import CITY, PEOPLE, SnacNet
from tests.channels.test_mastodon_sending import FILES, PHOTO

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def words() -> str:
    return f"words {uuid.uuid4()}"


@pytest.fixture
def net(nets: Any) -> SnacNet:
    found = nets("snac")
    assert isinstance(found, SnacNet)
    return found


@pytest.fixture
def proxy(net: SnacNet) -> Iterator[FaultProxy]:
    with FaultProxy(net.port) as found:
        yield found


def question(net: SnacNet, **more: Any) -> Incoming:
    net.post(text := words(), **more)
    return net.heard(text)


def until(condition: Callable[[], Any], seconds: float = 20) -> Any:
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end
        time.sleep(0.1)
    return found


@pytest.mark.parametrize("private", [False, True], ids=["public", "private"])
@pytest.mark.parametrize("answer", [True, False], ids=["answer", "post"])
def test_a_lost_answer_is_found_although_the_server_knows_no_keys(
    net: SnacNet, proxy: FaultProxy, private: bool, answer: bool
) -> None:
    item, text, memory = question(net, private=private), words(), Memory()
    account = net.through(proxy.port)
    outgoing = answer_to(item, text) if answer else Outgoing(text, item.visibility, to_handle=item.author_handle)
    assert net.channel.find_sent(account, outgoing, "k", memory, LONG_AGO) is None
    with proxy.striking(faults.CUT_AFTER), pytest.raises(Unclear):
        net.channel.send(account, outgoing, "k", memory)
    found = until(lambda: net.channel.find_sent(account, outgoing, "k", memory, LONG_AGO))
    assert net.channel.send(account, outgoing, "k", memory) == found, "it is not said again"
    me = finding.OwnPosts(Server(net.account), outgoing, LONG_AGO)
    assert len({post["uri"] for post in me if text in post["content"]}) == 1


def test_the_same_key_alone_would_not_be_enough(net: SnacNet) -> None:
    """Why `find_sent` matters here: the server makes a second post of it."""
    text, key = words(), words()
    first, second = (net.channel.send(net.account, Outgoing(text), key, Memory()) for _ in range(2))
    assert first.network_id != second.network_id


def test_a_private_answer_stays_between_the_two(net: SnacNet) -> None:
    item = question(net, private=True)
    assert item.visibility == "private"
    secret = words()
    text = f"{secret}, ask @{PEOPLE[1]}@{net.far.host}"
    receipt = net.channel.send(net.account, answer_to(item, text), words(), Memory())
    assert net.arrived(receipt.network_id)["visibility"] == "private"
    others = net.clients[PEOPLE[1]].notifications()
    assert not any(secret in str(one.get("status")) for one in others)
    public = httpx.get(f"{net.home.url}/{CITY}").text + httpx.get(f"{net.far.url}/{PEOPLE[0]}").text
    assert secret not in public


def test_a_picture_its_description_and_a_warning_arrive_on_the_other_server(net: SnacNet) -> None:
    item = question(net)
    two = (PHOTO, replace(PHOTO, alt="The same from behind"))
    outgoing = answer_to(item, words(), media=two, warning="Broken glass")
    receipt = net.channel.send(net.account, outgoing, words(), Memory(FILES))
    seen = net.arrived(receipt.network_id)
    assert [one["description"] for one in seen["media_attachments"]] == [PHOTO.alt, "The same from behind"]
    assert len({one["url"] for one in seen["media_attachments"]}) == 2
    assert [httpx.get(one["url"]).content for one in seen["media_attachments"]] == [FILES["photo"]] * 2
    assert seen["spoiler_text"] == "Broken glass" and seen["sensitive"]


def test_a_warning_and_a_description_come_from_the_other_server(net: SnacNet) -> None:
    client, name = net.clients[PEOPLE[0]], f"@{CITY}@{net.home.host}"
    photo = client.media_post(FILES["photo"], "image/png", description="A lamp", file_name=f"{uuid.uuid4()}.png")
    client.status_post(f"{name} {(text := words())}", spoiler_text="Dark", media_ids=[photo])
    item = net.heard(text)
    assert item.text.startswith("Dark\n\n") and item.media[0].alt == "A lamp"


def test_an_edit_changes_no_id_on_either_side(net: SnacNet) -> None:
    """This server changes the beginning of an edited post's id."""
    item = question(net)
    receipt = net.send(answer_to(item, words()), words(), Memory())
    net.post(first := words(), in_reply_to=receipt.network_id)
    assert net.heard(first).in_reply_to == receipt.network_id
    time.sleep(1.1)  # the changing part is a time in seconds
    change = Outgoing(better := words(), action="edit", about=receipt.network_id, to_handle=item.author_handle)
    assert net.channel.send(net.account, change, words(), Memory()).network_id == receipt.network_id
    until(lambda: better in net.arrived(receipt.network_id)["content"])
    assert net.channel.find_sent(net.account, change, "k", Memory(), LONG_AGO)
    net.post(second := words(), in_reply_to=receipt.network_id)
    assert net.heard(second).in_reply_to == receipt.network_id
    with net.following() as listener:
        net.edit(item.network_id, corrected := words())
        edit = listener.wait(lambda one: one.kind == "edit" and corrected in one.text, 20)
    assert edit.network_id == item.network_id


def test_a_post_that_somebody_boosted_is_read_as_the_post(net: SnacNet) -> None:
    item = question(net)
    net.city.status_reblog(item.network_id)
    heard = [one for one in net.hearing() if one.network_id == item.network_id]
    assert [(one.author_handle, one.text) for one in heard] == [(item.author_handle, item.text)]


def test_a_deletion_while_we_were_away_is_found(net: SnacNet) -> None:
    item = question(net)
    cursor = net.position()
    net.delete(item.network_id)
    with listening(net.channel, net.account, cursor) as listener:
        listener.wait(lambda one: one.kind == "delete" and one.network_id == item.network_id, 20)


def test_what_this_server_cannot_do_is_said_before_or_instead(net: SnacNet) -> None:
    with pytest.raises(Rejected, match="no polls"):
        net.channel.send(net.account, Outgoing("a", poll=Poll(("a", "b"), 3600)), words(), Memory())
    with pytest.raises(Rejected) as raised:
        odd = OutgoingMedia("photo", "application/x-odd")
        net.channel.send(net.account, Outgoing("a", media=(odd,)), words(), Memory(FILES))
    assert raised.value.field_name == "media"
    receipt = net.channel.send(net.account, Outgoing(words()), words(), Memory())
    with pytest.raises(NotAllowed, match="take posts back"):
        net.channel.send(net.account, Outgoing("", action="delete", about=receipt.network_id), words(), Memory())


def test_no_more_than_64_notifications_but_no_gap_within_them(net: SnacNet) -> None:
    question(net)
    cursor = net.position()
    posts = [net.clients[PEOPLE[1]].status_post(f"@{CITY}@{net.home.host} {words()}")["uri"] for _ in range(50)]
    wanted = set(posts)
    until(lambda: wanted <= {one["status"]["uri"] for one in net.city.notifications() if "status" in one}, 60)
    heard = [one.uri for one in net.hearing(cursor=cursor)]
    assert wanted <= set(heard) and len(heard) == len(set(heard))


def test_an_account_is_connected_by_this_servers_login_page_and_tried_out(net: SnacNet) -> None:
    channel, back = MastodonChannel(), "http://127.0.0.1:8000/back"
    begun = channel.authorize({"server": net.home.url}, back, "state-1")
    page = httpx.get(begun.url)
    assert page.status_code == 200 and "x-snac-login" in page.text
    form = {
        "login": CITY,
        "passwd": net.home.passwords[CITY],
        "redir": back,
        "cid": begun.kept["client_id"],
        "state": "state-1",
    }
    answer = httpx.post(f"{net.home.url}/oauth/x-snac-login", data=form)
    query = {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}
    connected = channel.authorized(begun.kept, query)
    assert connected.handle == f"@{CITY}" and connected.who == channel.check(net.account)
    account = AccountRef("x", connected.handle, connected.server, connected.credentials)
    text = words()
    assert "no program take it back" in channel.try_out(account, text, words())
    assert text not in httpx.get(f"{net.home.url}/{CITY}").text


def test_a_refused_token_is_told_as_such(net: SnacNet) -> None:
    for call in (net.channel.check, net.channel.inspect, lambda account: net.channel.poll(account, "")):
        with pytest.raises(TokenExpired):
            call(net.refused())  # type: ignore[operator]


def test_a_link_in_the_profile_that_nobody_verified_is_found(net: SnacNet) -> None:
    net.city.account_update_credentials(fields=[("City", "http://127.0.0.1:9/")])
    [found] = net.channel.inspect(net.account)
    assert not found.good and "http://127.0.0.1:9/" in found.words and "cannot be read" in found.words
