"""Telling hubs that a feed has news (WebSub, W3C 2018): they fetch it and pass it on to who has subscribed.

How a publisher tells its hub is left open by the text (section 6); all hubs take the form of PubSubHubbub 0.4:
`hub.mode=publish` with `hub.url`, the topic. Once a minute, from what changed since the hub was last told: a hub that
is away is told later, and nothing is missed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlencode

import structlog
from django.conf import settings
from django.utils import timezone

from openline.foundation.fetching import FetchFailed, exchange
from openline.portal.contact.door import setting
from openline.portal.feeds.content import ENDINGS, KINDS, address
from openline.portal.models import Hub
from openline.service_requests import public

SETTLE = timedelta(seconds=5)
"""What changed less than this ago may be in a transaction that is not over: it is for the next time."""
WAIT = (60, 300, 900, 3600)
_MOST_CHANGES = 500
_MOST_BYTES = 10_000

logger = structlog.get_logger("openline.portal")


def hubs() -> list[str]:
    """The hubs that the city chose."""
    return setting("hubs").split()


def tell_all() -> int:
    """Tell every hub that is due; how many topics were told."""
    return sum(_tell(hub) for hub in hubs())


def _tell(hub: str) -> int:
    now = timezone.now()
    known, new = Hub.objects.get_or_create(address=hub[:500], defaults={"told_at": now, "next_try_at": now})
    if new or known.next_try_at > now:
        return 0
    topics, until = changed(known.told_at, now - SETTLE)
    try:
        for topic in topics:
            publish(hub, topic)
    except FetchFailed as error:
        wait = WAIT[min(known.tries, len(WAIT) - 1)]
        known.tries, known.error = known.tries + 1, str(error)[:300]
        known.next_try_at = now + timedelta(seconds=wait)
        logger.warning("hub_not_told", hub=hub, tries=known.tries, reason=known.error)
    else:
        known.told_at, known.tries, known.error = until, 0, ""
    known.save()
    return len(topics) if not known.error else 0


def changed(since: datetime, until: datetime) -> tuple[list[str], datetime]:
    """The addresses of the feeds with news after `since`, and until when that is told."""
    rows = public.requests().filter(updated_at__gt=since, updated_at__lte=until).order_by("updated_at")
    found = list(rows.values_list("service__code", "areas", "updated_at")[:_MOST_CHANGES])
    if not found:
        return [], max(since, until)
    services = {code for code, _areas, _at in found}
    areas = {area for _code, several, _at in found for area in several}
    chosen = [("", ""), *((code, "") for code in sorted(services)), *(("", area) for area in sorted(areas))]
    chosen += sorted({(code, area) for code, several, _at in found for area in several})
    topics = [address(kind, ending, *one) for one in chosen for kind in KINDS for ending in ENDINGS]
    return topics, found[-1][2] if len(found) == _MOST_CHANGES else until


def publish(hub: str, topic: str) -> None:
    """Tell `hub` of news at `topic`. Raises FetchFailed, also if the hub refuses."""
    own = hub if settings.FETCH_OWN_SERVERS else ""
    answer = exchange(
        "POST", hub, most_bytes=_MOST_BYTES, own=own, seconds=10,
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        content=urlencode({"hub.mode": "publish", "hub.url": topic, "hub.topic": topic}).encode(),
    )  # fmt: skip
    if not 200 <= answer.status < 300:
        raise FetchFailed(f"The hub answered {answer.status}.")
