"""What is kept of an account's traffic for channels whose network cannot be asked (`channels.accounts.Ledger`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from openline.accounts.models import Account
from openline.channels.registry import channel_for
from openline.foundation.bulk import query
from openline.foundation.ids import uuid7
from openline.inbox.models import Direction, Heard, Message, Part, Piece
from openline.inbox.receiving import store

PATIENCE = timedelta(hours=1)
"""So long the parts of a message wait for each other."""


_SPENT = """
SELECT sum((receipt -> 'facts' ->> 'cost_usd')::numeric) FROM outbox_delivery
WHERE account_id = %s AND sent_at >= %s AND (receipt -> 'facts') ? 'cost_usd'
"""


class AccountLedger:
    """See `openline.channels.accounts.Ledger`."""

    def __init__(self, account_id: UUID) -> None:
        self._account_id = account_id

    def heard(self, event_ids: Sequence[str]) -> bytes:
        """A delivery that was heard under one of these ids; b"" if none was."""
        found = Heard.objects.filter(account_id=self._account_id, event_id__in=list(event_ids)).first()
        return bytes(found.raw) if found else b""

    def ours(self, network_id: str) -> bool:
        """Whether a message of ours is known under that id."""
        known = {"account_id": self._account_id, "network_id": network_id[:500]}
        return (
            Message.objects.filter(direction=Direction.OUT, **known).exclude(network_id="").exists()
            or Part.objects.filter(**known).exists()
        )

    def spent(self, since: datetime) -> Decimal:
        """What cost all that was sent since then, by the receipts (index `delivery_priced`)."""
        return Decimal(query(_SPENT, [self._account_id, since])[0][0] or 0)

    @transaction.atomic
    def gather(self, whole: str, number: int, of: int, raw: bytes) -> tuple[bytes, ...]:
        """Keep the part; all of them in order once they are here, and again for a part that comes again.

        Parts come at the same moment: without the lock, each would see itself alone.
        """
        query("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"pieces {self._account_id} {whole}"])
        now, pieces = timezone.now(), Piece.objects.filter(account_id=self._account_id, whole=whole[:300])
        forgotten = pieces.filter(at__lt=now - PATIENCE)  # phones soon use the same name again
        for piece in forgotten.filter(handed_on=False):
            _hand_on(piece)
        forgotten.delete()
        piece = Piece(id=uuid7(), account_id=self._account_id, whole=whole[:300], number=number, of=of, raw=raw, at=now)
        Piece.objects.bulk_create([piece], ignore_conflicts=True)
        here = list(pieces.order_by("number"))
        if [one.number for one in here] != list(range(1, of + 1)):
            return ()
        pieces.update(handed_on=True)
        return tuple(bytes(one.raw) for one in here)


def hand_on_late_parts() -> int:
    """Store, as deliveries of their own, parts that waited too long for the others. Returns how many."""
    late = list(Piece.objects.filter(handed_on=False, at__lt=timezone.now() - PATIENCE).order_by("at")[:500])
    for piece in late:
        with transaction.atomic():
            _hand_on(piece)
            Piece.objects.filter(pk=piece.pk).update(handed_on=True)
    return len(late)


def _hand_on(piece: Piece) -> None:
    account = Account.objects.get(pk=piece.account_id)
    store(account.pk, [channel_for(account.network).parse(bytes(piece.raw))])
