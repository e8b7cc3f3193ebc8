"""What is peculiar to Mastodon: edits and deletions, set-aside mentions, names in private posts, limits, refusals."""

from __future__ import annotations

import time
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import httpx
import orjson
import pytest
from mastodon import Mastodon

from openline.channels.accounts import NoKeeper
from openline.channels.base import (
    AccountRef,
    Incoming,
    NetworkDown,
    NotAllowed,
    Outgoing,
    RateLimited,
    Rejected,
    TokenExpired,
    Unclear,
)
from openline.channels.mastodon import channel as channel_module
from openline.channels.mastodon import client, hearing, writing
from openline.channels.mastodon.channel import MastodonChannel
from openline.channels.mastodon.watch import Place
from openline.sandbox.cast import RESIDENTS
from openline.sandbox.servers import SandboxServers
from tests.channels.conftest import Memory, Net, answer_to, fault, listening, mastodon

MARIA, DEVON, LINH = RESIDENTS[:3]
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
STATUSES = "/api/v1/statuses"


def words() -> str:
    return f"words {uuid.uuid4()}"


def as_maria(servers: SandboxServers) -> Mastodon:
    """An independent client on the resident's side."""
    return Mastodon(access_token=MARIA.token, api_base_url=servers.mastodon_url, mastodon_version="4.2.0")


@pytest.fixture
def looks_again_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel_module, "LOOK_AGAIN_EVERY_SECONDS", 0.3)
    monkeypatch.setattr(channel_module, "POLL_EVERY_SECONDS", 0.3)


@pytest.mark.usefixtures("looks_again_soon")
def test_edits_and_deletions_of_people_whom_the_city_does_not_follow(on_mastodon: Net) -> None:
    edited = on_mastodon.post(text := words())
    deleted = on_mastodon.post(words())
    with listening(on_mastodon.channel, on_mastodon.account) as listener:
        listener.hears(text)
        as_maria(on_mastodon.servers).status_update(edited, f"@philly311 better {text}")
        as_maria(on_mastodon.servers).status_delete(deleted)
        edit = listener.wait(lambda i: isinstance(i, Incoming) and i.kind == "edit" and i.network_id == edited)
        listener.wait(lambda i: isinstance(i, Incoming) and i.kind == "delete" and i.network_id == deleted)
        time.sleep(1)
    assert f"better {text}" in edit.text
    heard = [i for i in listener.items if isinstance(i, Incoming)]
    changes = [i for i in heard if i.kind != "post" and i.network_id in (edited, deleted)]
    assert len(changes) == 2, "each change is told once"
    assert all(on_mastodon.channel.parse(item.raw) == item for item in changes)


def test_an_edit_made_while_nobody_listened_is_in_the_next_poll(on_mastodon: Net) -> None:
    post = on_mastodon.post(text := words())
    cursor = on_mastodon.channel.poll(on_mastodon.account, "").cursor
    as_maria(on_mastodon.servers).status_update(post, f"@philly311 corrected {text}")
    heard = on_mastodon.channel.poll(on_mastodon.account, cursor)
    edits = [i for i in heard.items if isinstance(i, Incoming) and i.kind == "edit" and i.network_id == post]
    assert len(edits) == 1 and "corrected" in edits[0].text
    again = on_mastodon.channel.poll(on_mastodon.account, heard.cursor)
    assert not [i for i in again.items if isinstance(i, Incoming) and i.network_id == post], "an edit is told once"


def test_private_mentions_that_mastodon_sets_aside_are_heard(on_mastodon: Net) -> None:
    """Since 4.3, private mentions by strangers are filtered out of notifications unless one asks for them."""
    policy = f"{on_mastodon.server}/api/v2/notifications/policy"
    login = {"Authorization": f"Bearer {on_mastodon.account.credentials['access_token']}"}
    httpx.patch(policy, headers=login, json={"for_private_mentions": "filter"}).raise_for_status()
    try:
        on_mastodon.post(text := words(), who=LINH, private=True)
        login_only = httpx.get(f"{on_mastodon.server}/api/v1/notifications", headers=login)
        assert text not in login_only.text, "the server does not set it aside: this test proves nothing"
        assert on_mastodon.heard(text).visibility == "private"
    finally:
        httpx.patch(policy, headers=login, json={"for_private_mentions": "accept"})


def test_boosts_and_favourites_are_not_heard(on_mastodon: Net) -> None:
    item = on_mastodon.heard(on_mastodon.post(text := words()) and text)
    receipt = on_mastodon.channel.send(on_mastodon.account, answer_to(item, words()), words(), Memory())
    as_maria(on_mastodon.servers).status_favourite(receipt.network_id)
    as_maria(on_mastodon.servers).status_reblog(receipt.network_id)
    heard = on_mastodon.channel.poll(on_mastodon.account, "").items
    assert all(getattr(i, "network_id", "") != receipt.network_id for i in heard)


def test_a_long_gap_is_read_page_by_page(on_mastodon: Net) -> None:
    cursor = on_mastodon.channel.poll(on_mastodon.account, "").cursor
    mark = uuid.uuid4().hex
    client_of_devon = Mastodon(access_token=DEVON.token, api_base_url=on_mastodon.server, mastodon_version="4.2.0")
    for number in range(50):
        client_of_devon.status_post(f"@philly311 {mark} {number}")
    heard = [
        i.text
        for i in on_mastodon.channel.poll(on_mastodon.account, cursor).items
        if isinstance(i, Incoming) and mark in i.text
    ]
    assert [text.split()[-1] for text in heard] == [str(number) for number in range(50)]


def test_raw_is_what_the_server_sent(on_mastodon: Net) -> None:
    on_mastodon.post(text := words() + " é 漢字")
    item = on_mastodon.heard(text)
    page = httpx.get(
        f"{on_mastodon.server}/api/v1/notifications?limit=40",
        headers={"Authorization": f"Bearer {on_mastodon.account.credentials['access_token']}"},
    ).content
    assert item.raw in page


def test_in_a_private_post_nobody_else_is_named(on_mastodon: Net) -> None:
    """Mastodon delivers a private post to everybody whom it names."""
    on_mastodon.post(text := words(), private=True)
    item = on_mastodon.heard(text)
    secret = words()
    on_mastodon.channel.send(on_mastodon.account, answer_to(item, f"{secret} ask @devon or @maria"), words(), Memory())
    notified = Mastodon(access_token=DEVON.token, api_base_url=on_mastodon.server, mastodon_version="4.2.0")
    assert not any(secret in str(n["status"]["content"]) for n in notified.notifications(types=["mention"]))
    theirs = as_maria(on_mastodon.servers).notifications(types=["mention"])
    assert any(secret in str(n["status"]["content"]) for n in theirs)


def test_find_sent_does_not_take_an_older_or_another_answer_for_it(on_mastodon: Net) -> None:
    item = on_mastodon.heard(on_mastodon.post(text := words()) and text)
    other = on_mastodon.heard(on_mastodon.post(text2 := words()) and text2)
    outgoing = answer_to(item, "Thank you! See https://example.org/a?b=1 & *stay* <safe>\n\nYour city")
    receipt = on_mastodon.channel.send(on_mastodon.account, outgoing, words(), Memory())

    def found(wanted: Outgoing, since: datetime) -> Any:
        return on_mastodon.channel.find_sent(on_mastodon.account, wanted, "k", Memory(), since)

    assert found(outgoing, LONG_AGO).network_id == receipt.network_id
    assert found(outgoing, datetime.now(UTC) + timedelta(minutes=1)) is None
    assert found(replace(outgoing, in_reply_to=other.network_id), LONG_AGO) is None
    assert found(replace(outgoing, text=outgoing.text + " today"), LONG_AGO) is None


@pytest.mark.parametrize(
    ("effect", "error"),
    [
        ({"type": "ratelimit"}, RateLimited),
        ({"type": "status", "status": 429}, RateLimited),
        ({"type": "status", "status": 401}, TokenExpired),
        ({"type": "status", "status": 403}, NotAllowed),
        (
            {"type": "status", "status": 403, "body": {"error": "This action is outside the authorized scopes"}},
            TokenExpired,
        ),
        (
            {"type": "status", "status": 422, "body": {"error": "This method requires an authenticated user"}},
            TokenExpired,
        ),
        ({"type": "status", "status": 404}, Rejected),
        ({"type": "status", "status": 422}, Rejected),
        ({"type": "status", "status": 500}, Unclear),
        ({"type": "status", "status": 503, "body": "not even an object"}, Unclear),
        ({"type": "malformed", "truncate": True}, Unclear),
        ({"type": "status", "status": 200, "body": {"id": None}}, Unclear),
    ],
)
def test_a_servers_refusal_becomes_our_error(
    on_mastodon: Net, effect: dict[str, object], error: type[Exception]
) -> None:
    with fault(on_mastodon.servers, STATUSES, effect), pytest.raises(error):
        on_mastodon.channel.send(on_mastodon.account, Outgoing(words()), words(), Memory())


def test_no_answer_in_time_is_unclear(on_mastodon: Net, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "TIMEOUT_SECONDS", 0.3)
    slow: dict[str, object] = {"type": "latency", "delay_ms": 1000}
    with fault(on_mastodon.servers, STATUSES, slow), pytest.raises(Unclear):
        on_mastodon.channel.send(on_mastodon.account, Outgoing(words()), words(), Memory())


def reset_in(seconds: int) -> str:
    return f"{datetime.now(UTC) + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%S.000Z}"


@pytest.mark.parametrize(
    ("header", "value", "seconds"),
    [
        ("Retry-After", "90", 90),
        ("X-RateLimit-Reset", "in 200", 200),
        ("X-RateLimit-Reset", "nonsense", 300),
        ("Retry-After", "999999", 3 * 3600),
        ("X-RateLimit-Reset", "1970-01-01T00:00:00Z", 1),
    ],
)
def test_when_to_come_back_is_what_the_server_says(
    servers: SandboxServers, header: str, value: str, seconds: int
) -> None:
    import httpx

    rules = f"{servers.mastodon_url}/api/v1/_mock/faults"
    told = reset_in(200) if value == "in 200" else value
    effect = {"type": "status", "status": 429, "headers": {header: told}}
    httpx.post(rules, json={"match": {"path": "/api/v1/notifications"}, "effect": effect, "remaining": 1})
    try:
        with pytest.raises(RateLimited) as raised:
            MastodonChannel().poll(mastodon(servers), "")
    finally:
        httpx.delete(rules)
    assert abs((raised.value.retry_at - datetime.now(UTC)).total_seconds() - seconds) < 10


def test_a_private_answer_reaches_nobody_whom_it_happens_to_name(servers: SandboxServers) -> None:
    channel, desk, stranger = MastodonChannel(), mastodon(servers), RESIDENTS[3]
    before = channel.poll(mastodon(servers, stranger.token), "").cursor
    outgoing = Outgoing(f"please ask @{stranger.username}, code 1234", "private", to_handle=f"@{RESIDENTS[0].username}")
    channel.send(desk, outgoing, "k-private-name", Memory())
    heard = channel.poll(mastodon(servers, stranger.token), before).items
    assert not any(isinstance(i, Incoming) and "1234" in i.text for i in heard)
    mine = channel.poll(mastodon(servers, RESIDENTS[0].token), "").items
    assert any(isinstance(i, Incoming) and "1234" in i.text and i.visibility == "private" for i in mine)
    assert channel.find_sent(desk, outgoing, "k-private-name", Memory(), datetime(2020, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    "effect",
    [
        {"type": "status", "status": 404},
        {"type": "status", "status": 500},
        {"type": "malformed"},
        {"type": "status", "status": 200, "body": {"not": "a list"}},
    ],
)
def test_whatever_goes_wrong_while_hearing_is_a_network_that_is_down(
    on_mastodon: Net, effect: dict[str, object]
) -> None:
    with fault(on_mastodon.servers, "/api/v1/notifications", effect), pytest.raises(NetworkDown):
        on_mastodon.channel.poll(on_mastodon.account, "")


def test_a_rate_limit_while_hearing(on_mastodon: Net) -> None:
    with (
        fault(on_mastodon.servers, "/api/v1/notifications", {"type": "ratelimit"}),
        pytest.raises(RateLimited) as raised,
    ):
        on_mastodon.channel.poll(on_mastodon.account, "")
    assert raised.value.retry_at > datetime.now(UTC)


def test_without_a_stream_the_timer_hears(on_mastodon: Net, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel_module, "POLL_EVERY_SECONDS", 0.5)
    with (
        fault(on_mastodon.servers, "/api/v1/streaming/user", {"type": "status", "status": 404}, times=50),
        listening(on_mastodon.channel, on_mastodon.account) as listener,
    ):
        time.sleep(0.5)
        on_mastodon.post(text := words())
        listener.hears(text)


def test_a_stranger_in_the_page_does_not_stop_hearing() -> None:
    """One unreadable item is refused with its reason; the others and the cursor go on."""
    good = {"id": "8", "type": "mention", "status": {"id": "80", "account": {"id": "1", "acct": "m"}, "content": "a"}}
    page = (
        b'[{"id":"9","type":"mention","status":{"id":"90"}}, ' + orjson.dumps(good) + b',{"id":"7","type":"mention",'
        b'"status":{"id":"70","account":{"id":"1","acct":"m"},"content":"half \\ud83d"}}, 5, null ]'
    )
    with _canned(page) as address:
        account = AccountRef("m", "@philly311", address, {"access_token": "x"})
        heard = MastodonChannel().poll(account, "")
    assert Place.read(heard.cursor).after == "9"
    assert [type(item).__name__ for item in heard.items] == ["Incoming", "Incoming", "Refused"]
    assert heard.items[0].text == "half ?" and heard.items[0].raw in page  # type: ignore[union-attr]


class _canned:
    """A server that answers every notification request with `page`, and an older page request with nothing."""

    def __init__(self, page: bytes) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = b"[]" if "max_id" in self.path or "min_id" in self.path else page
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)

    def __enter__(self) -> str:
        Thread(target=self._server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self._server.server_port}"

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("hello", 5),
        ("see https://example.org/" + "a" * 100, 4 + 23),
        ("(https://example.org/a).", 23 + 3),
        ("@maria@far.example.org hi", len("@maria hi")),
        ("mail me@example.org", len("mail me@example.org")),
        ("👨‍👩‍👧‍👦👍🏽🇺🇸é", 4),
        ("नमस्ते", 4),
    ],
)
def test_the_length_is_counted_by_the_networks_rule(text: str, length: int) -> None:
    assert MastodonChannel().length(text) == length


@pytest.mark.parametrize(
    ("text", "to", "visibility", "sent"),
    [
        ("hi", "@maria", "public", "@maria hi"),
        ("hi", "maria@far.example", "public", "@maria@far.example hi"),
        ("@Maria hi", "@maria", "public", "@Maria hi"),
        ("@mariana knows", "@maria", "public", "@maria @mariana knows"),
        ("mail a@maria.example", "@maria", "public", "@maria mail a@maria.example"),
        ("ask @devon", "@maria", "private", "@maria ask @\u2060devon"),
        ("see https://x.example/@devon", "@maria", "private", "@maria see https://x.example/@devon"),
        ("news for all", "", "public", "news for all"),
    ],
)
def test_whom_a_post_names(text: str, to: str, visibility: Any, sent: str) -> None:
    assert writing.status_texts(Outgoing(text, visibility, to_handle=to), 500) == [sent]


@pytest.mark.parametrize(
    ("code", "sent"),
    [("en", "en"), ("es-MX", "es"), ("zh-Hant", "zh"), ("fil", "fil"), ("und", None), ("", None), ("english", None)],
)
def test_languages(code: str, sent: str | None) -> None:
    assert writing.language(code) == sent


def test_hearing_leaves_most_of_the_rate_limit_to_speaking() -> None:
    allowance = hearing.Allowance(NoKeeper(), most=5, every_seconds=2.0)
    assert [allowance.wait_seconds() for _ in range(5)] == [0.0] * 5
    assert 1.5 < allowance.wait_seconds() <= 2.0


def test_a_token_that_no_header_can_carry_is_refused(servers: SandboxServers) -> None:
    for token in ("", "ü", "a\nb"):
        with pytest.raises(TokenExpired):
            MastodonChannel().check(mastodon(servers, token))
