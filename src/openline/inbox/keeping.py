"""From raw deliveries to messages in conversations: the second step of the flow, many at a time.

All reads and writes of a batch are a handful of statements. Threads are found by the parent that
a reply names; a reply whose parent is unknown waits under the parent's id, where the parent finds
it when it arrives.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.utils import timezone

from openline.accounts.models import Account
from openline.channels.base import Incoming, Refused
from openline.channels.registry import channel_for
from openline.files import attaching
from openline.foundation.bulk import append_rows, array, insert_rows, query
from openline.foundation.ids import uuid7
from openline.foundation.text import MESSAGE_LIMIT, clean, shorten
from openline.inbox import fates, regaining
from openline.inbox.models import Attention, HeardState, Status
from openline.records import log
from openline.records.models import Kind

_ID_LIMIT = 500
_MOST_REFERENCES = 20
_EARLIEST = datetime(2006, 1, 1, tzinfo=UTC)
_CLOCK_TOLERANCE = timedelta(minutes=5)


class Raw(NamedTuple):
    """One claimed row of the door."""

    heard_id: UUID
    account_id: UUID
    raw: bytes
    received_at: datetime


@dataclass(slots=True)
class Kept:
    """A message that was kept now, with what the next steps need to know of its conversation."""

    message_id: UUID
    conversation_id: UUID
    account_id: UUID
    identity_id: UUID
    network: str
    incoming: Incoming
    posted_at: datetime
    kept_at: datetime
    thread: str
    handle: str
    ours: bool
    edited: bool = False
    opens: bool = False
    """Whether its conversation was made for it: nothing can have happened there yet."""


@dataclass(slots=True)
class _Item:
    """A delivery between reading and keeping."""

    raw: Raw
    incoming: Incoming
    network: str
    posted_at: datetime
    thread: str = ""
    identity_id: UUID | None = None
    handle: str = ""
    ours: bool = False
    conversation_id: UUID | None = None
    opens: bool = False
    cut: dict[str, object] | None = None
    """Of a text that is too long to be kept for reading: its length, and the delivery that has all of it."""


def claim(limit: int, only: Sequence[UUID] = ()) -> list[Raw]:
    """Take up to `limit` waiting deliveries, oldest first, locked until this transaction ends."""
    condition = "AND id = ANY(%s)" if only else ""
    rows = query(
        f"SELECT id, account_id, raw, received_at FROM inbox_heard WHERE state = 'waiting' {condition}"  # noqa: S608
        " ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED",
        [list(only), limit] if only else [limit],
    )
    return [Raw(heard_id, account_id, bytes(raw), at) for heard_id, account_id, raw, at in rows]


def keep(claimed: Sequence[Raw], accounts: dict[UUID, Account]) -> list[Kept]:
    """Keep the claimed deliveries as messages, revisions and deletions; refuse, with the reason, what is unreadable.

    Returns the messages that are new or whose text changed, in the order of their arrival.
    """
    items, outcome = _read(claimed, accounts)
    posts = [item for item in items if item.incoming.kind == "post"]
    changes = [item for item in items if item.incoming.kind != "post"]
    kept = _keep_posts(posts, outcome)
    for item in changes:
        if item.incoming.kind == "receipt":
            outcome[item.raw.heard_id] = (HeardState.KEPT, fates.keep(item.raw.account_id, item.incoming))
        else:
            kept += _keep_change(item, outcome)
    _finish(outcome)
    return kept


def _read(claimed: Sequence[Raw], accounts: dict[UUID, Account]) -> tuple[list[_Item], dict[UUID, tuple[str, str]]]:
    """Parse every delivery by its channel; `outcome` collects the state and reason of each row."""
    items: list[_Item] = []
    outcome: dict[UUID, tuple[str, str]] = {}
    entries = []
    for raw in claimed:
        account = accounts[raw.account_id]
        network = account.network
        incoming = channel_for(network).read(raw.raw, account.settings)
        if isinstance(incoming, Refused) or not incoming.network_id:
            reason = incoming.reason if isinstance(incoming, Refused) else "The delivery names no post."
            outcome[raw.heard_id] = (HeardState.REFUSED, reason)
            entries.append(
                log.Entry(
                    Kind.REFUSED,
                    "openline",
                    raw.account_id,
                    body={"heard": raw.heard_id, "reason": clean(reason, 1000)},
                )
            )
            continue
        length, incoming = len(incoming.text), _tidy(incoming)
        outcome[raw.heard_id] = (HeardState.KEPT, "")
        cut = {"length": length, "heard": str(raw.heard_id)} if length > MESSAGE_LIMIT else None
        items.append(_Item(raw, incoming, network, _believable(incoming.posted_at, raw.received_at), cut=cut))
    log.write(entries)
    return items, outcome


def _tidy(incoming: Incoming) -> Incoming:
    """The same delivery with texts that the database and a page can hold."""
    return replace(
        incoming,
        network_id=clean(incoming.network_id, _ID_LIMIT),
        uri=clean(incoming.uri, 1000),
        url=clean(incoming.url, 1000) if incoming.url.startswith(("https://", "http://", "nostr:")) else "",
        text=clean(incoming.text),
        author_id=clean(incoming.author_id, _ID_LIMIT) or "unknown",
        author_handle=clean(incoming.author_handle, _ID_LIMIT),
        author_name=clean(incoming.author_name, _ID_LIMIT),
        in_reply_to=clean(incoming.in_reply_to, _ID_LIMIT),
        language=clean(incoming.language, 20),
        visibility="private" if incoming.visibility == "private" else "public",
        subject=clean(incoming.subject, _ID_LIMIT),
        whole=clean(incoming.whole),
        references=tuple(clean(one, _ID_LIMIT) for one in incoming.references[-_MOST_REFERENCES:]),
        thread=clean(incoming.thread, _ID_LIMIT),
        facts={clean(name, 40): clean(value, 300) for name, value in incoming.facts.items()},
    )


def _believable(posted_at: datetime | None, received_at: datetime) -> datetime:
    """When the post was made: the network's word, unless it names the future or a time before social networks."""
    if posted_at is None or posted_at.tzinfo is None:
        return received_at
    if posted_at > received_at + _CLOCK_TOLERANCE or posted_at < _EARLIEST:
        return received_at
    return posted_at


def _keep_posts(items: list[_Item], outcome: dict[UUID, tuple[str, str]]) -> list[Kept]:
    """Identities, threads, conversations, messages: each in one statement for the whole batch."""
    items = _without_known(items, outcome)
    if not items:
        return []
    _find_identities(items)
    _find_threads(items)
    _find_conversations(items)
    fates.opt_out(
        (item.identity_id, item.incoming.facts["opt_out"])
        for item in items
        if item.identity_id and "opt_out" in item.incoming.facts
    )
    return _write_messages(items)


def _without_known(items: list[_Item], outcome: dict[UUID, tuple[str, str]]) -> list[_Item]:
    """Drop posts that are kept already, or twice in this batch; an original that follows its edit is a revision."""
    known = _known_messages((item.raw.account_id, item.incoming.network_id) for item in items)
    seen: set[tuple[UUID, str]] = set()
    new = []
    for item in items:
        key = (item.raw.account_id, item.incoming.network_id)
        if key in known:
            _keep_late_original(item, *known[key])
        if key in known or key in seen:
            outcome[item.raw.heard_id] = (HeardState.KEPT, "Kept before: the same post was delivered again.")
            continue
        seen.add(key)
        new.append(item)
    return new


_MESSAGES_OF = """unnest(%s::uuid[], %s::text[]) AS k(account_id, network_id)
CROSS JOIN LATERAL (SELECT * FROM inbox_message WHERE account_id = k.account_id AND network_id = k.network_id
                    AND network_id <> '' LIMIT 1) m"""
"""Messages by account and network id. One look-up each: else the planner reads all that an account ever heard."""


def _known_messages(keys: Iterable[tuple[UUID, str]]) -> dict[tuple[UUID, str], tuple[UUID, str]]:
    """Messages already kept, by account and network id: their id and text."""
    keys = list(keys)
    if not keys:
        return {}
    rows = query(
        f"SELECT m.account_id, m.network_id, m.id, m.text FROM {_MESSAGES_OF}",  # noqa: S608
        [array(account for account, _ in keys), array(network_id for _, network_id in keys)],
    )
    return {(account, network_id): (message_id, text) for account, network_id, message_id, text in rows}


def _keep_late_original(item: _Item, message_id: UUID, text: str) -> None:
    """An edit came before its original: the original's text becomes the earlier revision."""
    if item.incoming.text != text:
        _write_revision(message_id, "original", item.incoming.text, item.posted_at)


def _find_identities(items: list[_Item]) -> None:
    """Give every item the identity of its author, made with a new resident where unknown."""
    now = timezone.now()
    people = {(item.network, item.incoming.author_id): item.incoming for item in items}
    rows = query(
        "SELECT i.network, i.network_user_id, i.id, i.ours, i.handle, i.name FROM inbox_identity i"
        " JOIN unnest(%s::text[], %s::text[]) AS k(network, id) ON i.network = k.network AND i.network_user_id = k.id",
        [array(network for network, _ in people), array(user for _, user in people)],
    )
    found = {(row[0], row[1]): (row[2], row[3], row[4]) for row in rows}
    renamed = [
        (row[2], people[row[0], row[1]])
        for row in rows
        if people[row[0], row[1]].author_handle and (row[4], row[5]) != _names(people[row[0], row[1]])
    ]
    for identity_id, incoming in renamed:
        query(
            "UPDATE inbox_identity SET handle = %s, name = %s WHERE id = %s RETURNING id",
            [*_names(incoming), identity_id],
        )
    missing = sorted(key for key in people if key not in found)
    if missing:
        found |= _make_identities(missing, people, now)
    for item in items:
        item.identity_id, item.ours, handle = found[item.network, item.incoming.author_id]
        item.handle = people[item.network, item.incoming.author_id].author_handle or handle


def _names(incoming: Incoming) -> tuple[str, str]:
    return incoming.author_handle or incoming.author_id, incoming.author_name


def _make_identities(
    missing: list[tuple[str, str]], people: dict[tuple[str, str], Incoming], now: datetime
) -> dict[tuple[str, str], tuple[UUID, bool, str]]:
    """New residents and their identities; another worker may have made one meanwhile, then that one counts."""
    residents = [uuid7() for _ in missing]
    insert_rows("inbox_resident", {"id": "uuid", "created_at": "timestamptz"}, [(r, now) for r in residents])
    rows = [
        (uuid7(), resident, network, user, *_names(people[network, user]), False)
        for resident, (network, user) in zip(residents, missing, strict=True)
    ]
    columns = {
        "id": "uuid",
        "resident_id": "uuid",
        "network": "text",
        "network_user_id": "text",
        "handle": "text",
        "name": "text",
        "ours": "bool",
    }
    made = insert_rows(
        "inbox_identity",
        columns,
        rows,
        conflict="(network, network_user_id) DO UPDATE SET handle = EXCLUDED.handle",
        returning="network, network_user_id, id, ours, handle",
    )
    return {(network, user): (identity_id, ours, handle) for network, user, identity_id, ours, handle in made}


def _find_threads(items: list[_Item]) -> None:
    """Name the thread of every item: its known parent's, or the first or the unknown parent's id, or its own id."""
    above = regaining.with_lost({(i.raw.account_id, i.incoming.network_id): _above(i.incoming) for i in items})
    threads = _threads_of({(account, parent) for (account, _post), parents in above.items() for parent in parents})
    for item in items:
        account, incoming = item.raw.account_id, item.incoming
        parents = above[account, incoming.network_id]
        known = [threads[account, parent] for parent in parents if (account, parent) in threads]
        # A private message never joins a public thread, whatever it claims to answer.
        alike = next((thread for thread, visibility in known if visibility == incoming.visibility), "")
        if incoming.thread:
            item.thread = alike or incoming.thread
        elif incoming.visibility == "private":
            item.thread = f"dm:{incoming.author_id}"[:_ID_LIMIT]
        else:
            # A reply whose parent is unknown waits under the first post of its thread, if it names that, else under its
            # parent: whatever is heard of the thread later is found there, and a post of the city that is its root too.
            root = incoming.references[0] if incoming.references else incoming.in_reply_to
            item.thread = alike or root or incoming.network_id
        threads[account, incoming.network_id] = item.thread, incoming.visibility


def _above(incoming: Incoming) -> list[str]:
    """The posts that this one answers, nearest first."""
    return [one for one in (incoming.in_reply_to, *reversed(incoming.references)) if one]


def _threads_of(posts: set[tuple[UUID, str]]) -> dict[tuple[UUID, str], tuple[str, str]]:
    """Thread and visibility of the conversations in which those posts stand, by account and network id."""
    if not posts:
        return {}
    keys = [array(account for account, _ in posts), array(post for _, post in posts)]
    threads = "SELECT m.account_id, k.network_id, c.thread, c.visibility FROM"
    conversation = "JOIN inbox_conversation c ON c.id = m.conversation_id"
    rows = query(f"{threads} {_MESSAGES_OF} {conversation}", keys)
    found = {(account, post): (thread, visibility) for account, post, thread, visibility in rows}
    if len(found) < len(posts):
        rows = query(
            f"{threads} unnest(%s::uuid[], %s::text[]) AS k(account_id, network_id)"
            " JOIN inbox_part p ON p.account_id = k.account_id AND p.network_id = k.network_id"
            f" JOIN inbox_message m ON m.id = p.message_id {conversation}",
            keys,
        )
        found |= {(account, post): (thread, visibility) for account, post, thread, visibility in rows}
    return found


def _find_conversations(items: list[_Item]) -> None:
    """Give every item its conversation, made where it is the first of its thread and person."""
    columns = {
        "id": "uuid",
        "account_id": "uuid",
        "identity_id": "uuid",
        "thread": "text",
        "visibility": "text",
        "status": "text",
        "attention": "int2",
        "why": "text",
        "unread": "bool",
        "summary": "text",
        "opened_at": "timestamptz",
        "last_message_at": "timestamptz",
        "machine_answers": "int2",
    }
    rows: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    for item in sorted(items, key=_conversation_key):
        rows[_conversation_key(item)] = (
            uuid7(),
            item.raw.account_id,
            item.identity_id,
            item.thread,
            item.incoming.visibility,
            Status.OPEN,
            Attention.NONE,
            "",
            True,
            shorten(item.incoming.text, 200),
            item.posted_at,
            item.posted_at,
            0,
        )
    written = insert_rows(
        "inbox_conversation",
        columns,
        list(rows.values()),
        conflict="(account_id, thread, identity_id) DO UPDATE SET summary = EXCLUDED.summary, unread = true,"
        " last_message_at = greatest(inbox_conversation.last_message_at, EXCLUDED.last_message_at)",
        returning="account_id, thread, identity_id, id, xmax = 0",  # xmax is 0 where the row was made, not updated
    )
    found = {(account, thread, identity): rest for account, thread, identity, *rest in written}
    for item in items:
        key = item.raw.account_id, item.thread, item.identity_id
        item.conversation_id, item.opens = found[key]
        found[key] = [item.conversation_id, False]


def _conversation_key(item: _Item) -> tuple[Any, ...]:
    """Sort key too: rows are locked in one order, so that two workers never wait for each other in a circle."""
    return (item.raw.account_id, item.thread, item.identity_id)


_MESSAGE = (
    "id",
    "conversation_id",
    "account_id",
    "direction",
    "network_id",
    "uri",
    "url",
    "parent_network_id",
    "text",
    "language",
    "visibility",
    "media",
    "latitude",
    "longitude",
    "posted_at",
    "kept_at",
    "purpose",
    "details",
)


def _write_messages(items: list[_Item]) -> list[Kept]:
    """Write all messages and the records that they were heard."""
    now = timezone.now()
    rows, entries, kept = [], [], []
    for item in items:
        incoming, message_id = item.incoming, uuid7()
        assert item.conversation_id and item.identity_id
        media = [
            {"url": clean(m.url, 1000), "kind": clean(m.kind, 40), "alt": clean(m.alt, 1500)} for m in incoming.media
        ]
        rows.append(
            (
                message_id,
                item.conversation_id,
                item.raw.account_id,
                "in",
                incoming.network_id,
                incoming.uri,
                incoming.url,
                incoming.in_reply_to,
                incoming.text,
                incoming.language,
                incoming.visibility,
                orjson.dumps(media).decode(),
                _degrees(incoming.latitude, 90),
                _degrees(incoming.longitude, 180),
                item.posted_at,
                now,
                "",
                _details(item),
            )
        )
        entries.append(
            log.Entry(
                Kind.HEARD,
                "resident",
                item.raw.account_id,
                item.conversation_id,
                message_id,
                body={
                    "heard": item.raw.heard_id,
                    "text": incoming.text,
                    "media": media,
                    "author": incoming.author_handle,
                    "posted_at": item.posted_at,
                    **({"subject": incoming.subject} if incoming.subject else {}),
                },
            )
        )
        kept.append(_kept(item, message_id, now))
    append_rows("inbox_message", _MESSAGE, rows)
    log.write(entries)
    return kept


def _details(item: _Item) -> str | None:
    """What only some networks have, as JSON; None, as for most, if there is nothing of it."""
    incoming = item.incoming
    found = {
        "subject": incoming.subject,
        "whole": incoming.whole if incoming.whole != incoming.text else "",
        "references": incoming.references,
        "automatic": incoming.automatic,
        "facts": incoming.facts,
        "cut": item.cut,
    }
    kept = {name: value for name, value in found.items() if value}
    return orjson.dumps(kept).decode() if kept else None


def _degrees(value: object, limit: int) -> float | None:
    """A coordinate, if it is one."""
    if isinstance(value, int | float) and not isinstance(value, bool) and -limit <= value <= limit:
        return float(value)
    return None


def _kept(item: _Item, message_id: UUID, now: datetime, *, edited: bool = False) -> Kept:
    assert item.conversation_id and item.identity_id
    return Kept(
        message_id,
        item.conversation_id,
        item.raw.account_id,
        item.identity_id,
        item.network,
        item.incoming,
        item.posted_at,
        now,
        item.thread,
        item.handle,
        item.ours,
        edited,
        item.opens,
    )


def _keep_change(item: _Item, outcome: dict[UUID, tuple[str, str]]) -> list[Kept]:
    """An edit or a deletion becomes a revision of its message; an edit before its original stands for it."""
    found = query(
        "SELECT m.id, m.text, m.conversation_id, c.identity_id, i.ours, i.network_user_id FROM inbox_message m"
        " JOIN inbox_conversation c ON c.id = m.conversation_id JOIN inbox_identity i ON i.id = c.identity_id"
        " WHERE m.account_id = %s AND m.network_id = %s AND m.network_id <> '' AND m.direction = 'in' FOR UPDATE OF m",
        [item.raw.account_id, item.incoming.network_id],
    )
    if not found:
        if item.incoming.kind == "edit" and item.incoming.text:
            return _keep_posts([item], outcome)
        outcome[item.raw.heard_id] = (HeardState.KEPT, "About a post that was never heard: nothing to change.")
        return []
    message_id, text, item.conversation_id, item.identity_id, item.ours, author = found[0]
    if item.incoming.author_id not in ("", "unknown", author):
        outcome[item.raw.heard_id] = (HeardState.REFUSED, "Somebody else than the author changed the post.")
        return []
    if item.incoming.kind == "delete":
        _delete(item, message_id, text)
        return []
    if item.incoming.text == text:
        return []
    return [_edit(item, message_id, text)]


def _delete(item: _Item, message_id: UUID, text: str) -> None:
    """The resident took the post back: staff see that, the record keeps what was said."""
    now = timezone.now()
    query(
        "UPDATE inbox_message SET deleted_at = coalesce(deleted_at, %s) WHERE id = %s RETURNING id", [now, message_id]
    )
    _write_revision(message_id, "deleted", text, now)
    attaching.taken_back(message_id)
    log.write(
        [
            log.Entry(
                Kind.DELETED,
                "resident",
                item.raw.account_id,
                item.conversation_id,
                message_id,
                body={"heard": item.raw.heard_id},
            )
        ]
    )


def _edit(item: _Item, message_id: UUID, text: str) -> Kept:
    """The message gets its new text; the old one is kept as a revision."""
    now = timezone.now()
    _write_revision(message_id, "edited", text, now)
    cut = orjson.dumps({"cut": item.cut} if item.cut else {}).decode()
    query(
        "UPDATE inbox_message SET text = %s,"
        " details = nullif(coalesce(details, '{}') - 'cut' || %s::jsonb, '{}') WHERE id = %s RETURNING id",
        [item.incoming.text, cut, message_id],
    )
    log.write(
        [
            log.Entry(
                Kind.EDITED,
                "resident",
                item.raw.account_id,
                item.conversation_id,
                message_id,
                body={"heard": item.raw.heard_id, "text": item.incoming.text},
            )
        ]
    )
    return _kept(item, message_id, now, edited=True)


def _write_revision(message_id: UUID, kind: str, text: str, at: datetime) -> None:
    append_rows("inbox_revision", ("id", "message_id", "kind", "text", "at"), [(uuid7(), message_id, kind, text, at)])


def _finish(outcome: dict[UUID, tuple[str, str]]) -> None:
    """Write what became of every claimed delivery."""
    query(
        "UPDATE inbox_heard h SET state = k.state, reason = k.reason, processed_at = %s"
        " FROM unnest(%s::uuid[], %s::text[], %s::text[]) AS k(id, state, reason) WHERE h.id = k.id RETURNING h.id",
        [
            timezone.now(),
            array(outcome),
            array(state for state, _ in outcome.values()),
            array(clean(reason, 1000) for _, reason in outcome.values()),
        ],
    )
