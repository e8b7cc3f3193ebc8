"""Connecting a Facebook page, its tokens, being called, and the end of a permission."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from openline.channels.base import Connected, NotAllowed, Outgoing, Pushed, Rejected, TokenExpired
from openline.channels.facebook import connecting, rules
from openline.channels.facebook.channel import FacebookChannel
from openline.channels.facebook.emulator import APP, PAGES, SECRET, Emulator
from openline.channels.facebook.emulator.state import ADMIN, Token
from openline.channels.graph.signing import make_signed_request, verify_token
from tests.channels.facebook_tools import words
from tests.channels.nets.base import Memory
from tests.channels.nets.facebook import FacebookNet, standing

CHANNEL = FacebookChannel()
BACK = "https://city.example/console/accounts/back/"


@pytest.fixture(scope="module")
def running() -> Iterator[FacebookNet]:
    with standing() as net:
        yield net


@pytest.fixture
def net(running: FacebookNet) -> Iterator[FacebookNet]:
    yield running
    running.tidy()
    running.emulator.faults.dead_tokens.clear()


@pytest.fixture
def network(net: FacebookNet) -> Emulator:
    return net.emulator


def values(net: FacebookNet, **more: str) -> dict[str, str]:
    return {"app_id": APP, "app_secret": SECRET, "server": net.account.server} | more


def log_in(net: FacebookNet, how: str = "yes", **more: str) -> tuple[dict[str, str], dict[str, str]]:
    """A person goes through the login in a browser; what was kept, and what the browser brings back."""
    begun = CHANNEL.authorize(values(net, **more), BACK, "state-1")
    page = httpx.get(begun.url)
    assert page.status_code == 200 and "<form" in page.text
    asked = parse_qs(urlsplit(begun.url).query)
    form = {name: asked[name][0] for name in ("client_id", "redirect_uri", "state")} | {"how": how}
    back = httpx.post(begun.url, data=form).headers["location"]
    assert back.startswith(BACK)
    return begun.kept, {name: one[0] for name, one in parse_qs(urlsplit(back).query).items()}


def connected(net: FacebookNet, **more: str) -> Connected:
    kept, query = log_in(net, **more)
    return CHANNEL.authorized(kept, query)


# Login


@pytest.mark.parametrize("page", ["City Service Desk", PAGES[0].id, "https://www.facebook.com/cityservicedesk/"])
def test_the_login_gives_the_pages_own_token_which_does_not_run_out(
    net: FacebookNet, network: Emulator, page: str
) -> None:
    found = connected(net, page=page, human_agent="yes")
    assert (found.who.author_id, found.handle, found.who.name) == (PAGES[0].id, "cityservicedesk", "City Service Desk")
    token = network.state.tokens[found.credentials["access_token"]]
    assert token.kind == "PAGE" and token.expires_at is None and found.who.expires_at is None
    assert found.settings["user_id"] == ADMIN.id and found.settings["human_agent"] == "yes"
    assert set(found.credentials) == {"access_token", "app_secret"}
    assert SECRET not in repr(found) and found.credentials["access_token"] not in repr(found)


def test_several_pages_are_named_and_none_is_guessed(net: FacebookNet) -> None:
    for page in ("", "Nowhere"):
        with pytest.raises(Rejected) as caught:
            connected(net, page=page)
        assert caught.value.field_name == "page"
        assert all(one.name in caught.value.reason and one.id in caught.value.reason for one in PAGES)


def test_a_login_that_was_given_up_or_is_not_ours(net: FacebookNet) -> None:
    kept, query = log_in(net, "no")
    with pytest.raises(NotAllowed):
        CHANNEL.authorized(kept, query)
    kept, query = log_in(net, page=PAGES[0].id)
    with pytest.raises(NotAllowed):
        CHANNEL.authorized(kept, query | {"state": "another"})
    CHANNEL.authorized(kept, query)
    with pytest.raises(Rejected):  # a code works once
        CHANNEL.authorized(kept, query)


def test_who_may_not_do_enough_on_the_page_is_told() -> None:
    with pytest.raises(NotAllowed, match="MESSAGING"):
        connecting._must_be_allowed({"tasks": ["ANALYZE", "CREATE_CONTENT", "MODERATE"]})


def test_a_token_of_the_page_or_of_who_manages_it_can_be_pasted(net: FacebookNet, network: Emulator) -> None:
    own = CHANNEL.connect(values(net, access_token=network.city.credentials["access_token"]))
    assert own.who.author_id == PAGES[0].id
    user = network.state.token("USER")
    theirs = CHANNEL.connect(values(net, access_token=user, page="City Parks"))
    assert theirs.who.author_id == PAGES[1].id and theirs.settings["user_id"] == ADMIN.id
    assert theirs.credentials["access_token"] == network.state.page_tokens[PAGES[1].id]


@pytest.mark.parametrize(("field", "value"), [
    ("app_id", "my app"), ("app_secret", ""), ("server", "http://graph.example"), ("access_token", ""),
])  # fmt: skip
def test_what_was_filled_in_wrong_is_named(net: FacebookNet, field: str, value: str) -> None:
    with pytest.raises(Rejected) as caught:
        CHANNEL.connect(values(net, access_token="t") | {field: value})
    assert caught.value.field_name == field


def test_a_wrong_app_secret_is_found_at_once(net: FacebookNet, network: Emulator) -> None:
    token = network.city.credentials["access_token"]
    with pytest.raises(TokenExpired):
        CHANNEL.connect(values(net, access_token=token, app_secret="wrong"))


# Tokens


def test_a_token_that_ended_is_told_and_nothing_is_sent(net: FacebookNet, network: Emulator) -> None:
    network.faults.dead_tokens.add(net.account.credentials["access_token"])
    for do in (
        lambda: CHANNEL.check(net.account),
        lambda: CHANNEL.poll(net.account, ""),
        lambda: CHANNEL.send(net.account, Outgoing(words()), "k", Memory()),
    ):
        with pytest.raises(TokenExpired):
            do()


def test_a_short_token_runs_out(net: FacebookNet, network: Emulator) -> None:
    made = network.state.token("PAGE", PAGES[0].id, timedelta(seconds=-1))
    account = replace(net.account, credentials=net.account.credentials | {"access_token": made})
    with pytest.raises(TokenExpired):
        CHANNEL.check(account)


def test_what_is_to_be_looked_at(net: FacebookNet, network: Emulator) -> None:
    account = replace(net.account, hook="https://city.example/hooks/facebook/fb01/")
    assert all(one.good for one in CHANNEL.inspect(account))
    assert any("?about=erase" in one.words for one in CHANNEL.inspect(account))
    soon = datetime.now(UTC) + timedelta(days=3)
    network.state.tokens[account.credentials["access_token"]] = Token("PAGE", PAGES[0].id, soon)
    network.state.subscribed[PAGES[0].id] = {"feed"}
    try:
        bad = [one.words for one in CHANNEL.inspect(account) if not one.good]
    finally:
        network.state.tokens[account.credentials["access_token"]] = Token("PAGE", PAGES[0].id)
        network.subscribe()
    assert len(bad) == 2 and f"{soon:%Y-%m-%d}" in bad[0] and "mention, messages" in bad[1]


def test_the_test_message_is_seen_by_nobody_and_leaves_nothing(net: FacebookNet, network: Emulator) -> None:
    before = set(network.state.nodes)
    assert "nobody saw it" in CHANNEL.try_out(net.account, words(), "k")
    assert set(network.state.nodes) == before


# Being called


def test_facebook_is_told_to_call_us_and_does(net: FacebookNet, network: Emulator) -> None:
    network.calls.hook, network.state.subscribed = "", {}
    found = CHANNEL.settle(net.account)
    assert [one.good for one in found] == [True, True, True, True]
    assert network.calls.hook == net.hook.shared_url
    assert network.state.subscribed[PAGES[0].id] == set(rules.FIELDS)
    net.post(text := words())
    assert net.heard(text)


def test_where_facebook_cannot_call_us_the_words_say_what_to_enter(net: FacebookNet, network: Emulator) -> None:
    account = replace(net.account, hook=f"{net.hook.origin}/hooks/instagram/1/")
    net.hook.answer_with = lambda pushed: 500
    before = network.calls.hook
    try:
        found = CHANNEL.settle(account)
    finally:
        net.hook.answer_with = lambda pushed: 0
        network.calls.hook = before
    (bad,) = [one.words for one in found if not one.good]
    assert verify_token(SECRET) in bad and "feed, mention, messages" in bad and SECRET not in bad
    without = CHANNEL.settle(replace(net.account, hook=""))
    assert [one.good for one in without] == [True, False]


def signed(about: str, user: str = ADMIN.id, secret: str = SECRET) -> Pushed:
    said = {"algorithm": "HMAC-SHA256", "issued_at": int(time.time()), "user_id": user}
    body = urlencode({"signed_request": make_signed_request(said, secret)}).encode()
    headers = {"content-type": "application/x-www-form-urlencoded"}
    return Pushed("POST", "https://city.example/hooks/facebook/", headers, {"about": about} if about else {}, body)


def test_who_takes_the_permission_back_ends_the_pages_that_they_connected(net: FacebookNet) -> None:
    other = replace(net.account, id="other", settings=net.account.settings | {"user_id": "1"})
    shared = CHANNEL.share([net.account, other], signed(""))
    assert shared.withdrawn == (net.account.id,) and not shared.erase and shared.status == 200
    erased = CHANNEL.share([net.account, other], signed("erase"))
    assert erased.erase and set(json.loads(erased.body)) == {"url", "confirmation_code"}


def test_profile_and_choices(net: FacebookNet) -> None:
    assert CHANNEL.profile(net.account) == f"https://www.facebook.com/{PAGES[0].id}"
    assert [one.name for one in CHANNEL.options(net.account, "video")] == ["as"]
    assert [one.name for one in CHANNEL.options(net.account, "")] == ["link"]
    assert CHANNEL.options(net.account, "story") == ()


def test_a_token_that_has_an_end_says_when(net: FacebookNet, network: Emulator) -> None:
    made = network.state.token("PAGE", PAGES[0].id, timedelta(days=60))
    account = replace(net.account, credentials=net.account.credentials | {"access_token": made})
    ends = CHANNEL.check(account).expires_at
    assert ends and timedelta(days=59) < ends - datetime.now(UTC) < timedelta(days=61)
    assert CHANNEL.check(net.account).expires_at is None
