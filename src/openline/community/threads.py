"""Where people talk: under a request or a topic, named as the network `community` names a thread."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.community.models import Topic, TopicState
from openline.service_requests import public
from openline.service_requests.actions import NotPossible
from openline.service_requests.models import ServiceRequest

OPEN_AFTER_CLOSING = timedelta(days=30)
"""So long after a request was closed its discussion stays open."""


def of_request(number: str) -> str:
    """The thread under the request `number`."""
    return f"request:{number}"


def request_of(thread: str) -> ServiceRequest | None:
    """The public request under which `thread` stands; None if it stands under none."""
    kind, _colon, number = thread.partition(":")
    return public.requests().filter(number=number).first() if kind == "request" else None


def topic_of(thread: str) -> Topic | None:
    """The topic of `thread`, whatever its state; None if it has none."""
    kind, _colon, number = thread.partition(":")
    real = kind == "topic" and number.isascii() and number.isdecimal() and len(number) < 19
    return Topic.objects.filter(pk=int(number)).first() if real else None


def address(thread: str) -> str:
    """The public address of the page on which the thread is read."""
    kind, _colon, name = thread.partition(":")
    return f"{settings.PUBLIC_URL}/{'requests' if kind == 'request' else 'topics'}/{name}/"


def check_open(thread: str) -> None:
    """Raise NotPossible, with the reason, if nobody can write in the thread."""
    reason = why_closed(thread)
    if reason:
        raise NotPossible(reason)


def why_closed(thread: str) -> str:
    """Why nobody can write in the thread; "" if one can."""
    if thread.startswith("topic:"):
        topic = topic_of(thread)
        if topic is None:
            return _("There is no such discussion.")
        return "" if topic.state in (TopicState.SHOWN, TopicState.WAITING) else _("This discussion is closed.")
    found = request_of(thread)
    return of_found(found) if found else _("There is no such discussion.")


def of_found(request: ServiceRequest) -> str:
    """`why_closed` for the thread of a request at hand."""
    if not request.public:
        return _("There is no such discussion.")
    if request.closed_at and timezone.now() - request.closed_at > OPEN_AFTER_CLOSING:
        return _("This request was closed more than 30 days ago, and its discussion with it.")
    return ""
