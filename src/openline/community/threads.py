"""Where people talk: under a request or a topic, named as the network `community` names a thread."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.community.models import PUBLIC_STATES, ClosedThread, Topic, TopicState
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
    return f"{settings.PUBLIC_URL}{path(thread)}"


def path(thread: str) -> str:
    """The same without the site."""
    kind, _colon, name = thread.partition(":")
    return f"/{'requests' if kind == 'request' else 'topics'}/{quote(name, safe='')}/"


def _public(thread: str) -> ServiceRequest | Topic | None:
    """The public request or topic of the thread; None if everybody may not read it."""
    if thread.startswith("topic:"):
        topic = topic_of(thread)
        return topic if topic and topic.state in PUBLIC_STATES else None
    return request_of(thread)


def is_public(thread: str) -> bool:
    """Whether everybody may read what stands in the thread."""
    return _public(thread) is not None


def areas_of(thread: str) -> frozenset[str]:
    """Codes of the areas in which a public request lies, or of a topic's; none for what is not public."""
    found = _public(thread)
    if isinstance(found, Topic):
        return frozenset(filter(None, [found.area]))
    return frozenset(found.areas) if found else frozenset()


def check_open(thread: str) -> None:
    """Raise NotPossible, with the reason, if nobody can write in the thread."""
    reason = why_closed(thread)
    if reason:
        raise NotPossible(reason)


def why_closed(thread: str) -> str:
    """Why nobody can write in the thread; "" if one can."""
    closed = ClosedThread.objects.filter(thread=thread).first()
    if closed:
        return by_staff(closed)
    if thread.startswith("topic:"):
        topic = topic_of(thread)
        if topic is None:
            return _("There is no such discussion.")
        return "" if topic.state in (TopicState.SHOWN, TopicState.WAITING) else _("This discussion is closed.")
    found = request_of(thread)
    return of_found(found) if found else _("There is no such discussion.")


def by_staff(closed: ClosedThread) -> str:
    """`why_closed` for a discussion that staff closed."""
    return _("The city closed this discussion: %(reason)s") % {"reason": closed.reason}


def of_found(request: ServiceRequest) -> str:
    """`why_closed` for the thread of a request at hand."""
    if not request.public:
        return _("There is no such discussion.")
    if request.closed_at and timezone.now() - request.closed_at > OPEN_AFTER_CLOSING:
        return _("This request was closed more than 30 days ago, and its discussion with it.")
    return ""
