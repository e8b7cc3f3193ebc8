"""Public requests by words: what stands on their public page, and what their service is called.

PostgreSQL's full text, in English and Spanish stems, over the description without personal data and the place
(index `request_words`, migration 0012). Words that many requests have are looked for from the newest backwards, rare
ones through the index: the planner cannot tell them apart, as it does not know what will be asked for.
"""

from __future__ import annotations

import re
from datetime import timedelta

from django.db.models import DateTimeField, ExpressionWrapper, F, QuerySet, Value
from django.db.models.expressions import RawSQL

from openline.foundation.bulk import query
from openline.service_requests.models import ServiceRequest
from openline.service_requests.queries import NUMBER

LONGEST = 100
"""Of what is asked for, so many characters are read."""
MANY = 10_000
"""Words that more requests have are not rare: going back from the newest, a page of them is found soon."""
_TABLE = "service_requests_servicerequest"
_TEXT = f"{_TABLE}.public_description || ' ' || {_TABLE}.place_name"
WORDS = f"(to_tsvector('english'::regconfig, {_TEXT}) || to_tsvector('spanish'::regconfig, {_TEXT}))"
_ASKED = "(websearch_to_tsquery('english', %s) || websearch_to_tsquery('spanish', %s))"
_FOUND = f"SELECT id FROM {_TABLE} WHERE public AND {WORDS} @@ {_ASKED}"  # noqa: S608
_COUNT = f"SELECT count(*) FROM ({_FOUND} LIMIT %s) AS few"  # noqa: S608
_BY_SORTING = ExpressionWrapper(F("requested_at") + Value(timedelta()), DateTimeField())
"""The same order, but no index has it: rare words are found by theirs and sorted, not sought backwards in time."""
_SERVICES = """
SELECT id FROM service_requests_service
WHERE public AND to_tsvector('english', name) @@ websearch_to_tsquery('english', %s)
"""


def read(text: str) -> str:
    """What was typed, without what no text search knows."""
    return re.sub(r"\s+", " ", text.replace("\x00", "")).strip()[:LONGEST]


def branches(found: QuerySet[ServiceRequest], words: str) -> list[QuerySet[ServiceRequest]]:
    """`found` narrowed to what has these words, in parts that may overlap: by text, and by the service's name.

    Two parts, each with an index of its own, are found at once where one "or" would read the whole table.
    """
    if NUMBER.fullmatch(words):
        return [found.filter(number=words)]
    services = [pk for (pk,) in query(_SERVICES, [words])]
    by_name = [found.filter(service_id__in=services)] if services else []
    return [_with(found, words), *by_name]


def _with(found: QuerySet[ServiceRequest], words: str) -> QuerySet[ServiceRequest]:
    """Those in whose public text the words are."""
    [(some,)] = query(_COUNT, [words, words, MANY + 1])
    having = found.annotate(has_words=RawSQL(f"{WORDS} @@ {_ASKED}", [words, words])).filter(has_words=True)  # noqa: S611
    if some > MANY:
        return having
    return having.order_by(_BY_SORTING.desc(), "-number")
