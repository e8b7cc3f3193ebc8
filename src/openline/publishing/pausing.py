"""The crisis switch: nothing scheduled goes out but alerts, until a person says so."""

from __future__ import annotations

from openline.publishing.models import Pause


def current() -> Pause | None:
    """The pause that is on, if one is."""
    return Pause.objects.filter(ended_at=None).first()
