"""Requests that have to do with each other: a link from one to the other, seen on both."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.records import log
from openline.records.models import Kind
from openline.service_requests.actions import NotPossible
from openline.service_requests.models import RequestLink, ServiceRequest


@transaction.atomic
def link(request: ServiceRequest, other: ServiceRequest, *, by: User, note: str = "") -> None:
    """Link two requests; linking them twice, from either side, changes nothing."""
    if request.pk == other.pk:
        raise NotPossible(_("Choose another request."))
    first, second = sorted((request, other), key=lambda one: one.number)
    _link, new = RequestLink.objects.get_or_create(
        request=first, other=second, defaults={"note": note[:300], "by": by, "at": timezone.now()}
    )
    if new:
        _record(request.pk, "linked", request.number, other.number, by)


@transaction.atomic
def unlink(request: ServiceRequest, other: ServiceRequest, *, by: User) -> None:
    """Take a link away; the record keeps that it was there."""
    gone, _details = RequestLink.objects.filter(_between(request.pk, other.pk)).delete()
    if gone:
        _record(request.pk, "unlinked", request.number, other.number, by)


def linked(request: ServiceRequest) -> QuerySet[ServiceRequest]:
    """The requests that are linked with `request`, from either side."""
    pairs = RequestLink.objects.filter(Q(request=request) | Q(other=request)).values_list("request_id", "other_id")
    ids = {pk for pair in pairs for pk in pair} - {request.pk}
    return ServiceRequest.objects.filter(pk__in=ids).select_related("service").order_by("-requested_at")


def _between(one: UUID, other: UUID) -> Q:
    return Q(request=one, other=other) | Q(request=other, other=one)


def _record(request_id: UUID, what: str, number: str, other: str, by: User) -> None:
    body = {"what": what, "number": number, "other": other}
    log.write([log.Entry(Kind.CHANGED, by.get_username(), request_id=request_id, body=body)])
