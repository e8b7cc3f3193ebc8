"""What channels learn of an account while they work: renewed credentials, what the network still lets us do."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from openline.accounts.models import Account
from openline.channels.accounts import Budget, Ledger, NoLedger, Renew
from openline.foundation.connections import own_connection
from openline.foundation.sealing import seal

_WRITE_EVERY_SECONDS = 10.0
_RESERVE = 0.02
"""With less than this share of its allowance left, an account speaks no more until the allowance is new."""
_LONGEST_PAUSE = timedelta(hours=1)
_written: dict[UUID, float] = {}


def _no_ledger(_account_id: UUID) -> Ledger:
    return NoLedger()


ledger_of: Callable[[UUID], Ledger] = _no_ledger
"""Makes the ledger of an account; the inbox, which keeps it, puts its own here."""


class AccountKeeper:
    """See `openline.channels.accounts.Keeper`: the account's row is where it is kept."""

    def __init__(self, account_id: UUID) -> None:
        self._account_id = account_id

    def renew(self, renew: Renew) -> dict[str, str]:
        """Renew the credentials, one worker at a time, and save them before anybody uses them.

        A refresh token that may be used once is lost if two workers use it, or if one dies between using and keeping
        it; so the lock is held over both, and the new one is written by a statement of its own.
        """
        with self._alone():
            before = self._rows().get().credentials
            after = before | {name: value for name, value in renew(dict(before)).items() if value}
            if after != before:
                self._rows().update(credentials_encrypted=seal(after))
            return after

    def note_budget(self, budget: Budget) -> None:
        """Keep it every ten seconds, and at once when little is left: then the account pauses before the wall."""
        scarce = budget.what != "read" and budget.remaining <= max(1, budget.limit * _RESERVE)
        if not scarce and time.monotonic() - _written.get(self._account_id, -1e9) < _WRITE_EVERY_SECONDS:
            return
        _written[self._account_id] = time.monotonic()
        plain = asdict(budget) | {"resets_at": budget.resets_at.isoformat()}
        changes: dict[str, Any] = {"budget": plain}
        if scarce and budget.limit > 1:
            changes["paused_until"] = min(budget.resets_at, timezone.now() + _LONGEST_PAUSE)
        self._rows().update(**changes)

    @transaction.atomic
    def spend(self, what: str, amount: int, limit: int, resets_at: datetime) -> Budget:
        """Count it in the account's row. What is scarcest of all that is counted is shown as the account's budget."""
        now = timezone.now()
        told = self._rows().select_for_update().values_list("budget", flat=True).get() or {}
        spent = {name: one for name, one in told.get("spent", {}).items() if one["resets_at"] > now.isoformat()}
        used = int(spent.get(what, {}).get("used", 0)) + amount
        spent[what] = {"used": used, "limit": limit, "resets_at": resets_at.isoformat()}
        name, scarcest = max(spent.items(), key=lambda item: item[1]["used"] / max(item[1]["limit"], 1))
        left = max(0, scarcest["limit"] - scarcest["used"])
        shown = {"limit": scarcest["limit"], "remaining": left, "resets_at": scarcest["resets_at"], "what": name}
        self._rows().update(budget={**shown, "spent": spent})
        return Budget(limit, limit - used, resets_at, what)

    def note_end(self, ends_at: datetime) -> None:
        """Keep it, so that nobody is warned of an end that was put off."""
        self._rows().update(expires_at=ends_at)

    def _rows(self) -> QuerySet[Account]:
        return Account.objects.filter(pk=self._account_id)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        key = int.from_bytes(blake2b(b"renew" + self._account_id.bytes, digest_size=8).digest(), signed=True)
        with own_connection() as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", [key])
            yield
