"""What a discussion shows, to whom: the one door through which words of neighbors get onto pages and into feeds.

Everybody sees what is public, and that something was hidden, when and by which rule. Who wrote words that wait or were
hidden sees them, and nobody else does. Newest threads first; in a thread, answers as they came.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from openline.care.models import Report
from openline.channels.base import Incoming
from openline.channels.registry import channel_for
from openline.community import liaisons, moderation, moderation_rules, threads
from openline.community.models import NETWORK, ClosedThread, Comment, CommentState, Flag, Member
from openline.files.models import Attachment
from openline.foundation.keyset import after
from openline.inbox.models import Heard, HeardState
from openline.service_requests.jurisdiction import jurisdiction, today
from openline.service_requests.models import ServiceRequest

PAGE = 20
MOST_ANSWERS = 300
QUIET_EDIT = timedelta(minutes=15)
"""Changed within this time after it was said, it is not marked as edited."""
Key = tuple[datetime, UUID]


@dataclass(slots=True)
class Said:
    """One comment as somebody sees it. `name` is empty where only is said that something stood there."""

    comment: Comment
    name: str
    badges: list[str]
    mine: bool = False
    flagged: bool = False
    photos: list[Attachment] = field(default_factory=list)
    answers: list[Said] = field(default_factory=list)

    @property
    def key(self) -> str:
        """Its name on the page."""
        return f"c-{self.comment.pk.hex}"

    @property
    def gone(self) -> bool:
        """Who wrote it took it back."""
        return self.comment.message.deleted_at is not None

    @property
    def text(self) -> str:
        """The words, if whoever looks may read them; its writer reads them as they were written."""
        if self.gone or not (self.mine or self.comment.state == CommentState.SHOWN):
            return ""
        return self.comment.message.text if self.mine else self.comment.text

    @property
    def hidden(self) -> str:
        """The name of the rule by which it was hidden; "" if it was not."""
        return moderation_rules.name(self.comment.rule) if self.comment.state == CommentState.HIDDEN else ""

    @property
    def waits(self) -> bool:
        """Staff look at it first."""
        return self.comment.state == CommentState.WAITING

    @property
    def edited(self) -> bool:
        """It was changed later than one mends a slip."""
        changed = self.comment.edited_at
        return changed is not None and changed - self.comment.at > QUIET_EDIT

    @property
    def photos_wait(self) -> bool:
        """It came with pictures at which nobody has looked yet."""
        return bool(self.comment.message.media) and self.comment.decided_at is None and not self.photos

    @property
    def may_appeal(self) -> bool:
        """Its writer can ask for another look."""
        return self.mine and bool(self.hidden) and moderation.may_appeal(self.comment)

    @property
    def by_city(self) -> bool:
        """The city's official word."""
        return self.comment.by_id is None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a discussion. `coming` is what the member just wrote and nobody has read yet; `closed` says why
    nobody can write, `following` is the key of the next page."""

    thread: str
    said: list[Said]
    coming: list[str]
    closed: str
    following: str


def public(thread: str) -> QuerySet[Comment]:
    """What everybody may read of a discussion."""
    return Comment.objects.filter(thread=thread, state=CommentState.SHOWN, message__deleted_at=None)


def page(
    thread: str,
    member: Member | None,
    *,
    request: ServiceRequest | None = None,
    areas: Iterable[str] = (),
    key: str = "",
    without: UUID | None = None,
    closed: str = "",
) -> Page:
    """A page of the discussion as `member` sees it, from before `key`, in a fixed number of queries.

    `areas` are those of the topic or the `request`; `closed` says why nobody can write there, as the caller knows it.
    `without`: a message that the page shows elsewhere.
    """
    found = _with_people(_tops(thread, member)).exclude(pk=without)
    place = _read_key(key)
    if place:
        found = found.filter(after(("at", "message_id"), place))
    tops = list(found.order_by("-at", "-message_id")[: PAGE + 1])
    rows = tops[:PAGE]
    answers = _answers(rows, member) if rows else []
    people = _People(member, [*rows, *answers], request, areas)
    said = {one.pk: people.said(one) for one in rows}
    for one in answers:
        if one.above_id:
            said[one.above_id].answers.append(people.said(one))
    following = _key(rows[-1]) if len(tops) > PAGE else ""
    return Page(thread, [*said.values()], _coming(thread, member), closed or _closed(thread), following)


def _answers(tops: Sequence[Comment], member: Member | None) -> list[Comment]:
    """What was answered under `tops`, as it came."""
    found = Comment.objects.filter(_seen(member), above__in=tops, message__deleted_at=None)
    return list(_with_people(found).order_by("at", "message_id")[:MOST_ANSWERS])


def _seen(member: Member | None) -> Q:
    """What `member` sees at all; of hidden words, that there were some."""
    mine = Q(by=member) if member else Q(pk__in=())
    return Q(state__in=[CommentState.SHOWN, CommentState.HIDDEN]) | mine


def _tops(thread: str, member: Member | None) -> QuerySet[Comment]:
    """First words of threads; what is not seen itself still stands there, empty, while there are answers to it."""
    answered = Exists(Comment.objects.filter(_seen(member), above=OuterRef("pk"), message__deleted_at=None))
    there = Q(_seen(member), message__deleted_at=None) | Q(answered)
    return Comment.objects.filter(there, thread=thread, above=None)


def _with_people(found: QuerySet[Comment]) -> QuerySet[Comment]:
    return found.select_related("by", "message__written_by").prefetch_related("message__written_by__departments")


class _People:
    """Who said what stands on a page: names and badges, each asked once for all of them."""

    def __init__(
        self, member: Member | None, rows: Sequence[Comment], request: ServiceRequest | None, areas: Iterable[str]
    ) -> None:
        self._member, self._rows, self._request = member, rows, request
        self._areas = list(request.areas if request else areas)

    def said(self, one: Comment) -> Said:
        """`one` as the member sees it."""
        mine = self._member is not None and one.by_id == self._member.pk
        unseen = one.state == CommentState.WAITING and not mine
        return Said(
            one,
            "" if unseen or one.message.deleted_at else self._name(one),
            [] if unseen or one.message.deleted_at else self._badges(one),
            mine,
            one.pk in self._flagged,
            self._photos.get(one.pk, []) if one.state == CommentState.SHOWN and not one.message.deleted_at else [],
        )

    def _name(self, one: Comment) -> str:
        if one.by is None:
            return self._department(one) or jurisdiction().name
        return str(_("a former member")) if one.by.left_at else one.by.name

    def _department(self, one: Comment) -> str:
        by = one.message.written_by
        found = [department.name for department in by.departments.all()] if by else []
        return found[0] if len(found) == 1 else ""

    def _badges(self, one: Comment) -> list[str]:
        if one.by is None:
            return [_("Department") if self._department(one) else _("City")]
        found = [_("Liaison")] if one.by_id in self._liaisons else []
        return [*found, _("reported this")] if one.by.author in self._reporters else found

    @cached_property
    def _liaisons(self) -> set[UUID | None]:
        people = {one.by_id for one in self._rows if one.by_id}
        if not people or not self._areas:
            return set()
        force = liaisons.in_force(today()).filter(area__in=self._areas, member__in=people)
        return set(force.values_list("member_id", flat=True))

    @cached_property
    def _reporters(self) -> set[str]:
        if self._request is None:
            return set()
        mine = Report.objects.filter(request=self._request, conversation__identity__network=NETWORK)
        return set(mine.values_list("conversation__identity__network_user_id", flat=True))

    @cached_property
    def _flagged(self) -> set[UUID]:
        if self._member is None:
            return set()
        mine = Flag.objects.filter(member=self._member, message_id__in=[one.pk for one in self._rows])
        return set(mine.values_list("message_id", flat=True))

    @cached_property
    def _photos(self) -> dict[UUID, list[Attachment]]:
        grouped: dict[UUID, list[Attachment]] = {}
        with_media = [one.pk for one in self._rows if one.photos and one.message.media]
        if with_media:
            for photo in photos().filter(message_id__in=with_media).order_by("position"):
                grouped.setdefault(photo.message_id, []).append(photo)  # type: ignore[arg-type]
        return grouped


def photos() -> QuerySet[Attachment]:
    """All pictures of discussions at which a person has looked, and which everybody may see."""
    shown = Comment.objects.filter(pk=OuterRef("message_id"), state=CommentState.SHOWN, message__deleted_at=None)
    return Attachment.objects.filter(Exists(shown), public=True, request_id=None).select_related("file")


def _coming(thread: str, member: Member | None) -> list[str]:
    """What the member said and nobody has read yet."""
    if member is None:
        return []
    at_the_door = Heard.objects.filter(
        account__network=NETWORK, state=HeardState.WAITING, event_id__startswith=f"{member.id.hex}."
    )
    read = [channel_for(NETWORK).parse(bytes(one.raw)) for one in at_the_door.order_by("id")[:10]]
    return [one.text for one in read if isinstance(one, Incoming) and one.kind == "post" and one.thread == thread]


def _closed(thread: str) -> str:
    closed = ClosedThread.objects.filter(thread=thread).first()
    return threads.by_staff(closed) if closed else ""


def _key(row: Comment) -> str:
    return f"{row.at.isoformat()}~{row.pk.hex}"


def _read_key(text: str) -> Key | None:
    """The key that `_key` wrote; None for anything else (then the discussion begins anew)."""
    try:
        when, pk = text.replace(" ", "+").split("~", 1)
        moment = datetime.fromisoformat(when)
        return (moment, UUID(hex=pk)) if moment.tzinfo and 1970 <= moment.year < 2200 else None
    except ValueError:
        return None
