"""The login, the day's units and the plan that makes them last, and hearing within it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import httpx
import orjson
import pytest

from openline.accounts.keeping import AccountKeeper
from openline.accounts.models import Account
from openline.channels.accounts import Budget, NoKeeper
from openline.channels.base import Incoming, Outgoing, RateLimited, Refused, Rejected, TokenExpired
from openline.channels.emulation.serving import serving
from openline.channels.youtube import units
from openline.channels.youtube.channel import YouTubeChannel
from openline.channels.youtube.emulator import Emulator
from openline.channels.youtube.emulator.network import CITY, CLIENT_ID, CLIENT_SECRET
from tests.channels.nets.base import Memory
from tests.channels.nets.youtube import account

CHANNEL = YouTubeChannel()


@pytest.fixture
def server() -> Iterator[Emulator]:
    found = Emulator()
    with serving(found):
        yield found


def test_the_login_ends_in_a_token_that_works(server: Emulator) -> None:
    values = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "server": server.url, "units": "5000"}
    begun = CHANNEL.authorize(values, "https://city.example/back", state := secrets.token_urlsafe(8))
    assert "access_type=offline" in begun.url and "code_challenge_method=S256" in begun.url
    assert CLIENT_SECRET not in begun.url and begun.kept["verifier"] not in begun.url
    query = dict(parse_qsl(urlsplit(httpx.post(begun.url).headers["location"]).query))
    assert query["state"] == state
    connected = CHANNEL.authorized(begun.kept, query)
    assert (connected.who.author_id, connected.handle) == (CITY.id, f"@{CITY.handle}")
    assert connected.credentials.keys() == set(CHANNEL.secrets)
    assert connected.settings == {"channel": CITY.id, "units": "5000"}
    with pytest.raises(Rejected, match="begin again"):
        CHANNEL.authorized(begun.kept, query | {"state": "another"})
    with pytest.raises(Rejected):
        CHANNEL.authorized(begun.kept, query)  # a code counts once


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"client_id": "x"}, "client_id"),
        ({"client_id": "x", "client_secret": "y", "units": "many"}, "units"),
        ({"client_id": "x", "client_secret": "y", "server": "http://youtube.example"}, "server"),
    ],
    ids=str,
)
def test_wrong_values_are_named(values: dict[str, str], field: str) -> None:
    with pytest.raises(Rejected) as raised:
        CHANNEL.authorize(values, "https://city.example/back", "s")
    assert raised.value.field_name == field


def test_a_login_that_was_taken_back_says_so(server: Emulator) -> None:
    ref = replace(account(server), keeper=NoKeeper(account(server).credentials))
    server.refresh.clear()
    server.access.clear()
    with pytest.raises(TokenExpired, match="takes our login no longer"):
        CHANNEL.check(ref)


# Units


@pytest.mark.parametrize(
    ("now", "ends"),
    [
        ("2026-07-01T06:59:00+00:00", "2026-07-01T07:00:00+00:00"),
        ("2026-07-01T07:00:00+00:00", "2026-07-02T07:00:00+00:00"),
        ("2026-12-01T07:30:00+00:00", "2026-12-01T08:00:00+00:00"),
        ("2026-03-08T09:00:00+00:00", "2026-03-09T07:00:00+00:00"),  # a day of 23 hours
        ("2026-11-01T07:30:00+00:00", "2026-11-02T08:00:00+00:00"),  # and one of 25
    ],
)
def test_the_day_is_the_pacific_one(now: str, ends: str) -> None:
    assert units.day_ends(datetime.fromisoformat(now)) == datetime.fromisoformat(ends)


def test_calls_cost_what_google_says() -> None:
    told = {
        ("GET", "commentThreads"): ("units", 1),
        ("POST", "comments"): ("units", 50),
        ("GET", "captions"): ("units", 50),
        ("POST", "upload/captions"): ("units", 400),
        ("PUT", "upload/captions"): ("units", 450),
        ("POST", "upload/videos"): ("uploads", 1),
    }
    assert {call: units.cost(*call) for call in told} == told


def test_a_day_of_looking_never_uses_the_reserve() -> None:
    """Simulated: answers take their share at any hour, hearing slows down, and something is left at the end."""
    for answers_at in (1, 12, 23):
        now = datetime(2026, 7, 1, 7, tzinfo=UTC)
        ends, left, looks = now + timedelta(days=1), 10_000, 0
        answered = False
        while now < ends:
            if not answered and now.hour == (7 + answers_at) % 24:
                left, answered = left - 50 * 30, True
            left, looks = left - 12, looks + 1
            wait = units.wait_seconds(Budget(10_000, left, ends, units.UNITS), 12, 60.0, now)
            assert wait >= 60.0
            now += timedelta(seconds=wait)
        assert left >= 10_000 * units.LAST - 12 and looks > 250, (answers_at, left, looks)


def test_with_little_left_it_looks_rarely_and_at_last_not_at_all() -> None:
    now = datetime(2026, 7, 1, 7, tzinfo=UTC)
    ends = now + timedelta(hours=10)
    assert units.wait_seconds(Budget(10_000, 1900, ends, units.UNITS), 2, 60.0, now) == units.SLOWEST_SECONDS
    assert units.wait_seconds(Budget(10_000, 400, ends, units.UNITS), 2, 60.0, now) == 36_000
    assert units.wait_seconds(Budget(10_000, 9000, ends, units.UNITS), 2, 60.0, now) == 60.0
    assert units.wait_seconds(None, 2, 60.0, now) == 60.0


def test_a_look_costs_two_units_and_answers_fifty(server: Emulator) -> None:
    ref = replace(account(server), settings={"channel": CITY.id})
    said = server.say(server.residents[0], "hello")
    CHANNEL.poll(ref, "")
    assert sum(server.used.values()) == 1
    CHANNEL.send(ref, Outgoing("hi", in_reply_to=said), "k", Memory())
    assert sum(server.used.values()) == 51
    left = ref.keeper.spend("units", 0, units.A_DAY, units.day_ends())
    assert left.remaining == units.A_DAY - 51, "we count what the network counts"


def test_used_up_units_are_told_before_and_by_the_network(server: Emulator) -> None:
    ref = replace(account(server), settings={"channel": CITY.id, "units": "100"})
    for _n in range(2):
        CHANNEL.send(ref, Outgoing("hi", in_reply_to=next(iter(server.videos))), "k", Memory())
    with pytest.raises(RateLimited, match="used up") as raised:
        CHANNEL.check(ref)
    assert raised.value.retry_at == units.day_ends()
    server.units = 0
    with pytest.raises(RateLimited, match="used up"):
        CHANNEL.check(account(server))


@pytest.mark.django_db
def test_units_are_counted_over_all_processes_and_shown(server: Emulator) -> None:
    kept = Account.objects.create(network="youtube", handle="@philly311", server=server.url)
    ends = units.day_ends()
    for _process in range(3):
        left = AccountKeeper(kept.pk).spend("units", 50, 10_000, ends)
    assert left.remaining == 9850
    AccountKeeper(kept.pk).spend("uploads", 60, 100, ends)
    kept.refresh_from_db()
    assert kept.budget and (kept.budget["what"], kept.budget["remaining"]) == ("uploads", 40), "the scarcest is shown"
    before = datetime.now(UTC) - timedelta(days=1)
    other = Account.objects.create(network="youtube", handle="@other", server=server.url)
    AccountKeeper(other.pk).spend("units", 10_000, 10_000, before)
    assert AccountKeeper(other.pk).spend("units", 1, 10_000, ends).remaining == 9999, "a new day is a new count"


def test_the_doctor_tells_what_is_left(server: Emulator) -> None:
    server.long_uploads = "disallowed"
    findings = CHANNEL.inspect(replace(account(server), settings={"channel": CITY.id}))
    assert [one.good for one in findings] == [False, True, True]
    assert "9,999 of 10,000 units" in findings[2].words
    assert "Nothing was sent" in CHANNEL.try_out(account(server), "hello", "k")


# Hearing


def heard(server: Emulator, cursor: str) -> tuple[list[Incoming], str]:
    found = CHANNEL.poll(account(server), cursor)
    return [item for item in found.items if isinstance(item, Incoming)], found.cursor


def test_replies_in_old_threads_are_heard_in_turn(server: Emulator) -> None:
    """A thread that is not among the newest hundred is looked at by its id."""
    old = server.say(server.residents[0], "the first")
    _items, cursor = heard(server, "")
    for n in range(120):
        server.say(server.residents[1], f"later {n}")
    while (items := heard(server, cursor))[0]:
        cursor = items[1]
    reply = server.say(server.residents[2], "still open?", in_reply_to=old)
    found = list[str]()
    for _turn in range(5):
        more, cursor = heard(server, cursor)
        found += [item.network_id for item in more]
    assert found == [reply]


def test_many_replies_are_all_heard_and_a_lost_one_is_noticed(server: Emulator) -> None:
    top = server.say(server.residents[0], "who knows?")
    _items, cursor = heard(server, "")
    said = [server.say(server.residents[n % 3], f"me {n}", in_reply_to=top) for n in range(12)]
    items, cursor = heard(server, cursor)
    assert {item.network_id for item in items} == set(said)
    assert all(item.in_reply_to == top and item.thread == top for item in items)
    server.delete(said[3])
    items, cursor = heard(server, cursor)
    assert [(item.kind, item.network_id) for item in items] == [("delete", said[3])]
    server.edit(said[-1], "me, indeed")
    items, cursor = heard(server, cursor)
    assert [(item.kind, item.text) for item in items] == [("edit", "me, indeed")]
    server.delete(top)
    items, cursor = heard(server, cursor)
    assert {item.network_id for item in items} == {top, *said} - {said[3]}
    assert heard(server, cursor)[0] == []


def test_what_is_held_and_then_published_is_heard(server: Emulator) -> None:
    server.say(server.residents[0], "first")
    held = server.say(server.residents[1], "held by YouTube")
    server.comments[held].moderation = "heldForReview"
    _items, cursor = heard(server, "")
    server.comments[held].at += 1
    server.comments[held].moderation = "published"
    items, _cursor = heard(server, cursor)
    assert [item.network_id for item in items] == [held]


def test_a_page_that_is_no_longer_known_loses_nothing(server: Emulator) -> None:
    """A long backlog is read from page to page; where a place is lost, it begins again from the newest."""
    server.say(server.residents[0], "before")
    _items, cursor = heard(server, "")
    said = []
    for n in range(250):
        said.append(server.say(server.residents[1], f"storm {n}"))
        server.comments[said[-1]].at += 2 + n / 10
    items, cursor = heard(server, cursor)
    broken = orjson.dumps(orjson.loads(cursor) | {"page": "bm90aGluZw=="}).decode()
    found = {item.network_id for item in items}
    _none, broken = heard(server, broken)
    assert "bm90" not in broken
    while True:
        items, cursor = heard(server, cursor)
        found |= {item.network_id for item in items}
        if not items:
            break
    assert found == set(said)


def test_closed_threads_are_known_before_an_answer_is_written(server: Emulator) -> None:
    one = next(iter(server.videos.values()))
    server.say(server.residents[0], "hello")
    one.comments_open = False
    (item,), _cursor = heard(server, "")
    said = CHANNEL.can_answer(account(server), item.raw, datetime.now(UTC), False)
    assert said.reason and said.instead
    assert CHANNEL.can_answer(account(server), item.raw, datetime.now(UTC), True).reason
    assert CHANNEL.can_answer(account(server), b"{}", datetime.now(UTC), False).reason == ""


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b'{"comment": {}}', b'{"gone": ""}', b'{"comment": 5}'])
def test_what_makes_no_sense_is_refused(raw: bytes) -> None:
    assert isinstance(CHANNEL.parse(raw), Refused)
