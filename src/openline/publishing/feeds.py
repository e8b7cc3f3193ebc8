"""The calendar for other programs: an iCalendar feed (RFC 5545) under a private, revocable address for each person."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.contrib.auth.models import User
from django.core import signing
from django.db import transaction
from django.db.models import Prefetch
from django.utils import timezone

from openline.publishing.models import CalendarFeed, Post, PostText, Variant
from openline.publishing.states import PostState
from openline.records import log
from openline.records.models import Kind as RecordKind
from openline.service_requests.jurisdiction import jurisdiction

if TYPE_CHECKING:
    from icalendar import Event

_SALT = "openline.calendar"
BACK, AHEAD = timedelta(days=31), timedelta(days=366)
MOST = 2000
LENGTH = timedelta(minutes=15)
"""A calendar shows no moments: a post takes up so long."""


def token_of(user: User) -> str:
    """What the address of the person's feed ends with; "" if they have none."""
    feed = CalendarFeed.objects.filter(user=user, active=True).first()
    return _sign(feed) if feed else ""


@transaction.atomic
def renew(user: User) -> str:
    """Give the person a new address; the one before is worthless."""
    feed, new = CalendarFeed.objects.select_for_update(of=("self",)).get_or_create(user=user)
    if not new:
        feed.number, feed.active = feed.number + 1, True
        feed.save(update_fields=["number", "active"])
    _record(user, "calendar address made")
    return _sign(feed)


@transaction.atomic
def revoke(user: User) -> None:
    """Make the person's address worthless."""
    if CalendarFeed.objects.filter(user=user, active=True).update(active=False):
        _record(user, "calendar address revoked")


def reader_of(token: str) -> User | None:
    """Whose address it is; None if it is no address of ours, or was revoked, or the person works here no more."""
    try:
        user_id, number = signing.loads(token, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    feeds = CalendarFeed.objects.filter(user=user_id, number=number, active=True, user__is_active=True)
    feed = feeds.select_related("user").first()
    if feed is None:
        return None
    CalendarFeed.objects.filter(pk=feed.pk).update(read_at=timezone.now())
    return User.objects.get(pk=feed.user_id)


def calendar(address: str) -> bytes:
    """All that is planned or out, from a month ago for a year, as iCalendar; `address` leads to the pages of posts."""
    from icalendar import Calendar

    found = Calendar()
    found.add("prodid", "-//Openline//Posts//EN")
    found.add("version", "2.0")
    found.add("x-wr-calname", jurisdiction().name)
    for post in _posts():
        found.add_component(_event(post, address))
    return bytes(found.to_ical())


def _posts() -> list[Post]:
    now, states = timezone.now(), [PostState.REVIEW, PostState.SCHEDULED, PostState.OUT]
    found = Post.objects.filter(state__in=states, leave_at__range=(now - BACK, now + AHEAD))
    texts = Prefetch("texts", PostText.objects.only("post_id", "language", "title", "text"))
    accounts = Prefetch("variants", Variant.objects.select_related("account").only("post_id", "account"))
    return list(found.prefetch_related(texts, accounts).order_by("leave_at", "id")[:MOST])


def _event(post: Post, address: str) -> Event:
    from icalendar import Event

    text = next((t for t in post.texts.all() if t.language == post.language), None)
    words = (text.title or text.text) if text else ""
    event = Event()
    event.add("uid", f"post-{post.pk}")
    event.add("dtstamp", post.changed_at)
    event.add("sequence", post.version)
    event.add("dtstart", post.leave_at)
    assert post.leave_at
    event.add("dtend", post.leave_at + LENGTH)
    event.add("summary", f"{PostState(post.state).label}: {post.name or words[:80]}")
    accounts = sorted({str(variant.account) for variant in post.variants.all()})
    event.add("description", "\n\n".join(part for part in (words, ", ".join(accounts)) if part))
    event.add("url", f"{address}{post.pk}/")
    event.add("status", "TENTATIVE" if post.state == PostState.REVIEW else "CONFIRMED")
    return event


def _sign(feed: CalendarFeed) -> str:
    return signing.dumps([feed.user_id, feed.number], salt=_SALT)


def _record(user: User, what: str) -> None:
    log.write([log.Entry(RecordKind.ADMINISTERED, user.get_username(), body={"what": what})])
