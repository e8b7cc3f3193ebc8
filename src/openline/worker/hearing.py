"""Hearing: one thread for each account listens to its network and puts what it hears at the door.

Hearing knows nothing of speaking: an account whose sending is refused goes on hearing.
"""

from __future__ import annotations

import threading
from uuid import UUID

import structlog
from django.db import close_old_connections, connection
from django.utils import timezone

from openline.accounts.models import Account, Line
from openline.channels.base import ChannelError, RateLimited, TokenExpired
from openline.channels.registry import channel_for
from openline.foundation.connections import own_connection
from openline.inbox import regaining
from openline.inbox.people import know_own_voice
from openline.inbox.receiving import receive

logger = structlog.get_logger("openline.hearing")

_FIRST_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 60.0


class Ear(threading.Thread):
    """Listens for one account until stopped. Of many workers, one hears an account at a time."""

    def __init__(self, account_id: UUID, stopping: threading.Event) -> None:
        super().__init__(name=f"ear-{account_id}", daemon=True)
        self.account_id = account_id
        self.leave = threading.Event()
        self._stopping = stopping

    def stopped(self) -> bool:
        """True once the worker stops or the account is no longer to be heard."""
        return self._stopping.is_set() or self.leave.is_set()

    def run(self) -> None:
        """Listen; after a broken line wait, longer each time, and listen again from the stored cursor."""
        pause = _FIRST_PAUSE_SECONDS
        while not self.stopped():
            try:
                if self._hear_alone():
                    pause = _FIRST_PAUSE_SECONDS
            except ChannelError as error:
                self._note(error)
                if isinstance(error, RateLimited):
                    pause = max(pause, (error.retry_at - timezone.now()).total_seconds())
            except Exception as error:
                logger.exception("hearing_failed", account=str(self.account_id))
                self._note(ChannelError(f"Openline's own fault: {type(error).__name__}"))
            close_old_connections()
            self.leave.wait(pause)
            pause = min(max(pause, _FIRST_PAUSE_SECONDS) * 2, _LONGEST_PAUSE_SECONDS)
        connection.close()

    def _hear_alone(self) -> bool:
        """Hear as long as the line holds, under a lock that only one worker has. False if another one has it."""
        with own_connection() as holder:
            key = self.account_id.int & (2**63 - 1)
            got = holder.execute("SELECT pg_try_advisory_lock(%s)", [key]).fetchone()
            if not got or not got[0]:
                return False
            self._hear()
            return True

    def _hear(self) -> None:
        account = Account.objects.get(pk=self.account_id)
        know_own_voice(account)
        regaining.catch_up(account)
        for batch in channel_for(account.network).listen(account.ref(), account.cursor, self.stopped):
            receive(account.pk, batch)
            if not batch.items:
                connection.close()  # a quiet line needs none
            if self.stopped():
                return

    def _note(self, error: ChannelError) -> None:
        """Show the state of the line; a refused token is told apart from a network that is down."""
        line = Line.REFUSED if isinstance(error, TokenExpired) else Line.DOWN
        logger.warning("not_hearing", account=str(self.account_id), kind=type(error).__name__)
        if not isinstance(error, RateLimited):
            Account.objects.filter(pk=self.account_id).update(hearing=line, hearing_error=error.reason[:1000])


class Ears:
    """Keeps one Ear for each enabled account, as accounts come and go."""

    def __init__(self, stopping: threading.Event) -> None:
        self._stopping = stopping
        self._ears: dict[UUID, Ear] = {}

    def tend(self) -> float:
        """Start and stop ears; returns the seconds until the next look."""
        wanted = set(Account.objects.filter(enabled=True).values_list("pk", flat=True))
        for account_id in list(self._ears):
            if account_id not in wanted or not self._ears[account_id].is_alive():
                self._ears.pop(account_id).leave.set()
        for account_id in wanted - set(self._ears):
            self._ears[account_id] = Ear(account_id, self._stopping)
            self._ears[account_id].start()
        return 5.0
