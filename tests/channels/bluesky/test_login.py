"""Sessions by app password and by OAuth, on Bluesky's own server; connecting, inspecting, trying out."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.test import Client
from django.urls import reverse

from openline.accounts.models import Account
from openline.channels.accounts import AccountRef, NoKeeper
from openline.channels.base import NetworkDown, NotAllowed, Outgoing, Rejected, TokenExpired
from openline.channels.bluesky import connecting, dpop, oauth, sessions
from openline.channels.bluesky.channel import BlueskyChannel
from tests.channels.nets.base import Memory
from tests.channels.nets.bluesky import PASSWORD, BlueskyNet, Person, expired

SITE_RETURN = "https://openline-test-city.org/console/accounts/back/"
RETURN_TO = "http://127.0.0.1:8311/console/accounts/back/"


class Watched(NoKeeper):
    """A keeper that tells what it saved, and when."""

    def __init__(self, credentials: dict[str, str]) -> None:
        super().__init__(credentials)
        self.saved: list[dict[str, str]] = []

    def renew(self, renew: Any) -> dict[str, str]:
        found = super().renew(renew)
        self.saved.append(found)
        return found


def watched(net: BlueskyNet, **credentials: str) -> tuple[AccountRef, Watched]:
    keeper = Watched(credentials)
    return replace(net.account, credentials=credentials, keeper=keeper), keeper


def test_a_session_is_kept_and_used_until_it_runs_out(net: BlueskyNet) -> None:
    account, keeper = watched(net, app_password=net.city.app_password())
    for _ in range(3):
        net.channel.check(account)
    assert {one["refresh_token"] for one in keeper.saved} == {keeper.saved[0]["refresh_token"]}
    assert float(keeper.saved[0]["expires_at"]) > time.time() + 600


def test_a_session_that_runs_out_is_renewed_by_its_refresh_token(net: BlueskyNet) -> None:
    account, keeper = watched(net, app_password=net.city.app_password())
    net.channel.check(account)
    first = keeper.saved[-1]
    old = {**first, "app_password": "wrong by now", "expires_at": str(time.time() + sessions.MARGIN_SECONDS - 1)}
    account, keeper = watched(net, **old)
    net.channel.check(account)
    assert keeper.saved[0]["refresh_token"] != first["refresh_token"]


def test_the_servers_word_that_a_token_has_run_out_counts_more_than_our_clock(net: BlueskyNet, words: str) -> None:
    account = net.expiring()
    receipt = net.channel.send(account, Outgoing(words), words, Memory())
    assert net.residents[0].record(receipt.network_id)["value"]["text"] == words


def test_a_refresh_token_that_is_refused_leads_to_a_new_login(net: BlueskyNet) -> None:
    spent = expired(net.city.did)
    account, keeper = watched(net, app_password=net.city.app_password(), access_token=spent, refresh_token=spent)
    assert net.channel.check(account).author_id == net.city.did
    assert keeper.saved[0]["refresh_token"] != spent


def test_another_worker_that_was_faster_is_believed(net: BlueskyNet) -> None:
    account, keeper = watched(net, app_password=net.city.app_password())
    net.channel.check(account)
    stale = replace(account, credentials={"access_token": "old", "expires_at": "5"})
    net.channel.check(stale)
    assert keeper.saved[-1]["access_token"] == keeper.saved[0]["access_token"]


@pytest.mark.parametrize("password", ["", "wrong", "line\nbreak"])
def test_a_refused_login_is_for_a_person(net: BlueskyNet, password: str) -> None:
    with pytest.raises(TokenExpired):
        net.channel.check(replace(net.account, credentials={"app_password": password}, keeper=NoKeeper()))


def test_without_access_to_private_messages_public_posts_are_heard(net: BlueskyNet, words: str) -> None:
    password = net.city.app_password(private_messages=False)
    account, _keeper = watched(net, app_password=password)
    net.post(words)
    assert any(words in item.text for item in net.hearing(account))
    assert any(not one.good and "direct messages" in one.words for one in net.channel.inspect(account))
    with pytest.raises((TokenExpired, NotAllowed)):
        net.channel.send(account, Outgoing("x", "private", in_reply_to_author=net.residents[0].did), words, Memory())


def test_connecting_by_app_password_finds_who_and_where_we_are(net: BlueskyNet) -> None:
    values = {"handle": f"@{net.city.handle}", "server": net.servers.url("pds") + "/", "stream": "jetstream"}
    found = net.channel.connect({**values, "app_password": net.city.app_password()})
    assert (found.who.author_id, found.handle) == (net.city.did, f"@{net.city.handle}")
    assert found.server == net.servers.url("pds")
    assert found.settings == {"did": net.city.did, "stream": "jetstream"}
    account = AccountRef("x", found.handle, found.server, found.credentials, found.settings)
    assert net.channel.check(account) == found.who
    with pytest.raises(Rejected) as raised:
        net.channel.connect({**values, "app_password": "wrong"})
    assert raised.value.field_name == "app_password"
    with pytest.raises(Rejected) as raised:
        net.channel.connect({**values, "server": "http://example.org", "app_password": "x"})
    assert raised.value.field_name == "server"


def test_the_live_test_leaves_nothing_behind(net: BlueskyNet, words: str) -> None:
    assert net.city.handle in net.channel.try_out(net.account, words, words)
    left = net.city.ask("com.atproto.repo.listRecords", repo=net.city.did, collection="org.openline.tryout")
    assert left["records"] == []


def test_doctor_explains_how_the_domain_becomes_the_proof(net: BlueskyNet) -> None:
    [handle, *more] = net.channel.inspect(net.account)
    assert not handle.good and f"did={net.city.did}" in handle.words and "_atproto." in handle.words
    assert any(one.good and "open to us" in one.words for one in more)
    assert any(not one.good and "Everyone" in one.words for one in more)
    declared = {"$type": "chat.bsky.actor.declaration", "allowIncoming": "all"}
    where = {"repo": net.city.did, "collection": declared["$type"], "rkey": "self"}
    net.city.ask("com.atproto.repo.putRecord", {**where, "record": declared})
    assert any(one.good and "Everyone" in one.words for one in net.channel.inspect(net.account))
    moved = replace(net.account, server=net.servers.url("pds").replace("localhost", "127.0.0.1"))
    assert any(not one.good and "connect it again" in one.words for one in net.channel.inspect(moved))


def test_the_citys_own_site_proves_the_handle(net: BlueskyNet) -> None:
    accounts = [
        replace(net.account, handle="@city.example", author_id="did:plc:one"),
        replace(net.account, handle="@other.example", author_id="did:plc:two"),
    ]

    def proof(ours: list[AccountRef], site: str) -> bytes:
        found = net.channel.document(connecting.PROOF_PATH, {}, ours, f"https://{site}/back/")
        return found.body if found else b""

    assert proof(accounts, "city.example") == b"did:plc:one"
    assert proof(accounts, "311.city.example") == b""  # whose of the two would it be?
    assert proof(accounts[1:], "311.city.example") == b"did:plc:two"
    assert net.channel.profile(accounts[0]) == "https://bsky.app/profile/did:plc:one"


_NAVIGATE = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}


class Browser:
    """A person's browser at the server's own login page."""

    def __init__(self, person: Person, page: str) -> None:
        self.person, self.page = person, page
        self.http = httpx.Client(timeout=30)
        self.cookies: dict[str, str] = {}
        self._take(self.http.get(page, headers=_NAVIGATE))

    def _take(self, answer: httpx.Response) -> httpx.Response:
        for line in answer.headers.get_list("set-cookie"):
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        assert answer.status_code < 400, answer.text[:500]
        return answer

    def _ask(self, endpoint: str, body: Any, **headers: str) -> Any:
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(self.page))
        same = {
            "sec-fetch-mode": "same-origin",
            "sec-fetch-site": "same-origin",
            "origin": origin,
            "referer": self.page,
        }
        csrf = {"x-csrf-token": self.cookies["csrf-token"]}
        cookie = {"cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        url = f"{origin}/@atproto/oauth-provider/~api/{endpoint}"
        return self._take(self.http.post(url, json=body, headers={**same, **csrf, **cookie, **headers})).json()

    def allow(self) -> dict[str, str]:
        """Log in and consent; returns what the browser brings back."""
        login = {"locale": "en", "username": self.person.handle, "password": PASSWORD, "remember": False}
        token = self._ask("sign-in", login)["ephemeralToken"]
        said = self._ask("consent", {"did": self.person.did}, authorization=f"Bearer {token}")
        return {name: values[0] for name, values in parse_qs(urlsplit(said["url"]).query).items()}


def connected(net: BlueskyNet, return_to: str = RETURN_TO) -> tuple[AccountRef, Watched]:
    """The city's account, by the login page."""
    values = {"server": net.servers.url("pds"), "handle": net.city.handle, "directory": net.servers.url("plc")}
    values["chat_service"] = net.account.settings["chat_service"]
    begun = net.channel.authorize(values, return_to, "the-state")
    brought = Browser(net.city, begun.url).allow()
    assert brought["state"] == "the-state"
    found = net.channel.authorized(begun.kept, brought)
    assert (found.who.author_id, found.server) == (net.city.did, net.servers.url("pds"))
    keeper = Watched(found.credentials)
    return AccountRef("oauth", found.handle, found.server, found.credentials, found.settings, keeper), keeper


def test_an_account_that_is_connected_by_the_login_page_hears_speaks_and_is_renewed(
    net: BlueskyNet, words: str
) -> None:
    account, keeper = connected(net)
    assert "app_password" not in account.credentials
    receipt = net.channel.send(account, Outgoing(words), words, Memory())
    assert net.residents[0].record(receipt.network_id)["value"]["text"] == words
    net.post(f"{words} hello")
    net.post(f"{words} privately", private=True)
    heard = " ".join(item.text for item in net.hearing(account))
    assert f"{words} hello" in heard and f"{words} privately" in heard
    old = {**account.credentials, "expires_at": "5"}
    account, keeper = replace(account, credentials=old, keeper=Watched(old)), keeper
    net.channel.check(account)
    assert account.keeper.saved[0]["refresh_token"] != old["refresh_token"]  # type: ignore[attr-defined]
    # The old refresh token is spent: used again, it ends the login, and a person has to come.
    with pytest.raises(TokenExpired, match="ended"):
        net.channel.check(replace(account, keeper=NoKeeper(old)))


@contextmanager
def site(net: BlueskyNet) -> Iterator[None]:
    """The city's own site, https://openline-test-city.org, with what the channel says at our address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = net.channel.document(self.path, {}, [], SITE_RETURN)
            assert found
            self.send_response(200)
            self.send_header("Content-Type", found.content_type)
            self.end_headers()
            self.wfile.write(found.body)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", net.servers.ports["site"]), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


def test_as_a_site_on_the_internet_we_prove_by_our_key_who_asks(
    net: BlueskyNet, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with site(net):
        account, _keeper = connected(net, SITE_RETURN)
        assert account.settings["client_id"] == "https://openline-test-city.org" + connecting.DOCUMENT_PATH
        old = replace(account, credentials={**account.credentials, "expires_at": "5"}, keeper=NoKeeper())
        assert net.channel.check(old).author_id == net.city.did
        account, _keeper = connected(net, SITE_RETURN)
        monkeypatch.setattr(oauth, "_own_key", lambda _ours: dpop.new_key())  # somebody else's
        with pytest.raises(TokenExpired):
            stolen = {**account.credentials, "expires_at": "5"}
            net.channel.check(replace(account, credentials=stolen, keeper=NoKeeper()))


def test_a_token_that_is_stolen_is_worth_nothing_without_its_key(net: BlueskyNet) -> None:
    account, _keeper = connected(net)
    theirs = {"Authorization": f"DPoP {account.credentials['access_token']}"}
    url = f"{account.server}/xrpc/com.atproto.server.getSession"
    assert httpx.get(url, headers=theirs).status_code in (400, 401)
    bearer = {"Authorization": f"Bearer {account.credentials['access_token']}"}
    assert httpx.get(url, headers=bearer).status_code in (400, 401)
    stolen = replace(account, credentials={**account.credentials, "dpop_key": dpop.new_key()}, keeper=NoKeeper())
    with pytest.raises((TokenExpired, NetworkDown)):
        net.channel.check(stolen)


@pytest.mark.parametrize(
    "brought",
    [
        {"state": "another", "iss": "{issuer}", "code": "x"},
        {"state": "the-state", "iss": "https://evil.example", "code": "x"},
        {"state": "the-state", "iss": "{issuer}", "code": "made-up"},
        {"state": "the-state", "iss": "{issuer}", "error": "access_denied", "error_description": "No, thank you"},
    ],
)
def test_what_comes_back_from_elsewhere_connects_nothing(net: BlueskyNet, brought: dict[str, str]) -> None:
    begun = net.channel.authorize({"server": net.servers.url("pds")}, RETURN_TO, "the-state")
    issuer = begun.kept["issuer"]
    with pytest.raises((NotAllowed, Rejected)):
        net.channel.authorized(begun.kept, {name: value.format(issuer=issuer) for name, value in brought.items()})


def test_the_document_about_us_is_what_the_specification_asks_for() -> None:
    found = BlueskyChannel().document(
        connecting.DOCUMENT_PATH, {}, [], "https://openline-test-city.org/console/accounts/back/"
    )
    assert found is not None
    import orjson

    said = orjson.loads(found.body)
    assert said["client_id"] == "https://openline-test-city.org/oauth/bluesky/client-metadata.json"
    assert said["redirect_uris"] == ["https://openline-test-city.org/console/accounts/back/"]
    assert said["dpop_bound_access_tokens"] is True and "atproto" in said["scope"].split()
    [key] = said["jwks"]["keys"]
    assert set(key) == {"kty", "crv", "x", "y", "kid", "alg", "use"}  # nothing of the private half
    assert oauth.document(RETURN_TO) is None
    assert re.fullmatch(r"http://localhost\?redirect_uri=.*&scope=.*", oauth.client_id(RETURN_TO))


@pytest.mark.django_db
def test_the_screens_connect_an_account_by_password_and_by_login_page(
    net: BlueskyNet, admin_client: Client, settings: Any
) -> None:
    settings.PUBLIC_URL = "http://127.0.0.1:8311"
    page = reverse("console:account_connect", args=["bluesky"])
    assert "App password" in admin_client.get(page).content.decode()
    asked = {"handle": net.city.handle, "server": net.servers.url("pds"), "name": "City", "mandate": "service_desk"}
    admin_client.post(page, {**asked, "app_password": net.city.app_password()})
    account = Account.objects.get(network="bluesky")
    assert (account.network_user_id, account.handle) == (net.city.did, f"@{net.city.handle}")
    assert net.channel.check(account.ref()).author_id == net.city.did
    sent = admin_client.post(page, {**asked, "how": "login"})
    assert sent.status_code == 200 and sent["Refresh"].startswith(f"0;url={net.servers.url('pds')}/oauth/authorize?")
