"""X's calls to us: challenges, signatures over the raw body, one address for all accounts, and what they bring."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from openline.channels.accounts import AccountRef
from openline.channels.base import Incoming, Outgoing, Pushed, Refused, Unverified
from openline.channels.x.channel import XChannel
from openline.channels.x.emulator import activity
from openline.channels.x.hooks import signature
from tests.channels.nets.base import Memory
from tests.channels.x.conftest import City

CHANNEL = XChannel()
BODY = '{"data":{"event_type":"post.mention.create","text":"Straße ä \\u00e4 🕳️"}}'.encode()
DESK = AccountRef("1", "@desk", "", {"client_secret": "s3cret"}, author_id="111")
MAYOR = AccountRef("2", "@mayor", "", {"client_secret": "s3cret"}, author_id="222")


def pushed(said: Any, secret: str = "s3cret", header: str = "x-twitter-webhooks-signature-oauth2") -> Pushed:
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    return Pushed("POST", "https://city.example/hooks/x/", {header: signature(secret, body)}, {}, body)


def mention(user: str, post: str = "5", author: str = "9") -> dict[str, Any]:
    payload = {"id": post, "text": "@desk pothole", "author_id": author}
    return {
        "data": {
            "event_uuid": "1",
            "filter": {"user_id": user},
            "event_type": "post.mention.create",
            "payload": payload,
        }
    }


def test_a_challenge_is_answered_as_x_checks_it() -> None:
    """Made with openssl: printf %s token | openssl dgst -sha256 -hmac s3cret -binary | base64"""
    asked = Pushed("GET", "https://city.example/hooks/x/?crc_token=token", {}, {"crc_token": "token"}, b"")
    answer = CHANNEL.share([DESK], asked)
    assert json.loads(answer.body) == {"response_token": "sha256=" + CRC}
    assert (answer.status, answer.content_type) == (200, "application/json")


CRC = "EV3EmivU6vOs6dSL/+NHn4cezQMtGspX0QNGNFRqaG8="


def test_the_signature_is_over_the_very_bytes() -> None:
    assert CHANNEL.share([DESK], pushed(BODY)).status == 200
    good = pushed(BODY)
    same_but_written_anew = json.dumps(json.loads(BODY)).encode()
    for wrong in (same_but_written_anew, BODY + b" ", b""):
        with pytest.raises(Unverified):
            CHANNEL.share([DESK], replace(good, body=wrong))


@pytest.mark.parametrize("header", ["x-twitter-webhooks-signature", "x-twitter-webhooks-signature-oauth2"])
@pytest.mark.parametrize("name", ["client_secret", "consumer_secret"])
def test_either_of_the_app_s_secrets_and_headers_will_do(header: str, name: str) -> None:
    account = replace(DESK, credentials={name: "other"})
    assert CHANNEL.share([account], pushed(mention("111"), "other", header)).items
    with pytest.raises(Unverified):
        CHANNEL.share([account], pushed(mention("111"), "wrong", header))


def test_without_an_account_or_a_secret_nobody_proves_anything() -> None:
    for accounts in ([], [replace(DESK, credentials={})], [replace(DESK, credentials={"client_secret": ""})]):
        with pytest.raises(Unverified):
            CHANNEL.share(accounts, pushed(mention("111"), ""))
        with pytest.raises(Unverified):
            CHANNEL.share(accounts, Pushed("GET", "", {}, {"crc_token": "t"}, b""))


def test_each_account_gets_what_is_its_own() -> None:
    found = CHANNEL.share([DESK, MAYOR], pushed(mention("222")))
    assert set(found.items) == {"2"} and [
        item.network_id for item in found.items["2"] if isinstance(item, Incoming)
    ] == ["5"]
    assert not CHANNEL.share([DESK, MAYOR], pushed(mention("333"))).items


def test_what_the_account_said_itself_is_no_news() -> None:
    assert CHANNEL.share([DESK], pushed(mention("111", author="111"))).items.get("1", ()) == ()


def test_a_withdrawn_permission_stops_that_account() -> None:
    event = {"data": {"event_type": "oauth.revoke", "filter": {}, "payload": {"user_id": "222", "app_id": "1"}}}
    found = CHANNEL.share([DESK, MAYOR], pushed(event))
    assert found.withdrawn == ("2",) and not found.items and not found.erase


def test_what_x_signed_and_nobody_can_read_is_kept() -> None:
    (item,) = CHANNEL.share([DESK], pushed(b"not json")).items["1"]
    assert isinstance(item, Refused) and item.raw == b"not json"


def test_several_messages_in_one_call_are_several(city: City) -> None:
    maria = city.x.residents[0]
    city.x.calls.held = True
    city.channel.settle(city.account)
    for text in ("one", "two"):
        city.x.say(maria, text, private=True)
    bodies = [json.loads(body) for body, _headers in city.x.calls.release()]
    whole = bodies[0]
    whole["data"]["payload"]["direct_message_events"] += bodies[1]["data"]["payload"]["direct_message_events"]
    joined = json.dumps(whole).encode()
    call = Pushed("POST", "", {name.lower(): value for name, value in activity.signed(joined).items()}, {}, joined)
    items = city.channel.share([city.account], call).items[city.account.id]
    assert [item.text for item in items if isinstance(item, Incoming)] == ["one", "two"]
    assert all(isinstance(item, Incoming) and city.channel.parse(item.raw) == item for item in items)


def test_the_same_post_by_call_and_by_asking_is_the_same_message(city: City) -> None:
    city.channel.settle(city.account)
    maria = city.x.residents[0]
    city.x.say(maria, "pothole at Broad & Main <north>", photos=[b"photo"])
    city.x.say(maria, "my number is 5", private=True)
    pushed_items = {text: city.hook.wait(lambda i, t=text: t in i.text) for text in ("pothole", "number")}  # type: ignore[misc]
    polled = [item for item in city.channel.poll(city.account, "").items if isinstance(item, Incoming)]
    assert {one.event_id for one in polled} == {one.event_id for one in pushed_items.values()}
    for one in polled:
        other = next(item for item in pushed_items.values() if item.event_id == one.event_id)
        assert replace(one, raw=b"", media=()) == replace(other, raw=b"", media=())
        assert [media.kind for media in one.media] == [media.kind for media in other.media]
    assert "Broad & Main <north>" in pushed_items["pothole"].text


def test_settling_makes_the_webhook_once_and_wakes_it(city: City) -> None:
    assert [one.good for one in city.channel.settle(city.account)] == [True]
    assert [one.good for one in city.channel.settle(city.account)] == [True]
    (hook,) = city.x.state.webhooks.values()
    assert hook["url"] == city.hook.shared_url and len(city.x.state.subscriptions) == 3
    assert all(one.good for one in city.channel.inspect(city.account) if "calls us" in one.words)
    hook["valid"] = False
    assert any("does not call us" in one.words and not one.good for one in city.channel.inspect(city.account))
    city.channel.settle(city.account)
    assert hook["valid"] and city.calls("PUT", "/2/webhooks/") == 1


def test_an_account_with_an_app_of_its_own_is_called_at_its_own_address(city: City) -> None:
    city.hook.shared = False
    own = replace(city.account, settings={**city.account.settings, "own_app": "yes"})
    assert all(one.good for one in city.channel.settle(own))
    (hook,) = city.x.state.webhooks.values()
    assert hook["url"] == city.account.hook
    city.x.say(city.x.residents[1], "by the other door")
    assert city.hook.wait(lambda item: "other door" in item.text)


def test_what_x_does_not_know_yet_is_left_out(city: City) -> None:
    city.x.unknown_events = {"post.reply.create"}
    assert all(one.good for one in city.channel.settle(city.account))
    assert len(city.x.state.subscriptions) == 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"credentials": {"client_secret": "s"}}, "bearer token"),
        ({"hook": "http://city.example/hooks/x/1/", "server": "https://api.x.com"}, "https"),
        ({"hook": "https://city.example:8443/hooks/x/1/"}, "https"),
    ],
)
def test_where_x_cannot_call_us_it_is_said(city: City, change: dict[str, Any], said: str) -> None:
    (finding,) = city.channel.settle(replace(city.account, **change))
    assert not finding.good and said in finding.words and "two minutes" in finding.words


def test_a_webhook_that_does_not_answer_the_challenge_is_told(city: City) -> None:
    city.hook.answer_with = lambda call: 500 if call.method == "GET" else 0
    (finding,) = city.channel.settle(city.account)
    assert not finding.good and "CrcValidationFailed" in finding.words


def test_residents_answer_without_naming_us_and_are_heard(city: City) -> None:
    """Such an answer comes by post.reply.create; X puts our name before it by itself."""
    city.channel.settle(city.account)
    ours = city.channel.send(city.account, Outgoing("news of the bridge"), "k", Memory())
    city.x.say(city.x.residents[2], "when?", in_reply_to=ours.network_id)
    heard = city.hook.wait(lambda item: item.text == "when?")
    assert heard.in_reply_to == ours.network_id
    assert city.channel.can_answer(city.account, heard.raw, heard.posted_at, False).reason  # type: ignore[arg-type]
