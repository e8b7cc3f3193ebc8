"""What is peculiar to Mastodon: when to come back after a rate limit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from openline.channels.base import Incoming, Outgoing, RateLimited
from openline.channels.mastodon.channel import MastodonChannel
from openline.sandbox.cast import RESIDENTS
from openline.sandbox.servers import SandboxServers
from tests.channels.conftest import Memory, mastodon


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
