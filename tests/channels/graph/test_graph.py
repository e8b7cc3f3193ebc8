"""What all networks of Meta share: errors, limits, signatures, callbacks, paging, login."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openline.channels.accounts import AccountRef, Budget, NoKeeper
from openline.channels.base import (
    ChannelError,
    NetworkDown,
    NotAllowed,
    Pushed,
    RateLimited,
    Rejected,
    TokenExpired,
    Unclear,
    Unverified,
)
from openline.channels.graph import errors, hooks, login, signing, usage
from openline.channels.graph.client import Graph

SECRET = "app-secret-of-the-city"
TOKEN = "EAAB-token"


class Noting(NoKeeper):
    """Remembers what the network said of our allowance."""

    def __init__(self) -> None:
        super().__init__()
        self.budgets = list[Budget]()

    def note_budget(self, budget: Budget) -> None:
        self.budgets.append(budget)


@dataclass
class Server:
    """Answers what a test lays down, and remembers what it was asked."""

    url: str = ""
    answers: list[tuple[int, dict[str, str], Any]] = field(default_factory=list)
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)

    def account(self, **settings: str) -> AccountRef:
        credentials = {"access_token": TOKEN, "app_secret": SECRET}
        return AccountRef("1", "City", self.url, credentials, settings, Noting())


@contextmanager
def serving() -> Iterator[Server]:
    server = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            server.asked.append((self.command, self.path, headers, body))
            status, more, said = server.answers.pop(0)
            content = said if isinstance(said, bytes) else json.dumps(said).encode()
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(content))} | more).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_DELETE = do_GET

        def log_message(self, *said: object) -> None:
            pass

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.url = f"http://127.0.0.1:{listener.server_address[1]}"
    Thread(target=listener.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    listener.shutdown()
    listener.server_close()


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture
def server(running: Server) -> Server:
    running.answers, running.asked = [], []
    return running


def refused(code: int, subcode: int = 0, **more: Any) -> dict[str, Any]:
    error = {"message": f"(#{code}) no", "type": "OAuthException", "code": code, "fbtrace_id": "A1"} | more
    return {"error": error | ({"error_subcode": subcode} if subcode else {})}


# Errors

TABLE: list[tuple[int, int, int, type[ChannelError]]] = [
    (400, 190, 463, TokenExpired),
    (401, 190, 460, TokenExpired),
    (400, 102, 0, TokenExpired),
    (400, 4, 0, RateLimited),
    (400, 17, 0, RateLimited),
    (403, 32, 0, RateLimited),
    (400, 613, 0, RateLimited),
    (400, 80001, 0, RateLimited),
    (400, 80006, 0, RateLimited),
    (403, 10, 0, NotAllowed),
    (403, 200, 0, NotAllowed),
    (403, 283, 0, NotAllowed),
    (400, 368, 0, NotAllowed),
    (400, 10, 2018278, errors.WindowClosed),
    (400, 10, 2018065, errors.WindowClosed),
    (400, 100, 2018001, errors.Unreachable),
    (400, 551, 1545041, errors.Unreachable),
    (400, 10, 2018108, errors.Unreachable),
    (400, 10900, 0, errors.SaidAlready),
    (400, 506, 0, errors.SaidAlready),
    (400, 100, 33, errors.NotThere),
    (404, 803, 0, errors.NotThere),
    (400, 100, 0, Rejected),
    (400, 2500, 0, Rejected),
    (400, 1363030, 0, Rejected),
]


@pytest.mark.parametrize(("status", "code", "subcode", "kind"), TABLE)
def test_each_code_means_one_of_our_errors(
    server: Server, status: int, code: int, subcode: int, kind: type[ChannelError]
) -> None:
    server.answers = [(status, {}, refused(code, subcode)), (status, {}, refused(code, subcode))]
    with Graph(server.account()) as graph:
        for call in (lambda: graph.get("me"), lambda: graph.post("me/feed", {"message": "x"})):
            with pytest.raises(kind) as caught:
                call()
            assert type(caught.value) is kind
            assert str(code) in caught.value.reason or kind is RateLimited


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (500, refused(1)),
        (500, refused(2)),
        (400, refused(1, 1357046)),
        (400, refused(1200)),
        (400, refused(100, is_transient=True)),
        (500, refused(-1)),
        (503, b"busy"),
        (502, b""),
        (200, b"<html>"),
    ],
)
def test_what_may_have_been_done_is_unclear_and_what_was_only_asked_is_down(
    server: Server, status: int, said: Any
) -> None:
    server.answers = [(status, {}, said)] * 2
    with Graph(server.account()) as graph:
        with pytest.raises(Unclear):
            graph.post("me/feed", {"message": "x"})
        with pytest.raises(NetworkDown):
            graph.get("me")


def test_a_network_can_read_its_own_codes_first(server: Server) -> None:
    server.answers = [(400, {}, refused(9007, 2207027))]
    read = lambda said, sending: Unclear("not ready") if said.subcode == 2207027 else None  # noqa: E731
    with Graph(server.account(), refine=read) as graph, pytest.raises(Unclear):
        graph.post("me/media_publish", {})


def test_a_wrong_app_secret_is_told_as_such(server: Server) -> None:
    words = "Invalid appsecret_proof provided in the API argument"
    server.answers = [(400, {}, refused(100, message=words, type="GraphMethodException"))]
    with Graph(server.account()) as graph, pytest.raises(TokenExpired):
        graph.get("me")


def test_without_a_token_nothing_is_asked() -> None:
    with pytest.raises(TokenExpired):
        Graph(AccountRef("1", "City", "https://graph.facebook.com", {}))


# Limits


def test_the_fullest_allowance_counts_and_its_end_is_metas_estimate() -> None:
    now = datetime(2026, 11, 28, 2, tzinfo=UTC)
    rows = [{"type": "pages", "call_count": 100, "total_time": 20, "estimated_time_to_regain_access": 19}]
    headers = {
        "x-app-usage": json.dumps({"call_count": 28, "total_time": 25, "total_cputime": 30}),
        "x-business-use-case-usage": json.dumps({"17841": rows}),
    }
    assert usage.budget(headers, now) == Budget(100, 0, now + timedelta(minutes=19), "pages")
    assert usage.retry_at(headers, now) == now + timedelta(minutes=19)
    del headers["x-business-use-case-usage"]
    assert usage.budget(headers, now) == Budget(100, 70, now + timedelta(hours=1), "app")
    assert usage.retry_at(headers, now) == now + timedelta(minutes=5)
    assert usage.retry_at({"retry-after": "30"}, now) == now + timedelta(seconds=30)


def test_every_answer_leaves_its_allowance_with_the_keeper_even_a_refusal(server: Server) -> None:
    headers = {"X-App-Usage": '{"call_count": 99, "total_time": 1, "total_cputime": 1}'}
    server.answers = [(200, headers, {"id": "1"}), (400, headers, refused(4))]
    account = server.account()
    with Graph(account) as graph:
        graph.get("me")
        with pytest.raises(RateLimited):
            graph.get("me")
    assert isinstance(account.keeper, Noting)
    assert [one.remaining for one in account.keeper.budgets] == [1, 1]


@given(st.dictionaries(st.sampled_from(["x-app-usage", "x-page-usage", "x-business-use-case-usage"]), st.text()))
def test_no_header_breaks_us(headers: dict[str, str]) -> None:
    usage.budget(headers)
    assert usage.retry_at(headers) > datetime.now(UTC)


# The client


def test_the_token_stands_in_a_header_and_never_in_an_address(server: Server) -> None:
    server.answers = [(200, {}, {"id": "1"})] * 3
    with Graph(server.account()) as graph:
        graph.get("me", fields="id")
        graph.post(
            "1/feed", {"message": "ä", "published": False, "attached_media": [{"media_fbid": "7"}], "link": None}
        )
        graph.delete("1_2")
    wanted = hmac.new(SECRET.encode(), TOKEN.encode(), hashlib.sha256).hexdigest()
    for method, path, headers, body in server.asked:
        assert headers["authorization"] == f"Bearer {TOKEN}"
        assert TOKEN not in path and SECRET not in path and TOKEN.encode() not in body
        told = parse_qs(body.decode() if method == "POST" else urlsplit(path).query)
        assert told["appsecret_proof"] == [wanted]
    posted = parse_qs(server.asked[1][3].decode())
    assert posted["attached_media"] == ['[{"media_fbid":"7"}]'] and posted["published"] == ["false"]
    assert "link" not in posted and server.asked[0][1].startswith("/v26.0/me?")
    assert TOKEN not in repr(graph.account)


def test_pages_follow_each_other_and_a_foreign_next_address_is_never_called(server: Server) -> None:
    further = f"https://evil.example/v26.0/1/feed?access_token={TOKEN}&limit=100&after=Q&__paging_token=p"
    server.answers = [
        (200, {}, {"data": [{"id": "1"}], "paging": {"next": further, "cursors": {"after": "Q"}}}),
        (200, {}, {"data": [{"id": "2"}], "paging": {"cursors": {"after": "R"}}}),
    ]
    with Graph(server.account()) as graph:
        assert [one["id"] for one in graph.items("1/feed", fields="id")] == ["1", "2"]
    second = parse_qs(urlsplit(server.asked[1][1]).query)
    assert second["after"] == ["Q"] and second["__paging_token"] == ["p"] and second["fields"] == ["id"]
    assert "access_token" not in second


def test_one_missing_object_does_not_hide_the_others(server: Server) -> None:
    gone = (404, {}, refused(803))
    server.answers = [gone, (200, {}, {"1": {"id": "1"}}), gone, gone, (200, {}, {"3": {"id": "3"}})]
    with Graph(server.account()) as graph:
        assert set(graph.objects(["1", "2", "3"], "id")) == {"1", "3"}


def test_bytes_go_only_to_places_of_meta(server: Server) -> None:
    server.answers = [(200, {}, {"success": True})]
    with Graph(server.account()) as graph:
        for url in ("https://evil.example/up", "https://facebook.com.evil.example/", "http://rupload.facebook.com/x"):
            with pytest.raises(Rejected):
                graph.upload(url, b"x", {})
        graph.upload(f"{server.url}/video-upload/1", b"film", {"offset": "0", "file_size": "4"})
    assert [(one[1], one[3]) for one in server.asked] == [("/video-upload/1", b"film")]
    assert server.asked[0][2]["authorization"] == f"OAuth {TOKEN}"


# Signatures


def pushed(body: bytes, headers: dict[str, str] | None = None, query: dict[str, str] | None = None) -> Pushed:
    return Pushed("POST", "https://city.example/hooks/facebook/", headers or {}, query or {}, body)


def ref(one: str, secret: str = SECRET, user: str = "77") -> AccountRef:
    return AccountRef(one, one, "", {"access_token": TOKEN, "app_secret": secret}, {"user_id": user})


def test_the_signature_counts_over_the_bytes_as_they_came() -> None:
    body = b'{"object":"page","entry":[{"id":"1","text":"Stra\\u00dfe"}]}'
    fixed = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert signing.signature(body, SECRET) == fixed
    assert signing.is_signed(body, {"x-hub-signature-256": fixed}, SECRET)
    again = json.dumps(json.loads(body), ensure_ascii=False).encode()
    for wrong, headers in (
        (again, {"x-hub-signature-256": fixed}),
        (body, {}),
        (body, {"x-hub-signature-256": fixed[:-1]}),
        (body, {"x-hub-signature-256": "sha256=ä"}),
        (body, {"x-hub-signature": fixed}),
    ):
        assert not signing.is_signed(wrong, headers, SECRET)
    empty = hmac.new(b"", body, hashlib.sha256).hexdigest()
    assert not signing.is_signed(body, {"x-hub-signature-256": f"sha256={empty}"}, "")


def test_a_call_is_for_the_accounts_of_the_app_that_signed_it() -> None:
    ours, theirs = ref("a"), ref("b", "another app")
    call = pushed(b"{}", {"x-hub-signature-256": signing.signature(b"{}", SECRET)})
    assert [one.id for one in hooks.of_app([ours, theirs], call)] == ["a"]
    for accounts in ([], [theirs], [replace(ours, credentials={})]):
        with pytest.raises(Unverified):
            hooks.of_app(accounts, call)


def test_the_challenge_is_answered_to_our_app_alone() -> None:
    query = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": signing.verify_token(SECRET)}
    assert hooks.challenge([ref("a")], pushed(b"", query=query)).body == "1158201444"
    for wrong in ({"hub.verify_token": ""}, {"hub.mode": "unsubscribe"}, {"hub.verify_token": "ä"}):
        with pytest.raises(Unverified):
            hooks.challenge([ref("a")], pushed(b"", query=query | wrong))
    with pytest.raises(Unverified):
        hooks.challenge([ref("a", "")], pushed(b"", query=query | {"hub.verify_token": ""}))
    with pytest.raises(Rejected):
        hooks.challenge([ref("a")], pushed(b"", query=query | {"hub.challenge": "x" * 5000}))


def signed(said: dict[str, Any], secret: str = SECRET) -> str:
    """As Meta's documentation builds it, with nothing of ours."""
    encode = lambda value: base64.urlsafe_b64encode(value).rstrip(b"=").decode()  # noqa: E731
    payload = encode(json.dumps(said).encode())
    return f"{encode(hmac.new(secret.encode(), payload.encode(), hashlib.sha256).digest())}.{payload}"


def callback(value: str, about: str = "") -> Pushed:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    body = urlencode({"signed_request": value}).encode()
    return pushed(body, headers, {"about": about} if about else {})


def test_a_withdrawn_permission_ends_the_accounts_of_that_person() -> None:
    said = {"algorithm": "HMAC-SHA256", "issued_at": int(time.time()), "user_id": "77"}
    accounts = [ref("a"), ref("b", user="78"), ref("c", "another app"), ref("d", user="")]
    call = callback(signed(said))
    assert hooks.is_callback(call)
    assert hooks.withdrawal(accounts, call).withdrawn == ("a",) and not hooks.withdrawal(accounts, call).erase
    erased = hooks.withdrawal(accounts, callback(signed(said), "erase"))
    assert erased.withdrawn == ("a",) and erased.erase
    assert json.loads(erased.body) == {"url": "{page}", "confirmation_code": "{code}"}
    assert hooks.withdrawal(accounts, callback(signed(said | {"user_id": ""}))).withdrawn == ()


@pytest.mark.parametrize(
    "value",
    [
        "",
        "a.b",
        "nothing",
        ".",
        signed({"algorithm": "HMAC-SHA256", "user_id": "77"}, "another"),
        signed({"algorithm": "none", "user_id": "77"}),
        signed({"algorithm": "HMAC-SHA256", "user_id": "77", "issued_at": 1_700_000_000}),
    ],
)
def test_what_is_not_signed_by_our_app_ends_nothing(value: str) -> None:
    with pytest.raises(Unverified):
        hooks.withdrawal([ref("a")], callback(value))


@given(st.text())
def test_no_signed_request_breaks_us(value: str) -> None:
    with pytest.raises(Unverified):
        signing.signed_request(value, SECRET)


# Login


def test_from_consent_to_a_lasting_token_with_secrets_in_forms_only(server: Server) -> None:
    app = login.App("123", SECRET, server.url)
    url = login.dialog(app, "https://city.example/back", "state-1", ("pages_show_list", "pages_messaging"))
    asked = parse_qs(urlsplit(url).query)
    assert asked["scope"] == ["pages_show_list,pages_messaging"] and asked["state"] == ["state-1"] and SECRET not in url
    assert login.dialog(login.App("123", SECRET), "r", "s", ()).startswith(
        "https://www.facebook.com/v26.0/dialog/oauth?"
    )
    assert "config_id=9" in login.dialog(app, "r", "s", (), "9") and "scope" not in login.dialog(app, "r", "s", (), "9")
    server.answers = [
        (200, {}, {"access_token": "short", "token_type": "bearer", "expires_in": 5400}),
        (200, {}, {"access_token": "long", "token_type": "bearer", "expires_in": 5_184_000}),
        (200, {}, {"data": {"is_valid": True, "user_id": "77"}}),
        (400, {}, refused(100, 36009, message="This authorization code has been used.")),
    ]
    short = login.by_code(app, "code-1", "https://city.example/back")
    long = login.long_lived(app, short.value)
    assert long.value == "long" and long.expires_at and long.expires_at > datetime.now(UTC) + timedelta(days=59)
    assert login.about(app, long.value)["user_id"] == "77"
    with pytest.raises(Rejected):
        login.by_code(app, "code-1", "https://city.example/back")
    assert all("?" not in path and SECRET not in path for _, path, _, _ in server.asked)
    assert parse_qs(server.asked[2][3].decode())["method"] == ["get"]
    assert "long" not in repr(long) and SECRET not in repr(app)
