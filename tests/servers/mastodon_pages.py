"""`python -m tests.servers.mastodon_pages serve ...`: mastodon-mock, which counts for a page of notifications at once.

By itself it asks its database a dozen times for each post of such a page, ten milliseconds a post; for timelines it has
a function that asks once for the whole page. Here notifications go through that too. What it answers is the same.
"""

from __future__ import annotations

from typing import Any

from mastodon_mock.cli import main
from mastodon_mock.db.models import Account, Status
from mastodon_mock.routers import notifications as router
from mastodon_mock.serializers import notifications, statuses
from mastodon_mock.serializers.batch import build_status_context
from sqlalchemy import select
from sqlalchemy.orm import Session

_paginate, _status, _account = router.paginate, statuses.serialize_status, notifications.serialize_account


def _page(session: Session, *given: Any, **more: Any) -> Any:
    """A page of notifications; what its posts need is counted and kept with the session of this request."""
    page = _paginate(session, *given, **more)
    wanted = [item.status_id for item in page.items if item.status_id]
    if wanted:
        posts = list(session.scalars(select(Status).where(Status.id.in_(wanted))))
        viewer = session.get(Account, page.items[0].account_id)
        session.info.update(counted=build_status_context(session, posts, viewer), posts=posts)
    return page


def _counted(serialize: Any) -> Any:
    def serialized(session: Session, *given: Any, **more: Any) -> Any:
        return serialize(session, *given, **{"ctx": session.info.get("counted"), **more})

    return serialized


if __name__ == "__main__":
    router.paginate = _page
    statuses.serialize_status = _counted(_status)
    notifications.serialize_account = _counted(_account)
    main()
