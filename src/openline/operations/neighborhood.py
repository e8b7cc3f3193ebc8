"""The neighbors of the demo: members, one of them a liaison, an idea with support, an event, a topic to look at."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, time, timedelta
from uuid import uuid4

from django.contrib.auth.models import User
from django.db.models import QuerySet

from openline.community import gatherings, helping, ideas, liaisons, living, looking, members, topics
from openline.community.liaisons import Terms
from openline.community.looking import Saw
from openline.community.models import Member, Topic
from openline.community.topics import New, Place
from openline.service_requests import public
from openline.service_requests.jurisdiction import city_zone, today
from openline.service_requests.models import ServiceRequest

NAMES = ("Rosa", "Sam", "Wanda", "Luis")
PEOPLE = "residents.example"
"""The domain of their addresses: mail to it reaches nobody (RFC 2606)."""


def tell() -> None:
    """Let a few neighbors join, talk and organize; does nothing where there are members already."""
    boss, area = User.objects.filter(username="supervisor").first(), _busiest()
    if boss is None or not area or Member.objects.exists():
        return
    rosa, sam, wanda, luis = (_member(name, area) for name in NAMES)
    until, trained = today() + timedelta(days=300), today() + timedelta(days=600)
    liaisons.appoint(rosa, Terms(area, today(), until, "Reports and walks", trained), by=boss)
    idea = _public(New("idea", "A bench at the bus stop", "Old people stand there for half an hour.", area), sam, boss)
    for one in (rosa, wanda, luis):
        ideas.support(idea.pk, by=one)
    walk = New("discussion", "A walk to school together", "Who walks with the children?", area)
    topics.begin(walk, by=luis, form=uuid4())
    _at_a_request(area, rosa, wanda)


def _at_a_request(area: str, rosa: Member, wanda: Member) -> None:
    """The liaison looked at a request, and invites to a clean-up there."""
    request = _open(area).filter(latitude__isnull=False).order_by("number").first()
    if request is None or request.latitude is None or request.longitude is None:
        return
    looking.look(request.pk, Saw("still", "It is still there, and grows."), by=rosa, form=uuid4())
    begins = datetime.combine(today() + timedelta(days=10), time(10), city_zone())
    place = Place(request.place_name, request.latitude, request.longitude)
    what = New("event", "Clean-up of our block", "Bring gloves; the city brings bags.", area, starts_at=begins,
               ends_at=begins + timedelta(hours=2), place=place, request=request)  # fmt: skip
    event = topics.begin(what, by=rosa, form=uuid4())
    gatherings.come(event.pk, by=wanda)
    helping.offer(request.pk, "I have a truck.", by=wanda)


def _public(what: New, by: Member, boss: User) -> Topic:
    return topics.publish(topics.begin(what, by=by, form=uuid4()).pk, by=boss)


def _member(name: str, area: str) -> Member:
    return members.join(f"{name.lower()}@{PEOPLE}", name=name, area=area, language="en", digest=False)


def _open(area: str) -> QuerySet[ServiceRequest]:
    return public.requests().filter(closed_at=None, areas__contains=[area])


def _busiest() -> str:
    """The neighborhood with the most open requests; "" if there are none."""
    known = living.names()
    found = public.requests().filter(closed_at=None).values_list("areas", flat=True)
    counted = Counter(code for codes in found for code in codes if code in known)
    return min(counted, key=lambda code: (-counted[code], code), default="")
