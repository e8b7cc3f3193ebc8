"""A Mastodon account: connected by the server's login page or by a token, tried out, and looked at for the doctor."""

from __future__ import annotations

import base64
import hashlib
import uuid
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from mastodon import Mastodon

from openline.channels.base import AccountRef, Authorizing, NetworkDown, NotAllowed, Rejected, TokenExpired
from openline.channels.mastodon import connecting, inspecting
from openline.channels.mastodon.channel import MastodonChannel
from openline.foundation.fetching import FetchFailed
from openline.sandbox.cast import RESIDENTS
from tests.channels.conftest import DESK, fault
from tests.channels.nets.mastodon import MastodonNet

RETURN_TO = "http://127.0.0.1:8000/console/accounts/back"
CREDENTIALS = "/api/v1/accounts/verify_credentials"


@pytest.fixture
def net(on_mastodon: MastodonNet) -> MastodonNet:
    return on_mastodon


@pytest.fixture
def desk(net: MastodonNet) -> Mastodon:
    return Mastodon(access_token=DESK.token, api_base_url=net.server, mastodon_version="4.2.0")


# Connecting


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("city.example", "https://city.example"),
        (" https://city.example/@desk ", "https://city.example"),
        ("@desk@city.example", "https://city.example"),
        ("https://city.example:8443/", "https://city.example:8443"),
        ("http://127.0.0.1:3000", "http://127.0.0.1:3000"),
        ("http://localhost", "http://localhost"),
    ],
)
def test_a_server_is_named_in_many_ways(typed: str, address: str) -> None:
    assert connecting.address_of(typed) == address


@pytest.mark.parametrize(
    "typed", ["", "http://city.example", "ftp://city.example", "https://", "https://a@b.example", "https://x:y"]
)
def test_what_is_no_safe_address_is_refused(typed: str) -> None:
    with pytest.raises(Rejected) as raised:
        connecting.address_of(typed)
    assert raised.value.field_name == "server"


def test_an_account_is_connected_by_the_servers_login_page(net: MastodonNet) -> None:
    channel = MastodonChannel()
    assert channel.connection.own_login
    begun = channel.authorize({"server": net.server}, RETURN_TO, "state-1")
    query = log_in(begun, DESK.username)
    connected = channel.authorized(begun.kept, query)
    assert connected.handle == "@philly311" and connected.server == net.server
    assert set(connected.credentials) == set(channel.secrets)
    account = AccountRef("x", connected.handle, connected.server, connected.credentials)
    assert channel.check(account) == connected.who == channel.check(net.account)
    assert begun.kept["client_secret"] not in f"{begun.url} {begun!r} {connected!r}"


def log_in(begun: Authorizing, username: str) -> dict[str, str]:
    """What the browser brings back after the person has logged in."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(begun.url).query).items()}
    assert asked["scope"] == connecting.SCOPES and asked["state"] == "state-1"
    digest = hashlib.sha256(begun.kept["verifier"].encode()).digest()
    assert asked["code_challenge"] == base64.urlsafe_b64encode(digest).decode().rstrip("=")
    answer = httpx.post(begun.url.split("?")[0], data=asked | {"username": username})
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


@pytest.mark.parametrize(
    "query", [{"state": "state-1", "error": "access_denied"}, {"state": "other", "code": "c"}, {"code": "c"}, {}]
)
def test_a_login_that_was_refused_or_is_not_ours_connects_nothing(net: MastodonNet, query: dict[str, str]) -> None:
    begun = MastodonChannel().authorize({"server": net.server}, RETURN_TO, "state-1")
    with pytest.raises(Rejected):
        MastodonChannel().authorized(begun.kept, query)


def test_an_account_is_connected_by_a_token_made_by_hand(net: MastodonNet) -> None:
    connected = MastodonChannel().connect({"server": net.server + "/", "access_token": f" {DESK.token}\n"})
    assert connected.handle == "@philly311" and connected.credentials == {"access_token": DESK.token}


@pytest.mark.parametrize(("token", "field"), [("wrong", "access_token"), ("", "access_token")])
def test_a_wrong_token_names_its_field(net: MastodonNet, token: str, field: str) -> None:
    with pytest.raises(Rejected) as raised:
        MastodonChannel().connect({"server": net.server, "access_token": token})
    assert raised.value.field_name == field


def test_an_address_without_such_a_server_names_its_field(net: MastodonNet) -> None:
    for path in (CREDENTIALS, "/api/v1/apps"):
        with fault(net.servers, path, {"type": "status", "status": 404}, times=2), pytest.raises(Rejected) as raised:
            if path == CREDENTIALS:
                MastodonChannel().connect({"server": net.server, "access_token": "x"})
            else:
                MastodonChannel().authorize({"server": net.server}, RETURN_TO, "s")
        assert raised.value.field_name == "server"
    with pytest.raises(NetworkDown):
        MastodonChannel().connect({"server": "http://127.0.0.1:9", "access_token": "x"})


# Trying out


def test_the_live_test_is_seen_by_nobody_else_and_taken_back(net: MastodonNet, desk: Mastodon) -> None:
    text = f"Test {uuid.uuid4().hex} for @{RESIDENTS[0].username}"
    before = [post["id"] for post in desk.account_statuses(desk.me()["id"], limit=40)]
    seen = net.channel.try_out(net.account, text, "k-" + text)
    assert "@philly311" in seen and "taken back" in seen
    assert [post["id"] for post in desk.account_statuses(desk.me()["id"], limit=40)] == before
    maria = Mastodon(access_token=RESIDENTS[0].token, api_base_url=net.server, mastodon_version="4.2.0")
    assert not any(text[:20] in str(note["status"]) for note in maria.notifications(types=["mention"]))


def test_a_test_that_does_not_arrive_says_so(net: MastodonNet) -> None:
    with fault(net.servers, "/api/v1/statuses", {"type": "status", "status": 403}), pytest.raises(NotAllowed):
        net.channel.try_out(net.account, "Test", uuid.uuid4().hex)


# The doctor

OWN = "https://city.example/@desk"
SITE = "https://www.city.example/contact"


def findings(net: MastodonNet, fields: list[dict[str, object]]) -> tuple[inspecting.Finding, ...]:
    """What is found on a profile with these fields."""
    profile = {"id": "1", "acct": "desk", "url": OWN, "fields": fields}
    with fault(net.servers, CREDENTIALS, {"type": "status", "status": 200, "body": profile}):
        return net.channel.inspect(net.account)


def link(verified_at: str | None) -> dict[str, object]:
    return {"name": "City", "value": f'<a href="{SITE}" rel="me nofollow">city.example</a>', "verified_at": verified_at}


def test_a_verified_link_to_the_citys_site_is_the_proof(net: MastodonNet) -> None:
    [finding] = findings(net, [{"name": "Open", "value": "9 to 5"}, link("2026-01-01T00:00:00.000Z")])
    assert finding.good and SITE in finding.words


def test_without_any_link_it_is_said_what_to_put_where(net: MastodonNet) -> None:
    [finding] = findings(net, [])
    assert not finding.good and f'<a rel="me" href="{OWN}">' in finding.words


@pytest.mark.parametrize(
    ("page", "wanted"),
    [
        (b"<a href='https://other.example/@desk' rel=me>", "does not name this account"),
        (f'<link href="{OWN}/" rel="nofollow me">'.encode(), "Save the profile"),
        (FetchFailed("The server answered 404."), "answered 404"),
    ],
)
def test_of_an_unverified_link_the_missing_half_is_named(
    net: MastodonNet, monkeypatch: pytest.MonkeyPatch, page: bytes | FetchFailed, wanted: str
) -> None:
    def fetch(address: str, *, most_bytes: int) -> bytes:
        assert address == SITE
        if isinstance(page, FetchFailed):
            raise page
        return page

    monkeypatch.setattr(inspecting, "fetch", fetch)
    [finding] = findings(net, [link(None)])
    assert not finding.good and wanted in finding.words


@pytest.mark.parametrize(
    ("page", "back"),
    [
        ('<a rel="me" href="https://city.example/@desk">', True),
        ("<A HREF=https://CITY.example/@desk/ REL='noopener me'>", True),
        ('<a rel="member" href="https://city.example/@desk">', False),
        ('<a href="https://city.example/@desk">me</a>', False),
        ('<a rel="me" href="https://city.example/@desk2">', False),
        ("<a " * 100_000, False),
    ],
)
def test_links_back(page: str, back: bool) -> None:
    assert inspecting.links_back(page, OWN) is back


def test_what_the_token_lacks_and_what_the_account_drops_is_found(net: MastodonNet, desk: Mastodon) -> None:
    policy = f"{net.server}/api/v2/notifications/policy"
    login = {"Authorization": f"Bearer {DESK.token}"}
    httpx.patch(policy, headers=login, json={"for_private_mentions": "drop"}).raise_for_status()
    scopes = {"type": "status", "status": 200, "body": {"name": "x", "scopes": ["read", "write:statuses"]}}
    try:
        with fault(net.servers, "/api/v1/apps/verify_credentials", scopes):
            words = " ".join(one.words for one in net.channel.inspect(net.account) if not one.good)
    finally:
        httpx.patch(policy, headers=login, json={"for_private_mentions": "accept"})
    assert "lacks write:media:" in words and "for_private_mentions" in words


def test_a_dead_token_is_an_error_of_its_own(net: MastodonNet) -> None:
    with pytest.raises(TokenExpired):
        net.channel.inspect(replace(net.account, credentials={"access_token": "wrong"}))
