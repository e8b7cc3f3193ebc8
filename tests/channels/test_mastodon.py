"""What is peculiar to Mastodon: when to come back after a rate limit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from openline.channels.base import RateLimited
from openline.channels.mastodon.channel import MastodonChannel
from openline.sandbox.servers import SandboxServers
from tests.channels.conftest import mastodon


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
