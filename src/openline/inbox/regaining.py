"""What we said in the time that a restore lost: the network is asked for it before the account hears again.

So a post of that time, heard again, already has its answer: the answer stands in its conversation, and nothing is said
twice (`docs/decisions/0071-after-a-restore.md`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from openline.accounts.models import Account
from openline.channels.base import NotAllowed, Said, Visibility
from openline.channels.registry import channel_for
from openline.foundation.bulk import array, query
from openline.foundation.changes import conversations_changed
from openline.foundation.text import clean
from openline.inbox.models import CaughtUp, Direction, Message, Regained
from openline.outbox import restoring
from openline.outbox.models import HELD, Delivery, State
from openline.records import log
from openline.records.models import Kind

_DEEPEST = 20
"""So many of our posts may stand below each other without one of a resident between them."""

Post = tuple[UUID, str]
"""An account and the network's id of a post."""


def catch_up(account: Account) -> None:
    """Ask the network, once after a restore, for all that the account said since the backup. Raises a ChannelError."""
    mark = restoring.last()
    if mark is None or CaughtUp.objects.filter(account=account, restore=mark).exists():
        return
    listed = account.capabilities.lists_said
    try:
        since = mark.backup_at - restoring.CLOCKS
        said = list(channel_for(account.network).said(account.ref(), since)) if listed else []
    except NotAllowed:  # the token may not: then nothing is known, and what would be said is held for a person
        said, listed = [], False
    with transaction.atomic():
        _keep(account, said)
        done = CaughtUp(account=account, restore=mark, listed=listed, at=timezone.now())
        CaughtUp.objects.bulk_create([done], ignore_conflicts=True)  # another process may have asked, too
        settle([account.pk])


def is_listed(account_id: UUID) -> bool:
    """Whether all that the account said in public before the newest restore is known."""
    return CaughtUp.objects.filter(account_id=account_id, restore=restoring.last(), listed=True).exists()


def _keep(account: Account, said: Iterable[Said]) -> None:
    """Keep what is not known as ours."""
    ledger, unknown = account.public_ref().ledger, []
    for one in said:
        if one.network_id and not ledger.ours(one.network_id):
            unknown.append(
                Regained(
                    account=account,
                    network_id=one.network_id[:500],
                    in_reply_to=one.in_reply_to[:500],
                    text=clean(one.text),
                    visibility=one.visibility,
                    url=one.url[:1000],
                    uri=one.uri[:1000],
                    posted_at=one.posted_at,
                )
            )
    Regained.objects.bulk_create(unknown, ignore_conflicts=True)


def with_lost(above: dict[Post, list[str]]) -> dict[Post, list[str]]:
    """The posts above each post, and behind an answer of ours that was lost, what that one answered."""
    if restoring.last() is None:
        return above
    asked = {(account, parent) for (account, _post), parents in above.items() for parent in parents}
    lost: dict[Post, str] = {}
    for _depth in range(_DEEPEST):
        found = _parents(asked)
        asked = {(account, parent) for (account, _post), parent in found.items()} - lost.keys()
        lost |= found
        if not asked:
            break
    return {post: [*parents, *_behind(post[0], parents, lost)] for post, parents in above.items()}


def _parents(posts: set[Post]) -> dict[Post, str]:
    if not posts:
        return {}
    rows = query(
        "SELECT r.account_id, r.network_id, r.in_reply_to FROM unnest(%s::uuid[], %s::text[]) AS k(account, post)"
        " JOIN inbox_regained r ON r.account_id = k.account AND r.network_id = k.post WHERE r.in_reply_to <> ''",
        [array(account for account, _ in posts), array(post for _, post in posts)],
    )
    return {(account, post): parent for account, post, parent in rows}


def _behind(account: UUID, parents: list[str], lost: dict[Post, str]) -> list[str]:
    found: list[str] = []
    for parent in parents:
        while (parent := lost.get((account, parent), "")) and parent not in found:
            found.append(parent)
    return found


def settle(account_ids: Iterable[UUID]) -> None:
    """What is held and stands on the network is said; what else we said there is put into its conversation."""
    accounts = list(account_ids)
    _adopt(accounts)
    for _depth in range(_DEEPEST):
        if not _put_in_place(accounts):
            return


def adopt(account_ids: Iterable[UUID]) -> None:
    """Only the first half: what was heard in this very batch still gets its answers."""
    _adopt(list(account_ids))


def _adopt(accounts: list[UUID]) -> None:
    """Held answers and found ones under the same post, each in the order in which they were said."""
    held = Delivery.objects.filter(account__in=accounts, state=State.FAILED, error_kind=HELD).select_related("account")
    waiting: dict[tuple[UUID, str, str], list[Delivery]] = defaultdict(list)
    for delivery in held.order_by("id"):
        if parent := delivery.outgoing.get("in_reply_to"):
            waiting[delivery.account_id, parent, delivery.outgoing.get("visibility", "public")].append(delivery)
    parents = {parent for _account, parent, _visibility in waiting}
    found = Regained.objects.filter(account__in=accounts, in_reply_to__in=parents, used=False)
    for one in found.order_by("posted_at", "id"):
        if deliveries := waiting.get((one.account_id, one.in_reply_to, one.visibility)):
            delivery = deliveries.pop(0)
            Message.objects.filter(delivery=delivery).update(text=one.text)
            restoring.adopt(delivery, _said(one))
            _used([one.pk])


def _said(one: Regained) -> Said:
    visibility: Visibility = "private" if one.visibility == "private" else "public"
    return Said(one.network_id, one.text, one.posted_at, one.in_reply_to, visibility, one.url, one.uri)


def _used(ids: list[UUID]) -> None:
    Regained.objects.filter(pk__in=ids).update(used=True)


_BELOW_KNOWN = """
SELECT r.id, m.conversation_id FROM inbox_regained r
JOIN inbox_message m ON m.account_id = r.account_id AND m.network_id = r.in_reply_to AND m.visibility = r.visibility
WHERE r.account_id = ANY(%s::uuid[]) AND NOT r.used AND r.in_reply_to <> ''
"""


def _put_in_place(accounts: list[UUID]) -> int:
    """Put what we said under posts that are known into their conversations; returns how many."""
    places = dict(query(_BELOW_KNOWN, [array(accounts)]))
    found = list(Regained.objects.filter(pk__in=list(places)).order_by("posted_at", "id"))
    for one in found:
        message = Message.objects.create(
            conversation_id=places[one.pk],
            account_id=one.account_id,
            direction=Direction.OUT,
            network_id=one.network_id,
            uri=one.uri,
            url=one.url,
            parent_network_id=one.in_reply_to,
            text=one.text,
            visibility=one.visibility,
            posted_at=one.posted_at,
            kept_at=timezone.now(),
        )
        body = {"network_id": one.network_id, "url": one.url, "text": one.text, "what": "found after a restore"}
        entry = log.Entry(Kind.SAID, "openline", one.account_id, message.conversation_id, message.pk, body=body)
        log.write([entry])
    _used([one.pk for one in found])
    conversations_changed(*places.values())
    return len(found)
