"""What the demo has to tell when it opens: conversations in every state, and a city full of requests."""

from __future__ import annotations

import random
from datetime import timedelta

from django.contrib.auth.models import User
from django.utils import timezone

from openline.care.understanding import understanding
from openline.inbox.models import Conversation
from openline.sandbox.drill import DRILLS, read, replay
from openline.service_requests import actions
from openline.service_requests.models import Service, ServiceRequest
from openline.service_requests.opening import NewRequest, open_requests

_REQUESTS = 100
_POSTS = 45
_UPDATES = ("A crew has been assigned.", "We looked at it and ordered material.", "Planned for this week.")


def tell() -> None:
    """Fill an empty demo; does nothing where there are requests already."""
    if ServiceRequest.objects.exists() or Conversation.objects.exists():
        return
    _requests(random.Random(311))
    for _line in replay(read(DRILLS["day"])[:_POSTS], speed=1e9):
        pass


def _requests(chance: random.Random) -> None:
    """A hundred invented requests of the last weeks at real corners, some under way, some closed."""
    gazetteer = understanding().gazetteer
    services = [s for s in Service.objects.filter(kind="request", public=True, needs_place=True, active=True)
                if s.examples]
    if gazetteer is None or not services:
        return
    corners = sorted(gazetteer.corners.items())
    now = timezone.now()
    new = []
    for _ in range(_REQUESTS):
        (a, b), points = chance.choice(corners)
        lon, lat = points[0]
        service = chance.choice(services)
        name = f"{gazetteer.streets[a].display} & {gazetteer.streets[b].display}"
        place = {"kind": "intersection", "name": name, "lat": lat, "lon": lon, "precision_m": 20.0,
                 "areas": list(gazetteer.areas.at(lat, lon))}
        new.append(NewRequest(service, service.description, "", "demo", place=place,
                              requested_at=now - timedelta(hours=chance.randint(1, 600))))
    opened = open_requests(new)
    by = User.objects.filter(username="supervisor").first()
    for request in chance.sample(opened, _REQUESTS // 2):
        actions.move(request.id, "in_progress", by=by, public_text=chance.choice(_UPDATES))
    for request in chance.sample(opened, _REQUESTS // 3):
        actions.move(request.id, "closed", by=by, outcome="done", public_text="Done. Thank you for telling us.")
