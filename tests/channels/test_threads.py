"""Threads: its count, its login, its calls to us, and posting in two steps, against the emulator."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from openline.channels.accounts import NoKeeper
from openline.channels.base import (
    AccountRef,
    Incoming,
    NotAllowed,
    Outgoing,
    OutgoingMedia,
    Poll,
    Pushed,
    RateLimited,
    Rejected,
    TokenExpired,
    Unclear,
    Unverified,
)
from openline.channels.graph import containers, tokens
from openline.channels.graph.emulated import signed
from openline.channels.graph.signing import make_signed_request, verify_token
from openline.channels.threads import counting
from openline.channels.threads.channel import ThreadsChannel
from openline.channels.threads.client import GRANTS
from openline.channels.threads.emulator.api import APP_SECRET
from openline.channels.threads.emulator.state import CITY
from tests.channels.nets.base import Memory
from tests.channels.nets.threads import ThreadsNet, standing
from tests.channels.test_conformance import photo, words

CHANNEL = ThreadsChannel()
FILM = b"\x00\x00\x00\x18ftypmp42" + bytes(100)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def shared_net() -> Iterator[ThreadsNet]:
    with standing() as net:
        yield net


@pytest.fixture
def net(shared_net: ThreadsNet) -> Iterator[ThreadsNet]:
    yield shared_net
    shared_net.emulator.clock.ahead = timedelta()
    shared_net.emulator.net.processing_seconds = 0.0
    for allowance in shared_net.emulator.net.allowances.values():
        allowance.total = 100_000


def picture(net: Any, content: bytes = b"", **more: Any) -> OutgoingMedia:
    url = net.files.put(f"{words()[6:]}.jpg", content or photo())
    return OutgoingMedia("p.jpg", "image/jpeg", alt="A road", url=url, **more)


def film(net: Any, content: bytes = FILM) -> OutgoingMedia:
    return OutgoingMedia(
        "f.mp4", "video/mp4", alt="A film", url=net.files.put(f"{words()[6:]}.mp4", content, "video/mp4")
    )


def push(*accounts: AccountRef, body: bytes = b"", secret: str = APP_SECRET, event: Any = None, **more: Any) -> Any:
    body, headers = (body, {}) if body else signed(event, secret)
    lower = {name.lower(): value for name, value in headers.items()} | more.pop("headers", {})
    return CHANNEL.share(accounts, Pushed("POST", "https://c.example/hooks/threads/", lower, more, body))


def event(field: str, value: dict[str, Any], target: str = CITY.id) -> dict[str, Any]:
    return {"app_id": "1", "topic": "t", "target_id": target, "time": 1, "values": {"value": value, "field": field}}


# Counting


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("street", 6),
        ("straße", 6),
        ("e\u0301", 1),
        ("漢字", 2),
        ("\U0001f44d", 4),
        ("\U0001f44d\U0001f3fd", 8),
        ("\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466", 25),
        ("\U0001f1fa\U0001f1f8", 8),
        ("\u2764\ufe0f", 6),
        ("© 2026", 6),
        ("1\ufe0f\u20e3", 7),
        ("", 0),
    ],
)
def test_an_emoji_counts_as_its_bytes(text: str, count: int) -> None:
    assert CHANNEL.length(text) == count


def test_what_fits_by_our_count_fits_by_the_network_s(net: ThreadsNet) -> None:
    text = "👍🏽 é 漢字 " * 40
    parts = CHANNEL.send(net.account, Outgoing(text), "k", Memory())
    assert parts.parts, "it took several posts"


def test_at_most_five_different_links() -> None:
    five = " ".join(f"https://city.example/{n}" for n in range(5))
    assert len(counting.links(f"{five} (https://city.example/1).")) == 5
    assert len(counting.links(f"{five} https://city.example/6")) == 6


def test_six_links_are_refused_before_anything_is_sent_and_by_the_network(net: ThreadsNet) -> None:
    text = " ".join(f"https://city.example/{n}" for n in range(6))
    with pytest.raises(Rejected, match="5"):
        CHANNEL.send(net.account, Outgoing(text), "k", memory := Memory())
    assert not memory.kept


# The login


class Keeper(NoKeeper):
    def __init__(self, credentials: dict[str, str]) -> None:
        super().__init__(credentials)
        self.asked = 0
        self.ends_at: datetime | None = None

    def note_end(self, ends_at: datetime) -> None:
        self.ends_at = ends_at

    def renew(self, renew: Any) -> dict[str, str]:
        self.asked += 1
        return super().renew(renew)


def with_token(net: ThreadsNet, lasts: float, age: float) -> AccountRef:
    token = net.emulator.tokens.issue(lasts=timedelta(days=lasts), age=timedelta(days=age))
    times = {"expires_at": str(token.expires.timestamp()), "since": str(token.issued.timestamp())}
    credentials = {**net.account.credentials, "access_token": token.value, **times}
    return replace(net.account, credentials=credentials, keeper=Keeper(credentials))


@pytest.mark.parametrize(
    ("lasts", "age", "renewed"), [(59, 1.1, 0), (31, 29, 0), (29, 31, 1), (0.01, 59.9, 1), (20, 0.5, 0)]
)
def test_the_login_is_renewed_a_month_before_its_end_and_not_on_its_first_day(
    net: ThreadsNet, lasts: float, age: float, renewed: int
) -> None:
    account = with_token(net, lasts, age)
    who = CHANNEL.check(account)
    assert account.keeper.asked == renewed  # type: ignore[attr-defined]
    assert account.keeper.ends_at == (who.expires_at if renewed else None)  # type: ignore[attr-defined]
    assert who.expires_at
    left = who.expires_at - datetime.now(UTC)
    assert abs(left - timedelta(days=60 if renewed else lasts)) < timedelta(hours=1)


def test_a_renewal_that_fails_stops_nothing_while_the_old_login_holds(net: ThreadsNet) -> None:
    account = with_token(net, 20, 40)
    net.emulator.tokens.known[account.credentials["access_token"]].long = False  # so it cannot be renewed
    assert CHANNEL.check(account).author_id == CITY.id


def test_a_login_that_has_run_out_is_dead(net: ThreadsNet) -> None:
    account = with_token(net, -1, 61)
    with pytest.raises(TokenExpired):
        CHANNEL.check(account)


def test_another_worker_s_renewal_is_taken(net: ThreadsNet) -> None:
    account, other = with_token(net, 3, 57), with_token(net, 60, 0)
    found = tokens.fresh(replace(account, keeper=Keeper(other.credentials)), GRANTS)
    assert found.credentials["access_token"] == other.credentials["access_token"]


def test_no_secret_stands_in_an_address_or_a_repr(net: ThreadsNet, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    account = with_token(net, 3, 57)
    CHANNEL.send(account, Outgoing(words()), "k", Memory())
    told = caplog.text + repr(account)
    assert "/v1.0/me/threads" in caplog.text, "addresses are logged at this level"
    assert not any(account.credentials[name] in told for name in ("access_token", "app_secret"))


# Its calls to us


def test_the_challenge_is_answered_for_our_app_alone(net: ThreadsNet) -> None:
    query = {"hub.mode": "subscribe", "hub.challenge": "42", "hub.verify_token": verify_token(APP_SECRET)}
    asked = Pushed("GET", "https://c.example/hooks/threads/", {}, query, b"")
    assert CHANNEL.share([net.account], asked).body == "42"
    with pytest.raises(Unverified):
        CHANNEL.share([net.account], replace(asked, query=query | {"hub.verify_token": "x"}))


def test_a_reply_that_mentions_us_is_one_message_by_whichever_way_it_comes(net: ThreadsNet) -> None:
    post = CHANNEL.send(net.account, Outgoing(words()), "k", Memory())
    text = f"@{CITY.handle} straße, {words()}"
    reply = net.post(text, in_reply_to=post.network_id)
    assert net.emulator.calls.settled()
    pushed = [item for item in net.hook.items if item.network_id == reply]
    polled = [item for item in CHANNEL.poll(net.account, "").items if isinstance(item, Incoming)]
    found = [*pushed, *(item for item in polled if item.network_id == reply)]
    assert len(pushed) == 2 and len(found) == 3
    assert {(item.event_id, item.text, item.in_reply_to, item.thread, item.author_id) for item in found} == {
        (reply, text, post.network_id, post.network_id, "maria")
    }


def test_what_we_say_ourselves_is_not_heard(net: ThreadsNet) -> None:
    item = net.post(words())
    CHANNEL.send(net.account, Outgoing(text := words(), in_reply_to=item), "k", Memory())
    assert net.emulator.calls.settled()
    assert not any(text in heard.text for heard in [*net.hook.items, *CHANNEL.poll(net.account, "").items])  # type: ignore[union-attr]


def test_a_wrong_signature_is_told_and_nothing_is_kept(net: ThreadsNet) -> None:
    with pytest.raises(Unverified):
        push(net.account, event=event("mentions", {"id": "1", "text": "ä", "username": "x"}), secret="other")  # noqa: S106


@pytest.mark.parametrize(
    "body", [b"", b"x", b"[]", b"{}", b'{"values": 5}', b'[{"values": [{"field": "replies"}]}]', b"\xff"]
)
def test_bodies_that_make_no_sense_bring_nothing(net: ThreadsNet, body: bytes) -> None:
    import hashlib
    import hmac

    seal = hmac.new(APP_SECRET.encode(), body, hashlib.sha256).hexdigest()
    headers = {"x-hub-signature-256": f"sha256={seal}"}
    try:
        shared = CHANNEL.share([net.account], Pushed("POST", "https://c.example/", headers, {}, body))
    except Rejected:
        return
    assert not any(isinstance(item, Incoming) for item in shared.items.get(net.account.id, ()))


def test_each_of_several_accounts_gets_what_is_its_own(net: ThreadsNet) -> None:
    other = replace(net.account, id="other", handle="@mayor", author_id="999")
    mine = event("mentions", {"id": "1", "text": "to 311", "username": "x"})
    theirs = event("replies", {"id": "2", "text": "to the mayor", "username": "x",
                               "root_post": {"id": "9", "owner_id": "999"}}, target="9")  # fmt: skip
    nobody = event("replies", {"id": "3", "text": "?", "username": "x", "replied_to": {"id": "8"}}, target="8")
    found = push(net.account, other, event=[mine, theirs, nobody]).items
    assert {key: [item.text for item in items] for key, items in found.items()} == {
        net.account.id: ["to 311"], "other": ["to the mayor"]}  # fmt: skip


def test_our_post_that_is_taken_away_in_the_app_is_heard_as_gone(net: ThreadsNet) -> None:
    post = CHANNEL.send(net.account, Outgoing(words()), "k", Memory())
    net.emulator.take_away(net.emulator.net.posts[post.network_id])
    gone = net.hook.wait(lambda item: item.kind == "delete" and item.network_id == post.network_id)
    assert CHANNEL.parse(gone.raw) == gone


@pytest.mark.parametrize("about", ["", "erase"])
def test_a_permission_that_is_taken_back_ends_the_account(net: ThreadsNet, about: str) -> None:
    said = {"user_id": CITY.id, "algorithm": "HMAC-SHA256", "issued_at": int(time.time())}
    body = f"signed_request={make_signed_request(said, APP_SECRET)}".encode()
    headers = {"content-type": "application/x-www-form-urlencoded"}
    shared = CHANNEL.share([net.account], Pushed("POST", "https://c.example/", headers, {"about": about}, body))
    assert shared.withdrawn == (net.account.id,) and shared.erase == (about == "erase")
    assert not about or set(json.loads(shared.body)) == {"url", "confirmation_code"}


def test_files_that_a_call_did_not_name_are_asked_for(net: ThreadsNet) -> None:
    post = CHANNEL.send(net.account, Outgoing(words()), "k", Memory())
    reply = net.post(words(), in_reply_to=post.network_id, photos=(content := photo(),))
    item = net.hook.wait(lambda item: item.network_id == reply)
    assert [media.kind for media in item.media] == ["image"] and not item.media[0].url.startswith("http")
    assert CHANNEL.fetch(net.account, item.raw, item.media[0], 1_000_000) == content


# Posting in two steps


def test_films_and_albums_are_waited_for_and_come_with_their_descriptions(
    net: ThreadsNet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(containers, "_FIRST_PAUSE_SECONDS", 0.05)
    net.emulator.net.processing_seconds = 0.2
    outgoing = Outgoing(text := words(), media=(picture(net), film(net), picture(net)))
    receipt = CHANNEL.send(net.account, outgoing, "k", Memory())
    said = net.seen(receipt.network_id, text)
    assert said.alts == ("A road", "A film", "A road")
    assert receipt.url.endswith(receipt.network_id)


def test_a_film_that_takes_long_is_tried_again_later_and_not_uploaded_twice(
    net: ThreadsNet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(containers, "WAIT_SECONDS", 0.1)
    net.emulator.net.processing_seconds = 3600
    outgoing, memory = Outgoing(text := words(), media=(film(net),)), Memory()
    with pytest.raises(RateLimited):
        CHANNEL.send(net.account, outgoing, "k", memory)
    (made,) = [one for one in net.emulator.net.containers.values() if one.values.get("text") == text]
    assert CHANNEL.find_sent(net.account, outgoing, "k", memory, LONG_AGO) is None
    made.ready_at = 0
    receipt = CHANNEL.send(net.account, outgoing, "k", memory)
    assert made.published == receipt.network_id


def test_what_ran_out_before_it_was_published_is_made_anew(net: ThreadsNet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "WAIT_SECONDS", 0.1)
    outgoing, memory = Outgoing(text := words(), media=(film(net), picture(net))), Memory()
    net.emulator.net.processing_seconds = 3600
    with pytest.raises(RateLimited):
        CHANNEL.send(net.account, outgoing, "k", memory)
    net.emulator.net.processing_seconds = 0
    for one in net.emulator.net.containers.values():
        one.made -= timedelta(hours=25)
    receipt = CHANNEL.send(net.account, outgoing, "k", memory)
    assert net.seen(receipt.network_id, text).alts == ("A film", "A road")


def test_a_publication_that_was_refused_because_it_had_happened_is_found(net: ThreadsNet) -> None:
    """The answer was lost: it is published once all the same."""
    outgoing, memory = Outgoing(text := words()), Memory()
    receipt = CHANNEL.send(net.account, outgoing, "k", memory)
    del memory.kept["post"]
    assert CHANNEL.send(net.account, outgoing, "k", memory).network_id == receipt.network_id
    assert CHANNEL.find_sent(net.account, outgoing, "k", memory, LONG_AGO)
    assert sum(post.text == text for post in net.emulator.net.posts.values()) == 1


def test_what_is_published_and_not_shown_is_unclear_and_never_said_again(net: ThreadsNet) -> None:
    outgoing, memory = Outgoing(text := words()), Memory()
    receipt = CHANNEL.send(net.account, outgoing, "k", memory)
    del memory.kept["post"]
    net.emulator.net.posts[receipt.network_id].deleted = True
    for attempt in (CHANNEL.send, CHANNEL.find_sent):
        with pytest.raises(Unclear):
            attempt(net.account, outgoing, "k", memory, *([LONG_AGO] if attempt == CHANNEL.find_sent else []))  # type: ignore[operator]
    assert sum(post.text == text for post in net.emulator.net.posts.values()) == 1


def test_a_thread_goes_on_behind_its_last_part(net: ThreadsNet) -> None:
    outgoing, memory = Outgoing("The road is closed until Friday. " * 40), Memory()
    net.emulator.net.allowances["reply_"].total = net.emulator.net.allowances["reply_"].used + 1
    with pytest.raises(RateLimited):
        CHANNEL.send(net.account, outgoing, "k", memory)
    net.emulator.net.allowances["reply_"].total = 100_000
    before = len(net.emulator.net.posts)
    receipt = CHANNEL.send(net.account, outgoing, "k", memory)
    assert len(receipt.parts) == 2 and len(net.emulator.net.posts) == before + 1


@pytest.mark.parametrize("content", [b"no picture", b""], ids=["no picture", "not there"])
def test_a_file_that_the_network_cannot_use_is_told(net: ThreadsNet, content: bytes) -> None:
    one = picture(net, content or photo())
    if not content:
        one = replace(one, url=net.files.url + "/nothing")
    with pytest.raises(Rejected):
        CHANNEL.send(net.account, Outgoing(words(), media=(one,)), "k", Memory())


def test_a_film_that_is_none_is_told_with_the_network_s_reason(net: ThreadsNet) -> None:
    with pytest.raises(Rejected, match="FAILED_PROCESSING_VIDEO"):
        CHANNEL.send(net.account, Outgoing(words(), media=(film(net, b"no film"),)), "k", Memory())


def test_the_day_s_allowance_is_asked_and_kept_to(net: ThreadsNet) -> None:
    net.emulator.net.allowances[""].total = net.emulator.net.allowances[""].used
    with pytest.raises(RateLimited) as raised:
        CHANNEL.send(net.account, Outgoing(words()), "k", memory := Memory())
    assert raised.value.retry_at > datetime.now(UTC) and not memory.kept, "nothing was prepared in vain"
    mention = net.post(words())
    CHANNEL.send(net.account, Outgoing(words(), in_reply_to=mention), "k", Memory())


def test_topic_audience_and_poll_go_with_the_post(net: ThreadsNet) -> None:
    outgoing = Outgoing(
        text := words(),
        tags=("Road.Works & more",),
        poll=Poll(("yes", "no"), 86_400),
        options={"reply_control": "mentioned_only"},
    )
    CHANNEL.send(net.account, outgoing, "k", Memory())
    (made,) = [one for one in net.emulator.net.containers.values() if one.values.get("text") == text]
    assert made.values["topic_tag"] == "RoadWorks  more" and made.values["reply_control"] == "mentioned_only"
    assert json.loads(made.values["poll_attachment"]) == {"option_a": "yes", "option_b": "no"}


@pytest.mark.parametrize(
    ("outgoing", "error"),
    [
        (Outgoing("x", "private"), NotAllowed),
        (Outgoing("x", action="edit", about="1"), NotAllowed),
        (Outgoing(""), Rejected),
        (Outgoing("x", media=(OutgoingMedia("f", "image/jpeg"),)), Rejected),
        (Outgoing("x", media=(OutgoingMedia("f", "audio/mpeg", url="https://x"),)), Rejected),
        (Outgoing("x", poll=Poll(tuple("abcde"), 60)), Rejected),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_threads_does_not_take_is_said_before(net: ThreadsNet, outgoing: Outgoing, error: type[Exception]) -> None:
    with pytest.raises(error):
        CHANNEL.send(net.account, outgoing, "k", memory := Memory())
    assert not memory.kept


# Changing


def test_a_reply_is_hidden_with_all_below_it_and_others_cannot_see_it(net: ThreadsNet) -> None:
    post = CHANNEL.send(net.account, Outgoing(words()), "k", Memory())
    reply = net.post(words(), in_reply_to=post.network_id, who=1)
    below = net.post(words(), in_reply_to=reply, who=2)
    hide = Outgoing("", action="hide", about=reply)
    assert CHANNEL.find_sent(net.account, hide, "k", Memory(), LONG_AGO) is None
    CHANNEL.send(net.account, hide, "k", Memory())
    assert CHANNEL.find_sent(net.account, hide, "k", Memory(), LONG_AGO)
    assert not {reply, below} & {said.network_id for said in net.thread(post.network_id)}
    with pytest.raises(NotAllowed):
        CHANNEL.send(net.account, replace(hide, about=below), "k", Memory())
    show = replace(hide, action="show")
    assert CHANNEL.find_sent(net.account, show, "k", Memory(), LONG_AGO) is None
    CHANNEL.send(net.account, show, "k", Memory())
    assert CHANNEL.find_sent(net.account, show, "k", Memory(), LONG_AGO)
    assert {reply, below} <= {said.network_id for said in net.thread(post.network_id)}


def test_a_post_is_taken_back_once(net: ThreadsNet) -> None:
    post = CHANNEL.send(net.account, Outgoing(words()), "k", Memory())
    delete = Outgoing("", action="delete", about=post.network_id)
    assert CHANNEL.find_sent(net.account, delete, "k", Memory(), LONG_AGO) is None
    CHANNEL.send(net.account, delete, "k", Memory())
    assert CHANNEL.find_sent(net.account, delete, "k", Memory(), LONG_AGO)
    CHANNEL.send(net.account, delete, "k2", Memory())  # gone is what was asked for


def test_figures_of_what_is_there_and_nothing_of_what_is_not(net: ThreadsNet) -> None:
    post = CHANNEL.send(net.account, Outgoing(words()), "k", Memory())
    net.post(words(), in_reply_to=post.network_id)
    found = CHANNEL.metrics(net.account, [post.network_id, "1"])
    assert found[post.network_id]["replies"] == 1 and set(found) == {post.network_id}
    assert set(found[post.network_id]) == set(CHANNEL.capabilities.metrics)


def test_trying_out_publishes_nothing(net: ThreadsNet) -> None:
    before = len(net.emulator.net.posts)
    assert f"@{CITY.handle}" in CHANNEL.try_out(net.account, "a test", "k")
    assert len(net.emulator.net.posts) == before


def test_the_doctor_tells_of_the_login_the_allowances_and_the_webhooks(net: ThreadsNet) -> None:
    account = replace(net.account, hook=f"https://city.example/hooks/threads/{net.account.id}/")
    login, room, webhooks = CHANNEL.inspect(account)
    assert login.good and "59" in login.words and room.good
    assert "https://city.example/hooks/threads/ " in webhooks.words and verify_token(APP_SECRET) in webhooks.words
