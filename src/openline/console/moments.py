"""Times as forms give them: of the city's clock, without a zone."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from openline.publishing.errors import NotPossible
from openline.service_requests.jurisdiction import city_zone, local


def moment(text: str, field: str = "at") -> datetime | None:
    """The time in a field of the type `datetime-local`, "" is None. Raises NotPossible for what is none."""
    if not text.strip():
        return None
    try:
        found = parse_datetime(text.strip())
    except ValueError:
        found = None
    if found is None:
        raise NotPossible(_("This is not a date with a time."), field)
    return found if timezone.is_aware(found) else found.replace(tzinfo=city_zone())


def for_field(at: datetime | None) -> str:
    """`at` as such a field wants it."""
    return local(at).strftime("%Y-%m-%dT%H:%M") if at else ""
