"""What came of our posts: app.bsky.feed.getPosts, lexicon of August 2026 (at most 25 addresses in a call)."""

from __future__ import annotations

from collections.abc import Sequence

from openline.channels import reading
from openline.channels.bluesky import hearing
from openline.channels.bluesky.client import Session

NAMES = ("likes", "reposts", "replies", "quotes")
_FIELDS = {"likes": "likeCount", "reposts": "repostCount", "replies": "replyCount", "quotes": "quoteCount"}
_AT_ONCE = 25


def metrics(session: Session, uris: Sequence[str]) -> dict[str, dict[str, int]]:
    """Counts by AT-URI. A post that the AppView does not show is left out only if its record is gone too."""
    found: dict[str, dict[str, int]] = {}
    for start in range(0, len(uris), _AT_ONCE):
        asked = list(uris[start : start + _AT_ONCE])
        shown = {reading.text(post, "uri"): post for post in hearing.posts(session, asked)}
        found |= {uri: reading.counts(shown[uri], _FIELDS) for uri in asked if uri in shown}
        found |= {uri: {} for uri in asked if uri not in shown and hearing.there(session, uri)}
    return found
