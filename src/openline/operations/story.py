"""What the demo has to tell when it opens: conversations in every state, and a city full of requests."""

from __future__ import annotations

import random
from datetime import timedelta

from django.contrib.auth.models import User
from django.db.models import Count, Q
from django.utils import timezone

from openline.care.places import as_dict
from openline.care.understanding import gazetteer
from openline.inbox.models import Conversation
from openline.insights import counting
from openline.operations import neighborhood, newsroom
from openline.sandbox.drill import DRILLS, read, replay
from openline.service_requests import actions, assigning
from openline.service_requests.jurisdiction import jurisdiction
from openline.service_requests.models import Department, Service, ServiceRequest, Team
from openline.service_requests.opening import NewRequest, open_requests

_REQUESTS = 100
_POSTS = 45
_CREW_HAS = 8
_UPDATES = ("A crew has been assigned.", "We looked at it and ordered material.", "Planned for this week.")


def tell() -> None:
    """Fill an empty demo; does nothing where there are requests already."""
    if ServiceRequest.objects.exists() or Conversation.objects.exists():
        return
    _requests(random.Random(311))
    for _line in replay(read(DRILLS["day"])[:_POSTS], speed=1e9):
        pass
    newsroom.tell()
    neighborhood.tell()
    crew()
    counting.refresh()


def crew() -> None:
    """The crew lead works for the department with the most open requests: has a team there, and some to do."""
    lead, by = (User.objects.filter(username=name).first() for name in ("crew", "supervisor"))
    busy = Count("requests", filter=Q(requests__closed_at=None))
    department = Department.objects.annotate(busy=busy).order_by("-busy", "code").first()
    if lead is None or by is None or department is None:
        return
    department.members.add(lead)
    team, _new = Team.objects.get_or_create(code="crew-1", defaults={"name": "Crew 1", "department": department})
    team.members.add(lead)
    open_ones = ServiceRequest.objects.filter(department=department, closed_at=None).order_by("due_at", "pk")
    for number, request in enumerate(open_ones[:_CREW_HAS]):
        assigning.give(request.pk, by=by, team=team, person=None if number % 2 else lead)


def _requests(chance: random.Random) -> None:
    """A hundred invented requests of the last weeks at real places, some under way, some closed."""
    streets = gazetteer()
    services = [
        s for s in Service.objects.filter(kind="request", public=True, needs_place=True, active=True) if s.examples
    ]
    if streets is None or not services:
        return
    west, south, east, north = jurisdiction().bounds
    now = timezone.now()
    new: list[NewRequest] = []
    while len(new) < _REQUESTS:
        place = streets.describe(chance.uniform(south, north), chance.uniform(west, east))
        if place is None or not place.name[0].isalnum() or "," in place.name:
            continue  # outside the city, or far from every street
        service = chance.choice(services)
        new.append(
            NewRequest(
                service,
                service.description,
                "",
                "demo",
                place=as_dict(place),
                requested_at=now - timedelta(hours=chance.randint(1, 600)),
            )
        )
    opened = open_requests(new)
    by = User.objects.filter(username="supervisor").first()
    for request in chance.sample(opened, _REQUESTS // 2):
        actions.move(request.id, "in_progress", by=by, public_text=chance.choice(_UPDATES))
    shown = [request for request in opened if not request.service.after_photo]  # others close with a photo
    for request in chance.sample(shown, min(len(shown), _REQUESTS // 3)):
        actions.move(request.id, "closed", by=by, outcome="done", public_text="Done. Thank you for telling us.")
