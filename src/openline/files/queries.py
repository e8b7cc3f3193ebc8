"""Reading what belongs to messages and requests, each in one query for any number of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from openline.files.models import Attachment
from openline.foundation.bulk import array, query

HASHES = """ARRAY(SELECT f.phash FROM files_attachment a JOIN files_file f ON f.id = a.file_id
      WHERE a.request_id = {request} AND a.removed_at IS NULL AND f.phash IS NOT NULL ORDER BY a.at LIMIT 8)"""
"""SQL: the hashes of the photos of the request `{request}`, for a query that compares requests."""


def of_messages(message_ids: Iterable[UUID]) -> dict[UUID, list[Attachment]]:
    """What came with messages, in its order, refusals too."""
    return _grouped(Attachment.objects.filter(message_id__in=list(message_ids), request_id=None), "message_id")


def of_requests(request_ids: Iterable[UUID]) -> dict[UUID, list[Attachment]]:
    """What staff see with requests, oldest first."""
    return _grouped(Attachment.objects.filter(request_id__in=list(request_ids), removed_at=None), "request_id")


def public_photos(request_ids: Iterable[UUID]) -> dict[UUID, list[Attachment]]:
    """What everybody may see of requests, oldest first. Whether a request itself is public, the caller has to know."""
    return _grouped(shown().filter(request_id__in=list(request_ids)), "request_id")


class Shown(NamedTuple):
    """A public photo, as far as a list needs it."""

    address: str
    kind: str
    alt: str


_SHOWN = """SELECT request_id, id, kind, alt FROM files_attachment
WHERE public AND request_id = ANY(%s::uuid[]) ORDER BY at, position, id"""


def shown_with(request_ids: Iterable[UUID]) -> dict[UUID, list[Shown]]:
    """What `public_photos` finds, for long lists: a tenth of its cost, because nothing is made of the rows."""
    grouped: dict[UUID, list[Shown]] = {}
    for request_id, pk, kind, alt in query(_SHOWN, [array(request_ids)]):
        grouped.setdefault(request_id, []).append(Shown(_address(pk), kind, alt))
    return grouped


def hashes_of(request_id: UUID) -> list[int]:
    """The hashes of a request's photos, as the database holds them."""
    of_request = Attachment.objects.filter(request_id=request_id, removed_at=None, file__phash__isnull=False)
    return [one for one in of_request.order_by("at").values_list("file__phash", flat=True)[:8] if one is not None]


def shown() -> QuerySet[Attachment]:
    """All photos that a person put on the public page of a request."""
    return Attachment.objects.filter(public=True, request_id__isnull=False).select_related("file")


def address(attachment: Attachment) -> str:
    """The absolute address of a public photo (the portal serves it; rooms know no face)."""
    return _address(attachment.pk)


def _address(pk: UUID) -> str:
    return f"{settings.PUBLIC_URL}/photos/{pk}/view/"


def _grouped(found: QuerySet[Attachment], by: str) -> dict[UUID, list[Attachment]]:
    grouped: dict[UUID, list[Attachment]] = {}
    for one in found.select_related("file").order_by("at", "position", "id"):
        grouped.setdefault(getattr(one, by), []).append(one)
    return grouped
