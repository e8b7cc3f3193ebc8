"""Reddit: held against exchanges that PRAW recorded, and driven against a stand-in of the same form."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from openline.channels.accounts import NoKeeper
from openline.channels.base import (
    AccountRef,
    Incoming,
    NotAllowed,
    Outgoing,
    RateLimited,
    Refused,
    Rejected,
    TokenExpired,
)
from openline.channels.reddit.channel import RedditChannel
from tests.channels.nets.base import Memory
from tests.channels.unverified.standin import Asked, Said, Standin, running

CHANNEL = RedditChannel()
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def comment(name: str, body: str = "pothole", at: float = 1_700_000_000.0, **more: Any) -> dict[str, Any]:
    data = {"name": name, "id": name[3:], "author": "maria", "author_fullname": "t2_m", "body": body, "created_utc": at,
            "parent_id": "t3_1", "edited": False, "context": f"/r/city/comments/1/x/{name[3:]}/"}  # fmt: skip
    return {"kind": name[:2], "data": data | more}


class Site:
    """A little Reddit: an inbox, our comments, and refusals."""

    def __init__(self) -> None:
        self.inbox: list[dict[str, Any]] = []
        self.ours: list[dict[str, Any]] = []
        self.errors: list[list[str]] = []
        self.good = "fresh"

    def __call__(self, asked: Asked) -> Said:
        if asked.path == "/api/v1/access_token":
            return Said({"access_token": self.good, "token_type": "bearer", "expires_in": 3600, "scope": "*"})
        if asked.headers.get("authorization") != f"bearer {self.good}":
            return Said({"message": "Unauthorized", "error": 401}, 401)
        limits = {"x-ratelimit-remaining": "599.0", "x-ratelimit-used": "1", "x-ratelimit-reset": "60"}
        return Said(self.answer(asked), headers=limits)

    def answer(self, asked: Asked) -> Any:
        if asked.path == "/api/v1/me":
            return {"id": "abc", "name": "cityhall"}
        if asked.path == "/message/inbox":
            return {"kind": "Listing", "data": {"children": self.inbox[::-1], "after": None}}
        if asked.path == "/api/info":
            names = asked.query["id"].split(",")
            found = [one for one in self.inbox if one["data"]["name"] in names]
            return {"kind": "Listing", "data": {"children": found, "after": None}}
        if asked.path.startswith("/user/cityhall/"):
            return {"kind": "Listing", "data": {"children": self.ours[::-1], "after": None}}
        return {"json": {"errors": self.errors, "data": {} if self.errors else self.change(asked)}}

    def change(self, asked: Asked) -> dict[str, Any]:
        form = asked.form
        if asked.path == "/api/comment":
            self.ours.append(
                comment(f"t1_o{len(self.ours)}", form["text"], 1_800_000_000.0, parent_id=form["thing_id"])
            )
            return {"things": [self.ours[-1]]}
        if asked.path == "/api/submit":
            return {"url": "https://www.reddit.com/r/city/comments/4/x/", "id": "4", "name": "t3_4"}
        return {}


@pytest.fixture
def site() -> Iterator[tuple[Site, Standin, AccountRef]]:
    found = Site()
    with running(found) as standin:
        credentials = {"refresh_token": "r", "client_secret": "hush"}
        settings = {"client_id": "app", "subreddit": "city", "contact": "u/cityhall"}
        yield found, standin, AccountRef("1", "u/cityhall", standin.url, credentials, settings, NoKeeper(credentials))


def test_the_inbox_is_heard_once_and_followed_as_reddit_wants_it(site: tuple[Site, Standin, AccountRef]) -> None:
    found, _standin, account = site
    found.inbox = [comment("t1_a"), comment("t4_b", "private", 1_700_000_001.0, parent_id=None, subject="Hi")]
    heard = CHANNEL.poll(account, "")
    one, two = heard.items
    assert isinstance(one, Incoming) and isinstance(two, Incoming)
    assert (one.network_id, one.author_handle, one.visibility, one.in_reply_to) == ("t1_a", "u/maria", "public", "t3_1")
    assert (two.visibility, two.subject, two.thread) == ("private", "Hi", "t4_b")
    again = CHANNEL.poll(account, heard.cursor)
    assert not again.items
    found.inbox[0]["data"] |= {"body": "a large pothole", "edited": 1_700_000_100.0}
    edited = CHANNEL.poll(account, again.cursor)
    [edit] = edited.items
    assert isinstance(edit, Incoming) and (edit.kind, edit.text) == ("edit", "a large pothole")
    assert not CHANNEL.poll(account, edited.cursor).items
    found.inbox[0]["data"] |= {"body": "[deleted]", "author": "[deleted]"}
    gone = CHANNEL.poll(account, edited.cursor)
    [delete] = gone.items
    assert isinstance(delete, Incoming) and (delete.kind, delete.network_id) == ("delete", "t1_a")
    assert all(CHANNEL.parse(item.raw) == item for item in (one, two, edit, delete))
    assert not CHANNEL.poll(account, gone.cursor).items


def test_an_answer_is_said_once_and_found(site: tuple[Site, Standin, AccountRef]) -> None:
    found, standin, account = site
    outgoing, memory = Outgoing("We mend it.", in_reply_to="t1_a"), Memory()
    assert CHANNEL.find_sent(account, outgoing, "k", memory, LONG_AGO) is None
    receipt = CHANNEL.send(account, outgoing, "k", memory)
    assert CHANNEL.send(account, outgoing, "k", memory) == receipt and len(found.ours) == 1
    lost = CHANNEL.find_sent(account, outgoing, "k", Memory(), LONG_AGO)
    assert lost and lost.network_id == receipt.network_id
    assert CHANNEL.find_sent(account, replace(outgoing, in_reply_to="t1_z"), "k", Memory(), LONG_AGO) is None
    assert {one.headers["user-agent"] for one in standin.asked[1:]} == {"web:openline:1 (by u/cityhall)"}


def test_posts_changes_and_what_is_not_allowed(site: tuple[Site, Standin, AccountRef]) -> None:
    _found, standin, account = site
    assert CHANNEL.send(account, Outgoing("News\nmore", title="News"), "p", Memory()).network_id == "t3_4"
    assert standin.asked[-1].form["sr"] == "city" and standin.asked[-1].form["title"] == "News"
    CHANNEL.send(account, Outgoing("New text", action="edit", about="t3_4"), "e", Memory())
    assert standin.asked[-1].path == "/api/editusertext" and standin.asked[-1].form["thing_id"] == "t3_4"
    CHANNEL.send(account, Outgoing("", action="delete", about="t3_4"), "d", Memory())
    assert standin.asked[-1].path == "/api/del"
    for not_possible in (Outgoing("x", "private", to_handle="u/maria"), Outgoing("", action="hide", about="t1_a")):
        with pytest.raises(NotAllowed):
            CHANNEL.send(account, not_possible, "k", Memory())
    with pytest.raises(NotAllowed):
        CHANNEL.send(replace(account, settings={"client_id": "app"}), Outgoing("x"), "k", Memory())


def test_refusals_in_an_answer_of_success(site: tuple[Site, Standin, AccountRef]) -> None:
    found, _standin, account = site
    for code, kind in (("RATELIMIT", RateLimited), ("USER_BLOCKED", NotAllowed), ("DELETED_COMMENT", Rejected)):
        found.errors = [[code, "no", "parent"]]
        with pytest.raises(kind):
            CHANNEL.send(account, Outgoing("x", in_reply_to="t1_a"), "k", Memory())


def test_a_token_that_ran_out_is_renewed_and_a_dead_login_is_told(site: tuple[Site, Standin, AccountRef]) -> None:
    found, standin, account = site
    assert CHANNEL.check(account).handle == "u/cityhall"
    assert [one.path for one in standin.asked] == ["/api/v1/access_token", "/api/v1/me"]
    assert standin.asked[0].headers["authorization"].startswith("Basic ") and not standin.asked[0].query
    found.good = "another"
    with pytest.raises(TokenExpired):
        CHANNEL.check(account)
    with pytest.raises(TokenExpired):
        CHANNEL.check(replace(account, credentials={}, keeper=NoKeeper()))


def test_the_login_page(site: tuple[Site, Standin, AccountRef]) -> None:
    _found, standin, _account = site
    values = {"client_id": "app", "client_secret": "hush", "server": standin.url, "contact": "u/c"}
    begun = CHANNEL.authorize(values, "https://city.example/back/", "state")
    assert begun.url.startswith(f"{standin.url}/api/v1/authorize?") and "hush" not in begun.url
    connected = CHANNEL.authorized(begun.kept, {"state": "state", "code": "c"})
    assert connected.handle == "u/cityhall" and connected.credentials["access_token"] == "fresh"
    with pytest.raises(NotAllowed):
        CHANNEL.authorized(begun.kept, {"state": "other", "code": "c"})


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"{}", b'{"kind": "t1", "data": {}}', b'{"kind": "t1", "data": {"name": "t1_a"}}']
)
def test_what_cannot_be_read_is_refused(raw: bytes) -> None:
    assert isinstance(CHANNEL.parse(raw), Refused)


# Recorded by PRAW


def recorded(shared: Path, name: str) -> Iterator[tuple[str, str, dict[str, str], Any]]:
    """Method, path, form and answer of each exchange."""
    value = json.loads((shared / f"contracts/reddit/recorded/{name}.json").read_text())
    for one in value["interactions"]:
        asked, body = one["request"], one["request"]["body"]
        text = body.get("string", "") if isinstance(body, dict) else body or ""
        said = json.loads(one["response"]["body"]["string"] or "{}")
        yield asked["method"], urlsplit(asked["uri"]).path.rstrip("/"), dict(parse_qsl(text)), said


@pytest.mark.parametrize(
    ("name", "path", "outgoing"),
    [
        ("TestComment.test_reply", "/api/comment", Outgoing("Comment reply", in_reply_to="t1_d1616q2")),
        ("TestComment.test_edit", "/api/editusertext", Outgoing("New text", action="edit", about="t1_d1616q2")),
        ("TestComment.test_delete", "/api/del", Outgoing("", action="delete", about="t1_d1616q2")),
        ("TestSubreddit.test_submit__selftext", "/api/submit", Outgoing("Test text.", title="Test Title")),
        ("TestSubmission.test_reply", "/api/comment", Outgoing("Test reply", in_reply_to="t3_4b1tfm")),
    ],
)
def test_our_calls_are_those_that_reddit_answered(shared: Path, name: str, path: str, outgoing: Outgoing) -> None:
    """The same address and the same fields, but for `resubmit`; and its answer is read."""
    [(_method, _path, form, said)] = [one for one in recorded(shared, name) if one[1] == path]
    token = {"access_token": "t", "expires_in": 3600}
    with running(lambda asked: Said(token if "access_token" in asked.path else said)) as standin:
        credentials = {"refresh_token": "r", "client_secret": "s"}
        settings = {"client_id": "a", "subreddit": form.get("sr", "x")}
        account = AccountRef("1", "u/c", standin.url, credentials, settings, NoKeeper(credentials))
        receipt = CHANNEL.send(account, outgoing, "k", Memory())
    asked = standin.asked[-1]
    assert (asked.method, asked.path.rstrip("/")) == ("POST", path) and asked.query == {"raw_json": "1"}
    wanted = {name: value.lower() for name, value in form.items() if name != "resubmit"}
    assert {name: value.lower() for name, value in asked.form.items()} == wanted
    assert receipt.network_id.startswith(("t1_", "t3_"))


def test_a_recorded_message_is_read(shared: Path) -> None:
    [listing] = [said for _m, path, _f, said in recorded(shared, "TestInbox.test_message") if "/message/" in path]
    found = CHANNEL.parse(json.dumps(listing["data"]["children"][0]).encode())
    assert isinstance(found, Incoming) and (found.text, found.visibility, found.subject) == ("Test", "private", "Test")
