"""Events for other programs: iCalendar (RFC 5545), one event or a feed of what is to come.

Times are instants of UTC: what a calendar shows is right in every zone, whatever daylight saving does.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from openline.community import topics
from openline.community.models import Topic, TopicKind
from openline.service_requests.jurisdiction import jurisdiction

if TYPE_CHECKING:
    from icalendar import Event

BACK = timedelta(days=31)
MOST = 500


def feed_of(area: str = "") -> list[Topic]:
    """The events of an area, or of the whole city, from a month ago on; calendars keep what was cancelled."""
    found = topics.public().filter(kind=TopicKind.EVENT, ends_at__gte=timezone.now() - BACK)
    return list((found.filter(area=area) if area else found).order_by("starts_at", "id")[:MOST])


def written(events: Iterable[Topic], name: str = "") -> bytes:
    """`events` as an iCalendar object with that name."""
    from icalendar import Calendar

    found = Calendar()
    found.add("prodid", "-//Openline//Events//EN")
    found.add("version", "2.0")
    found.add("method", "PUBLISH")
    found.add("x-wr-calname", name or jurisdiction().name)
    for topic in events:
        found.add_component(_event(topic))
    return bytes(found.to_ical())


def _event(topic: Topic) -> Event:
    from icalendar import Event

    address = f"{settings.PUBLIC_URL}/topics/{topic.pk}/"
    event = Event()
    event.add("uid", f"topic-{topic.pk}@{urlsplit(settings.PUBLIC_URL).hostname}")
    event.add("dtstamp", topic.changed_at)
    event.add("last-modified", topic.changed_at)
    event.add("sequence", topic.version)
    event.add("dtstart", topic.starts_at)
    event.add("dtend", topic.ends_at)
    event.add("summary", topic.title)
    event.add("location", topic.place_name)
    if topic.latitude is not None and topic.longitude is not None:
        event.add("geo", (topic.latitude, topic.longitude))
    event.add("url", address)
    event.add("description", address)
    event.add("status", "CANCELLED" if topic.cancelled_at else "CONFIRMED")
    return event
