"""Letting a network publish by itself at the planned time: it gets the post ahead, and is told if publishing pauses.

For films above all: they are there and made ready when their time comes. Everything else leaves at its time, because
what Openline still holds, the crisis switch holds too.
"""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.publishing import changing, pausing
from openline.publishing.errors import NotPossible
from openline.publishing.models import Pause, Variant
from openline.publishing.states import Kind, VariantState


@transaction.atomic
def pause(reason: str, *, by: User) -> Pause:
    """Begin a pause (`pausing.begin`), and take back what networks hold for a time that is still to come.

    Where a network lets nobody delete, the post is named on the page of the pause as one that goes out.
    """
    begun = pausing.begin(reason, by=by)
    for variant in waiting_there(begun.began_at).values_list("pk", flat=True):
        try:
            changing.take_down(variant, _("Publishing is paused: %(why)s") % {"why": begun.reason}, by=None)
        except NotPossible:
            continue
    return begun


def waiting_there(now: datetime | None = None) -> QuerySet[Variant]:
    """What networks have and do not show yet."""
    held = Variant.objects.filter(state=VariantState.SENT, leave_at__gt=now or timezone.now())
    return held.exclude(post__kind=Kind.ALERT)
