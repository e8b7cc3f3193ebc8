"""The record for who asks for public records: found by time, account, person, words, request and kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Cast
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from openline.care.models import Report
from openline.inbox.models import Conversation
from openline.records import reading
from openline.records.models import Kind, Record
from openline.service_requests.models import ServiceRequest

PAGE = 50
NEIGHBORS = "community"
"""The network of discussions under requests; each thread there is named after its request."""
COUNT_LIMIT = 10_000
GROUPS: dict[str, str | Promise] = {
    "heard": _("Heard from residents"),
    "said": _("Said by the city"),
    "posts": _("Posts of the city"),
    "removed": _("Edited, deleted, hidden, refused"),
    "changed": _("Changed and decided"),
    "administered": _("Settings"),
}
"""What a search can be narrowed to."""
WORDS = ("text", "title", "body", "public_text", "note", "comment", "reason")
"""The facts of a record that people wrote."""
_TAKEN_AWAY = ("hide", "show", "delete", "publication taken down", "file hidden", "file removed", "file refused")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is searched for; what is empty narrows nothing. `until` is the first moment that is not asked for any more.

    `who` is a resident's handle or name, or a member of staff. Without `private`, what was said in private stays out.
    """

    since: datetime | None = None
    until: datetime | None = None
    account: UUID | None = None
    group: str = ""
    who: str = ""
    number: str = ""
    words: str = ""
    private: bool = False

    def plain(self) -> dict[str, Any]:
        """The search as it stands on the record and in the package."""
        given = {name: getattr(self, name) for name in self.__slots__}
        return {name: value for name, value in given.items() if value}


def find(asked: Asked) -> QuerySet[Record]:
    """The records that `asked` names, newest first.

    `private` tells of each whether it was said in private, or is about a request of which somebody told in private.
    """
    talk = Conversation.objects.filter(pk=OuterRef("conversation_id"), visibility="private")
    told = Report.objects.filter(request_id=OuterRef("request_id"), conversation__visibility="private")
    found = Record.objects.annotate(private=Exists(talk) | Exists(told)).order_by("-id")
    if asked.since:
        found = found.filter(at__gte=asked.since)
    if asked.until:
        found = found.filter(at__lt=asked.until)
    if asked.account:
        found = found.filter(account_id=asked.account)
    if not asked.private:
        found = found.filter(private=False)
    return _about(_of_group(found, asked.group), asked)


def _about(found: QuerySet[Record], asked: Asked) -> QuerySet[Record]:
    """Those about a person, a request, or with these words."""
    if asked.who:
        named = Q(identity__handle__iexact=asked.who) | Q(identity__name__iexact=asked.who)
        talks = Conversation.objects.filter(named).values("pk")
        found = found.filter(Q(actor__iexact=asked.who) | Q(conversation_id__in=talks))
    if asked.number:
        requests = ServiceRequest.objects.filter(number__iexact=asked.number)
        told = requests.values("reports__conversation_id")
        discussed = Conversation.objects.filter(thread__iexact=f"request:{asked.number}", account__network=NEIGHBORS)
        talked = Q(conversation_id__in=told) | Q(conversation_id__in=discussed.values("pk"))
        found = found.filter(Q(request_id__in=requests.values("pk")) | talked)
    if asked.words:
        found = found.annotate(written=Cast("body", CharField())).filter(written__icontains=asked.words)
    return found


def _of_group(found: QuerySet[Record], group: str) -> QuerySet[Record]:
    removed = Q(kind__in=[Kind.EDITED, Kind.DELETED, Kind.REFUSED]) | Q(body__what__in=_TAKEN_AWAY)
    wanted = {
        "heard": Q(kind=Kind.HEARD),
        "said": Q(kind__in=[Kind.WRITTEN, Kind.SAID, Kind.NOT_SAID]),
        "posts": Q(body__has_key="post"),
        "removed": removed,
        "changed": Q(kind__in=[Kind.CHANGED, Kind.DECIDED, Kind.CORRECTED]),
        "administered": Q(kind=Kind.ADMINISTERED),
    }
    return found.filter(wanted[group]) if group in wanted else found


def page(asked: Asked, before: int | None = None) -> tuple[list[Record], int | None]:
    """A page of what was found, from before the record `before`; and where the next page begins."""
    return reading.page(find(asked), before, PAGE)


def count(asked: Asked) -> int:
    """How many there are, counted no further than one more than COUNT_LIMIT."""
    return find(asked).order_by()[: COUNT_LIMIT + 1].count()


def numbers(rows: Sequence[Record]) -> dict[UUID | None, str]:
    """The numbers of the requests that the records are about, in one query."""
    wanted = {row.request_id for row in rows if row.request_id}
    found = ServiceRequest.objects.filter(pk__in=wanted).values_list("pk", "number") if wanted else ()
    return dict(found)


def words_of(record: Record) -> str:
    """The words that a record keeps, of whatever was heard, written, published or decided."""
    return "\n".join(dict.fromkeys(_texts(record.body)))


def _texts(body: dict[str, Any]) -> Iterator[str]:
    for name in WORDS:
        if isinstance(text := body.get(name), str) and text.strip():
            yield text.strip()
    content = body.get("content")
    inside = [body.get("said"), *(content.get("texts", {}).values() if isinstance(content, dict) else ())]
    for part in inside:
        if isinstance(part, dict):
            yield from _texts(part)
