""" "Same place as last time": the place of the resident's own last request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from uuid import UUID

import orjson

from openline.foundation.bulk import array, query
from openline.geography.place import Place

CONFIDENCE = 0.8
"""Good enough to file on: the answer names the place, so that a resident whom we misunderstood can say so."""
_PLACE = r"(?:place|spot|location|corner|address|intersection|block|house)"
_SAID = (
    rf"\bsame {_PLACE} (?:as (?:(?:the )?last(?: time| week| month)?|before|always|my last)|again|like before)\b",
    rf"\bsame {_PLACE} (?:(?:i|we|that i|as i|as we) )?(?:reported|told you|wrote|posted)\b",
    r"\bsame (?:as|like) (?:last time|before|my last report)\b",
    r"\bwhere (?:it was|i (?:reported|said)) (?:last time|before)\b",
    r"\bmism[oa] (?:lugar|sitio|esquina|direcci[oó]n|cuadra) (?:de (?:siempre|antes|la [uú]lt)|que antes)",
    r"\botra vez en (?:el|la) mism[oa] (?:lugar|esquina|sitio)\b",
    r"\bm[eê]me endroit que (?:la derni[eè]re fois|d['’]habitude|l['’]autre fois)",
    r"\bmesmo lugar (?:de sempre|da [uú]ltima vez|de antes)\b",
    r"\bmenm kote (?:ak d[eè]nye fwa|ak anvan)",
    r"(?:там же|на том же месте|то же место),? (?:где|что) (?:и )?(?:в прошлый раз|раньше)",
    r"\bc[uù]ng (?:ch[oỗ]|[dđ][iị]a [dđ]i[eể]m|n[oơ]i) (?:nh[uư] )?(?:l[aầ]n )?tr[uư][oớ]c",
    r"(?:上次|之前)(?:那个|說的|说的)?(?:的)?(?:地方|地点|位置|地點)|老地方",
    r"نفس المكان (?:السابق|كالمرة السابقة|مثل المرة)",
    r"(?:지난번|저번)(?:과|하고)? ?같은 ?(?:곳|장소)",
)
_AGAIN = re.compile("|".join(_SAID), re.I)


def says_again(text: str) -> bool:
    """Whether a text says that something is where it was the last time."""
    return _AGAIN.search(text) is not None


_LAST = """
SELECT DISTINCT ON (c.id) c.id, r.number, r.place_kind, r.place_name, r.latitude, r.longitude, r.precision_m,
       r.areas::text
FROM inbox_conversation c JOIN inbox_conversation own ON own.identity_id = c.identity_id
JOIN care_report p ON p.conversation_id = own.id
JOIN service_requests_servicerequest r ON r.id = p.request_id
WHERE c.id = ANY(%s::uuid[]) AND r.latitude IS NOT NULL
ORDER BY c.id, p.created_at DESC, p.id DESC
"""


def last_places(conversation_ids: list[UUID]) -> Mapping[UUID, tuple[str, Place]]:
    """For each conversation the resident's last request that has a point: its number and place, in one query.

    Only what the same person reported from the same account counts: nobody learns where others live.
    """
    rows = query(_LAST, [array(conversation_ids)]) if conversation_ids else []
    return {
        conversation_id: (
            number,
            Place(kind, name, lat, lon, CONFIDENCE, (0, 0), off or 0.0, tuple(orjson.loads(areas))),
        )
        for conversation_id, number, kind, name, lat, lon, off, areas in rows
    }
