"""Which articles somebody has to look at, once a day on the record.

Nothing hangs on this: what has expired is gone from the public pages and from answers by their own queries.
"""

from __future__ import annotations

from datetime import date

import structlog

from openline.knowledge.queries import due
from openline.records import log
from openline.records.models import Kind

logger = structlog.get_logger("openline.knowledge")


def remind(today: date | None = None) -> int:
    """Write what is due, by reason and owner; nothing if nothing is. Returns how many articles that are."""
    found = {what: articles for what, articles in due(today).items() if articles}
    if not found:
        return 0
    body = {
        what: [f"{one.slug} ({one.owner})" if one.owner else one.slug for one in all_] for what, all_ in found.items()
    }
    log.write([log.Entry(Kind.DECIDED, "openline", body={"what": "articles due", **body})])
    logger.info("articles_due", **{what: len(articles) for what, articles in found.items()})
    return len({one.pk for articles in found.values() for one in articles})
