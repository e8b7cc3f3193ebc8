"""X's login: PKCE, tokens that rotate, renewed once under the lock and saved before use; what ends a login."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import pytest

from openline.channels.accounts import AccountRef, Connected, NoKeeper
from openline.channels.base import ChannelError, NetworkDown, NotAllowed, Outgoing, RateLimited, Rejected, TokenExpired
from openline.channels.x import oauth
from openline.channels.x.emulator.state import CLIENT_ID, CLIENT_SECRET
from tests.channels import faults
from tests.channels.faults import FaultProxy
from tests.channels.nets.base import Memory
from tests.channels.x.conftest import City

BACK = "https://city.example/console/accounts/back/"
FILLED = {
    "client_id": CLIENT_ID,
    "client_secret": CLIENT_SECRET,
    "tier": "self_serve",
    "budget": "50",
    "at_budget": "warn",
}


class Locked(NoKeeper):
    """Keeps credentials as the account's row does: one at a time."""

    def __init__(self, credentials: dict[str, str]) -> None:
        super().__init__(credentials)
        self.lock, self.kept = threading.Lock(), list[dict[str, str]]()

    def renew(self, renew: Callable[[dict[str, str]], dict[str, str]]) -> dict[str, str]:
        with self.lock:
            found = super().renew(renew)
            self.kept.append(found)
            return found


def allowed(url: str) -> dict[str, str]:
    """What the browser brings back after the person has allowed the app."""
    page = httpx.get(url)
    assert page.status_code == 200 and "@philly311" in page.text
    query = dict(parse_qsl(urlsplit(url).query))
    answer = httpx.post(url.partition("?")[0], data=query)
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query))


def connect(city: City, **more: str) -> Connected:
    begun = city.channel.authorize({**FILLED, "server": city.x.url, **more}, BACK, "state-1")
    return city.channel.authorized(begun.kept, allowed(begun.url))


def test_a_city_connects_with_its_own_app(city: City) -> None:
    found = connect(city, bearer_token="b", long_posts="no")
    assert (found.who.author_id, found.handle, found.server) == (city.x.ours.id, "@philly311", city.x.url)
    assert set(found.credentials) == {
        "client_secret",
        "bearer_token",
        "access_token",
        "refresh_token",
        "expires_at",
        "scope",
    }
    assert found.settings == {
        "client_id": CLIENT_ID,
        "tier": "self_serve",
        "budget": "50",
        "at_budget": "warn",
        "long_posts": "no",
    }
    assert set(found.credentials) <= set(city.channel.secrets) and CLIENT_SECRET not in repr(found)


def test_the_real_x_has_its_login_page_elsewhere() -> None:
    begun = oauth.authorize(oauth.SERVER, "id", {}, BACK, "s")
    asked = parse_qs(urlsplit(begun.url).query)
    assert begun.url.startswith("https://x.com/i/oauth2/authorize?") and asked["code_challenge_method"] == ["S256"]
    assert "offline.access" in asked["scope"][0] and "verifier" not in begun.url
    assert begun.kept["verifier"] not in begun.url


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"client_id": ""}, "client_id"),
        ({"client_secret": ""}, "client_secret"),
        ({"budget": "much"}, "budget"),
        ({"budget": "-1"}, "budget"),
        ({"prices": "likes 0.5"}, "prices"),
        ({"server": "http://api.x.com"}, "server"),
    ],
)
def test_what_is_filled_in_wrongly_is_named(city: City, change: dict[str, str], field: str) -> None:
    with pytest.raises(Rejected) as raised:
        city.channel.authorize({**FILLED, **change}, BACK, "s")
    assert raised.value.field_name == field


def test_without_x_s_page_nothing_is_connected(city: City) -> None:
    with pytest.raises(Rejected):
        city.channel.connect(FILLED)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"state": "another"}, NotAllowed),
        ({"code": "another"}, TokenExpired),
        ({"error": "access_denied"}, Rejected),
    ],
)
def test_an_answer_that_is_not_of_this_login_is_refused(
    city: City, change: dict[str, str], error: type[ChannelError]
) -> None:
    begun = city.channel.authorize({**FILLED, "server": city.x.url}, BACK, "state-1")
    with pytest.raises(error):
        city.channel.authorized(begun.kept, {**allowed(begun.url), **change})


def test_a_code_works_once_and_for_its_verifier(city: City) -> None:
    begun = city.channel.authorize({**FILLED, "server": city.x.url}, BACK, "state-1")
    back = allowed(begun.url)
    with pytest.raises(TokenExpired):
        city.channel.authorized({**begun.kept, "verifier": "guessed"}, back)
    with pytest.raises(TokenExpired):
        city.channel.authorized(begun.kept, back)


def expired(city: City, **more: Any) -> tuple[AccountRef, Locked]:
    """The account five minutes before its token ends."""
    credentials = {**city.x.city.credentials, "expires_at": str(int(time.time()) + 60)}
    keeper = Locked(credentials)
    return replace(city.account, credentials=credentials, keeper=keeper, **more), keeper


def test_a_token_is_renewed_before_it_ends_and_rotates(city: City) -> None:
    account, keeper = expired(city)
    city.channel.check(account)
    first = keeper.kept[0]
    assert (
        first["refresh_token"] != account.credentials["refresh_token"]
        and float(first["expires_at"]) > time.time() + 7000
    )
    assert first["client_secret"] == CLIENT_SECRET, "what else is kept stays"
    again = replace(account, credentials={**first, "expires_at": "5"}, keeper=Locked({**first, "expires_at": "5"}))
    assert city.channel.check(again).author_id == city.x.ours.id


def test_many_at_once_spend_one_refresh_token_once(city: City) -> None:
    """A refresh token that two workers use is burnt: the second finds what the first has kept."""
    account, keeper = expired(city)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _n: city.channel.check(account).author_id, range(8)))
    assert found == [city.x.ours.id] * 8
    assert len({one["refresh_token"] for one in keeper.kept}) == 1


def test_a_spent_refresh_token_asks_for_a_person(city: City) -> None:
    account, _keeper = expired(city)
    city.channel.check(account)
    burnt = replace(account, keeper=Locked(dict(account.credentials)))
    with pytest.raises(TokenExpired):
        city.channel.check(burnt)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (faults.CUT_BEFORE, NetworkDown),
        (faults.CUT_AFTER, NetworkDown),
        (faults.UNAVAILABLE, NetworkDown),
        (faults.too_many(), RateLimited),
    ],
    ids=["cut", "cut after", "503", "429"],
)
def test_a_blip_while_renewing_is_no_dead_login(city: City, fault: faults.Fault, error: type[ChannelError]) -> None:
    with FaultProxy(int(city.x.url.rpartition(":")[2])) as proxy:
        account, keeper = expired(city, server=f"http://127.0.0.1:{proxy.port}")
        with proxy.striking(fault, 1), pytest.raises(error):
            city.channel.send(account, Outgoing("hello"), "k", Memory())
        assert proxy.struck and not keeper.kept


def test_a_token_that_x_refuses_early_is_renewed_and_the_call_made_again(city: City) -> None:
    keeper = Locked(dict(city.account.credentials))
    account = replace(city.account, keeper=keeper)
    city.x.faults.dead_tokens.add(account.credentials["access_token"])
    receipt = city.channel.send(account, Outgoing("once"), "k", Memory())
    assert len(keeper.kept) == 1 and sum(one.text == "once" for one in city.x.state.posts.values()) == 1
    assert receipt.network_id in city.x.state.posts


def test_no_token_stands_in_an_address_an_error_or_a_name(city: City) -> None:
    account, keeper = expired(city)
    city.channel.poll(account, "")
    secrets = {*account.credentials.values(), *keeper.kept[0].values()} - {account.credentials["scope"]}
    secrets = {one for one in secrets if len(one) > 12}
    asked = [f"{one.path}?{one.query}" for one in city.contract.exchanges]
    with pytest.raises(TokenExpired) as raised:
        city.channel.check(replace(account, keeper=Locked(dict(account.credentials))))
    for said in (*asked, repr(account), repr(raised.value), str(raised.value)):
        assert not any(secret in said for secret in secrets)
