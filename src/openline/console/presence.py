"""Who looks at the same thing: two people on one request see each other before they say different things."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils import timezone

from openline.console.models import Presence
from openline.console.once import staff

HERE_FOR = timedelta(seconds=45)
"""A page says every 15 seconds that it is open; after three times of silence its person is gone."""


def seen(request: HttpRequest, subject: str, writing: bool = False) -> None:
    """Remember that the person of `request` looks at `subject` ("request:<id>", "conversation:<id>") now."""
    Presence.objects.update_or_create(
        user=staff(request), subject=subject, defaults={"at": timezone.now(), "writing": writing}
    )


def others(user: User, subject: str) -> list[Presence]:
    """Everybody else who looks at `subject` now; who writes first."""
    here = Presence.objects.filter(subject=subject, at__gte=timezone.now() - HERE_FOR).exclude(user=user)
    return list(here.select_related("user").order_by("-writing", "user__username")[:10])


def forget_gone() -> int:
    """Drop what says nothing any more."""
    return Presence.objects.filter(at__lt=timezone.now() - timedelta(days=1)).delete()[0]
