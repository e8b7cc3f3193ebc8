"""What a member wants to hear of: single requests, and all that is public in an area."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.community.models import Follow, Member
from openline.geography.models import Area
from openline.service_requests.models import ServiceRequest

MOST = 200
"""So many things one member follows at most."""


class TooMany(Exception):
    """The member follows as much as one can."""


def of(member: Member) -> QuerySet[Follow]:
    """What the member follows, newest first."""
    return Follow.objects.filter(member=member).select_related("request__service").order_by("-since", "-id")


def requests_of(member: Member) -> list[ServiceRequest]:
    """The requests among it that are public still."""
    return [one.request for one in of(member).exclude(request=None)[:MOST] if one.request and one.request.public]


def areas_of(member: Member) -> list[Area]:
    """The areas among it."""
    codes = Follow.objects.filter(member=member, request=None).values("area")
    return list(Area.objects.filter(code__in=codes).order_by("name").defer("geometry"))


def follows(member: Member | None, *, request: ServiceRequest | None = None, area: str = "") -> bool:
    """Whether it is followed; by nobody, no."""
    return member is not None and Follow.objects.filter(member=member, request=request, area=area).exists()


@transaction.atomic
def follow(member: Member, *, request: ServiceRequest | None = None, area: str = "") -> None:
    """Follow a request or an area. Doing it twice is doing it once. Raises TooMany."""
    Member.objects.select_for_update().get(pk=member.pk)
    if follows(member, request=request, area=area):
        return
    if Follow.objects.filter(member=member).count() >= MOST:
        raise TooMany(_("You follow %(most)d things, which is the most. End some on your page first.") % {"most": MOST})
    Follow.objects.create(member=member, request=request, area=area, since=timezone.now())


def unfollow(member: Member, *, request: ServiceRequest | None = None, area: str = "") -> None:
    """Follow it no more."""
    Follow.objects.filter(member=member, request=request, area=area).delete()
