"""Reading the inbox: views with their counts, pages of conversations by key, the thread of one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Func, Prefetch, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from openline.foundation.bulk import array, query
from openline.foundation.keyset import after
from openline.inbox.models import (
    Attention,
    Conversation,
    Heard,
    HeardState,
    Identity,
    Mention,
    Message,
    Note,
    Revision,
    Status,
)
from openline.outbox.models import Delivery, State

PAGE = 40
MOST_PINNED = 10
"""So many emergencies stand above every list; more are in their own view."""
MOST_MESSAGES = 200
COUNT_LIMIT = 1000
"""Counting stops here: the screen says "999+" instead of reading an index of millions."""
LATE = timedelta(minutes=2)
"""What waits longer than this to be sent is shown to staff: a network is away, an account is off, nobody sends."""


@dataclass(frozen=True, slots=True)
class View:
    """One way to look at the inbox."""

    key: str
    label: str | Promise
    where: Q
    counted: bool = True
    newest_first: bool = False
    empty: str | Promise = ""


_PUT_OFF = Q(put_off_until__gt=Now())
WORK = Q(status=Status.OPEN) & (Q(put_off_until=None) | Q(put_off_until__lte=Now()))
"""What needs staff now."""
VIEWS = (
    View("emergencies", _("Emergencies"), WORK & Q(attention=Attention.EMERGENCY), empty=_("No emergency is open.")),
    View(
        "answer",
        _("Needs an answer"),
        WORK & Q(attention__in=[Attention.ANSWER, Attention.URGENT]),
        empty=_("Nobody waits for an answer. “Needs a look” may have something to decide."),
    ),
    View("look", _("Needs a look"), WORK & Q(attention__lte=Attention.LOOK), empty=_("Nothing to look at.")),
    View(
        "waiting",
        _("Waiting for the resident"),
        Q(status=Status.WAITING),
        empty=_("We asked nobody anything, or everybody has answered."),
    ),
    View(
        "later",
        _("Put off"),
        Q(status=Status.OPEN) & _PUT_OFF,
        empty=_("Nothing is put off. What is comes back at its time, or when the resident writes."),
    ),
    View("done", _("Handled"), Q(status=Status.DONE), counted=False, empty=_("Nothing is handled yet.")),
    View(
        "all",
        _("Everything"),
        Q(),
        counted=False,
        newest_first=True,
        empty=_("Nothing was heard yet. As soon as a resident writes to an account, it stands here."),
    ),
)
MINE = View(
    "mine",
    _("Assigned to me"),
    ~Q(status=Status.DONE),
    newest_first=True,
    empty=_("Nothing is assigned to you. Open a conversation and choose “Assign to me”."),
)
NAMED = View(
    "named",
    _("Mentions me"),
    Q(),
    newest_first=True,
    empty=_("No colleague named you in a note. They write @ and your user name."),
)
OPEN = View("open", _("Everything that needs staff"), WORK, counted=False, empty=_("Nothing is open here."))
"""All work in one list, as it is reached from the supervisor's look at the desk."""
PERSONAL = (MINE, NAMED)
"""Views of which everybody has their own."""


def of_person(visible: QuerySet[Conversation], view: View, user: User) -> QuerySet[Conversation]:
    """What of `visible` the `view` of `user` is about; all of it for a view that is everybody's."""
    if view is MINE:
        return visible.filter(assigned_to=user)
    if view is NAMED:
        return visible.filter(pk__in=Mention.objects.filter(user=user).values("note__conversation_id"))
    return visible


def view_named(key: str) -> View:
    """The view `key`; the one of answers for a key that is none."""
    return next((view for view in (*VIEWS, *PERSONAL, OPEN) if view.key == key), VIEWS[1])


def counts(visible: QuerySet[Conversation], user: User | None = None) -> dict[str, int]:
    """How many there are in each counted view, of failed or unclear deliveries, and of unreadable ones; for `user`
    also how many are assigned, and how many mentions were not seen yet.

    One query; each number is at most COUNT_LIMIT.
    """
    parts: dict[str, QuerySet[Any]] = {view.key: visible.filter(view.where) for view in VIEWS if view.counted}
    parts["unsent"] = _not_said()
    parts["refused"] = Heard.objects.filter(state=HeardState.REFUSED)
    if user:
        parts[MINE.key] = of_person(visible, MINE, user).filter(MINE.where)
        parts[NAMED.key] = Mention.objects.filter(user=user, seen_at=None)
    columns: list[str] = []
    parameters: list[Any] = []
    for part in parts.values():
        sql, values = part.order_by().values("pk")[:COUNT_LIMIT].query.sql_with_params()
        columns.append(f"(SELECT count(*) FROM ({sql}) AS part)")  # noqa: S608
        parameters += values
    return dict(zip(parts, query("SELECT " + ", ".join(columns), parameters)[0], strict=True))


def ordered(conversations: QuerySet[Conversation], view: View) -> QuerySet[Conversation]:
    """In the order of the screen, which is the order of an index."""
    if view.newest_first:
        return conversations.order_by("-last_message_at", "-id")
    return conversations.order_by("-attention", "-last_message_at", "-id")


def page(
    visible: QuerySet[Conversation], view: View, before: str = "", search: str = ""
) -> tuple[list[Conversation], str]:
    """One page of `view` after the key `before` ("" for the first), and the key of the next page ("" if none)."""
    found = ordered(visible.filter(view.where), view)
    if search:
        found = found.filter(matching(search))
    if key := _read_key(before):
        found = found.filter(_after(key, view))
    rows = _whole(found, view, PAGE + 1)
    return rows[:PAGE], key_of(rows[PAGE - 1]) if len(rows) > PAGE else ""


def pinned(visible: QuerySet[Conversation]) -> list[Conversation]:
    """The open emergencies, newest first: they stand above every list."""
    return _whole(ordered(visible.filter(VIEWS[0].where), VIEWS[0]), VIEWS[0], MOST_PINNED)


def _whole(found: QuerySet[Conversation], view: View, most: int) -> list[Conversation]:
    """The first `most` of `found` with what the list shows of them.

    The inner query walks the index of the order; with the joins in it, the planner may sort everything instead.
    """
    first = Conversation.objects.filter(pk__in=found.values("pk")[:most])
    return list(ordered(first, view).select_related("account", "identity", "assigned_to"))


def matching(search: str) -> Q:
    """Conversations with `search` in the resident's name or in something that was said."""
    people = Identity.objects.filter(Q(handle__icontains=search) | Q(name__icontains=search)).values("pk")
    said = Message.objects.filter(text__icontains=search).values("conversation_id")
    return Q(identity__in=people) | Q(pk__in=said)


def key_of(conversation: Conversation) -> str:
    """The place of `conversation` in its list, for paging."""
    moment = int(conversation.last_message_at.timestamp() * 1_000_000)
    return f"{conversation.attention}.{moment}.{conversation.pk.hex}"


def _read_key(text: str) -> tuple[int, datetime, UUID] | None:
    """The key in `text`; None for one that was not made by `key_of`."""
    try:
        attention, moment, pk = text.split(".")
        return int(attention) % 1000, datetime.fromtimestamp(int(moment) / 1_000_000, UTC), UUID(pk)
    except (ValueError, OverflowError, OSError):
        return None


def _after(key: tuple[int, datetime, UUID], view: View) -> Func:
    """What follows `key` in the order of `view`."""
    columns = ("attention", "last_message_at", "id")
    return after(columns[1:], key[1:]) if view.newest_first else after(columns, key)


def thread(conversation: Conversation) -> list[Message]:
    """The newest messages of a conversation in their order, with all that was made of them."""
    newest = (
        conversation.messages.select_related("assessment", "suggestion__call", "delivery", "written_by")
        .prefetch_related(Prefetch("revisions", Revision.objects.order_by("at")))
        .order_by("-posted_at", "-id")[:MOST_MESSAGES]
    )
    return list(reversed(newest))


def unsent() -> QuerySet[Delivery]:
    """What was not said, or perhaps not, with its conversation, oldest first."""
    return _not_said().select_related("account", "message__conversation__identity").order_by("created_at", "id")


def _not_said() -> QuerySet[Delivery]:
    """Failed and unclear deliveries, and those that should have left long ago: a network is away, an account off."""
    late = Q(state=State.WAITING, created_at__lt=timezone.now() - LATE)
    return Delivery.objects.filter(Q(state__in=[State.FAILED, State.UNCLEAR]) | late)


def refused(before: UUID | None = None) -> list[Heard]:
    """Deliveries that could not be read, newest first, one page and one more."""
    found = Heard.objects.filter(state=HeardState.REFUSED).select_related("account").order_by("-id")
    return list((found.filter(id__lt=before) if before else found)[: PAGE + 1])


def seen(conversation: Conversation, user: User) -> None:
    """`user`, who works at the desk, has it open: it is read, and so are the notes in it that name them."""
    if conversation.unread:
        Conversation.objects.filter(pk=conversation.pk, unread=True).update(unread=False)
        conversation.unread = False
    unseen = Mention.objects.filter(note__conversation=conversation, user=user, seen_at=None)
    unseen.update(seen_at=timezone.now())


def notes(conversation: Conversation) -> list[Note]:
    """What staff wrote to each other about the conversation, oldest first."""
    return list(conversation.notes.select_related("by").order_by("at", "id")[:MOST_MESSAGES])


def opted_out(conversations: Collection[UUID]) -> set[UUID]:
    """Those of `conversations` whose resident asked for no more messages."""
    if not conversations:
        return set()
    rows = query(
        "SELECT c.id FROM inbox_conversation c JOIN inbox_identity i ON i.id = c.identity_id"
        " WHERE c.id = ANY(%s::uuid[]) AND i.opted_out_at IS NOT NULL",
        [array(conversations)],
    )
    return {conversation for (conversation,) in rows}


def delivery_of(message: Message) -> bytes:
    """The raw delivery that brought `message`, as the network sent it; empty if it is not known any more."""
    rows = query(
        "SELECT h.raw FROM records_record r JOIN inbox_heard h ON h.id = (r.body->>'heard')::uuid"
        " WHERE r.conversation_id = %s AND r.message_id = %s AND r.kind = 'heard' AND r.body ? 'heard' LIMIT 1",
        [message.conversation_id, message.pk],
    )
    return bytes(rows[0][0]) if rows else b""
