"""How much waits for staff from neighbors: one query, for the console's menu."""

from __future__ import annotations

from openline.community.ideas import STANDARD
from openline.foundation.bulk import query

MOST = 100
"""Counted no further than this."""

_WAITING = """
SELECT (SELECT count(*) FROM (SELECT 1 FROM community_topic WHERE state = 'waiting' LIMIT %(most)s) t)
     + (SELECT count(*) FROM (SELECT 1 FROM community_topic WHERE kind = 'idea' AND state = 'shown'
            AND answered_at IS NULL AND supporters >= coalesce((SELECT support_needed FROM community_participation
                                                                ORDER BY id LIMIT 1), %(standard)s) LIMIT %(most)s) i)
     + (SELECT count(*) FROM (SELECT 1 FROM community_proposal WHERE settled_at IS NULL LIMIT %(most)s) p)
"""


def count() -> int:
    """Topics to look at, ideas that deserve an answer, and what liaisons proposed or asked."""
    return int(query(_WAITING, {"most": MOST, "standard": STANDARD})[0][0])
