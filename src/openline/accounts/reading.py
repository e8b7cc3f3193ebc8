"""Accounts as the loop over what was heard reads them: in one prepared statement, without their secrets."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import orjson

from openline.accounts.models import Account
from openline.foundation.bulk import array, query

_COLUMNS = ("id", "network", "handle", "server", "mandate", "settings", "network_user_id", "answers_by_itself")


def by_id(ids: Iterable[UUID]) -> dict[UUID, Account]:
    """The accounts with these ids; what else one has is read when it is asked for."""
    rows = query(f"SELECT {', '.join(_COLUMNS)} FROM accounts_account WHERE id = ANY(%s::uuid[])", [array(ids)])  # noqa: S608
    return {row[0]: Account.from_db("default", _COLUMNS, [*row[:5], orjson.loads(row[5]), *row[6:]]) for row in rows}
