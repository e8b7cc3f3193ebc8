"""What staff have to decide about words in discussions: flagged, held, with photos, or appealed; oldest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q

from openline.community import moderation_rules, threads
from openline.community.models import Comment, CommentState, Flag
from openline.files.models import Attachment
from openline.foundation.bulk import query

PAGE = 30
CONTEXT = 3
MOST = 100
"""Counted no further than this."""


@dataclass(slots=True)
class Item:
    """Words that wait: by which rules they were flagged and how often (`codes` in the same order), what was said just
    before, and how often words of their writer were hidden before."""

    comment: Comment
    rules: list[tuple[str, int]]
    around: list[Comment]
    hidden_before: int
    photos: list[Attachment]
    codes: list[str]

    @property
    def flags(self) -> int:
        """By how many neighbors."""
        return sum(count for _rule, count in self.rules)

    @property
    def rule_name(self) -> str:
        """By which rule it was hidden."""
        return moderation_rules.name(self.comment.rule)

    @property
    def likely(self) -> str:
        """The code of the rule that was named most; "" if none was."""
        return self.codes[0] if self.codes else ""

    @property
    def address(self) -> str:
        """The public page on which it stands."""
        return f"{threads.path(self.comment.thread)}#c-{(self.comment.above_id or self.comment.pk).hex}"


def count() -> int:
    """How many wait; one query."""
    sql = ("SELECT count(*) FROM (SELECT 1 FROM community_comment c JOIN inbox_message m ON m.id = c.message_id"
           " WHERE c.look AND m.deleted_at IS NULL LIMIT %s) w")  # fmt: skip
    return int(query(sql, [MOST])[0][0])


def waiting() -> list[Item]:
    """The first page of them, in a fixed number of queries."""
    found = Comment.objects.filter(look=True, message__deleted_at=None)
    rows = list(found.select_related("by", "message").order_by("at", "message_id")[:PAGE])
    flags, before, photos = _flags(rows), _hidden(rows), _photos(rows)
    around = _around(rows)
    return [
        Item(
            one, [(moderation_rules.name(code), n) for code, n in flags.get(one.pk, [])], around.get(one.pk, []),
            before.get(one.by_id, 0), photos.get(one.pk, []), [code for code, _n in flags.get(one.pk, [])],
        )
        for one in rows
    ]  # fmt: skip


def _flags(rows: Sequence[Comment]) -> dict[UUID, list[tuple[str, int]]]:
    grouped: dict[UUID, list[tuple[str, int]]] = {}
    found = Flag.objects.filter(message_id__in=[one.pk for one in rows], settled_at=None)
    for pk, rule, n in found.values_list("message_id", "rule").annotate(n=Count("id")).order_by("-n", "rule"):
        grouped.setdefault(pk, []).append((rule, n))
    return grouped


def _hidden(rows: Sequence[Comment]) -> dict[UUID | None, int]:
    people = {one.by_id for one in rows if one.by_id}
    hidden = Comment.objects.filter(by__in=people, state=CommentState.HIDDEN)
    return dict(hidden.values_list("by").annotate(n=Count("pk")))


def _photos(rows: Sequence[Comment]) -> dict[UUID, list[Attachment]]:
    grouped: dict[UUID, list[Attachment]] = {}
    came = Attachment.objects.filter(message_id__in=[one.pk for one in rows], request_id=None).select_related("file")
    for photo in came.order_by("position"):
        grouped.setdefault(photo.message_id, []).append(photo)  # type: ignore[arg-type]
    return grouped


def _around(rows: Sequence[Comment]) -> dict[UUID, list[Comment]]:
    """What was said just before in the same thread of the discussion: under the same first words, or beside them."""
    wanted = Q(pk__in=())
    for one in rows:
        wanted |= Q(above=one.above_id) | Q(pk=one.above_id) if one.above_id else Q(thread=one.thread, above=None)
    said = list(
        Comment.objects.filter(wanted, message__deleted_at=None).select_related("by", "message").order_by("-at")[:500]
    )
    return {one.pk: _before(one, said) for one in rows}


def _before(one: Comment, said: Sequence[Comment]) -> list[Comment]:
    """The last few of `said` before `one`, oldest first."""
    same = [two for two in said if two.pk != one.pk and two.at <= one.at and _together(one, two)]
    return same[:CONTEXT][::-1]


def _together(one: Comment, two: Comment) -> bool:
    if one.above_id:
        return one.above_id in (two.above_id, two.pk)
    return two.thread == one.thread and two.above_id is None
