"""What we ask of Facebook and what its emulator answers, held against Meta's Graph specifications.

Every exchange of the conformance suite and of `test_facebook*.py` is checked as it happens (`nets/facebook.py`). Here
it is proved that the check finds what is wrong, and answers as they were recorded from the real Graph are read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from openline.channels import reading as plain
from openline.channels.base import Incoming, Outgoing
from openline.channels.facebook import connecting, reading, rules
from openline.channels.facebook.channel import FacebookChannel
from openline.channels.facebook.emulator import PAGES
from openline.channels.facebook.emulator.state import Node
from openline.channels.facebook.page import connected
from openline.channels.graph import errors
from tests.channels.facebook_tools import words
from tests.channels.graph.contract import FOLDER, Contract
from tests.channels.nets.base import Memory
from tests.channels.nets.facebook import FacebookNet, standing
from tests.channels.recording import Exchange

CHANNEL = FacebookChannel()
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
PAGE = PAGES[0].id
HEADERS = {"authorization": "Bearer t", "content-type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def contract(shared: Path) -> Contract:
    return Contract(shared / FOLDER)


@pytest.fixture(scope="module")
def net(shared: Path) -> Iterator[FacebookNet]:
    with standing() as running:
        yield running


RIGHT = [
    ("Page", "POST", "feed", {"message": "m", "attached_media": '[{"media_fbid":"1"}]', "published": "false"}),
    (
        "Page",
        "POST",
        "feed",
        {"message": "m", "scheduled_publish_time": "1764000000", "unpublished_content_type": "SCHEDULED"},
    ),
    ("Page", "POST", "photos", {"published": "false", "alt_text_custom": "a", "temporary": "true", "caption": "c"}),
    ("Page", "POST", "messages", {"recipient": "{}", "message": "{}", "messaging_type": "RESPONSE"}),
    ("Page", "POST", "messages", {"recipient": "{}", "messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}),
    ("Page", "POST", "subscribed_apps", {"subscribed_fields": ",".join(rules.FIELDS)}),
    ("PagePost", "POST", "comments", {"message": "m", "attachment_id": "1"}),
    ("Comment", "POST", "", {"is_hidden": "true"}),
    ("Comment", "DELETE", "", {}),
    ("AdVideo", "POST", "captions", {"captions_file": "", "default_locale": "none"}),
]
WRONG = [
    ("Page", "POST", "feed", {"mesage": "m"}),
    ("Page", "POST", "feed", {"published": "no"}),
    ("Page", "POST", "feed", {"scheduled_publish_time": "tomorrow"}),
    ("Page", "POST", "photos", {"alt_text": "a"}),
    ("Page", "POST", "messages", {"message": "{}"}),
    ("Page", "POST", "messages", {"recipient": "{}", "messaging_type": "REPLY"}),
    ("Page", "POST", "subscribed_apps", {"subscribed_fields": "feeds"}),
    ("Page", "POST", "subscribed_apps", {}),
    ("Page", "POST", "albums", {"name": "An album"}),
    ("Page", "POST", "video_reels", {"upload_phase": "BEGIN"}),
    ("Comment", "POST", "", {"hidden": "true"}),
    ("PagePost", "PUT", "comments", {}),
]


@pytest.mark.parametrize(("node", "method", "edge", "given"), RIGHT)
def test_right_calls_pass(contract: Contract, node: str, method: str, edge: str, given: dict[str, str]) -> None:
    assert contract.wrong(node, method, edge, given) == []


@pytest.mark.parametrize(("node", "method", "edge", "given"), WRONG)
def test_wrong_calls_are_found(contract: Contract, node: str, method: str, edge: str, given: dict[str, str]) -> None:
    assert contract.wrong(node, method, edge, given)


@pytest.mark.parametrize(
    ("path", "query", "answer"),
    [
        (f"{PAGE}_1", {"fields": "id,massage"}, {"id": "1"}),
        (f"{PAGE}_1/comments", {"fields": "id,parent_id"}, {"data": []}),
        (f"{PAGE}/feed", {"fields": "comments.sort(new){id}"}, {"data": []}),
        (f"{PAGE}/feed", {"fields": "comments{id,massage}"}, {"data": []}),
        (f"{PAGE}/walls", {}, {"data": []}),
        (f"{PAGE}_1", {"fields": "message"}, {"id": "1", "message": 7}),
        (f"{PAGE}_1", {"fields": "created_time"}, {"id": "1", "created_time": "yesterday"}),
        (f"{PAGE}_1", {"fields": "id"}, {"id": "1", "message": "not asked for"}),
        (f"{PAGE}_1", {"access_token": "t"}, {"id": "1"}),
    ],
)
def test_wrong_questions_and_answers_are_found(
    contract: Contract, path: str, query: dict[str, str], answer: dict[str, Any]
) -> None:
    asked = {"appsecret_proof": "p"} | query
    exchange = Exchange("GET", f"/v26.0/{path}", asked, HEADERS, b"", 200, json.dumps(answer).encode())
    with pytest.raises(AssertionError):
        contract.check(exchange)


def test_the_check_sees_what_goes_over_the_wire(net: FacebookNet) -> None:
    """And an emulator that lies is found out."""
    net.emulator.say(net.emulator.residents[0], words())
    CHANNEL.poll(net.account, "")
    assert len(net.recorder.exchanges) >= 3 and not net.recorder.wrong
    node = Node("122_1", "comment", net.emulator.residents[0], 7, above="122", post="122", page=PAGE)  # type: ignore[arg-type]
    net.emulator.state.add(node)
    CHANNEL.find_sent(net.account, Outgoing("", action="hide", about="122_1"), "k", Memory(), LONG_AGO)
    assert not net.recorder.wrong
    with connected(net.account) as graph:
        graph.get("122_1", fields="message")
    assert "no string" in net.recorder.wrong[0]
    net.recorder.wrong = []


def test_what_was_recorded_from_the_real_graph_is_read(shared: Path) -> None:
    recorded = shared / FOLDER / "recorded"
    said = json.loads((recorded / "facebook__apidata__comments__comment_info.json").read_text())
    item = CHANNEL.parse(
        reading.wrap(reading.COMMENT, "19292868552", post="19292868552_10158371815748553", comment=said)
    )
    assert isinstance(item, Incoming)
    assert (item.network_id, item.text) == ("10158371815748553_10158371930463553", "This is really nice")
    assert item.posted_at and item.posted_at.isoformat() == "2021-07-21T21:05:14+00:00"
    pages = json.loads((recorded / "base__user_accounts_token.json").read_text())["data"]
    assert connecting._chosen(pages, "")["id"] == connecting._chosen(pages, "mylife")["id"] == "2121008874780932"
    connecting._must_be_allowed(pages[0])
    told = plain.child(json.loads((recorded / "base__token_info.json").read_text()), "data")
    assert told["is_valid"] is True and isinstance(told["expires_at"], int)
    refused = (recorded / "base__error_data.json").read_bytes()
    assert isinstance(errors.refusal(httpx.Response(400, content=refused), False), errors.NotThere)
